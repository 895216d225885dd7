# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What usage_analysis_info returns, and what a record shows of it: figures, tables, curves (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.amounts import HOURS_PER_MONTH, cost_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Figures, Usage
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.advice import Advice
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.rounding import MIB
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import (
    Rules,
    Savings,
    WorkloadAdvice,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

ADVISOR: Final = "rules"
# Curves are for reading: of the workloads that matter most, so that a record stays a page and not a book.
CHARTED_WORKLOADS: Final = 20
SAID_WORKLOADS: Final = 10


@dataclass
class Analysis:
    """The advice for every workload in question, the first to change first."""

    target: Target
    ranked: list[WorkloadAdvice]
    usage: list[Usage]
    rules: Rules
    nodes: dict[str, Any]
    unavailable: list[dict[str, str]] = field(default_factory=list)

    @property
    def first(self) -> WorkloadAdvice | None:
        """The workload to propose a change of."""
        return next((item for item in self.ranked if item.changes), None)


def ranked(advised: Sequence[WorkloadAdvice]) -> list[WorkloadAdvice]:
    """By the money that a change saves; of equals by name. What saves nothing comes last, refusals at the very end."""
    return sorted(
        advised, key=lambda item: (bool(item.refusals), -item.savings.cost.per_hour, *item.workload.key[::-1])
    )


def to_json(analysis: Analysis) -> dict[str, Any]:
    """The result of usage_analysis_info in JSON's own types."""
    shown = analysis.first or (analysis.ranked[0] if analysis.ranked else None)
    evidence = list(_evidence(analysis, shown))
    cluster = analysis.target.cluster
    return {
        "target": asdict(analysis.target),
        "workload": asdict(shown.workload.target(cluster)) if shown else None,
        "diagnosis": _diagnosis(analysis, shown, evidence),
        "evidence": evidence,
        "recommendations": [_recommendation(item, cluster) for item in analysis.ranked if item.changes],
        "containers": [
            {"workload": asdict(item.workload.target(cluster)), **container.to_json()}
            for item in analysis.ranked
            for container in item.containers
        ],
        "workloads": [_workload(item, cluster) for item in analysis.ranked],
        "savings": {**_total(analysis).to_json(), "nodes": analysis.nodes},
        "source": _source(analysis),
        "prices": analysis.rules.prices.to_json(),
        "unavailable": analysis.unavailable,
        "ranking": list(_ranking(analysis)),
    }


def _source(analysis: Analysis) -> dict[str, Any]:
    if not analysis.usage:
        return {"name": "none", "queries": 0, "seconds": 0.0}
    first = analysis.usage[0]
    return {
        "name": first.source,
        "from": _time(first.window.end - first.window.seconds),
        "to": _time(first.window.end),
        "window_days": round(first.window.seconds / 86_400, 3),
        "step_seconds": first.window.step_seconds,
        "queries": sum(item.queries for item in analysis.usage),
        "seconds": round(sum(item.seconds for item in analysis.usage), 3),
        "series": sum(len(item.containers) for item in analysis.usage),
    }


def _total(analysis: Analysis) -> Savings:
    """Of all changes that are recommended, in percent of what all workloads in question request."""
    changed = [item.savings for item in analysis.ranked if item.changes]
    cpu = sum(item.cpu_millicores for item in changed)
    memory = sum(item.memory_bytes for item in changed)
    totals = [
        sum(
            (getattr(container.current, name) or 0) * item.workload.replicas
            for item in analysis.ranked
            for container in item.containers
        )
        for name in ("cpu_request", "memory_request")
    ]
    shares = [
        round(part / whole * 100, 1) if whole else None for part, whole in zip((cpu, memory), totals, strict=True)
    ]
    return Savings(cpu, memory, shares[0], shares[1], cost_of(cpu, memory, analysis.rules.prices))


def _workload(item: WorkloadAdvice, cluster: str) -> dict[str, Any]:
    return {
        "workload": asdict(item.workload.target(cluster)),
        "verdict": item.verdict,
        "replicas": item.workload.replicas,
        "confidence": item.confidence,
        "savings": item.savings.to_json(),
        "refusals": item.refusals,
        "notes": item.notes,
    }


def _recommendation(item: WorkloadAdvice, cluster: str) -> dict[str, Any]:
    containers = {
        container.container: _changed(container)
        for container in item.containers
        if container.changes and container.wanted is not None
    }
    return {
        "remedy": "set_resources",
        "parameters": {"containers": containers, "autoscaler": "move"},
        "reason": f"{item.verdict}: it {item.savings.words()}. {' '.join(_arithmetic(item))}",
        "expected_outcome": (
            "every pod of the new template becomes Ready with 0 restarts and stays so;"
            " usage stays under the new requests as it did before"
        ),
        "advisor": ADVISOR,
        "target": asdict(item.workload.target(cluster)),
        "savings": item.savings.to_json(),
    }


def _changed(advice: Advice) -> dict[str, dict[str, str]]:
    """Only what is other than now, and beside a limit its request: a limit alone would be that as well."""
    now, wanted = advice.current.to_json(), (advice.wanted or advice.current).to_json()
    found = {
        room: {name: amount for name, amount in amounts.items() if now[room].get(name) != amount}
        for room, amounts in wanted.items()
    }
    found["requests"] |= {name: wanted["requests"][name] for name in found["limits"]}
    return {room: amounts for room, amounts in found.items() if amounts}


def _arithmetic(item: WorkloadAdvice) -> Iterator[str]:
    for container in item.containers:
        if container.changes:
            yield f"Container {container.container}: {'; '.join(container.arithmetic)}."


def _diagnosis(analysis: Analysis, shown: WorkloadAdvice | None, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    if shown is None:
        summary = "there is no Deployment, StatefulSet or DaemonSet to size"
        cause = {"class": "unknown", "summary": summary, "confidence": 0.0, "evidence": []}
        return {"verdict": "unknown", "root_cause": cause, "contributing": [], "chain": []}
    summary = " ".join(shown.refusals) if shown.refusals else _summary(analysis, shown)
    notes = [{"class": "note", "summary": note, "evidence": []} for note in shown.notes]
    cause = {
        "class": shown.verdict,
        "summary": summary,
        "confidence": shown.confidence,
        "evidence": [item["id"] for item in evidence],
    }
    return {"verdict": shown.verdict, "root_cause": cause, "contributing": notes, "chain": []}


def _summary(analysis: Analysis, shown: WorkloadAdvice) -> str:
    if not shown.changes:
        return f"{shown.workload.words} requests what it needs, to within 10%"
    if len(analysis.ranked) > 1:
        return f"first {shown.workload.words}, where a change {shown.savings.words_without_source()}"
    return f"the change {shown.savings.words_without_source()}"


def _replicas(count: int) -> str:
    return f"{count} replica{'' if count == 1 else 's'}"


def _prices(analysis: Analysis) -> str:
    prices = analysis.rules.prices
    return f"{prices.source}, in {prices.currency}, a month of {HOURS_PER_MONTH} hours"


def _evidence(analysis: Analysis, shown: WorkloadAdvice | None) -> Iterator[dict[str, Any]]:
    """What was used, container by container, and what follows from it; of the workload that is shown."""
    if shown is None:
        return
    ends = _time(analysis.usage[0].window.end) if analysis.usage else ""
    source = analysis.usage[0].source if analysis.usage else "none"
    texts: list[tuple[str, str]] = []
    for item in shown.containers:
        texts += [(source, text) for text in _used(item)]
        if item.arithmetic:
            texts.append(("arithmetic", "; ".join(item.arithmetic)))
    texts.append(("prices", f"{_replicas(shown.workload.replicas)}; {analysis.nodes['sentence']}; {_prices(analysis)}"))
    for number, (name, text) in enumerate(texts, start=1):
        yield {"id": f"E{number}", "source": name, "time": ends, "subject": shown.workload.words, "text": text}


def _used(item: Advice) -> list[str]:
    if item.use.cpu is None or item.use.memory is None:
        return [f"{item.container}: no figures"]
    asked = item.current.to_json()["requests"]
    return [
        f"{item.container}: CPU {_figures(item.use.cpu, 1, 'm')}; requests {asked.get('cpu', 'none')};"
        f" {item.use.samples} samples of {item.use.pods} pods over {item.history.days:.1f} days",
        f"{item.container}: memory {_figures(item.use.memory, MIB, 'Mi')}; requests {asked.get('memory', 'none')}",
    ]


def _figures(figures: Figures, unit: float, suffix: str) -> str:
    return ", ".join(f"{name} {value / unit:.0f}{suffix}" for name, value in asdict(figures).items())


def _ranking(analysis: Analysis) -> Iterator[dict[str, str]]:
    """A line a workload, the first to change first, and what all of it would free; nothing for one workload alone."""
    if len(analysis.ranked) < 2:
        return
    for number, item in enumerate(analysis.ranked[:SAID_WORKLOADS], start=1):
        change = f": a change {item.savings.words_without_source()}." if item.changes else "."
        yield {
            "name": f"{number}.",
            "text": " ".join(item.refusals) or f"{item.workload.words} is {item.verdict}{change}",
        }
    if len(analysis.ranked) > SAID_WORKLOADS:
        more = len(analysis.ranked) - SAID_WORKLOADS
        yield {"name": "…", "text": f"and {more} more; all of them are in the record."}
    refused = sum(bool(item.refusals) for item in analysis.ranked)
    yield {
        "name": "All",
        "text": f"{sum(item.changes for item in analysis.ranked)} changes together: {_total(analysis).words()};"
        f" {analysis.nodes['sentence']}. {refused} of {len(analysis.ranked)} workloads could not be judged.",
    }


def tables(analysis: Analysis) -> list[dict[str, Any]]:
    """The table of the record: one row a container."""
    rows = [
        [
            item.workload.words,
            container.container,
            item.verdict,
            _cell(container.use.cpu, 1, "m"),
            _cell(container.use.memory, MIB, "Mi"),
            _amounts(container.current.to_json()),
            _amounts(container.wanted.to_json()) if container.wanted else "–",
            f"{container.confidence:.0%}",
            f"{item.savings.cost.to_json()['per_month']:.2f}" if item.changes else "–",
        ]
        for item in analysis.ranked
        for container in item.containers
    ]
    currency = analysis.rules.prices.currency
    columns = [
        "workload",
        "container",
        "verdict",
        "CPU p50 / p95 / p99 / max",
        "memory p50 / p95 / p99 / max",
        "now",
        "recommended",
        "confidence",
        f"{currency} a month saved",
    ]
    return [{"title": "Usage and requests", "columns": columns, "rows": rows}]


def _cell(figures: Figures | None, unit: float, suffix: str) -> str:
    if figures is None:
        return "no figures"
    return " / ".join(f"{value / unit:.0f}" for value in asdict(figures).values()) + f" {suffix}"


def _amounts(resources: dict[str, dict[str, str]]) -> str:
    parts = [
        f"{room} {', '.join(f'{name} {amount}' for name, amount in amounts.items())}"
        for room, amounts in resources.items()
        if amounts
    ]
    return "; ".join(parts) or "nothing set"


def charts(analysis: Analysis) -> list[dict[str, Any]]:
    """A curve of CPU and one of memory a container, with requests and limits before and after."""
    found = []
    for item in analysis.ranked[:CHARTED_WORKLOADS]:
        for container in item.containers:
            name = f"{item.workload.words}, container {container.container}"
            if container.use.cpu_points:
                found.append(
                    {
                        "title": f"CPU of {name}",
                        "unit": "millicores",
                        "points": _points(container.use.cpu_points, 1),
                        "lines": list(_lines(container, "cpu", 1)),
                    }
                )
            if container.use.memory_points:
                found.append(
                    {
                        "title": f"Memory of {name}",
                        "unit": "MiB",
                        "points": _points(container.use.memory_points, MIB),
                        "lines": list(_lines(container, "memory", MIB)),
                    }
                )
    return found


def _points(points: Sequence[tuple[float, float]], unit: float) -> list[list[float]]:
    return [[round(moment), round(value / unit, 2)] for moment, value in points]


def _lines(container: Advice, resource: str, unit: float) -> Iterator[dict[str, Any]]:
    for when, amounts in (("now", container.current), ("then", container.wanted)):
        for room in ("request", "limit"):
            value = getattr(amounts, f"{resource}_{room}") if amounts else None
            if value is not None:
                yield {"name": f"{room} {when}", "value": round(value / unit, 2)}


def events(analysis: Analysis, report: dict[str, Any]) -> list[dict[str, Any]]:
    """What a journal shall hold: observed (with tables and curves), diagnosed, recommended (the first change)."""
    kept = ("target", "workload", "evidence", "unavailable", "containers", "workloads", "savings", "source", "prices")
    observed = {key: report[key] for key in kept}
    observed |= {"tables": tables(analysis), "charts": charts(analysis)}
    return [
        {"event": "observed", "body": observed},
        {"event": "diagnosed", "body": {"advisor": ADVISOR, **report["diagnosis"]}},
        {"event": "recommended", "body": {"advisor": ADVISOR, "recommendations": report["recommendations"][:1]}},
    ]


def nodes_sentence(before: int, after: Sequence[str]) -> str:
    """How many nodes could go with the change that could not without it."""
    more = max(0, len(after) - before)
    if not more:
        return "no node could go for it"
    return f"{more} node{'s' * (more > 1)} could go ({', '.join(after[-more:][:5])})"


def _time(moment: float) -> str:
    return rfc3339(datetime.fromtimestamp(moment, UTC))
