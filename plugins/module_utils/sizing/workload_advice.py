# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One workload: its containers' advice, what stands against a change, what it saves (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.amounts import Cost, cost_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import Prices
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import ContainerUsage, Usage, Window
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_bytes, format_millicores
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import is_guaranteed
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import hints
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.advice import (
    Advice,
    Resources,
    Use,
    advise,
    current_of,
    fold,
    without_advice,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.confidence import GOOD_COVERAGE, LEAST_COVERAGE
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.history import (
    DAY_SECONDS,
    NOTHING,
    History,
    history_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.scope import Workload
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.stability import stability_of


@dataclass(frozen=True)
class Rules:
    """By what is judged: policy, days that a workload has to be stable and known for, prices, the moment."""

    policy: Policy
    needed_days: float
    prices: Prices
    now: datetime


@dataclass(frozen=True)
class Savings:
    """What a change frees over all replicas: millicores and bytes of requests (negative: takes), percent, money."""

    cpu_millicores: int
    memory_bytes: int
    cpu_percent: float | None
    memory_percent: float | None
    cost: Cost

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "cpu_millicores": self.cpu_millicores,
            "memory_bytes": self.memory_bytes,
            "cpu_percent": self.cpu_percent,
            "memory_percent": self.memory_percent,
            "cost": self.cost.to_json(),
        }

    def words(self) -> str:
        """`frees 1200m CPU (60%) and 2Gi memory (50%), worth 31.20 USD a month (…)`."""
        amounts = (
            (self.cpu_millicores, format_millicores(abs(self.cpu_millicores)), "CPU", self.cpu_percent),
            (self.memory_bytes, format_bytes(abs(self.memory_bytes)), "memory", self.memory_percent),
        )
        said: dict[str, list[str]] = {}
        for amount, written, what, percent in amounts:
            if amount:
                share = f" ({abs(percent):.0f}%)" if percent is not None else ""
                said.setdefault("frees" if amount > 0 else "takes", []).append(f"{written} {what}{share}")
        if not said:
            return "frees nothing"
        parts = [f"{verb} {' and '.join(items)}" for verb, items in said.items()]
        money = Cost(abs(self.cost.per_hour), self.cost.prices).words()
        return f"{' and '.join(parts)}, {'costs' if self.cost.per_hour < 0 else 'worth'} {money}"

    def words_without_source(self) -> str:
        """The same for a list, where the source of the prices is named once."""
        return self.words().removesuffix(f" ({self.cost.prices.source})")


@dataclass
class WorkloadAdvice:
    """`refusals` say why nothing is recommended, `notes` what has to be known."""

    workload: Workload
    containers: list[Advice]
    savings: Savings
    refusals: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether there is something to recommend."""
        return not self.refusals and any(item.changes for item in self.containers)

    @property
    def verdict(self) -> str:
        """unknown, under-provisioned (something has to be raised), over-provisioned or right-sized."""
        if self.refusals:
            return "unknown"
        if not self.changes:
            return "right-sized"
        return "under-provisioned" if any(_raised(item) for item in self.containers) else "over-provisioned"

    @property
    def confidence(self) -> float:
        """That of the container of which least is known."""
        return min((item.confidence for item in self.containers), default=0.0)


def _raised(advice: Advice) -> bool:
    if advice.wanted is None:
        return False
    pairs = (
        (advice.current.cpu_request, advice.wanted.cpu_request),
        (advice.current.memory_request, advice.wanted.memory_request),
    )
    return any(wanted is not None and (now is None or wanted > now) for now, wanted in pairs)


def advise_workload(
    workload: Workload, found: Mapping[str, Sequence[ContainerUsage]], usage: Usage, rules: Rules
) -> WorkloadAdvice:
    """The advice for a workload of which `found` holds the usage by container."""
    spec = workload.document["spec"]["template"]["spec"]
    sized = [*(spec.get("containers") or [])]
    sized += [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    uses = {item["name"]: fold(found[item["name"]]) for item in sized if found.get(item["name"])}
    histories = {name: _history(use, usage.window) for name, use in uses.items()}
    refusals = list(_impossible(workload, found, usage.source)) or [
        *_half_known(workload, uses, usage.source),
        *_refusals(workload, sized, histories, usage, rules),
    ]
    guaranteed = is_guaranteed(workload.document)
    containers = [
        without_advice(name, current, uses.get(name), histories.get(name, NOTHING))
        if refusals
        else advise(name, current, uses[name], histories[name], rules.policy, guaranteed=guaranteed)
        for name, current in ((item["name"], current_of(item, workload.pods)) for item in sized)
    ]
    notes = [*_notes(workload, sized, histories, guaranteed), *(note for item in containers for note in item.notes)]
    return WorkloadAdvice(workload, containers, _savings(containers, workload.replicas, rules.prices), refusals, notes)


def _history(use: Use, window: Window) -> History:
    """Of CPU or of memory, whichever less is known of."""
    found = [history_of(points, window) for points in (use.cpu_points, use.memory_points) if points]
    return min(found, key=lambda item: item.days * item.coverage, default=NOTHING)


def _impossible(workload: Workload, found: Mapping[str, Sequence[ContainerUsage]], source: str) -> Iterator[str]:
    """A source that says what cannot be is not believed in anything else about it either."""
    for name, usages in found.items():
        if wrong := next((item.impossible for item in usages if item.impossible), ""):
            yield f"{source} says that container {name} of {workload.words} used {wrong}, which no container can."


def _half_known(workload: Workload, uses: Mapping[str, Use], source: str) -> Iterator[str]:
    for name, use in uses.items():
        known = bool(use.cpu_points or use.memory_points)
        for what, figures in (("CPU", use.cpu), ("memory", use.memory)):
            if known and figures is None:
                yield f"No {what} metrics of container {name} of {workload.words}: {source} has none."
        # What runs has memory: a peak of nothing was not measured.
        if known and use.memory is not None and use.memory.max <= 0:
            yield f"No memory metrics of container {name} of {workload.words}: {source} has nothing but zeros."


def _refusals(
    workload: Workload, sized: list[dict[str, Any]], histories: Mapping[str, History], usage: Usage, rules: Rules
) -> Iterator[str]:
    words, in_charge = hints.vertical(workload.vertical)
    if in_charge:
        yield words
    if workload.replicas == 0:
        yield f"{workload.words} has no pods (0 replicas): there is nothing to size."
        return
    days = usage.window.seconds / DAY_SECONDS
    missing = [item["name"] for item in sized if item["name"] not in histories]
    if missing:
        yield (
            f"No metrics at all of container {', '.join(missing)} of {workload.words}:"
            f" {usage.source} has none in the last {days:.1f} days."
        )
    shortest = min(histories.values(), key=lambda item: item.days, default=None)
    if shortest is not None and shortest.days < rules.needed_days:
        enough = rfc3339(rules.now + timedelta(days=rules.needed_days - shortest.days))
        yield (
            f"Too little history of {workload.words}: {usage.source} has {shortest.days:.1f} days,"
            f" {rules.needed_days:g} are needed; there will be enough at {enough}."
        )
    thinnest = min(histories.values(), key=lambda item: item.coverage, default=None)
    if thinnest is not None and thinnest.coverage < LEAST_COVERAGE:
        yield (
            f"Figures of {workload.words} are missing for {1 - thinnest.coverage:.0%} of the time"
            f" ({_gap(thinnest)}): what it used then is not known."
        )
    stability = stability_of(workload, rules.now, rules.needed_days)
    if stability.breaks:
        yield f"{workload.words} has not been stable for {rules.needed_days:g} days: {'; '.join(stability.breaks[:3])}."


def _notes(
    workload: Workload, sized: list[dict[str, Any]], histories: Mapping[str, History], guaranteed: bool
) -> Iterator[str]:
    words, in_charge = hints.vertical(workload.vertical)
    if words and not in_charge:
        yield words
    if at_maximum := hints.horizontal(workload.autoscaler):
        yield at_maximum
    for name, history in histories.items():
        if LEAST_COVERAGE <= history.coverage < GOOD_COVERAGE:
            missing = f"{1 - history.coverage:.0%} of the time ({_gap(history)})"
            yield f"Figures of container {name} are missing for {missing}."
    if guaranteed:
        yield "The pod is of QoS class Guaranteed: requests equal limits, so CPU is sized over its peak as well."
    yield from hints.of_pod(workload.document["spec"]["template"]["spec"])
    for item in sized:
        yield from hints.of_container(item)


def _gap(history: History) -> str:
    if not history.gaps:
        return "in single moments"
    start, end = max(history.gaps, key=lambda gap: gap[1] - gap[0])
    hours, since = (end - start) / 3600, rfc3339(datetime.fromtimestamp(start, UTC))
    return f"{len(history.gaps)} gap{'s' * (len(history.gaps) > 1)}, the longest of {hours:.0f} hours from {since}"


def _savings(containers: Sequence[Advice], replicas: int, prices: Prices) -> Savings:
    """What the wanted requests are below the current ones, over all replicas."""
    changed = [(item.current, item.wanted) for item in containers if item.wanted is not None]
    freed = [_freed(*pair) for pair in changed]
    cpu, memory = (sum(item[index] for item in freed) * replicas for index in (0, 1))
    totals = [
        sum(getattr(item.current, name) or 0 for item in containers) * replicas
        for name in ("cpu_request", "memory_request")
    ]
    return Savings(cpu, memory, _percent(cpu, totals[0]), _percent(memory, totals[1]), cost_of(cpu, memory, prices))


def _freed(current: Resources, wanted: Resources) -> tuple[int, int]:
    return (
        (current.cpu_request or 0) - (wanted.cpu_request or 0),
        (current.memory_request or 0) - (wanted.memory_request or 0),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(part / whole * 100, 1) if whole else None
