# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given this cluster and this usage: this advice, or this sentence why there is none."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

import pytest
from cluster_objects import (
    MIB,
    NOW,
    OLD,
    Document,
    ago,
    container,
    deployment,
    pod,
    replica_set,
    shop,
    usage,
    usage_of,
    window,
)

from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import DEFAULTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import ContainerUsage, Figures
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.set_resources import REMEDY
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import checked_parameters
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import nodes, report, room
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.analyse import folded_by_workload
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.scope import scope_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import (
    Rules,
    WorkloadAdvice,
    advise_workload,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

RULES = Rules(Policy(), 7.0, DEFAULTS, NOW)
WEB = ("Deployment", "shop", "web")
RATIO = Rules(Policy(limits="ratio"), 7.0, DEFAULTS, NOW)


def advised(
    documents: dict[str, list[Document]], *containers: ContainerUsage, rules: Rules = RULES, key: Any = WEB
) -> WorkloadAdvice:
    scope = scope_of(documents)
    by_workload = folded_by_workload(scope, "shop", containers)
    return advise_workload(scope.workloads[key], by_workload.get(key, {}), usage(*containers), rules)


def with_pod(**spec: Any) -> dict[str, list[Document]]:
    """A shop whose pod is as its template, defaults of the API server filled in."""
    made, running = deployment(**spec), pod()
    running["spec"] |= copy.deepcopy(made["spec"]["template"]["spec"])
    for resources in (item["resources"] for item in running["spec"]["containers"]):
        resources["requests"] = {**resources.get("limits", {}), **resources.get("requests", {})}
    return shop(Deployment=[made], Pod=[running])


def given(requests: Document | None = None, limits: Document | None = None) -> list[Document]:
    """One container with these resources."""
    return [{**container(), "resources": {"requests": requests or {}, "limits": limits or {}}}]


def test_the_specifications_example_from_end_to_end() -> None:
    found = advised(shop(), usage_of())
    [app] = found.containers
    assert app.to_json()["recommended"]["requests"] == {"cpu": "200m", "memory": "150Mi"}
    assert (found.verdict, found.refusals, found.confidence) == ("over-provisioned", [], 0.93)
    assert (found.savings.cpu_percent, found.savings.memory_percent) == (80.0, 85.4)
    cost = found.savings.cost.to_json()
    assert cost["per_month"] == pytest.approx(730 * (0.8 * 0.031611 + (1024 - 150) / 1024 * 0.004237), abs=0.01)
    assert cost["default_prices"] is True


def with_inits_restarted(**fields: Any) -> dict[str, list[Document]]:
    """An init container called proxy that was killed for memory a day ago."""
    killed = {"terminated": {"reason": "OOMKilled", "finishedAt": ago(1)}}
    documents = with_pod(initContainers=[container("proxy", **fields)])
    statuses = [{"name": "proxy", "restartCount": 1, "lastState": killed}]
    documents["Pod"][0]["status"]["initContainerStatuses"] = statuses
    return documents


SIDECAR_KILLED = with_inits_restarted(restartPolicy="Always")


@pytest.mark.parametrize(
    ("documents", "containers", "sentence"),
    [
        (shop(), [], "No metrics at all of container app of Deployment shop/web"),
        (shop(), [usage_of(days=3)], "Too little history of Deployment shop/web: .* has 3.0 days, 7 are needed"),
        (
            shop(),
            [replace(usage_of(), cpu_points=usage_of(days=3).cpu_points)],
            "Too little history of Deployment shop/web: .* has 3.0 days, 7 are needed",
        ),
        (shop(), [usage_of(missing=(2, 11))], "are missing for 64% of the time .*the longest of 21. hours"),
        (
            shop(Deployment=[deployment(days=2)]),
            [usage_of()],
            "not been stable for 7 days: Deployment shop/web got its present revision 2.0 days ago",
        ),
        (
            shop(
                Pod=[
                    pod(
                        containerStatuses=[
                            {
                                "name": "app",
                                "restartCount": 1,
                                "lastState": {"terminated": {"reason": "OOMKilled", "finishedAt": ago(1)}},
                            }
                        ]
                    )
                ]
            ),
            [usage_of()],
            "container app of pod web-abc-x1111 was killed for memory 24 hours ago",
        ),
        (shop(Pod=[pod(containerStatuses=[{"name": "app", "restartCount": 3}])]), [usage_of()], "restarted 0 minutes"),
        (SIDECAR_KILLED, [usage_of()], "container proxy of pod web-abc-x1111 was killed for memory 24 hours ago"),
        (
            shop(
                VerticalPodAutoscaler=[
                    {
                        "metadata": {"name": "web", "namespace": "shop"},
                        "spec": {"targetRef": {"kind": "Deployment", "name": "web"}},
                    }
                ]
            ),
            [usage_of()],
            r"VerticalPodAutoscaler web sets the requests itself \(updateMode Auto\)",
        ),
        (shop(Deployment=[deployment(replicas=0)], Pod=[]), [usage_of()], "0 replicas.*nothing to size"),
    ],
)
def test_nothing_is_recommended_without_ground(
    documents: dict[str, list[Document]], containers: list[ContainerUsage], sentence: str
) -> None:
    found = advised(documents, *containers)
    assert (found.verdict, found.changes) == ("unknown", False)
    assert any(re.search(sentence, item) for item in found.refusals), found.refusals
    assert all(item.wanted is None for item in found.containers)


def test_an_old_restart_stands_against_nothing() -> None:
    ended = {"lastState": {"terminated": {"reason": "Error", "finishedAt": ago(8)}}}
    found = advised(shop(Pod=[pod(containerStatuses=[{"name": "app", "restartCount": 1, **ended}])]), usage_of())
    assert found.refusals == []


def test_an_init_container_that_succeeded_at_last_stands_against_nothing() -> None:
    assert advised(with_inits_restarted(), usage_of()).refusals == []


def autoscaler(replicas: int) -> list[Document]:
    aim = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "maxReplicas": 5}
    return [{"metadata": {"name": "web", "namespace": "shop"}, "spec": aim, "status": {"currentReplicas": replicas}}]


def limited(**limits: str) -> Document:
    made = container()
    made["resources"]["limits"] = limits
    return made


LEAK = [(at, (100.0 + number) * MIB) for number, (at, _cpu) in enumerate(usage_of().cpu_points)]


@pytest.mark.parametrize(
    ("documents", "containers", "sentence"),
    [
        (shop(), [usage_of(missing=(3, 5.5))], "missing for 18% of the time .1 gap, the longest of 60 hours"),
        (with_pod(containers=[container(cpu="")]), [usage_of()], "has no CPU request"),
        (with_pod(containers=[container(cpu="", memory="")]), [usage_of()], "has no CPU and no memory request"),
        (shop(HorizontalPodAutoscaler=autoscaler(5)), [usage_of()], "web is at its maximum of 5 replicas"),
        (shop(), [usage_of(copies=2)], "Prometheus has container app 2 times"),
        (with_pod(containers=[limited(cpu="150m")]), [usage_of()], "ran into its CPU limit of 150m"),
        (with_pod(containers=[container(memory="100Mi")]), [usage_of()], "used up to 115Mi .* among the first to be"),
        (with_pod(containers=[container(args=["-Xmx512m"])]), [usage_of()], "heap of up to 512m"),
        (
            with_pod(containers=[container(env=[{"name": "JAVA_OPTS", "value": "-XX:MaxRAMPercentage=75.0"}])]),
            [usage_of()],
            "takes 75.0% of its memory limit as heap",
        ),
        (
            with_pod(containers=[container(env=[{"name": "GOMEMLIMIT", "value": "900MiB"}])]),
            [usage_of()],
            "GOMEMLIMIT=900MiB: set it anew",
        ),
        (with_pod(initContainers=[container("copy", cpu="4")]), [usage_of()], "Init container copy requests more cpu"),
        (with_pod(containers=[limited(cpu="1", memory="1Gi")]), [usage_of()], "QoS class Guaranteed"),
    ],
)
def test_what_has_to_be_known_is_said_beside_the_advice(
    documents: dict[str, list[Document]], containers: list[ContainerUsage], sentence: str
) -> None:
    found = advised(documents, *containers)
    assert found.refusals == []
    assert any(re.search(sentence, item) for item in found.notes), found.notes
    assert all(item.wanted is not None for item in found.containers)


AMPLE = {"cpu": "1", "memory": "1Gi"}
SCANT = {"cpu": "100m", "memory": "64Mi"}
GOOD = {"cpu": "200m", "memory": "150Mi"}


@pytest.mark.parametrize(
    ("written", "admitted", "verdict", "changes"),
    [
        # A limit alone is what the API server requests for each pod.
        (given(limits=AMPLE), None, "over-provisioned", {"requests": GOOD, "limits": GOOD}),
        (given({"memory": "1Gi"}, {"cpu": "1"}), None, "over-provisioned", {"requests": GOOD}),
        # A limit range gave the pods what the template leaves open.
        (given(), given(AMPLE, AMPLE), "over-provisioned", {"requests": GOOD}),
        (given(), given(GOOD, AMPLE), "right-sized", None),
        (given(), given(SCANT, SCANT), "under-provisioned", {"requests": GOOD, "limits": GOOD}),
        (given({"cpu": "200m"}), given(AMPLE), "over-provisioned", {"requests": {"memory": "150Mi"}}),
    ],
)
def test_what_is_requested_now_is_what_the_pods_were_given(
    written: list[Document], admitted: list[Document] | None, verdict: str, changes: Document | None
) -> None:
    documents = with_pod(containers=written)
    if admitted:
        documents["Pod"][0]["spec"]["containers"] = admitted
    found = advised(documents, usage_of())
    assert found.verdict == verdict
    assert (found.savings.cost.per_hour > 0) is (verdict == "over-provisioned")
    assert not any("left to chance" in note for note in found.notes)
    asked = report._recommendation(found, "test")["parameters"]["containers"].get("app")
    assert asked == changes


def test_an_init_container_is_compared_with_limits_that_are_requests() -> None:
    documents = with_pod(containers=given(limits={"cpu": "8", "memory": "8Gi"}), initContainers=[container("copy")])
    assert not any("Init container copy" in note for note in advised(documents, usage_of()).notes)


def test_a_limit_is_written_with_its_request() -> None:
    """Alone it would be the request as well, instead of the limit range's."""
    documents = with_pod(containers=given())
    documents["Pod"][0]["spec"]["containers"] = given({"cpu": "200m", "memory": "150Mi"}, {"memory": "1Gi"})
    rules = Rules(Policy(limits="memory_equals_request"), 7.0, DEFAULTS, NOW)
    asked = report._recommendation(advised(documents, usage_of(), rules=rules), "test")["parameters"]["containers"]
    assert asked == {"app": {"requests": {"memory": "150Mi"}, "limits": {"memory": "150Mi"}}}


def test_memory_that_leaks_is_not_lowered() -> None:
    leaking = usage_of()
    leaking.memory_points = LEAK
    [app] = advised(shop(), leaking).containers
    assert app.wanted is not None and (app.wanted.memory_request, app.wanted.cpu_request) == (1024 * MIB, 200)
    assert any("as with a leak" in note for note in app.notes)


def test_a_sidecar_is_sized_with_the_rest_and_an_init_container_is_not() -> None:
    inits = [container("proxy", restartPolicy="Always"), container("copy")]
    found = advised(with_pod(initContainers=inits), usage_of(), usage_of(container_name="proxy", cpu=10, memory=20))
    assert [item.container for item in found.containers] == ["app", "proxy"]
    advice = report._recommendation(found, "test")
    assert advice["parameters"]["containers"] == {
        "app": {"requests": {"cpu": "200m", "memory": "150Mi"}},
        "proxy": {"requests": {"cpu": "15m", "memory": "32Mi"}},
    }
    assert checked_parameters(REMEDY.signature, advice["parameters"]) == advice["parameters"]


def test_a_workloads_percentile_is_the_greatest_of_its_pods_those_that_are_gone_included() -> None:
    documents = shop(ReplicaSet=[replica_set(), replica_set(suffix="older", revision=0)])
    found = advised(
        documents,
        usage_of(cpu=50, memory=200),
        usage_of("web-abc-gone1", cpu=90, memory=100),
        usage_of("web-older-gone1", cpu=900, memory=900),
        usage_of("web-other-abc-x2222", cpu=900, memory=900),
        usage_of("website-abc-x2222", cpu=900, memory=900),
    )
    [app] = found.containers
    assert app.use.cpu == Figures(90, 90, 90, 90)
    assert app.use.memory == Figures(*[200.0 * MIB] * 4)
    assert app.use.pods == 2


def test_stateful_sets_and_daemon_sets_are_sized_too() -> None:
    stateful = deployment("db") | {"status": {}}
    daemon = deployment("agent") | {"status": {"desiredNumberScheduled": 3}}
    documents = {
        "StatefulSet": [stateful],
        "DaemonSet": [daemon],
        "Pod": [pod("db-0", "db", "StatefulSet"), pod("agent-x1111", "agent", "DaemonSet")],
    }
    database = advised(documents, usage_of("db-0"), usage_of("db-1"), key=("StatefulSet", "shop", "db"))
    agent = advised(documents, usage_of("agent-x1111"), key=("DaemonSet", "shop", "agent"))
    assert (database.containers[0].use.pods, database.changes) == (2, True)
    assert (agent.workload.replicas, agent.savings.cpu_millicores) == (3, 2400)


def test_what_is_too_small_is_raised_and_costs() -> None:
    found = advised(with_pod(containers=[container(cpu="50m", memory="64Mi")]), usage_of())
    assert found.verdict == "under-provisioned"
    assert found.savings.cost.per_hour < 0
    assert "takes 150m CPU" in found.savings.words()


def test_a_difference_that_is_not_worth_a_rollout_is_left() -> None:
    found = advised(with_pod(containers=[container(cpu="210m", memory="160Mi")]), usage_of())
    assert (found.verdict, found.changes) == ("right-sized", False)


@pytest.mark.parametrize(
    ("cpu", "memory", "wanted"),
    [
        ("196m", "150Mi", (196, 150 * MIB)),
        ("195m", "149Mi", (200, 150 * MIB)),
        ("185m", "137Mi", (200, 150 * MIB)),
    ],
)
def test_nothing_is_kept_below_the_margin(cpu: str, memory: str, wanted: tuple[int, int]) -> None:
    [app] = advised(with_pod(containers=[container(cpu=cpu, memory=memory)]), usage_of()).containers
    assert app.wanted is not None
    assert (app.wanted.cpu_request, app.wanted.memory_request) == wanted


def test_a_guaranteed_pod_is_not_kept_below_its_peak() -> None:
    spiky = usage_of()
    spiky.cpu = Figures(100, 150, 300, 420)
    [app] = advised(with_pod(containers=given(limits={"cpu": "400m", "memory": "150Mi"})), spiky).containers
    assert app.wanted is not None and app.wanted.cpu_request == 420


def test_a_guaranteed_pod_stays_so_and_covers_its_peak() -> None:
    spiky = usage_of()
    spiky.cpu = Figures(100, 150, 300, 420)
    [app] = advised(with_pod(containers=[limited(cpu="1", memory="1Gi")]), spiky).containers
    assert app.wanted is not None
    assert app.wanted.cpu_request == app.wanted.cpu_limit == 420
    assert app.wanted.memory_request == app.wanted.memory_limit == 150 * MIB


def test_limits_by_policy() -> None:
    documents = with_pod(containers=[limited(cpu="2", memory="2Gi")])
    kept, moved = (advised(documents, usage_of(), rules=rules).containers[0].wanted for rules in (RULES, RATIO))
    assert kept is not None and (kept.cpu_limit, kept.memory_limit) == (2000, 2048 * MIB)
    assert moved is not None and (moved.cpu_limit, moved.memory_limit) == (400, 300 * MIB)


def test_the_ranking_is_by_savings_and_a_refusal_comes_last() -> None:
    names = ("small", "large", "wrong", "unknown")
    sizes = {"small": "400m", "large": "4", "wrong": "50m", "unknown": "8"}
    documents = {
        "Deployment": [deployment(name, containers=[container(cpu=sizes[name])]) for name in names],
        "ReplicaSet": [replica_set(name) for name in names],
        "Pod": [],
    }
    uses = [usage_of(f"{name}-abc-x1111", memory=700) for name in names if name != "unknown"]
    order = report.ranked([advised(documents, *uses, key=("Deployment", "shop", name)) for name in names])
    assert [item.workload.key[2] for item in order] == ["large", "small", "wrong", "unknown"]
    analysis = report.Analysis(
        Target("test", "v1", "Namespace", "", "shop", ""), order, [usage()], RULES, {"could_go": [], "sentence": "none"}
    )
    found = report.to_json(analysis)
    assert [item["target"]["name"] for item in found["recommendations"]] == ["large", "small", "wrong"]
    assert found["workload"]["name"] == "large"
    first, last = found["ranking"][0], found["ranking"][-1]
    assert first["name"] == "1."
    assert first["text"].startswith("Deployment shop/large is over-provisioned: a change frees 3800m CPU (95%)")
    # Where the prices are from is said once.
    assert "default prices" not in first["text"]
    assert "default prices" in last["text"] and "1 of 4 workloads could not be judged" in last["text"]
    assert found["diagnosis"]["root_cause"]["summary"].startswith("first Deployment shop/large, where a change frees")
    total = sum(item["savings"]["cost"]["per_month"] for item in found["recommendations"])
    assert found["savings"]["cost"]["per_month"] == pytest.approx(total, abs=0.02)
    [observed, diagnosed, recommended] = report.events(analysis, found)
    assert len(observed["body"]["tables"][0]["rows"]) == 4
    assert {line["name"] for line in observed["body"]["charts"][0]["lines"]} == {"request now", "request then"}
    assert diagnosed["body"]["verdict"] == "over-provisioned"
    assert len(recommended["body"]["recommendations"]) == 1


def node(name: str, cpu: str = "2", **spec: Any) -> Document:
    return {
        "metadata": {"name": name, "labels": {}},
        "spec": spec,
        "status": {"allocatable": {"cpu": cpu, "memory": "4Gi", "pods": "10"}},
    }


def placed(name: str, where: str, cpu: str, kind: str = "ReplicaSet") -> Document:
    made = pod(name, kind=kind)
    made["spec"] = {"nodeName": where, "containers": [container(cpu=cpu, memory="100Mi")]}
    return made


@pytest.mark.parametrize("written", ["first", "-1", "1e9", "9" * 5000, ""])
def test_an_annotation_that_is_no_revision_is_the_oldest(written: str) -> None:
    odd = replica_set(suffix="odd")
    odd["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": written}
    found = advised(shop(ReplicaSet=[odd, replica_set()]), usage_of(), usage_of("web-odd-x1111", cpu=900))
    assert (found.containers[0].use.pods, found.refusals) == (1, [])


def test_a_raise_that_finds_no_node_is_said() -> None:
    small = with_pod(containers=[container(cpu="50m")])
    found = advised(small, usage_of(cpu=900, memory=700))
    full, free = [node("a", cpu="1")], [node("b", cpu="2")]
    pods = [placed("web-abc-x1111", "a", "50m")]
    sentence = room.shortage(found, full, pods)
    assert sentence.startswith("A pod of Deployment shop/web with the new requests finds no node now: the nodes take 0")
    assert "too little cpu is free" in sentence
    assert room.shortage(found, [*full, *free], pods) == ""
    # Less needs no more room, and of nodes that are not known nothing is said.
    assert room.shortage(advised(shop(), usage_of()), full, pods) == room.shortage(found, [], pods) == ""


def test_nodes_could_go_once_their_pods_fit_elsewhere() -> None:
    machines = [node("a"), node("b"), node("c")]
    pods = [placed(f"p{name}", name, "1500m") for name in "abc"]
    pods += [placed(f"d{name}", name, "100m", "DaemonSet") for name in "abc"]
    assert nodes.could_go(machines, pods) == []
    assert nodes.could_go(machines, pods, lambda _pod: (1000, 0)) == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        node("b", taints=[{"key": "gpu", "effect": "NoSchedule"}]),
        node("b", unschedulable=True),
        node("b", cpu="50m"),
        {**node("b"), "metadata": {"name": "b", "labels": {"node-role.kubernetes.io/control-plane": ""}}},
    ],
    ids=["tainted", "cordoned", "full", "control plane"],
)
def test_no_node_goes_where_its_pods_could_not(other: Document) -> None:
    machines = [node("a"), other]
    pods = [placed("p", "a", "100m"), placed("q", "b", "40m")]
    assert "a" not in nodes.could_go(machines, pods)


def test_the_window_is_that_of_the_record() -> None:
    assert window().point_seconds == 7200
    assert OLD > 14
