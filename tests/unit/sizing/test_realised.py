# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was really saved: by what is requested now, over the replicas there are now, at the record's prices."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import container, deployment, pod, replica_set
from loopback import Reply, Seen, serving

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.realised import NoSuchRecord, realised
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
WORKLOAD = {"kind": "Deployment", "namespace": "shop", "name": "web"}
PRICES = {
    "cpu_core_hour": 0.05,
    "memory_gib_hour": 0.01,
    "currency": "EUR",
    "source": "price file p",
    "is_default": False,
}
OBSERVED = {
    "containers": [
        {"workload": WORKLOAD, "name": "app", "current": {"requests": {"cpu": "1", "memory": "1Gi"}}},
        {"workload": {**WORKLOAD, "name": "other"}, "name": "app", "current": {"requests": {"cpu": "9"}}},
    ],
    "workloads": [{"workload": WORKLOAD, "savings": {"cost": {"per_month": 70.0}}}],
    "prices": PRICES,
}


def api(cpu: str, memory: str, replicas: int, used: bool = True) -> Any:
    document = deployment(replicas=replicas, containers=[container(cpu=cpu, memory=memory)])
    metrics = {
        "metadata": {"name": "web-abc-x1111"},
        "containers": [{"name": "app", "usage": {"cpu": "150m", "memory": "100Mi"}}],
    }
    items = {
        "/apis/apps/v1/namespaces/shop/deployments/web": document,
        "/api/v1/namespaces/shop/pods": {"metadata": {}, "items": [pod()]},
        "/apis/apps/v1/namespaces/shop/replicasets": {"metadata": {}, "items": [replica_set()]},
    }
    if used:
        items["/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"] = {"items": [metrics]}

    def answer(seen: Seen) -> Reply:
        if seen.path in items:
            return Reply(items[seen.path])
        return Reply(
            {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound", "message": "no"}, status=404
        )

    return answer


def found(observed: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    given = {"cpu": "200m", "memory": "512Mi", "replicas": 2, **more}
    with serving(api(**given)) as server:
        client = Client(Connection(host=server.url, api_key="t"), timeout_seconds=5, retries=0)
        return realised(client, OBSERVED if observed is None else observed, TARGET)


def test_requests_before_and_now_over_the_replicas_there_are_now() -> None:
    saved = found()["realised"]
    assert (saved["cpu_millicores"], saved["cpu_percent"]) == (1600, 80.0)
    assert (saved["memory_bytes"], saved["memory_percent"]) == (1 << 30, 50.0)
    assert saved["cost"]["per_month"] == pytest.approx(730 * (1.6 * 0.05 + 0.01))
    assert saved["cost"]["currency"] == "EUR"
    assert saved["used_now"]["cpu_millicores"] == 150


def test_the_sentence_says_planned_and_realised() -> None:
    sentence = found()["sentence"]
    assert sentence.startswith(
        "Realised: 1600m CPU (80%) and 1Gi memory (50%) of requests are freed, 65.70 EUR a month"
    )
    assert "planned were 70.00" in sentence
    assert "It uses 150m of 400m CPU and 100Mi of 1024Mi memory that it requests." in sentence


def test_without_figures_nothing_is_said_to_be_used() -> None:
    answer = found(used=False)
    assert answer["realised"]["used_now"]["cpu_millicores"] is None
    assert "What it uses now is not known" in answer["sentence"]


def test_a_change_that_was_undone_saved_nothing() -> None:
    answer = found(cpu="1", memory="1Gi")
    assert answer["realised"]["cost"]["per_month"] == 0
    assert "0 CPU (0%) and 0 memory (0%)" in answer["sentence"]


def test_what_the_template_leaves_open_is_what_the_pods_were_given() -> None:
    """Of a limit range or of a limit alone: it is neither freed nor taken."""
    answer = found(cpu="", memory="512Mi")["realised"]
    assert (answer["cpu_millicores"], answer["cpu_percent"], answer["memory_percent"]) == (0, 0.0, 50.0)
    assert answer["requested_now"]["cpu_millicores"] == 2000


def test_a_record_of_another_workload() -> None:
    with pytest.raises(NoSuchRecord, match="no analysis of Deployment shop/web"):
        found({**OBSERVED, "workloads": []})
