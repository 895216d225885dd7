# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One container: what it used, what it requests, and what it should request (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import (
    ContainerUsage,
    Figures,
    Points,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import (
    format_bytes,
    format_millicores,
    millicores_or_none,
    whole_or_none,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing import limits, requests, trend
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.confidence import confidence, widened
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.history import NOTHING, History, folded
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.requests import Amount, Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.rounding import MIB

# A rollout for less is not worth it.
WORTH_PERCENT: Final = 10
# A container this near to its CPU limit is held back by it.
AT_LIMIT: Final = 0.95


@dataclass(frozen=True)
class Use:
    """A container folded over its workload's pods: each figure is the greatest of its pods'."""

    cpu: Figures | None
    memory: Figures | None
    samples: int
    pods: int
    copies: int
    cpu_points: Points = field(default_factory=list)
    memory_points: Points = field(default_factory=list)


@dataclass(frozen=True)
class Resources:
    """Millicores and bytes; None where nothing is set."""

    cpu_request: int | None
    memory_request: int | None
    cpu_limit: int | None
    memory_limit: int | None

    def to_json(self) -> dict[str, dict[str, str]]:
        """`{requests: {cpu: 200m, …}, limits: {…}}`, without what is not set."""
        return {
            "requests": _quantities(self.cpu_request, self.memory_request),
            "limits": _quantities(self.cpu_limit, self.memory_limit),
        }


@dataclass
class Advice:
    """What is said of one container. `wanted` is None where nothing can be recommended."""

    container: str
    use: Use
    history: History
    current: Resources
    wanted: Resources | None
    confidence: float
    arithmetic: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    upper: dict[str, float] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        """Whether anything should be other than it is."""
        return self.wanted is not None and self.wanted != self.current

    def to_json(self) -> dict[str, Any]:
        """One of `containers` of usage_analysis_info."""
        used = self.use
        return {
            "name": self.container,
            "cpu_millicores": _rounded(used.cpu, 1),
            "memory_bytes": _rounded(used.memory, 0),
            "current": self.current.to_json(),
            "recommended": self.wanted.to_json() if self.wanted else None,
            "confidence": self.confidence,
            "upper_bound": {name: round(value) for name, value in self.upper.items()},
            "samples": used.samples,
            "pods": used.pods,
            "history": self.history.to_json(),
            "arithmetic": self.arithmetic,
            "notes": self.notes,
        }


def fold(usages: Sequence[ContainerUsage]) -> Use:
    """The usage of one container over all pods of its workload."""
    return Use(
        _greatest([item.cpu for item in usages]),
        _greatest([item.memory for item in usages]),
        sum(item.samples for item in usages),
        len(usages),
        max((item.copies for item in usages), default=1),
        folded(item.cpu_points for item in usages),
        folded(item.memory_points for item in usages),
    )


def _greatest(found: Sequence[Figures | None]) -> Figures | None:
    known = [asdict(item) for item in found if item is not None]
    if not known:
        return None
    return Figures(**{name: max(item[name] for item in known) for name in known[0]})


def current_of(container: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> Resources:
    """What a container of a pod template requests and may have.

    A limit alone is requested too. What the template leaves open the newest of its pods tells: a limit range's default.
    """
    written, given = container.get("resources") or {}, _admitted(container["name"], pods)
    most = {**(given.get("limits") or {}), **(written.get("limits") or {})}
    asked = {**(given.get("requests") or {}), **(written.get("limits") or {}), **(written.get("requests") or {})}
    return Resources(
        millicores_or_none(asked.get("cpu")),
        whole_or_none(asked.get("memory")),
        millicores_or_none(most.get("cpu")),
        whole_or_none(most.get("memory")),
    )


def _admitted(name: str, pods: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The resources that the newest pod's container of this name was given."""
    newest = max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""), default=None)
    spec = newest["spec"] if newest else {}
    there = [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]
    return next((item.get("resources") or {} for item in there if item["name"] == name), {})


def advise(name: str, current: Resources, use: Use, history: History, policy: Policy, *, guaranteed: bool) -> Advice:
    """The advice for a container whose history is good enough; `wanted` is None without any figures."""
    advice = Advice(name, use, history, current, None, confidence(history.days, history.coverage))
    if use.cpu is None or use.memory is None:
        return advice
    cpu = requests.cpu_request(use.cpu, policy, covers_peak=guaranteed)
    memory = requests.memory_request(use.memory, policy)
    advice.arithmetic = [f"CPU request: {cpu.arithmetic}", f"memory request: {memory.arithmetic}"]
    advice.upper = {
        "cpu_millicores": widened(cpu.value, history.days),
        "memory_bytes": widened(memory.value, history.days),
    }
    cpu_value = _worth(current.cpu_request, cpu)
    memory_value = _not_leaking(advice, _worth(current.memory_request, memory))
    advice.wanted = Resources(
        cpu_value,
        memory_value,
        limits.cpu_limit(current.cpu_limit, current.cpu_request, cpu_value, policy, guaranteed=guaranteed),
        limits.memory_limit(
            current.memory_limit, current.memory_request, memory_value, use.memory.max, policy, guaranteed=guaranteed
        ),
    )
    advice.notes += _notes(advice, use.cpu, use.memory)
    return advice


def without_advice(name: str, current: Resources, use: Use | None, history: History) -> Advice:
    """The figures alone, where nothing is recommended."""
    nothing = Use(None, None, 0, 0, 1)
    sure = confidence(history.days, history.coverage)
    return Advice(name, use or nothing, history if use else NOTHING, current, None, sure)


def _worth(current: int | None, wanted: Amount) -> int:
    """The wanted amount, or the current one where that is enough and the difference is not worth a rollout."""
    if current is None or current < wanted.least or abs(wanted.value - current) * 100 > current * WORTH_PERCENT:
        return wanted.value
    return current


def _not_leaking(advice: Advice, wanted: int) -> int:
    """Memory that only ever grows is not lowered: today's amount is outgrown tomorrow."""
    growth = trend.growth_a_day(advice.use.memory_points)
    if not growth:
        return wanted
    advice.notes.append(
        f"Memory of container {advice.container} grows by {growth / MIB:.1f}Mi a day and never falls, as with a leak:"
        " its request is not lowered, and no request will be enough for long."
    )
    return max(wanted, advice.current.memory_request or 0)


def _notes(advice: Advice, cpu: Figures, memory: Figures) -> list[str]:
    name, current = advice.container, advice.current
    notes = []
    missing = [
        what for what, amount in (("CPU", current.cpu_request), ("memory", current.memory_request)) if amount is None
    ]
    if missing:
        notes.append(
            f"Container {name} has no {' and no '.join(missing)} request: what it is given now is left to chance."
        )
    if current.cpu_limit is not None and cpu.max >= current.cpu_limit * AT_LIMIT:
        notes.append(
            f"Container {name} ran into its CPU limit of {format_millicores(current.cpu_limit)}:"
            " what it would have used is cut off there."
        )
    if current.memory_request is not None and memory.max > current.memory_request:
        notes.append(
            f"Container {name} used up to {memory.max / MIB:.0f}Mi of memory, more than its request of"
            f" {format_bytes(current.memory_request)}: under pressure it is among the first to be evicted."
        )
    if advice.use.copies > 1:
        notes.append(
            f"Prometheus has container {name} {advice.use.copies} times, since it is scraped more than once:"
            " it is counted once."
        )
    return notes


def _quantities(cpu: int | None, memory: int | None) -> dict[str, str]:
    found = {}
    if cpu is not None:
        found["cpu"] = format_millicores(cpu)
    if memory is not None:
        found["memory"] = format_bytes(memory)
    return found


def _rounded(figures: Figures | None, digits: int) -> dict[str, float] | None:
    return {name: round(value, digits) for name, value in asdict(figures).items()} if figures else None
