# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tier follows from what is written: the table of the design, and that nothing ever gets below it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import tier_raises, tiers
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Settings, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.tiers import TierContext

POD = ObjectRef("v1", "Pod", "web-1", "shop", "uid-1")
DEPLOYMENT = ObjectRef("apps/v1", "Deployment", "web", "shop", "uid-2")
RULES = TierContext("rules", replicas=3, pod_replaced=True)
ANNOTATIONS = ["spec", "template", "metadata", "annotations"]


def patch(*operations: dict[str, Any], ref: ObjectRef = DEPLOYMENT) -> Write:
    return Write("1", "patch", ref, "json", list(operations))


def replicas(value: Any, op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": ["spec", "replicas"], "value": value}


def field(*path: Any, value: Any = "x", op: str = "replace") -> dict[str, Any]:
    return {"op": op, "path": ["spec", "template", "spec", "containers", {"name": "app"}, *path], "value": value}


RESTART = {"op": "replace", "path": [*ANNOTATIONS, tiers.RESTARTED_AT], "value": "now"}
FIRST_RESTART = {"op": "add", "path": ANNOTATIONS, "value": {tiers.RESTARTED_AT: "now"}}
OTHER_ANNOTATION = {"op": "add", "path": ANNOTATIONS, "value": {tiers.RESTARTED_AT: "now", "inject": "yes"}}
EVICT = Write("1", "evict", POD)
ONE = TierContext("rules", replicas=1)

TABLE = [
    ("evict one replaced pod", [EVICT], RULES, 1),
    ("evict two", [EVICT, EVICT], RULES, 2),
    ("evict without uid", [Write("1", "evict", ObjectRef("v1", "Pod", "web-1", "shop"))], RULES, 3),
    ("evict a bare pod", [EVICT], TierContext("rules"), 4),
    ("evict, advised by an AI", [EVICT], TierContext("kagent", pod_replaced=True), 2),
    ("evict, advised by nobody named", [EVICT], TierContext("", pod_replaced=True), 2),
    ("evict again", [EVICT], TierContext("rules", pod_replaced=True, recent_replacement="pod x is only 3 min old"), 2),
    ("delete a pod", [Write("1", "delete", POD)], RULES, 4),
    ("scale by one", [patch(replicas(4))], RULES, 2),
    ("scale by two", [patch(replicas(1))], RULES, 2),
    ("scale by three", [patch(replicas(6))], RULES, 3),
    ("scale to zero", [patch(replicas(0))], ONE, 4),
    ("scale from zero", [patch(replicas(1))], TierContext("rules", replicas=0), 2),
    ("scale to true", [patch(replicas(True))], RULES, 4),
    ("scale to a text", [patch(replicas("4"))], RULES, 4),
    ("scale below zero", [patch(replicas(-1))], RULES, 4),
    ("scale down with claims deleted", [patch(replicas(2))], TierContext("rules", replicas=3, deletes_claims=True), 4),
    ("restart one replica", [patch(RESTART)], ONE, 2),
    ("restart one replica for the first time", [patch(FIRST_RESTART)], ONE, 2),
    ("restart three", [patch(RESTART)], RULES, 3),
    ("another annotation beside", [patch(OTHER_ANNOTATION)], ONE, 3),
    ("image", [patch(field("image"))], ONE, 3),
    ("limits", [patch(field("resources", "limits", "memory"))], ONE, 3),
    ("environment", [patch(field("env"))], ONE, 3),
    ("selector", [patch({"op": "replace", "path": ["spec", "selector"], "value": {}})], ONE, 3),
    ("labels of the object", [patch({"op": "add", "path": ["metadata", "labels"], "value": {}})], ONE, 4),
    ("the whole spec", [patch({"op": "replace", "path": ["spec"], "value": {}})], ONE, 4),
    ("no operation", [patch()], ONE, 4),
    ("an operation that is none", [patch({"op": "move", "path": ["spec", "replicas"]})], ONE, 4),
    ("an autoscaler", [patch(replicas(1), ref=ObjectRef("autoscaling/v2", "HorizontalPodAutoscaler", "web"))], ONE, 3),
    *[
        (f"{verb} {kind}", [Write("1", verb, ObjectRef(api, kind, "x"), "json", [replicas(3)])], RULES, 4)
        for api, kind, verb in [
            ("v1", "Secret", "patch"),
            ("v1", "Namespace", "delete"),
            ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "create"),
            ("networking.k8s.io/v1", "NetworkPolicy", "patch"),
            ("v1", "Node", "patch"),
            ("v1", "PersistentVolumeClaim", "delete"),
            ("apps/v1", "Deployment", "delete"),
            ("example.org/v1", "Deployment", "patch"),
        ]
    ],
    ("nothing", [], RULES, 4),
    ("the highest counts", [patch(replicas(4)), EVICT, patch(field("image"))], RULES, 3),
]


@pytest.mark.parametrize(("words", "writes", "context", "level"), TABLE, ids=[row[0] for row in TABLE])
def test_table(words: str, writes: list[Write], context: TierContext, level: int) -> None:
    assert tiers.tier_of(writes, context).level == level


OPERATIONS = st.one_of(
    st.integers(-2, 12).map(replicas),
    st.just(RESTART),
    st.sampled_from(["image", "env", "command", "livenessProbe", "resources"]).map(field),
    st.lists(st.sampled_from(["spec", "metadata", "replicas", "volumes"]), max_size=3).map(
        lambda path: {"op": "replace", "path": path, "value": 1}
    ),
)
REFS = st.sampled_from(
    [POD, DEPLOYMENT, ObjectRef("v1", "Secret", "s"), ObjectRef("apps/v1", "DaemonSet", "d", "n", "u")]
)
WRITES = st.lists(
    st.builds(
        lambda verb, ref, body: Write("1", verb, ref, "json", body),
        st.sampled_from(["patch", "evict", "delete", "create", "replace"]),
        REFS,
        st.lists(OPERATIONS, max_size=3),
    ),
    max_size=3,
)
CONTEXTS = st.builds(
    TierContext,
    advisor=st.sampled_from(["rules", "kagent", "kubectl_ai", "Rules", ""]),
    replicas=st.integers(0, 10),
    pod_replaced=st.booleans(),
    deletes_claims=st.booleans(),
    recent_replacement=st.sampled_from(["", "pod web-2 is only 9 min old"]),
)


@settings(max_examples=200, deadline=None)
@given(writes=WRITES, context=CONTEXTS, floor=st.integers(-3, 9))
def test_trivial_is_one_named_replaced_pod_on_the_rules_advice_and_nothing_else(
    writes: list[Write], context: TierContext, floor: int
) -> None:
    tier = tiers.tier_of(writes, context, floor)
    assert 1 <= tier.level <= 4
    assert tier.level >= min(floor, 4)
    assert tier.level >= tiers.tier_of(writes, context).level
    if tier.level == 1:
        (write,) = writes
        assert (write.verb, write.object.kind, bool(write.object.uid)) == ("evict", "Pod", True)
        assert (context.advisor, context.pod_replaced, context.recent_replacement) == ("rules", True, "")
    if tier.level == 2:
        for operation in [item for write in writes if write.verb == "patch" for item in write.body]:
            assert operation == RESTART or operation["path"] == ["spec", "replicas"]
            if operation["path"] == ["spec", "replicas"]:
                assert operation["value"] > 0 and abs(operation["value"] - context.replicas) <= 2
        assert all(write.object.kind != "Secret" and write.verb in ("patch", "evict") for write in writes)


@settings(max_examples=200, deadline=None)
@given(writes=WRITES, more=WRITES, context=CONTEXTS)
def test_writing_more_never_lowers_the_tier(writes: list[Write], more: list[Write], context: TierContext) -> None:
    if writes:
        assert tiers.tier_of([*writes, *more], context).level >= tiers.tier_of(writes, context).level


@pytest.mark.parametrize(
    ("level", "asked", "seconds"),
    [(1, 0, 0), (2, 9999, 300), (3, 9999, 1800), (4, 60, 3600), (4, 5400, 5400), (4, 99999, 7200)],
)
def test_windows(level: int, asked: int, seconds: int) -> None:
    tier = tiers.Tier(level, tiers.NAMES[level], "")
    assert tiers.window_seconds(tier, Settings(critical_window_seconds=asked)) == seconds


@pytest.mark.parametrize(
    ("floor", "level"), [({}, 1), ({"scale": 3}, 3), ({"*": 2}, 2), ({"*": 4, "scale": 2}, 4), ({"other": 4}, 1)]
)
def test_settings_raise(floor: dict[str, int], level: int) -> None:
    assert tiers.floor_of(Settings(tier_floor=floor), "scale") == level


PAYMENTS = {"namespace": "payments-*", "tier": 4, "why": "card data"}
EUROPE = {"cluster": "production*", "labels": {"region": "eu*", "gold": "true"}, "tier": 3}

# (raises, cluster, namespace, labels, tier before, tier after, why)
RAISES: list[tuple[list[dict[str, Any]], str, str, dict[str, str], int, int, str]] = [
    ([PAYMENTS], "any", "payments-eu", {}, 2, 4, "x; raised by the settings for namespace payments-* (card data)"),
    ([PAYMENTS], "any", "shop", {}, 2, 2, "x"),
    ([PAYMENTS], "any", "payments-eu", {}, 4, 4, "x"),
    (
        [EUROPE],
        "production-1",
        "shop",
        {"region": "eu-west", "gold": "true"},
        1,
        3,
        "x; raised by the settings for cluster ",
    ),
    ([EUROPE], "production-1", "shop", {"region": "eu-west"}, 1, 1, "x"),
    ([EUROPE], "staging", "shop", {"region": "eu-west", "gold": "true"}, 1, 1, "x"),
    ([{"namespace": "*", "tier": 2}], "any", "shop", {}, 3, 3, "x"),
    ([PAYMENTS, {"namespace": "*", "tier": "3"}], "any", "payments-eu", {}, 2, 4, "namespace * for namespace"),
]


@pytest.mark.parametrize(("raises", "cluster", "namespace", "labels", "before", "after", "why"), RAISES)
def test_settings_raise_tiers_by_place_and_never_lower_them(
    raises: list[dict[str, Any]],
    cluster: str,
    namespace: str,
    labels: dict[str, str],
    before: int,
    after: int,
    why: str,
) -> None:
    document = {"metadata": {"namespace": namespace, "labels": labels}}
    tier = tier_raises.applied(tiers.Tier(before, tiers.NAMES[before], "x"), raises, cluster, [document])
    assert (tier.level, tier.name) == (after, tiers.NAMES[after])
    assert all(part in tier.why for part in why.split(" for namespace"))


def test_labels_of_a_pods_workload_count() -> None:
    pod, workload = {"metadata": {"namespace": "shop"}}, {"metadata": {"namespace": "shop", "labels": {"gold": "1"}}}
    raises = [{"labels": {"gold": "?"}, "tier": 3}]
    assert tier_raises.applied(tiers.Tier(1, "trivial", "x"), raises, "c", [pod, workload]).level == 3


@pytest.mark.parametrize(
    ("raises", "sentence"),
    [
        ("payments", "must be a list"),
        (["payments"], "entry 1 must be a map"),
        ([{**PAYMENTS, "namspace": "x"}], "entry 1 must be a map"),
        ([PAYMENTS, {**PAYMENTS, "tier": 1}], "entry 2 must have a tier from 2 to 4, not 1"),
        ([{**PAYMENTS, "tier": True}], "must have a tier"),
        ([{"tier": 4}], "must name a cluster, a namespace or labels"),
        ([{"tier": 4, "labels": "gold"}], "must name a cluster, a namespace or labels"),
        ([PAYMENTS, EUROPE], ""),
    ],
)
def test_wrong_raises_are_said(raises: Any, sentence: str) -> None:
    assert sentence in tier_raises.fault_of(raises)
    assert bool(sentence) == bool(tier_raises.fault_of(raises))
