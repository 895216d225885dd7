# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Stories 2 and 3 where something is wrong, missing or in the way: each has a sentence of its own, and none writes.

A real Prometheus knows what simulated pods used; one workload, `at-maximum`, really runs, as its autoscaler needs.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_front import PrometheusFront
from support import audit
from support.cluster import Cluster, eventually
from support.history import Shape, prometheus
from support.measured import Shop, flat, gap, measured, recent, simulated
from support.playbook import Run
from support.story import Story, plain
from support.workloads import deployment

pytestmark = pytest.mark.xdist_group("measured")

# Of basic authentication: what the password is, and what Prometheus has of it.
USER, PASSWORD = "ann", "open-sesame-7"
BCRYPT = "$2b$05$NuBsW8KVDIcu07YzJs3maunUg.ISF1EBZUdEaIRH50WP5UaTvijRa"
REQUESTS = {"cpu": "500m", "memory": "512Mi"}
HOT = 0.45


# CPU of the past hours, of which story 2 speaks, and of the past days, of which story 3 does.
HOURS: dict[str, Shape] = {
    "hot": flat(HOT),
    "few": flat(4 * HOT),
    "doubled": flat(HOT),
    "crowded": flat(HOT),
    "stateful": flat(HOT),
    "at-maximum": flat(0.045),
}
DAYS: dict[str, Shape] = {
    "steady": flat(0.15),
    # Their memory is known all the time.
    "little": recent(flat(0.15), 3),
    "holes": gap(flat(0.15), 1, 6),
    "unrequested": flat(0.15),
    "twice": flat(0.15),
}
# In every five minutes nobody looks for so long.
UNSEEN = {"few": lambda age: age % 300 < 210}
NO_HISTORY = ("unmeasured", "bare", "by-keda", "by-vpa")


def manifests() -> Iterator[dict[str, Any]]:
    for name in (*HOURS, *DAYS, *NO_HISTORY):
        if name == "at-maximum":
            yield deployment(name, resources={"requests": {"cpu": "50m", "memory": "16Mi"}})
        elif name == "crowded":
            # Three nodes, and each has one such port.
            document = simulated(name, REQUESTS, replicas=3)
            port = {"containerPort": 80, "hostPort": 18080}
            document["spec"]["template"]["spec"]["containers"][0]["ports"] = [port]
            yield document
        else:
            requests = {} if name in ("bare", "unrequested") else REQUESTS
            yield simulated(name, requests, "StatefulSet" if name == "stateful" else "Deployment")
    yield simulated("halted", REQUESTS, replicas=0)
    yield autoscaler("at-maximum", 1)


def autoscaler(name: str, most: int, of: str = "") -> dict[str, Any]:
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of or name},
            "minReplicas": 1,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": metric}],
        },
    }


def kind_of(group: str, version: str, kind: str) -> dict[str, Any]:
    """A CustomResourceDefinition as KEDA and the VerticalPodAutoscaler bring theirs, without their schemas."""
    plural = f"{kind.lower()}s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        # The API server wants it of groups under k8s.io.
        "metadata": {"name": f"{plural}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, a test"}},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": version, "served": True, "storage": True, "schema": schema}],
        },
    }


IN_CHARGE = (
    ("keda.sh", "v1alpha1", "ScaledObject", {"scaleTargetRef": {"name": "by-keda"}}),
    ("autoscaling.k8s.io", "v1", "VerticalPodAutoscaler", {"targetRef": {"kind": "Deployment", "name": "by-vpa"}}),
)


@contextlib.contextmanager
def others_in_charge(cluster: Cluster, namespace: str) -> Iterator[None]:
    """KEDA's and the VerticalPodAutoscaler's kinds, and an object of each."""
    for group, version, kind, spec in IN_CHARGE:
        cluster.kubectl("apply", "-f", "-", stdin=json.dumps(kind_of(group, version, kind)))
        made = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": "theirs"}, "spec": spec}
        text = json.dumps(made)
        assert eventually(lambda text=text: applied(cluster, namespace, text), 60)  # type: ignore[misc]
    try:
        yield
    finally:
        for group, _version, kind, _spec in IN_CHARGE:
            cluster.kubectl("delete", "crd", f"{kind.lower()}s.{group}", "--wait=false")


def applied(cluster: Cluster, namespace: str, text: str) -> bool:
    said = cluster.kubectl("apply", "--namespace", namespace, "-f", "-", stdin=text, check=False)
    return any(word in said for word in ("created", "configured", "unchanged"))


@pytest.fixture(scope="module")
def shop(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    doubled = dict.fromkeys(("doubled", "twice"), ("cadvisor", "kubelet"))
    folder = tmp_path_factory.mktemp("history")
    with (
        measured(cluster, folder, list(manifests()), HOURS, DAYS, doubled, UNSEEN) as made,
        others_in_charge(cluster, made.namespace),
    ):
        yield made


@pytest.fixture
def story(shop: Shop, tmp_path: Path) -> Story:
    return Story(shop.cluster, shop.namespace, tmp_path / "records")


def scale(story: Story, shop: Shop, name: str, *arguments: str, **more: Any) -> Run:
    kind = "statefulset" if name == "stateful" else "deployment"
    given = {
        "target": f"{kind}/{name}",
        "stage": "plan",
        "scale_workload_source": "prometheus",
        "scale_workload_prometheus": {"url": shop.url},
        **more,
    }
    return story.run("scale_workload.yml", *arguments, **given)


def size(story: Story, shop: Shop, name: str, *arguments: str, **more: Any) -> Run:
    given = {
        "target": f"deployment/{name}",
        "stage": "plan",
        "optimize_resources_prometheus": {"url": shop.url},
        "optimize_resources_history_days": 8,
        "optimize_resources_minimum_days": 0,
        **more,
    }
    return story.run("optimize_resources.yml", *arguments, **given)


def came_to(story: Story) -> tuple[str, str]:
    """What the record says that it is, and the remedy that was planned."""
    return (
        str(story.body("diagnosed")["root_cause"]["class"]),
        str(story.body("planned")["remedy"]) if "planned" in story.names() else "",
    )


# (workload, class, remedy that is planned, sentence)
SCALING = [
    ("hot", "cpu-over-requests", "set_hpa", "CPU was at 90 % of the requests in 20 samples over 5 minutes, every one"),
    ("unmeasured", "no-metrics", "", "has no figures of its pods"),
    ("few", "too-few-samples", "", "samples of 5 minutes are there, at least 16 are needed to judge"),
    ("bare", "no-requests", "", "has no CPU request, so there is nothing to measure its use against"),
    ("doubled", "cpu-over-requests", "set_hpa", "has each container 2 times (scraped more than once)"),
    ("crowded", "capacity-short", "", "no room for 4 replicas, only for 3: the nodes take 0 more (its host port is"),
    ("by-keda", "keda-in-charge", "", "KEDA's ScaledObject theirs scales Deployment"),
    ("by-vpa", "vpa-in-charge", "", "VerticalPodAutoscaler theirs sets the CPU requests of Deployment"),
    ("halted", "scaled-to-zero", "", "is scaled to 0 replicas: nothing runs"),
    ("stateful", "cpu-over-requests", "scale", "It is a StatefulSet: replicas come one after the other"),
]


@pytest.mark.parametrize(("name", "class_", "remedy", "sentence"), SCALING, ids=[row[0] for row in SCALING])
def test_scaling_says_what_is_in_the_way(
    shop: Shop, story: Story, name: str, class_: str, remedy: str, sentence: str
) -> None:
    run = scale(story, shop, name)
    assert run.code == 0, run.output
    assert sentence in plain(run.output), run.output
    assert came_to(story) == (class_, remedy)
    assert sentence in plain(story.record())
    if remedy == "scale":
        assert story.body("planned")["tier"]["level"] == 2


def test_an_autoscaler_at_its_maximum_gets_more_and_what_it_had_back(shop: Shop, story: Story) -> None:
    """The only one here that writes: bounds of a former autoscaler, and a rollback that restores them."""
    cluster, namespace = shop.cluster, shop.namespace

    def now() -> dict[str, Any]:
        return dict(cluster.get("hpa", "at-maximum", "--namespace", namespace))

    def is_active() -> bool:
        conditions = now().get("status", {}).get("conditions") or []
        return any(item["type"] == "ScalingActive" and item["status"] == "True" for item in conditions)

    assert eventually(is_active, 180, 2), now()
    before = now()["spec"]
    run = scale(story, shop, "at-maximum", stage="plan")
    assert came_to(story) == ("autoscaler-at-maximum", "set_hpa"), run.output
    assert "sits at its maximum of 1, so the demand is cut off" in plain(run.output)
    # The program sleeps, and the history is made up: the autoscaler knows better, and that is said.
    assert "at-maximum itself sees CPU at 0 % of the requests" in plain(run.output)
    digest = story.body("planned")["digest"]
    assert now()["spec"] == before
    run = story.run("approve.yml", record="1", decision="approved", digest=digest, justification="the sale")
    assert run.code == 0, run.output
    assert now()["spec"]["maxReplicas"] > 1
    terminal = story.at_terminal("rollback.yml", record="1")
    terminal.approves("it is over")
    run = terminal.end()
    assert run.code == 0, run.output
    assert now()["spec"] == before
    written = [(item["verb"], item["objectRef"]["resource"], item["objectRef"]["name"]) for item in writes(shop)]
    assert set(written) <= {
        ("patch", "horizontalpodautoscalers", "at-maximum"),
        ("patch", "deployments", "at-maximum"),
    }


def writes(shop: Shop) -> list[dict[str, Any]]:
    return audit.writes(shop.cluster, shop.namespace)


# (workload, verdict, remedy that is planned, sentence, options)
SIZING: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("steady", "over-provisioned", "set_resources", "p95 150m × 1.30 = 195.0m, rounded up to 200m", {}),
    ("unmeasured", "unknown", "", "No metrics at all of container app of Deployment", {}),
    ("little", "unknown", "", "days, 7 are needed; there will be enough at", {"optimize_resources_minimum_days": 7}),
    ("holes", "unknown", "", "what it used then is not known", {}),
    ("unrequested", "under-provisioned", "set_resources", "has no CPU and no memory request: what it is given", {}),
    ("twice", "over-provisioned", "set_resources", "2 times, since it is scraped more than once", {}),
    ("by-vpa", "unknown", "", "VerticalPodAutoscaler theirs sets the requests itself", {}),
    ("halted", "unknown", "", "has no pods (0 replicas): there is nothing to size", {}),
]


@pytest.mark.parametrize(("name", "verdict", "remedy", "sentence", "options"), SIZING, ids=[row[0] for row in SIZING])
def test_sizing_says_what_is_in_the_way(
    shop: Shop, story: Story, name: str, verdict: str, remedy: str, sentence: str, options: dict[str, Any]
) -> None:
    run = size(story, shop, name, **options)
    assert run.code == 0, run.output
    assert sentence in plain(run.output), run.output
    assert came_to(story) == (verdict, remedy)
    assert sentence in plain(story.record())


def test_sizing_says_that_an_autoscaler_is_at_its_maximum(shop: Shop, story: Story) -> None:
    assert eventually(lambda: shop.cluster.get("hpa", "at-maximum", "-n", shop.namespace)["status"]["currentReplicas"])
    run = size(story, shop, "at-maximum", optimize_resources_history_days=0.05)
    assert run.code == 0, run.output
    assert "HorizontalPodAutoscaler at-maximum is at its maximum of 1 replicas" in plain(run.output)


ILL = [
    ("error", "query processing would load too many samples into memory"),
    ("hangs", "gave no complete answer within the"),
    ("NaN", ""),
    ("+Inf", ""),
    ("-1", "which no container can"),
    ("1e300", "which no container can"),
]


@pytest.mark.parametrize(("behaviour", "sentence"), ILL, ids=[row[0] for row in ILL])
def test_a_prometheus_that_is_ill_leads_to_no_plan(shop: Shop, story: Story, behaviour: str, sentence: str) -> None:
    with PrometheusFront(shop.url, behaviour) as front:
        ill = {"url": front.address}
        scaled = scale(story, shop, "hot", scale_workload_prometheus=ill, scale_workload_within_seconds=5)
        assert scaled.code == 0, scaled.output
        assert came_to(story) == ("no-metrics", "")
        sized = size(story, shop, "steady", optimize_resources_prometheus=ill, optimize_resources_within_seconds=8)
    # Story 3 has no other source that knows weeks.
    assert sized.code == (2 if behaviour in ("error", "hangs") else 0), sized.output
    assert "planned" not in story.names()
    for run in (scaled, sized):
        assert sentence in plain(run.output), run.output
        assert "Traceback" not in run.output
    assert "no figures of its pods" in plain(scaled.output) or sentence


@pytest.mark.parametrize(("source", "name"), [("metrics_api", "metrics API"), ("kubelet", "kubelet summary")])
def test_what_knows_only_the_present_is_sampled_with_progress(shop: Shop, story: Story, source: str, name: str) -> None:
    known = ["top", "pods", "-n", shop.namespace, "-l", "app=at-maximum", "--no-headers"]
    assert eventually(lambda: shop.cluster.kubectl(*known, check=False), 120, 2)
    quick = {"scale_workload_source": source, "scale_workload_window_seconds": 30, "stage": "observe"}
    scaled = scale(story, shop, "at-maximum", **quick)
    assert scaled.code == 0, scaled.output
    assert re.search(r"looking at the load: 1[5-9] s of at most 30 s", scaled.output), scaled.output
    # It sleeps: that is an answer of this source, and no lack of one.
    assert came_to(story) == ("cpu-within-requests", "")
    assert story.body("observed")["source"] == name
    sampled = {"optimize_resources_source": source, "optimize_resources_sample_minutes": 0.3, "stage": "observe"}
    sized = size(story, shop, "at-maximum", **sampled)
    assert sized.code == 0, sized.output
    assert re.search(r"sampling: 1[5-9] s of 18 s", sized.output), sized.output
    assert story.body("observed")["source"]["name"] == name
    assert story.body("observed")["containers"][0]["memory_bytes"]["max"] > 0


PRICES = [
    ("no JSON", "CPU: 1", "is not JSON"),
    ("no price", '{"CPU": "a lot", "RAM": 1}', "CPU in price file"),
    ("no number", '{"CPU": NaN, "RAM": 1}', "must be a price from 0"),
    ("too much", '{"CPU": "1e999", "RAM": 1}', "must be a price from 0"),
]


@pytest.mark.parametrize(("text", "sentence"), [row[1:] for row in PRICES], ids=[row[0] for row in PRICES])
def test_a_price_file_that_is_wrong_is_refused(shop: Shop, story: Story, text: str, sentence: str) -> None:
    file = story.folder.parent / "prices.json"
    file.write_text(text)
    for run in (
        scale(story, shop, "hot", scale_workload_price_file=str(file)),
        size(story, shop, "steady", optimize_resources_price_file=str(file)),
    ):
        assert run.code == 2
        assert sentence in plain(run.output), run.output
        assert "Traceback" not in run.output


def test_a_password_and_a_tenant_let_in_and_are_not_kept(shop: Shop, story: Story, tmp_path: Path) -> None:
    """Basic authentication is Prometheus' own; the tenant is what Mimir's gateway wants."""
    web = tmp_path / "web.yml"
    web.write_text(json.dumps({"basic_auth_users": {USER: BCRYPT}}))
    blocks = tmp_path / "empty" / "blocks"
    blocks.mkdir(parents=True)
    with prometheus(blocks, f"--web.config.file={web}") as url, PrometheusFront(url, tenant="team-a") as front:
        good = {"url": front.address, "username": USER, "password": PASSWORD, "tenant": "team-a"}
        let_in = scale(story, shop, "hot", scale_workload_prometheus=good)
        assert "has no figures of its pods" in plain(let_in.output), let_in.output
        refused = scale(story, shop, "hot", scale_workload_prometheus={**good, "tenant": "team-b"})
        assert "does not accept these credentials (HTTP 401)" in plain(refused.output)
        wrong = scale(story, shop, "hot", scale_workload_prometheus={**good, "password": "guess-8"})
        assert "does not accept these credentials (HTTP 401)" in plain(wrong.output)
        sized = size(story, shop, "steady", optimize_resources_prometheus=good)
        assert "No metrics at all" in plain(sized.output), sized.output
    kept = "\n".join(path.read_text() for path in story.folder.rglob("*") if path.is_file())
    for text in (let_in.output, wrong.output, sized.output, kept):
        assert PASSWORD not in text
    assert {"team-a", "team-b"} == set(front.tenants)


def test_an_autoscaler_that_came_meanwhile_is_left_alone(shop: Shop, story: Story) -> None:
    """Somebody makes one of the same name between the plan and the approval."""
    earlier = len(writes(shop))
    assert scale(story, shop, "doubled").code == 0
    digest = story.body("planned")["digest"]
    theirs = autoscaler("doubled", 9)
    shop.cluster.apply(shop.namespace, json.dumps(theirs))
    try:
        run = story.run("approve.yml", record="1", decision="approved", digest=digest, justification="yes")
        assert run.code == 2, run.output
        found = shop.cluster.get("hpa", "doubled", "--namespace", shop.namespace)
        assert found["spec"]["maxReplicas"] == 9
        assert len(writes(shop)) == earlier
        assert "Traceback" not in run.output
    finally:
        shop.cluster.kubectl("delete", "hpa", "doubled", "--namespace", shop.namespace)


def test_an_autoscaler_that_never_acts_is_taken_back(shop: Shop, story: Story) -> None:
    """Simulated pods have no metrics, so none arrive at the autoscaler: a validation that fails."""
    earlier = len(writes(shop))
    assert scale(story, shop, "doubled").code == 0
    digest = story.body("planned")["digest"]
    options = {"change_validate_seconds": 10, "change_settle_seconds": 1}
    run = story.run("approve.yml", record="1", decision="approved", digest=digest, justification="yes", **options)
    assert run.code == 2, run.output
    assert "Status: rolled-back" in plain(run.output)
    listed = shop.cluster.get("hpa", "--namespace", shop.namespace)["items"]
    assert [item["metadata"]["name"] for item in listed] == ["at-maximum"]
    replicas = shop.cluster.get("deployment", "doubled", "--namespace", shop.namespace)["spec"]["replicas"]
    assert replicas == 1
    written = [(item["verb"], item["objectRef"]["name"]) for item in writes(shop)[earlier:]]
    assert written[:2] == [("create", "doubled"), ("delete", "doubled")]


@pytest.mark.parametrize("name", ["hot", "stateful"])
def test_check_mode_shows_the_plan_and_writes_nothing(shop: Shop, story: Story, name: str) -> None:
    earlier = len(writes(shop))
    run = scale(story, shop, name, "--check", stage="all")
    assert run.code == 0, run.output
    assert ("Create HorizontalPodAutoscaler" if name == "hot" else "Scale StatefulSet") in plain(run.output)
    assert len(writes(shop)) == earlier


def test_nothing_else_was_written(shop: Shop) -> None:
    """Last: of all runs here, two were approved."""
    touched = {item["objectRef"]["name"] for item in writes(shop)}
    assert touched <= {"at-maximum", "doubled"}, touched
