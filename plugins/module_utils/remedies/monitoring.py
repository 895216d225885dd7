# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a change that held goes on to hold. No data is not good news: a silent cluster ends as unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import observing
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.load import words, worse
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.observing import Metrics
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan

LOOK_EVERY_SECONDS: Final = 10.0
# Fewer pods than desired is ordinary while an autoscaler or a node drain moves them; not for this long.
UNAVAILABLE_FOR_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Monitoring:
    """`outcome` is steady, regression or unknown; `seen` is what decided it; `looks` how often the cluster answered."""

    outcome: str
    seen: str
    looks: int
    unanswered: int
    duration_seconds: float
    last: Metrics | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def monitor(
    client: Client,
    plan: Plan,
    baseline: Metrics,
    deadline: Deadline,
    on_progress: Callable[[str], None] = lambda _text: None,
    *,
    every_seconds: float = LOOK_EVERY_SECONDS,
    clock: Clock = SYSTEM_CLOCK,
) -> Monitoring:
    """Look until the deadline; a regression ends it at once. An interrupt passes through: nothing is left half done."""
    started, short_since, looks, unanswered = clock.monotonic(), None, 0, 0
    last: Metrics | None = None
    missed = ""
    while True:
        try:
            last = observing.observe(client, plan.validation.workload, clock=clock)
            looks, missed = looks + 1, ""
            on_progress(line(last))
        except NotFound as gone:
            return _ended("regression", f"the workload is gone: {gone}", looks, unanswered, started, last, clock)
        except ClusterError as failed:
            unanswered, missed = unanswered + 1, str(failed)
            on_progress(f"no answer: {failed}")
        if last is not None and not missed:
            short = last.available < min(last.desired, baseline.desired)
            short_since = (short_since if short_since is not None else clock.monotonic()) if short else None
            short_for = clock.monotonic() - short_since if short_since is not None else 0.0
            found = regression(baseline, last, short_for)
            if found:
                return _ended("regression", found, looks, unanswered, started, last, clock)
        if deadline.expired:
            break
        clock.sleep(min(every_seconds, deadline.remaining() + 0.01))
    if last is None or missed:
        return _ended("unknown", f"the cluster did not answer: {missed}", looks, unanswered, started, last, clock)
    return _ended("steady", line(last), looks, unanswered, started, last, clock)


def _ended(
    outcome: str, seen: str, looks: int, unanswered: int, started: float, last: Metrics | None, clock: Clock
) -> Monitoring:
    return Monitoring(outcome, seen, looks, unanswered, round(clock.monotonic() - started, 1), last)


def regression(baseline: Metrics, now: Metrics, unavailable_for_seconds: float = UNAVAILABLE_FOR_SECONDS) -> str:
    """What got worse since the baseline, in one sentence, or empty. Pure.

    A container in an error state; a restart over the baseline's; more failed requests than the bound of a scaling; or
    too few available pods for a minute
    (`unavailable_for_seconds`: how long that has been so already).
    """
    known = {(state.uid, state.container): state.restarts for state in baseline.containers}
    for state in now.containers:
        where = f"container {state.container} of pod {state.pod}"
        if state.trouble:
            return f"{where} is in {state.trouble}"
        before = known.get((state.uid, state.container), 0)
        if state.restarts > before:
            return f"{where} restarted ({state.restarts} times, {before} before): {state.last_end or 'no reason known'}"
    if errors := worse(baseline.load, now.load):
        return errors
    short = now.available < min(now.desired, baseline.desired)
    if short and unavailable_for_seconds >= UNAVAILABLE_FOR_SECONDS:
        return f"{now.available} of {now.desired} pods available for {round(unavailable_for_seconds)} s"
    return ""


def line(metrics: Metrics, baseline: Metrics | None = None) -> str:
    """One line for a person who watches; errors are counted from the baseline on."""
    cpu = "unknown" if metrics.cpu_millicores is None else f"{metrics.cpu_millicores}m"
    memory = "unknown" if metrics.memory_bytes is None else f"{metrics.memory_bytes / 1024**2:.0f}Mi"
    common = f"{metrics.ready} of {metrics.desired} ready, {metrics.restarts} restarts, CPU {cpu}, memory {memory}"
    return f"{common}, {words(metrics.load, baseline.load if baseline else None)}" if metrics.load else common
