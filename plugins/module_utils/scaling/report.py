# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An analysis in JSON's own types: the module's result, the evidence, and what is shown (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.amounts import cost_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import Prices
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import quantile
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Capacity
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import CLASSES, Judgement, Seen
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.searching import Candidate
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject

Json = dict[str, Any]
ADVISOR: Final = "rules"
MOST_NODES: Final = 20
TOLD_NODES: Final = 6
# What the advisor that knows the cluster is asked; the other one is asked how to scale.
ROOM: Final = (
    "Can the cluster take the replicas that {} needs? The evidence counts, node by node, what fits at the minimum and "
    "at the maximum. Say in the summary what room you see and what is in its way; capacity-short where there is none"
)


@dataclass(frozen=True)
class Analysis:
    """All of it; `time` is RFC 3339 in UTC."""

    subject: Subject
    seen: Seen
    judgement: Judgement
    prices: Prices
    time: str
    candidates: Sequence[Candidate] = field(default_factory=list)


def to_json(analysis: Analysis) -> Json:
    """The result of `scaling_analysis_info`."""
    subject, judged = analysis.subject, analysis.judgement
    target = asdict(subject.target)
    evidence = evidence_of(analysis)
    cost = cost_at(analysis)
    return {
        "target": target,
        "workload": target,
        "subject": f"whether and how {subject.words} should be scaled",
        "subjects": {"kubectl_ai": ROOM.format(subject.words)},
        "classes": CLASSES,
        "diagnosis": _diagnosis(judged, evidence),
        "evidence": evidence,
        "recommendations": [recommendation(judged)],
        "unavailable": [{"what": "part of the analysis", "why": text} for text in subject.unread],
        "sustained": asdict(analysis.seen.sustained),
        "policy": judged.policy.to_json() if judged.policy else {},
        "capacity": capacity_json(judged.capacity),
        "cost": cost,
        "arithmetic": judged.policy.arithmetic if judged.policy else [],
        "figures": figures(judged, cost),
        "notes": judged.notes,
        "source": analysis.seen.source,
        "candidates": [asdict(item) for item in analysis.candidates],
    }


def _diagnosis(judged: Judgement, evidence: list[Json]) -> Json:
    cause = {
        "class": judged.class_,
        "summary": redact(judged.summary),
        "confidence": judged.confidence,
        "evidence": [item["id"] for item in evidence],
    }
    return {"verdict": judged.verdict, "root_cause": cause, "contributing": [], "chain": []}


def recommendation(judged: Judgement) -> Json:
    """One remedy of the catalogue, or `none` with a command for a person."""
    common = {"advisor": ADVISOR, "reason": redact(_reason(judged)), "expected_outcome": judged.expected_outcome}
    if judged.remedy:
        return {"remedy": judged.remedy, "parameters": dict(judged.parameters), **common}
    return {"remedy": "none", "parameters": {"command": judged.command} if judged.command else {}, **common}


def _reason(judged: Judgement) -> str:
    return judged.summary[:1].upper() + judged.summary[1:] + "."


def evidence_of(analysis: Analysis) -> list[Json]:
    """What was observed, a line each."""
    subject, seen = analysis.subject, analysis.seen
    where = f"{subject.target.kind.lower()}/{subject.target.name}"
    request = f"each requests {format_millicores(subject.request)} CPU" if subject.request else "CPU is not requested"
    wanted = f"{_count(subject.replicas, 'replica')} wanted, {_count(len(subject.pods), 'pod')} there"
    rows = [("spec", where, f"{wanted}, {request}")]
    if seen.sustained.samples:
        rows.insert(0, ("usage", where, f"{seen.sustained.sentence} ({seen.source})"))
    if seen.demand:
        rows.append(("usage", where, _demand(seen)))
    if subject.autoscaler:
        rows.append(("status", f"hpa/{subject.autoscaler['metadata']['name']}", _autoscaler(subject.autoscaler)))
    rows += [("capacity", "cluster", text) for text in _capacity_lines(analysis.judgement.capacity)]
    return [
        {"id": f"E{number}", "source": source, "time": analysis.time, "subject": about, "text": redact(text)}
        for number, (source, about, text) in enumerate(rows, start=1)
    ]


def _demand(seen: Seen) -> str:
    used = [moment.used for moment in seen.demand]
    low, mean, high = quantile(0.1, used), sum(used) / len(used), max(used)
    days = seen.demand_seconds / 86_400
    over = f"{days:.1f} days" if days >= 1 else f"{round(seen.demand_seconds / 60)} minutes"
    return (
        f"demand over {over} in {len(used)} samples: 10th percentile {low:.0f}m, mean {mean:.0f}m, greatest {high:.0f}m"
    )


def _autoscaler(autoscaler: Json) -> str:
    status = autoscaler.get("status") or {}
    percent = autoscalers.current_cpu_percent(autoscaler)
    now = f"CPU at {percent} %" if percent is not None else "no current metrics"
    limited = autoscalers.condition(autoscaler, "ScalingLimited")
    held = f", limited: {limited.get('reason')}" if limited.get("status") == "True" else ""
    return f"{autoscalers.bounds(autoscaler)}; {now}, {_count(status.get('currentReplicas', 0), 'replica')} now{held}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _capacity_lines(room: Capacity | None) -> list[str]:
    if room is None:
        return []
    lines = []
    for name, level in (("minimum", room.minimum), ("maximum", room.maximum)):
        so = "can be scheduled" if level.fits else f"cannot all be scheduled, {level.schedulable} can: {level.why}"
        lines.append(f"at the {name} {level.replicas} replicas {so}")
    return [*lines, _node_line(room)] if room.nodes else lines


def _node_line(room: Capacity) -> str:
    """Node by node, those with most room first: what each takes beside what it holds."""
    nodes = sorted(room.nodes, key=lambda item: (-item.fits, item.node))
    told = [f"{item.node} {item.fits}" + (f" ({item.why})" if item.why else "") for item in nodes[:TOLD_NODES]]
    more = f" and {len(nodes) - TOLD_NODES} nodes more" if len(nodes) > TOLD_NODES else ""
    return f"more pods by node: {', '.join(told)}{more}"


def capacity_json(room: Capacity | None) -> Json:
    """The check at both ends, and the nodes, those with room first."""
    if room is None:
        return {}
    document = room.to_json()
    nodes = sorted(document["nodes"], key=lambda item: (-item["fits"], item["node"]))
    ends = {name: {**document[name], "fits": level.fits} for name, level in _ends(room)}
    return {**document, **ends, "nodes": nodes[:MOST_NODES], "nodes_in_all": len(nodes)}


def _ends(room: Capacity) -> list[tuple[str, Any]]:
    return [("minimum", room.minimum), ("maximum", room.maximum)]


def cost_at(analysis: Analysis) -> Json:
    """Money now, at the minimum, as expected and at the maximum, by what a pod requests; empty without a remedy."""
    judged, subject = analysis.judgement, analysis.subject
    if judged.capacity is None or not judged.remedy:
        return {}
    need = judged.capacity.need
    counts = {"now": subject.replicas}
    if judged.policy:
        made = judged.policy
        counts |= {"minimum": made.min_replicas, "expected": made.expected_replicas, "maximum": made.max_replicas}
    else:
        counts["expected"] = judged.parameters["replicas"]
    cost: Json = {}
    for name, count in counts.items():
        whole = cost_of(need.get("cpu", 0), need.get("memory", 0), analysis.prices, count).to_json()
        cost[name] = {"replicas": count, "per_hour": whole["per_hour"], "per_month": whole["per_month"]}
    prices = analysis.prices
    return {**cost, "currency": prices.currency, "source": prices.source, "default_prices": prices.is_default}


def figures(judged: Judgement, cost: Json) -> list[Json]:
    """What a person is shown beside the diagnosis: named lines."""
    rows = [("Policy", step) for step in (judged.policy.arithmetic if judged.policy else [])]
    if cost:
        rows += [("Cost", _cost_line(name, cost)) for name in ("now", "minimum", "expected", "maximum") if name in cost]
        rows.append(("Prices", f"{cost['source']}, in {cost['currency']}, a month of 730 hours"))
    rows += [("Note", note) for note in judged.notes]
    return [{"name": name, "text": redact(text)} for name, text in rows]


def _cost_line(name: str, cost: Json) -> str:
    row, currency = cost[name], cost["currency"]
    money = f"{row['per_hour']:.4f} {currency} an hour, {row['per_month']:.2f} {currency} a month"
    return f"{name}: {_count(row['replicas'], 'replica')}, {money}"


def nothing_found(cluster: str, namespace: str, threshold_percent: int) -> Json:
    """The result where no target was named and nothing is short of CPU."""
    where = f"namespace {namespace}" if namespace else "the cluster"
    said = f"no workload in {where} uses more than {threshold_percent} % of its CPU requests now"
    target = {
        "cluster": cluster,
        "api_version": "v1",
        "kind": "Namespace" if namespace else "",
        "namespace": "",
        "name": namespace,
        "uid": "",
    }
    cause = {"class": "cpu-within-requests", "summary": said, "confidence": 0.8, "evidence": []}
    empty: Json = {"policy": {}, "capacity": {}, "cost": {}, "sustained": {}, "subjects": {}}
    lists: Json = {name: [] for name in ("evidence", "recommendations", "unavailable", "arithmetic", "figures")}
    lists |= {"notes": [], "candidates": []}
    diagnosis = {"verdict": "steady", "root_cause": cause, "contributing": [], "chain": []}
    return {"target": target, "workload": target, "subject": "", "diagnosis": diagnosis, "source": "", **empty, **lists}


def events(result: Json) -> list[Json]:
    """What a journal shall hold of a result: observed, diagnosed, recommended."""
    names = ("target", "workload", "evidence", "unavailable", "figures", "sustained", "policy", "capacity", "cost")
    return [
        {"event": "observed", "body": {name: result[name] for name in (*names, "arithmetic", "source")}},
        {"event": "diagnosed", "body": {"advisor": ADVISOR, **result["diagnosis"], "joined": result.get("joined", {})}},
        {"event": "recommended", "body": {"advisor": ADVISOR, "recommendations": result["recommendations"]}},
    ]
