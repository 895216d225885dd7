# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables of the pure decisions: retry, kinds, times, selectors, counts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock, parse_rfc3339, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Conflict,
    Forbidden,
    TimedOut,
    TlsNotTrusted,
    TooManyRequests,
    Unreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in, built_in_by_word
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.overview import (
    describe_node,
    describe_workload,
    selector_text,
    workload_resource,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.refusals import retry_after_seconds
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.retry import wait_before_retry
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import (
    Condition,
    Container,
    ContainerStatus,
    LabelRequirement,
    LabelSelector,
    Metadata,
    NodeShape,
    NodeSpec,
    NodeStatus,
    PodShape,
    PodSpec,
    PodStatus,
    PodTemplate,
    WorkloadShape,
    WorkloadSpec,
    WorkloadStatus,
)


@pytest.mark.parametrize(
    ("error", "attempt", "repeatable", "wait"),
    [
        (Unreachable("x"), 0, True, 0.1),
        (Unreachable("x"), 3, True, 0.8),
        (Unreachable("x"), 20, True, 5.0),
        (Unreachable("x"), 0, False, 0.1),
        (Unreachable("x", outcome_unknown=True), 0, False, None),
        (ClusterError("x", status=500), 0, True, 0.1),
        (ClusterError("x", status=503, retry_after_seconds=3), 0, True, 3.1),
        (ClusterError("x", status=503, retry_after_seconds=3), 0, False, None),
        (ClusterError("x", status=501), 0, True, None),
        (ClusterError("x", status=400), 0, True, None),
        (TooManyRequests("x", status=429), 0, False, 0.1),
        (TooManyRequests("x", status=429, retry_after_seconds=1), 1, False, 1.2),
        (TooManyRequests("x", status=429, reason="DisruptionBudget"), 0, False, None),
        (Conflict("x", status=409), 0, True, None),
        (Forbidden("x"), 0, True, None),
        (TlsNotTrusted("x"), 0, True, None),
        (TimedOut("x"), 0, True, None),
    ],
)
def test_when_and_how_long_to_wait_before_a_retry(
    error: ClusterError, attempt: int, repeatable: bool, wait: float | None
) -> None:
    assert wait_before_retry(error, attempt, repeatable=repeatable, chance=1.0) == pytest.approx(wait)


def test_jitter_halves_the_wait_at_most() -> None:
    assert wait_before_retry(Unreachable("x"), 2, repeatable=True, chance=0.0) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "-7"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT", "Date": "Fri, 20 Nov 2026 12:00:00 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace", "name", "path"),
    [
        ("v1", "Pod", "shop", "a", "/api/v1/namespaces/shop/pods/a"),
        ("v1", "Pod", "", "", "/api/v1/pods"),
        ("v1", "Node", "ignored", "n", "/api/v1/nodes/n"),
        ("v1", "Namespace", "", "shop", "/api/v1/namespaces/shop"),
        ("apps/v1", "Deployment", "shop", "", "/apis/apps/v1/namespaces/shop/deployments"),
        ("metrics.k8s.io/v1beta1", "PodMetrics", "shop", "a", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/a"),
        ("v1", "Pod", "shop", "../../x", "/api/v1/namespaces/shop/pods/..%2F..%2Fx"),
    ],
)
def test_kinds_have_paths(api_version: str, kind: str, namespace: str, name: str, path: str) -> None:
    resource = built_in(api_version, kind)
    assert resource is not None
    assert resource.path(namespace, name) == path


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("deployment", "Deployment"),
        ("Deployments", "Deployment"),
        ("deploy", "Deployment"),
        ("deployments.apps", "Deployment"),
        ("po", "Pod"),
        ("pods", "Pod"),
        ("pods.metrics.k8s.io", None),
        ("event", "Event"),
        ("pigeon", None),
    ],
)
def test_kinds_as_people_type_them(word: str, kind: str | None) -> None:
    found = built_in_by_word(word)
    assert (found.kind if found else None) == kind


def test_a_kind_that_is_no_workload_is_refused() -> None:
    with pytest.raises(ClusterError, match="'secret' is not a kind of workload: use one of Deployment"):
        workload_resource("secret")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"),
        ("2026-11-20T12:00:00.123456789Z", "2026-11-20T12:00:00Z"),
        ("2026-11-20T14:00:00+02:00", "2026-11-20T12:00:00Z"),
        ("2026-11-20T12:00:00", "2026-11-20T12:00:00Z"),
        ("", None),
        ("yesterday", None),
    ],
)
def test_times(text: str, written: str | None) -> None:
    moment = parse_rfc3339(text)
    assert (rfc3339(moment) if moment else None) == written


def test_fractions_of_seconds_are_kept() -> None:
    moment = parse_rfc3339("2026-11-20T12:00:00.5Z")
    assert moment == datetime.datetime(2026, 11, 20, 12, 0, 0, 500000, tzinfo=datetime.UTC)


class Stopped(Clock):
    """A clock that stands where the test puts it."""

    at = 100.0

    def monotonic(self) -> float:
        return self.at


def test_a_deadline_counts_down_to_zero() -> None:
    clock = Stopped()
    deadline = Deadline.after(5, clock)
    assert (deadline.remaining(), deadline.expired) == (5.0, False)
    assert deadline.sooner(2).remaining() == 2.0
    assert deadline.sooner(20).remaining() == 5.0
    clock.at = 106.0
    assert (deadline.remaining(), deadline.expired) == (0.0, True)


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (LabelSelector(), ""),
        (LabelSelector({"a": "1", "b": "2"}), "a=1,b=2"),
        (
            LabelSelector(
                {"a": "1"},
                [
                    LabelRequirement("t", "In", ["x", "y"]),
                    LabelRequirement("u", "NotIn", ["z"]),
                    LabelRequirement("v", "Exists"),
                    LabelRequirement("w", "DoesNotExist"),
                ],
            ),
            "a=1,t in (x,y),u notin (z),v,!w",
        ),
    ],
)
def test_selectors(selector: LabelSelector, text: str) -> None:
    assert selector_text(selector) == text


READY = PodShape(
    Metadata("web-1"),
    PodSpec("node-1", [Container("app", "web:1"), Container("proxy", "proxy:2")]),
    PodStatus(
        phase="Running",
        conditions=[Condition("Ready", "True")],
        containerStatuses=[ContainerStatus("app", True, restartCount=2), ContainerStatus("proxy", restartCount=1)],
    ),
)
PENDING = PodShape(Metadata("web-0"), PodSpec("", [Container("app", "web:2")]), PodStatus(phase="Pending"))
TEMPLATE = PodTemplate(spec=PodSpec(containers=[Container("app", "web:2")]))


@pytest.mark.parametrize(
    ("kind", "found", "counts"),
    [
        (
            "Deployment",
            WorkloadShape(
                spec=WorkloadSpec(replicas=3),
                status=WorkloadStatus(replicas=4, readyReplicas=2, availableReplicas=1, updatedReplicas=3),
            ),
            (3, 2, 1, 3),
        ),
        ("Deployment", WorkloadShape(spec=WorkloadSpec(replicas=0)), (0, 0, 0, 0)),
        ("StatefulSet", WorkloadShape(), (1, 0, 0, 0)),
        ("ReplicaSet", WorkloadShape(spec=WorkloadSpec(replicas=2), status=WorkloadStatus(replicas=2)), (2, 0, 0, 2)),
        (
            "DaemonSet",
            WorkloadShape(
                status=WorkloadStatus(
                    desiredNumberScheduled=5, numberReady=4, numberAvailable=3, updatedNumberScheduled=2
                )
            ),
            (5, 4, 3, 2),
        ),
        ("Pod", WorkloadShape(), (1, 1, 1, 2)),
        ("Job", WorkloadShape(spec=WorkloadSpec(parallelism=4)), (4, 1, 1, 2)),
    ],
)
def test_a_workloads_counts(kind: str, found: WorkloadShape, counts: tuple[int, ...]) -> None:
    described = describe_workload(kind, found, [READY, PENDING])
    assert tuple(described[word] for word in ("desired", "ready", "available", "updated")) == counts


def test_a_workloads_images_and_pods() -> None:
    described = describe_workload("Deployment", WorkloadShape(spec=WorkloadSpec(template=TEMPLATE)), [READY, PENDING])
    assert described["images"] == ["web:2"]
    assert described["pods"] == [
        {"name": "web-0", "phase": "Pending", "ready": False, "restarts": 0, "node": ""},
        {"name": "web-1", "phase": "Running", "ready": True, "restarts": 3, "node": "node-1"},
    ]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (
            NodeShape(
                Metadata(
                    "n", labels={"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": ""}
                ),
                NodeSpec(unschedulable=True),
                NodeStatus(allocatable={"cpu": "1900m", "memory": "1Ki"}, conditions=[Condition("Ready", "True")]),
            ),
            {
                "name": "n",
                "ready": True,
                "roles": ["control-plane", "worker"],
                "kubelet_version": "",
                "cpu_allocatable_millicores": 1900,
                "memory_allocatable_bytes": 1024,
                "unschedulable": True,
                "simulated": False,
            },
        ),
        (
            NodeShape(
                Metadata("f", annotations={"kwok.x-k8s.io/node": "fake"}),
                status=NodeStatus(conditions=[Condition("Ready", "Unknown")]),
            ),
            {
                "name": "f",
                "ready": False,
                "roles": [],
                "kubelet_version": "",
                "cpu_allocatable_millicores": 0,
                "memory_allocatable_bytes": 0,
                "unschedulable": False,
                "simulated": True,
            },
        ),
    ],
)
def test_nodes(node: NodeShape, expected: dict[str, Any]) -> None:
    assert describe_node(node) == expected
