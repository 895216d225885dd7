# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the cluster can still take, node by node: given these nodes, pods and rules, so many more, and why no more."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import allowing, fitting, placement
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Cluster, Pods, check

Document = dict[str, Any]


def node(name: str, cpu: str = "1", memory: str = "1Gi", pods: int = 110, **more: Any) -> Document:
    labels = {"kubernetes.io/hostname": name, **more.pop("labels", {})}
    spec = {key: more[key] for key in ("taints", "unschedulable") if key in more}
    ready = more.get("ready", "True")
    status = {
        "allocatable": {"cpu": cpu, "memory": memory, "pods": str(pods), **more.get("also", {})},
        "conditions": [{"type": "Ready", "status": ready}],
    }
    return {"metadata": {"name": name, "labels": labels}, "spec": spec, "status": status}


def pod(
    cpu: str = "500m", memory: str = "64Mi", where: str = "", phase: str = "Running", name: str = "", **spec: Any
) -> Document:
    container = {"name": "app", "resources": {"requests": {"cpu": cpu, "memory": memory}, **spec.pop("resources", {})}}
    container |= {"ports": spec.pop("ports")} if "ports" in spec else {}
    return {
        "metadata": {"name": name or f"pod-{where}", "namespace": "shop", "labels": {"app": "web"}},
        "spec": {"containers": [container], **({"nodeName": where} if where else {}), **spec},
        "status": {"phase": phase},
    }


def more(template: Document, nodes: list[Document], pods: list[Document] | None = None, wanted: int = 10) -> Any:
    return fitting.fit(template, nodes, pods or [], wanted, "shop")


NO_SCHEDULE = [{"key": "gpu", "value": "yes", "effect": "NoSchedule"}]
TOLERATED = [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}]
ANTI = {
    "podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
        ]
    }
}
SPREAD = [
    {
        "maxSkew": 1,
        "topologyKey": "zone",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
]


def in_zone(expression: Document) -> Document:
    term = {"matchExpressions": [expression]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}


ANY_TAINT = [{"operator": "Exists"}]
IN_Y = {"key": "zone", "operator": "In", "values": ["y"]}
GPU = {"limits": {"nvidia.com/gpu": "1"}}
A_AND_B = [node("a", "4", labels={"zone": "x", "cores": "4"}), node("b", labels={"zone": "y", "cores": "1"})]
FITS = [
    # name, template, nodes, pods, fits, why it is no more
    ("room", pod(), [node("a", "4"), node("b", "4")], [], 10, ""),
    ("fragmented", pod(), [node(name, "700m") for name in "abc"], [], 3, "but in pieces"),
    ("cpu in use", pod(), [node("a")], [pod(where="a")], 1, "the nodes take 1 more"),
    ("ended pods hold nothing", pod(), [node("a")], [pod(where="a", phase="Succeeded")], 2, ""),
    ("memory", pod("10m", "600Mi"), [node("a"), node("b", memory="500Mi")], [], 1, "too little memory is free"),
    ("pods of a node", pod("1m", "1Mi"), [node("a", pods=3)], [pod("1m", "1Mi", where="a")], 2, "the nodes take 2"),
    ("cordoned", pod(), [node("a", unschedulable=True), node("b")], [], 2, "cordoned on 1 node"),
    ("not ready", pod(), [node("a", ready="Unknown")], [], 0, "not ready on 1 node"),
    ("tainted", pod(), [node("a", taints=NO_SCHEDULE), node("b")], [], 2, "taint gpu:NoSchedule on 1 node"),
    ("tolerated", pod(tolerations=TOLERATED), [node("a", "8", taints=NO_SCHEDULE)], [], 10, ""),
    ("every taint tolerated", pod(tolerations=ANY_TAINT), [node("a", "8", taints=NO_SCHEDULE)], [], 10, ""),
    ("node selector", pod(nodeSelector={"zone": "y"}), A_AND_B, [], 2, "not in the node selector on 1 node"),
    ("affinity In", pod(affinity=in_zone(IN_Y)), A_AND_B, [], 2, "affinity"),
    ("affinity Gt", pod(affinity=in_zone({"key": "cores", "operator": "Gt", "values": ["2"]})), A_AND_B, [], 8, ""),
    ("affinity absent", pod(affinity=in_zone({"key": "zone", "operator": "DoesNotExist"})), A_AND_B, [], 0, "affinity"),
    ("one a node", pod(affinity=ANTI), [node(name, "4") for name in "abc"], [pod(where="a")], 2, "rules of spreading"),
    ("spread", pod(topologySpreadConstraints=SPREAD), A_AND_B, [], 5, "rules of spreading"),
    ("host port", pod(ports=[{"hostPort": 80}]), [node("a", "4"), node("b", "4")], [], 2, "rules of spreading"),
    ("gpu", pod(resources=GPU), [node("a"), node("b", also={"nvidia.com/gpu": "2"})], [], 2, "nvidia.com/gpu"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "nodes", "pods", "fits", "why"), [row[1:] for row in FITS], ids=[r[0] for r in FITS]
)
def test_node_by_node(template: Document, nodes: list[Document], pods: list[Document], fits: int, why: str) -> None:
    found = more(template, nodes, pods)
    assert found.fits == fits
    assert why in found.why
    assert bool(found.why) is (fits < 10)
    assert [room.node for room in found.rooms] == [item["metadata"]["name"] for item in nodes]


def test_what_a_pod_needs_is_counted_as_the_scheduler_does() -> None:
    spec = {
        "initContainers": [
            {"restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}},
            {"resources": {"requests": {"cpu": "400m", "memory": "10Mi"}}},
        ],
        "containers": [
            {"resources": {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "1"}}},
            {"resources": {"limits": {"cpu": "200m"}}},
        ],
        "overhead": {"cpu": "10m"},
    }
    assert fitting.need_of(spec) == {"cpu": 460, "memory": 32 << 20, "pods": 1}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(min_value=0, max_value=3000), min_size=1, max_size=6),
    st.integers(min_value=1, max_value=1000),
    st.integers(min_value=0, max_value=30),
    st.sampled_from([{}, {"affinity": ANTI}, {"topologySpreadConstraints": SPREAD}]),
)
def test_what_fits_can_be_placed_and_never_more_than_the_sum(
    frees: list[int], need: int, wanted: int, rules: Document
) -> None:
    nodes = [node(f"n{i}", f"{free}m", labels={"zone": f"z{i % 2}"}) for i, free in enumerate(frees)]
    found = more(pod(f"{need}m", "1Mi", **rules), nodes, wanted=wanted)
    assert found.fits <= min(wanted, found.pooled)
    assert found.fits <= sum(free // need for free in frees)
    if not rules:
        assert found.fits == min(wanted, sum(free // need for free in frees))


def quota(hard: dict[str, str], used: dict[str, str] | None = None, **spec: Any) -> Document:
    return {"metadata": {"name": "team"}, "spec": {"hard": hard, **spec}, "status": {"hard": hard, "used": used or {}}}


CLASS = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
ASKS = pod("100m", "64Mi", resources={"limits": {"memory": "128Mi"}})["spec"]
QUOTAS = [
    (quota({"requests.cpu": "1"}, {"requests.cpu": "750m"}), 2, "quota team has room for 2 more (requests.cpu"),
    (quota({"cpu": "300m"}), 3, "(cpu: 0 of 300m used)"),
    (quota({"limits.memory": "256Mi"}), 2, "limits.memory"),
    (quota({"pods": "5"}, {"pods": "5"}), 0, "(pods: 5 of 5 used)"),
    (quota({"count/pods": "3"}), 3, "count/pods"),
    (quota({"requests.cpu": "1"}, {"requests.cpu": "2"}), 0, "room for 0 more"),
    (quota({"configmaps": "1"}), allowing.UNBOUNDED, ""),
    (quota({"pods": "1"}, scopes=["BestEffort"]), allowing.UNBOUNDED, ""),
    (quota({"pods": "1"}, scopes=["NotBestEffort", "NotTerminating"]), 1, "pods"),
    (quota({"pods": "1"}, scopeSelector={"matchExpressions": [CLASS]}), allowing.UNBOUNDED, ""),
]  # fmt: skip


@pytest.mark.parametrize(("document", "pods", "why"), QUOTAS)
def test_quotas(document: Document, pods: int, why: str) -> None:
    found = allowing.by_quotas(ASKS, [document])
    assert found.pods == pods
    assert why in found.why


SMALL = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
SIDECAR = {"name": "proxy", "restartPolicy": "Always", "resources": SMALL}
BEFORE = {"name": "copy", "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "1"}}}
BARE = {"containers": [{"name": "app"}]}
BESIDE = [
    # what is in the pod beside its container of 100m, a bound, and how many more pods it allows
    ({"initContainers": [SIDECAR]}, {"requests.cpu": "600m"}, 3),
    ({"initContainers": [SIDECAR]}, {"limits.cpu": "600m"}, 3),
    ({"initContainers": [SIDECAR, BEFORE]}, {"requests.cpu": "600m"}, 1),
    ({"initContainers": [BEFORE]}, {"limits.cpu": "2"}, 2),
    ({"overhead": {"cpu": "50m"}}, {"cpu": "600m"}, 4),
    ({"initContainers": [SIDECAR], **BARE}, {"cpu": "600m"}, 6),
]  # fmt: skip


@pytest.mark.parametrize(("beside", "hard", "pods"), BESIDE)
def test_a_quota_counts_all_of_a_pod(beside: Document, hard: dict[str, str], pods: int) -> None:
    spec = {**pod("100m")["spec"], **beside}
    assert allowing.by_quotas(spec, [quota(hard)]).pods == pods


@pytest.mark.parametrize(
    ("spec", "pods"),
    [(BARE, 1), ({**BARE, "overhead": {"cpu": "50m"}}, 1), ({**BARE, "initContainers": [BEFORE]}, allowing.UNBOUNDED)],
)
def test_a_pod_is_of_best_effort_by_its_containers(spec: Document, pods: int) -> None:
    assert allowing.by_quotas(spec, [quota({"pods": "1"}, scopes=["BestEffort"])]).pods == pods


def test_a_quota_for_its_priority_class_counts() -> None:
    bounded = quota({"pods": "1"}, scopeSelector={"matchExpressions": [CLASS]})
    assert allowing.by_quotas({**ASKS, "priorityClassName": "high"}, [bounded]).pods == 1


RANGES = [
    ({"type": "Container", "max": {"memory": "100Mi"}}, 0, "container app may have at most 100Mi memory"),
    ({"type": "Container", "min": {"cpu": "200m"}}, 0, "container app must request at least 200m cpu"),
    ({"type": "Pod", "max": {"cpu": "50m"}}, 0, "the pod may have at most 50m cpu"),
    ({"type": "Container", "max": {"memory": "1Gi"}, "min": {"cpu": "10m"}}, allowing.UNBOUNDED, ""),
    ({"type": "PersistentVolumeClaim", "max": {"storage": "1"}}, allowing.UNBOUNDED, ""),
]


@pytest.mark.parametrize(("item", "pods", "why"), RANGES)
def test_limit_ranges(item: Document, pods: int, why: str) -> None:
    document = {"metadata": {"name": "bounds"}, "spec": {"limits": [item]}}
    found = allowing.by_limit_ranges(ASKS, [document])
    assert found.pods == pods
    assert why in found.why


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"type": "Container", "max": {"cpu": "150m"}}, "container proxy may have at most 150m cpu"),
        ({"type": "Pod", "max": {"cpu": "250m"}}, "the pod may have at most 250m cpu"),
        ({"type": "Pod", "min": {"cpu": "150m"}}, ""),
    ],
)
def test_limit_ranges_bind_sidecars_too(item: Document, why: str) -> None:
    asks = pod("100m", resources={"limits": {"cpu": "100m"}})["spec"] | {"initContainers": [SIDECAR]}
    found = allowing.by_limit_ranges(asks, [{"metadata": {"name": "bounds"}, "spec": {"limits": [item]}}])
    assert found.why.endswith(why) and bool(found.why) is bool(why)


def mine(there: int, existing: int | None = None) -> Pods:
    return Pods(pod("500m"), "shop", there, there if existing is None else existing)


def test_the_minimum_fits_where_the_maximum_does_not() -> None:
    cluster = Cluster([node("a", "2")], [pod(where="a")])
    found = check(mine(1), cluster, 2, 6)
    assert (found.known, found.minimum.fits, found.maximum.fits) == (True, True, False)
    assert (found.maximum.schedulable, found.maximum.why) == (4, "the nodes take 3 more")


def test_the_tightest_bound_is_told() -> None:
    cluster = Cluster([node("a", "8")], [], [quota({"pods": "3"}, {"pods": "1"})])
    assert check(mine(1), cluster, 2, 6).maximum.why.startswith("quota team has room for 2 more")


def test_pods_that_wait_for_a_node_are_in_the_quota_already() -> None:
    cluster = Cluster([node("a", "8")], [], [quota({"pods": "3"}, {"pods": "3"})])
    assert check(mine(1, 3), cluster, 2, 4).maximum.schedulable == 3


def test_without_nodes_nothing_is_said_to_fit() -> None:
    found = check(mine(1), Cluster([], [], unread=["nodes could not be listed"]), 1, 2)
    assert (found.known, found.minimum.fits, found.unread) == (False, False, ["nodes could not be listed"])
    assert found.minimum.why == "the cluster's nodes are not known"


def test_fewer_than_there_are_always_fit() -> None:
    found = check(mine(3), Cluster([node("a", "1500m")], [pod(where="a")] * 3), 2, 3)
    assert found.minimum.fits and found.maximum.fits


@pytest.mark.parametrize(
    ("operator", "values", "so"),
    [
        ("In", ["x"], True),
        ("NotIn", ["x"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
        ("Lt", ["3"], False),
    ],
)
def test_expressions(operator: str, values: list[str], so: bool) -> None:
    assert placement.matches({"key": "zone", "operator": operator, "values": values}, {"zone": "x"}) is so


def test_a_thousand_nodes_with_rules_take_no_time() -> None:
    nodes = [node(f"n{i}", "4", labels={"zone": f"z{i % 3}"}) for i in range(1000)]
    template = pod(affinity=ANTI, topologySpreadConstraints=SPREAD)
    assert more(template, nodes, wanted=100).fits == 100
