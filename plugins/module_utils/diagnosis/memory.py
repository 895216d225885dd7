# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much memory a container needs, from what was measured; and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import last_words, search
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.phrases import WANTED_MEMORY
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.steps import memory_step
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.readable import show_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import number_or_none, whole_or_none

# Over a measured need, as sizing from history does; over a bare lower bound a step wide enough to learn something.
HEADROOM = 1.3
STEP_OVER_LIMIT = 1.5
# A runtime needs about a quarter of its heap again for stacks, code and buffers.
OUTSIDE_HEAP = 1.25


@dataclass(frozen=True)
class Need:
    """`bytes_`, and `bound`, which says what of the true need that is: measured, upper (at most), lower (more than)."""

    bytes_: int
    measured_by: str
    bound: str
    evidence: str = ""


def memory_need(facts: Facts, container: Container) -> Need:
    """The surest of: the limit of the compared revision, pods that run with more, heap, log, the limit itself."""
    limit = container.limits.memory_bytes or 0
    for measure in (_of_former_limit, _of_roomier_pods, _of_heap, _of_log):
        need = measure(facts, container, limit)
        if need is not None and need.bytes_ > limit:
            return need
    used = container.usage.memory_bytes if container.usage else 0
    basis = f"it was killed at its limit of {show_bytes(limit)}, so it needs more; how much more is not known"
    if used:
        basis += f" (the instance that runs now uses {show_bytes(used)})"
    return Need(max(limit, used), basis, "lower", container.usage.id if container.usage else "")


def _of_roomier_pods(facts: Facts, container: Container, limit: int) -> Need | None:
    """What pods of the same workload use that have a higher limit."""
    used = [
        (pod.usage[container.name].memory_bytes, pod.name)
        for pod in facts.pods
        if container.name in pod.usage and pod.memory_limits.get(container.name, 0) > limit
    ]
    if not used:
        return None
    most, name = max(used)
    return Need(most, f"pod {name} runs with a higher limit and uses {show_bytes(most)}", "measured")


def _of_former_limit(facts: Facts, container: Container, limit: int) -> Need | None:
    workload = facts.workload
    path = f"ontainers[{container.name}].resources.limits.memory"
    change = next((c for c in workload.changes if c.path.endswith(path)), None) if workload else None
    former = whole_or_none(change.before) if change and number_or_none(change.before) else None
    if workload is None or change is None or former is None:
        return None
    basis = f"revision {workload.compared_revision} ran with a limit of {change.before}"
    # A pod that started a moment ago has not yet used its most, so its use alone would propose too little.
    seen = _of_roomier_pods(facts, container, limit)
    if seen is None:
        return Need(former, f"{basis}; what it used then is not known", "upper", change.id)
    if seen.bytes_ * HEADROOM > former:
        return seen
    return Need(former, f"{basis}, which holds; {seen.measured_by} now", "upper", change.id)


def _of_heap(facts: Facts, container: Container, limit: int) -> Need | None:
    if not container.heap_bytes:
        return None
    basis = (
        f"{container.heap_setting} lets its heap grow to {show_bytes(container.heap_bytes)}, plus a quarter "
        "outside the heap"
    )
    return Need(int(container.heap_bytes * OUTSIDE_HEAP), basis, "measured", container.id)


def _of_log(facts: Facts, container: Container, limit: int) -> Need | None:
    told = search(last_words(facts, container), [WANTED_MEMORY])
    if told is None:
        return None
    line, match = told
    unit = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}[match["unit"][0].lower()]
    wanted = int(float(match["figure"]) * unit)
    return Need(limit + wanted, f"its log says that it wanted {show_bytes(wanted)} more", "measured", line.id)


def proposed_limit(need: Need, limit: int) -> str:
    """A limit as people write it: the measured need plus headroom; a former limit as it was; else one step up."""
    factor = {"measured": HEADROOM, "upper": 1.0, "lower": STEP_OVER_LIMIT}[need.bound]
    return memory_step(int(need.bytes_ * factor))
