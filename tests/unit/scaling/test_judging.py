# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given this workload and this load, this is proposed; and whatever is refused has a sentence of its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scaling_objects import autoscaler, node, pod, seen, subject, sustained, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.cost import prices
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import in_charge, report
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Cluster
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import (
    Judgement,
    Seen,
    Settings,
    judge,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import screen

KEDA = in_charge.InCharge("keda", "web", "KEDA's ScaledObject web scales Deployment shop/web", "kubectl edit")
VPA = in_charge.InCharge("vpa", "web", "VerticalPodAutoscaler web sets the CPU requests of Deployment shop/web", "")
FULL = Cluster([node(cpu="40m")], [pod(1), pod(2)])
TIGHT = Cluster([node(cpu="50m")], [pod(1)])
QUOTA = {"metadata": {"name": "team"}, "spec": {}, "status": {"hard": {"pods": "3"}, "used": {"pods": "1"}}}
BLIND = Cluster([], [], unread=["what the nodes can take is not known: forbidden"])
CLAIMS = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}


def with_sidecar(requests: dict[str, str]) -> Subject:
    made = subject()
    sidecar = {"name": "proxy", "restartPolicy": "Always", "resources": {"requests": requests}}
    made.pods[0]["spec"]["initContainers"] = [sidecar, {"name": "copy"}]
    return made


# Name, the workload, what was seen, settings; then verdict, class, remedy with parameters, and words of the summary or
# of a note.
ROWS: list[tuple[str, Subject, Seen, dict[str, Any], tuple[str, str, dict[str, int] | None, str]]] = [
    (
        "an autoscaler for a Deployment",
        subject(),
        seen(),
        {},
        ("overloaded", "cpu-over-requests", {"min_replicas": 3, "max_replicas": 4}, "is short of CPU"),
    ),
    (
        "a target of one's own",
        subject(),
        seen(),
        {"target_percent": 50},
        ("overloaded", "cpu-over-requests", {"target_cpu_utilization_percent": 50}, "is short of CPU"),
    ),
    (
        "replicas by hand where an autoscaler is not wanted",
        subject(),
        seen(),
        {"way": "scale"},
        ("overloaded", "cpu-over-requests", {"replicas": 3}, "is short of CPU"),
    ),
    (
        "replicas by hand for a StatefulSet",
        subject(kind="StatefulSet", **CLAIMS),
        seen(),
        {},
        ("overloaded", "cpu-over-requests", {"replicas": 3}, "takes 1 volume claim more, which stay when it scales"),
    ),
    (
        "an autoscaler for a StatefulSet where it is wanted",
        subject(kind="StatefulSet"),
        seen(),
        {"way": "hpa"},
        ("overloaded", "cpu-over-requests", {"max_replicas": 4}, "replicas come one after the other"),
    ),
    (
        "an autoscaler at its maximum",
        subject(3, hpa=autoscaler(3)),
        seen(),
        {},
        ("overloaded", "autoscaler-at-maximum", {"max_replicas": 5}, "sits at its maximum of 3, so the demand is cut"),
    ),
    (
        "an autoscaler that aims too high",
        subject(2, hpa=autoscaler(9, target=90, least=4)),
        seen(),
        {},
        (
            "overloaded",
            "autoscaler-target-too-high",
            {"min_replicas": 4, "max_replicas": 9, "target_cpu_utilization_percent": 70},
            "aims at 90 % of the requests",
        ),
    ),
    (
        "an autoscaler that still has room",
        subject(2, hpa=autoscaler(9)),
        seen(),
        {},
        ("overloaded", "autoscaler-acting", None, "is at 2 of at most 9 replicas and still has room"),
    ),
    (
        "an autoscaler that does not act",
        subject(2, hpa=autoscaler(9, active="False")),
        seen(),
        {},
        ("overloaded", "autoscaler-inactive", None, "does not act: FailedGetResourceMetric: no pods"),
    ),
    (
        "an autoscaler on other metrics",
        subject(2, hpa=autoscaler(9, target=None)),
        seen(),
        {},
        ("overloaded", "autoscaler-on-other-metrics", None, "scales by something else than CPU"),
    ),
    (
        "an autoscaler without requests",
        subject(hpa=autoscaler(), requests={"memory": "1Mi"}),
        seen(),
        {},
        ("unknown", "no-requests", None, "and HorizontalPodAutoscaler web-hpa cannot act: set requests first"),
    ),
    (
        "no requests",
        subject(requests={}),
        seen(),
        {},
        ("unknown", "no-requests", None, "has no CPU request, so there is nothing to measure"),
    ),
    (
        "a sidecar without requests",
        with_sidecar({}),
        seen(),
        {},
        ("unknown", "no-requests", None, "has no CPU request, so there is nothing to measure"),
    ),
    (
        "at replicas 0",
        subject(0),
        seen(),
        {},
        ("unknown", "scaled-to-zero", None, "is scaled to 0 replicas: nothing runs"),
    ),
    ("KEDA in charge", subject(who=KEDA), seen(), {}, ("unknown", "keda-in-charge", None, "ScaledObject web")),
    ("VPA in charge", subject(who=VPA), seen(), {}, ("unknown", "vpa-in-charge", None, "VerticalPodAutoscaler web")),
    (
        "no metrics",
        subject(),
        Seen(sustained("unknown"), problem="the metrics API is not there"),
        {},
        ("unknown", "no-metrics", None, "nothing is known of the CPU that Deployment shop/web uses: the metrics API"),
    ),
    (
        "too few samples",
        subject(),
        seen(verdict="unknown"),
        {},
        ("unknown", "too-few-samples", None, "whether Deployment shop/web is short of CPU is not known"),
    ),
    (
        "not sustained",
        subject(),
        seen(verdict="no"),
        {},
        ("steady", "cpu-within-requests", None, "is not short of CPU"),
    ),
    (
        "no room for one more",
        subject(2, cluster=FULL),
        seen(),
        {},
        ("overloaded", "capacity-short", None, "no room for 3 replicas, only for 2: the nodes take 0 more"),
    ),
    (
        "room for less than the maximum",
        subject(1, cluster=TIGHT),
        seen(),
        {},
        ("overloaded", "cpu-over-requests", {"min_replicas": 2, "max_replicas": 2}, "The maximum is 2, not 4"),
    ),
    (
        "a quota for less than the maximum",
        subject(1, cluster=Cluster([node()], [pod()], [QUOTA])),
        seen(),
        {},
        ("overloaded", "cpu-over-requests", {"min_replicas": 3, "max_replicas": 3}, "quota team has room for 2 more"),
    ),
    (
        "by hand there is no room either",
        subject(2, cluster=FULL),
        seen(),
        {"way": "scale"},
        ("overloaded", "capacity-short", None, "the cluster has no room for 3 replicas"),
    ),
    (
        "what the cluster can take is not known",
        subject(cluster=BLIND),
        seen(),
        {},
        ("overloaded", "capacity-short", None, "is not known, so nothing is proposed"),
    ),
    (
        "only minutes of demand",
        subject(),
        seen(),
        {},
        ("overloaded", "cpu-over-requests", {"max_replicas": 4}, "Only 5 minutes of demand are known"),
    ),
    (
        "notes of the source",
        subject(),
        seen(notes=["3 of 20 samples are missing."]),
        {},
        ("overloaded", "cpu-over-requests", {"max_replicas": 4}, "3 of 20 samples are missing."),
    ),
]


@pytest.mark.parametrize(("requests", "total"), [({"cpu": "10m"}, 30), ({"memory": "1Mi"}, 0)])
def test_sidecars_have_to_request_as_well(requests: dict[str, str], total: int) -> None:
    assert with_sidecar(requests).request == total


@pytest.mark.parametrize(("about", "what", "settings", "expected"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS])
def test_what_is_proposed(
    about: Subject, what: Seen, settings: dict[str, Any], expected: tuple[str, str, dict[str, int] | None, str]
) -> None:
    verdict, class_, parameters, words = expected
    found = judge(about, what, Settings(**settings))
    assert (found.verdict, found.class_) == (verdict, class_)
    assert words in " | ".join([found.summary, *found.notes])
    if parameters is None:
        assert found.remedy is None
    else:
        assert found.remedy == ("scale" if "replicas" in parameters else "set_hpa")
        assert parameters.items() <= found.parameters.items()


@pytest.mark.parametrize(("percent", "doubted"), [(0, True), (75, True), (76, False), (180, False), (None, False)])
def test_an_autoscaler_that_sees_another_load_is_a_doubt(percent: int | None, doubted: bool) -> None:
    there = autoscaler()
    current = {"name": "cpu", "current": {"averageUtilization": percent}}
    there["status"]["currentMetrics"] = [{"type": "Resource", "resource": current}]
    notes = " ".join(judge(subject(3, hpa=there), seen(), Settings()).notes)
    assert (f"web-hpa itself sees CPU at {percent} % of the requests" in notes) is doubted


def test_set_by_hand_is_said() -> None:
    about = subject()
    about.workload["metadata"]["managedFields"] = [
        {"manager": "kubectl", "subresource": "scale", "time": "2026-11-20T12:00:00Z"}
    ]
    found = judge(about, seen(), Settings())
    assert "the replicas were set by hand (kubectl, 2026-11-20T12:00:00Z)" in " ".join(found.notes)


@given(
    st.integers(min_value=1, max_value=8),
    st.lists(st.floats(min_value=1, max_value=5000), min_size=1, max_size=20),
    st.lists(st.integers(min_value=0, max_value=600), min_size=1, max_size=4),
    st.sampled_from(["auto", "hpa", "scale"]),
)
def test_replicas_at_the_maximum_can_be_scheduled(
    replicas: int, demand: list[float], frees: list[int], way: str
) -> None:
    there = [pod(number) for number in range(replicas)]
    nodes = [node("a", f"{frees[0] + 20 * replicas}m")]
    nodes += [node(f"n{number}", f"{free}m") for number, free in enumerate(frees[1:])]
    found = judge(subject(replicas, cluster=Cluster(nodes, there)), seen(*demand), Settings(way=way))
    room = replicas + sum(free // 20 for free in frees)
    if found.remedy == "set_hpa":
        least, most = (found.parameters[name] for name in ("min_replicas", "max_replicas"))
        assert 1 <= least <= most <= room
    elif found.remedy == "scale":
        assert replicas < found.parameters["replicas"] <= min(room, replicas + 2)
    else:
        assert found.class_ == "capacity-short"
        assert room <= replicas


def analysis(found: Judgement, about: Subject | None = None, what: Seen | None = None) -> report.Analysis:
    return report.Analysis(about or subject(), what or seen(), found, PRICES, "2026-11-20T12:00:00Z")


PRICES = prices.parse({"CPU": "0.05", "RAM": "0.01", "currencyCode": "EUR"}, "prices.json")


def test_the_report_holds_everything_a_person_needs() -> None:
    result = report.to_json(analysis(judge(subject(), seen(), Settings())))
    assert result["policy"]["min_replicas"] == 3
    assert result["arithmetic"][1] == "minimum = max(2, ceil(10th percentile of the demand 30m ÷ 14m)) = 3"
    assert result["capacity"]["maximum"]["fits"] is True
    assert result["recommendations"][0]["remedy"] == "set_hpa"
    lines = [f"{item['name']}: {item['text']}" for item in result["figures"]]
    assert "Cost: maximum: 4 replicas, 0.0053 EUR an hour, 3.83 EUR a month" in lines
    assert "Prices: price file prices.json, in EUR, a month of 730 hours" in lines
    texts = [item["text"] for item in result["evidence"]]
    assert "demand over 5 minutes in 20 samples: 10th percentile 30m, mean 30m, greatest 40m" in texts
    assert "at the maximum 4 replicas can be scheduled" in texts
    assert "more pods by node: a 99" in texts
    assert [item["event"] for item in report.events(result)] == ["observed", "diagnosed", "recommended"]


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=1, max_value=10**6))
def test_money_is_what_the_price_file_says(cpu: int, memory: int) -> None:
    about = subject(requests={"cpu": f"{cpu}m", "memory": f"{memory}Mi"}, cluster=Cluster([node("a", "9k", "9Ti")], []))
    found = judge(about, seen(cpu * 1.0), Settings())
    if found.remedy is None:
        return
    cost = report.cost_at(analysis(found, about))
    for name in ("now", "minimum", "expected", "maximum"):
        per_hour = cost[name]["replicas"] * (cpu / 1000 * 0.05 + memory / 1024 * 0.01)
        assert cost[name]["per_hour"] == pytest.approx(per_hour, abs=0.00006, rel=1e-9)
        assert cost[name]["per_month"] == pytest.approx(per_hour * 730, abs=0.006, rel=1e-9)


def test_the_screen_shows_policy_capacity_and_cost() -> None:
    result = report.to_json(analysis(judge(subject(), seen(), Settings())))
    shown = " ".join(" ".join(text for text, _colour in screen.lines(result, {})).split())
    for words in (
        "Verdict overloaded: Deployment shop/web is short of CPU",
        "Policy a pod carries",
        "minimum = max(2,",
        "Cost now: 1",
        "maximum: 4",
    ):
        assert words in shown
    assert "at the maximum 4 replicas can be scheduled" in shown


def test_default_prices_are_marked() -> None:
    found = judge(subject(), seen(), Settings())
    made = report.Analysis(subject(), seen(), found, prices.DEFAULTS, "2026-11-20T12:00:00Z")
    assert report.cost_at(made)["default_prices"] is True
    assert any("default prices" in item["text"] for item in report.figures(found, report.cost_at(made)))


def test_where_nothing_is_proposed_a_command_may_help() -> None:
    found = report.recommendation(judge(subject(requests={}), seen(), Settings()))
    assert found["remedy"] == "none"
    assert found["parameters"]["command"].startswith("ansible-playbook playbooks/optimize_resources.yml")


SCALED_OBJECT = {"metadata": {"name": "web"}, "spec": {"scaleTargetRef": {"name": "web"}}}


def vertical(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "web"}, "spec": {"targetRef": {"kind": "Deployment", "name": "web"}, **spec}}


def policies(**policy: Any) -> dict[str, Any]:
    return {"resourcePolicy": {"containerPolicies": [{"containerName": "*", **policy}]}}


@pytest.mark.parametrize(
    ("scaled", "verticals", "kind"),
    [
        ([SCALED_OBJECT], [], "keda"),
        ([{"metadata": {"name": "x"}, "spec": {"scaleTargetRef": {"name": "other"}}}], [], ""),
        ([], [vertical()], "vpa"),
        ([], [vertical(updatePolicy={"updateMode": "Off"})], ""),
        ([], [vertical(**policies(controlledResources=["memory"]))], ""),
        ([], [vertical(**policies(mode="Off"))], ""),
        ([], [vertical(**policies(minAllowed={"cpu": "10m"}))], "vpa"),
        ([], [], ""),
    ],
)
def test_who_is_in_charge(scaled: list[Any], verticals: list[Any], kind: str) -> None:
    found = in_charge.of(workload(), scaled, verticals)
    assert (found.kind if found else "") == kind
