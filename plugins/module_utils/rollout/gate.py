# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate: watches the first new pods, and releases the rollout, or pauses it. What it decides is `rule.py`'s.

Two things wake it: a change that the API server tells (a crash, lost readiness, a deletion: at once), and the figures
that are taken every 2 s. Its writes are the steps of the approved plan and no others. If it dies, the controller goes
on holding.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import stepping, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming, counting, signs
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.outcome import Figures, Outcome
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Look, decide
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.settings import GateSettings, from_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.sources import source_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.taking import Taking
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.watching import Observed

WRITE_WITHIN_SECONDS: Final = 120.0
KEPT_LINES: Final = 200
LOG_LINES: Final = 20
LOG_BYTES: Final = 16384
Say = Callable[[str], None]


class _Ended(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def run(client: Client, plan: Plan, say: Say, *, clock: Clock = SYSTEM_CLOCK) -> Outcome:
    """Gate the rollout of an applied plan to its end. `say` gets a line for each look.

    Raises `RemedyError` or `ClusterError` only before anything was started.
    """
    settings = from_json(plan.parameters.get("gate") or {})
    workload = workloads.read(client, plan.target.ref)
    return _Gate(client, plan, settings, Observed(client, workload, clock), say, clock).run()


class _Gate:
    def __init__(
        self, client: Client, plan: Plan, settings: GateSettings, observed: Observed, say: Say, clock: Clock
    ) -> None:
        self._client, self._plan, self._settings = client, plan, settings
        self._observed, self._say, self._clock = observed, say, clock
        self._taking = Taking(observed, source_of(client, settings, clock), settings, clock)
        self._history = signs.History()
        self._all_ready_since: float | None = None
        self._template = ""
        self._first = 0
        self._progress = (0, 0.0)
        self._phase = "watching"
        self._shown = -1
        self._lines: list[str] = []

    def run(self) -> Outcome:
        self._observed.start()
        stopped = threading.Event()
        try:
            self._begin()
            self._taking.start(stopped)
            figures = self._watch(self._judge_first, Deadline(float("inf"), self._clock))
            self._step("release")
            self._phase = "releasing"
            self._tell(f"{self._at()}  released: {figures.verdict.why}")
            within = Deadline.after(self._settings.complete_within_seconds, self._clock)
            figures = self._watch(self._judge_rest, within)
            self._step("disarm")
            return self._outcome("passed", f"every pod is new; {self._final_words(figures)}", figures)
        except _Ended as ended:
            return ended.outcome
        finally:
            stopped.set()
            self._observed.stop()

    def _begin(self) -> None:
        """Wait until the template is changed (by Helm, or by whoever starts it), then let the first pods come."""
        gate = arming.gate_of(self._observed.workload)
        if not gate:
            raise RemedyError(f"{workloads.words(self._plan.target.ref)} is not gated: the plan was not applied")
        # Not as set: a workload of fewer pods is held at fewer, also where it gets more of them meanwhile.
        self._first = gate["first"]
        change = self._plan.parameters.get("change")
        if change in ("helm", "guard"):
            waits = self._settings.guard_seconds if change == "guard" else 15.0
            if not self._changed_within(gate["template"], Deadline.after(waits, self._clock)):
                self._step("disarm")
                why = "no rollout was started" if change == "guard" else "the upgrade changed no pod template"
                raise _Ended(Outcome("unchanged", f"{why}, and the strategy is what it was", lines=self._lines))
            self._step("start")
        self._template = arming.template_digest(self._observed.refreshed())
        self._progress = (0, self._clock.monotonic())

    def _changed_within(self, template: str, deadline: Deadline) -> bool:
        if self._plan.parameters.get("change") == "guard":
            self._tell(f"{self._at()}  waiting for the next rollout; until then none begins")
        with self._observed.changed:
            while arming.template_digest(self._observed.workload) == template:
                self._refuse_gone()
                if deadline.expired:
                    return False
                self._observed.changed.wait(min(1.0, deadline.remaining() + 0.01))
        return True

    def _watch(self, judge: Callable[[Figures], bool], deadline: Deadline) -> Figures:
        """Look whenever something changed, until the judge is content; a halt raises `_Ended`."""
        while True:
            with self._observed.changed:
                figures, trouble_in = self._look()
            if figures.verdict.kind == "halt":
                raise _Ended(self._halted("halted", figures.verdict.why, figures, trouble_in))
            self._show(figures)
            if judge(figures):
                return figures
            if deadline.expired:
                why = f"it was not complete within {self._settings.complete_within_seconds:g} s"
                raise _Ended(self._halted("inconclusive", why, figures, ""))
            with self._observed.changed:
                self._observed.changed.wait(0.5)

    def _judge_first(self, figures: Figures) -> bool:
        if figures.verdict.kind == "inconclusive":
            raise _Ended(self._halted("inconclusive", figures.verdict.why, figures, ""))
        return figures.verdict.kind == "healthy"

    def _judge_rest(self, figures: Figures) -> bool:
        workload = self._observed.workload
        available = (workload.get("status") or {}).get("availableReplicas", 0) >= workloads.desired_replicas(workload)
        return arming.finished(workload) and bool(available) and not self._observed.blind

    def _look(self) -> tuple[Figures, str]:
        """What there is to see now, judged; and the name of the pod in trouble, or whose figures are the worst."""
        self._refuse_gone()
        now, workload = self._clock.monotonic(), self._observed.workload
        new, old = self._observed.split()
        new = [pod for pod in new if not pod["metadata"].get("deletionTimestamp")]
        self._history.note(new, now)
        rule = self._settings.rule
        found, pod = signs.trouble(new, self._history, now, rule.ready_within_seconds)
        found = found or self._interference()
        ready = sum(workloads.is_ready(item) for item in new)
        expected = max(min(self._first, workloads.desired_replicas(workload)), len(new))
        found = found or self._stuck(len(new) + ready, ready, expected, now)
        counted_new, counted_old = self._taking.totals(new, old)
        latency = counting.percentile(counted_new.buckets, rule.latency_percentile)
        look = Look(
            requests=int(counted_new.requests),
            errors=int(counted_new.errors),
            seconds=self._seconds_ready(ready, expected, now),
            ready=ready,
            expected=expected,
            latency=latency,
            trouble=found,
            unknown=self._observed.blind or self._taking.unknown(new),
        )
        verdict = decide(look, rule)
        if verdict.kind == "halt" and not found:
            pod = self._taking.worst(new)
        return Figures(ready, len(new), counted_new, counted_old, latency, verdict, self._phase), pod

    def _seconds_ready(self, ready: int, expected: int, now: float) -> float:
        # What was not seen does not count: after a gap the time begins anew.
        if ready < expected or self._observed.blind:
            self._all_ready_since = None
            return 0.0
        if self._all_ready_since is None:
            self._all_ready_since = now
        return max(now - self._all_ready_since, 0.001)

    def _stuck(self, made: int, ready: int, expected: int, now: float) -> str:
        """Why the first pods do not come, where nothing has moved for as long as a pod may take; or empty."""
        if made != self._progress[0] or self._observed.blind or ready >= expected:
            self._progress = (made, now)
        waited = now - self._progress[1]
        if waited < self._settings.rule.ready_within_seconds:
            return ""
        status = self._observed.workload.get("status") or {}
        reasons = [item for item in status.get("conditions") or [] if item["type"] == "ReplicaFailure"]
        why = f": {reasons[0].get('message', '')[:200]}" if reasons else ""
        return f"{ready} of {expected} new pods are ready, and nothing has moved for {waited:.0f} s{why}"

    def _interference(self) -> str:
        """What somebody else did to the workload meanwhile, in one sentence, or empty."""
        workload = self._observed.workload
        if arming.template_digest(workload) != self._template:
            return "another rollout was started meanwhile: the pod template is not the one that is watched"
        if workload["spec"].get("paused"):
            return "somebody else paused the rollout meanwhile"
        try:
            if self._phase == "watching" and not arming.is_armed(workload):
                return "somebody changed the rollout strategy meanwhile, so it would not hold"
        except RemedyError as altered:
            return str(altered)
        return ""

    def _refuse_gone(self) -> None:
        if self._observed.gone:
            why = f"{self._observed.gone} while its rollout was watched"
            raise _Ended(Outcome("gone", why, lines=self._lines, query=self._taking.query))

    def _halted(self, outcome: str, why: str, figures: Figures, pod: str) -> Outcome:
        detected = self._clock.now()
        paused, failure = True, ""
        try:
            self._step("pause")
        except (ClusterError, RemedyError) as failed:
            paused, failure = False, f"; it could not be paused ({failed}), the controller holds it all the same"
        at = _precise(self._clock.now()) if paused else ""
        self._show(figures)
        made = self._outcome(outcome, why + failure, figures, pod)
        return dataclasses.replace(
            made, paused=paused, detected_at=_precise(detected), paused_at=at, pod_logs=self._logs(pod)
        )

    def _logs(self, name: str) -> list[str]:
        """The last lines of the pod in trouble, or of the first new one: what it said before it was halted."""
        with self._observed.changed:
            new, _old = self._observed.split()
        chosen = [pod for pod in new if pod["metadata"]["name"] == name] or new
        if not chosen:
            return []
        metadata, container = chosen[0]["metadata"], chosen[0]["spec"]["containers"][0]["name"]
        for previous in (True, False):
            try:
                text = self._client.logs(
                    metadata["namespace"],
                    metadata["name"],
                    container,
                    previous=previous,
                    tail_lines=LOG_LINES,
                    limit_bytes=LOG_BYTES,
                )
            except ClusterError:
                continue
            return [f"{metadata['name']}: {line.decode(errors='replace')[:300]}" for line in text.splitlines()]
        return []

    def _outcome(self, outcome: str, why: str, figures: Figures, pod: str = "") -> Outcome:
        return Outcome(
            outcome,
            why,
            pod=pod,
            query=self._taking.query,
            figures=figures.to_json(),
            error_samples=self._taking.error_samples(),
            lines=self._lines,
        )

    def _step(self, name: str) -> None:
        """Make a step of the plan; a server that is away is asked again for two minutes."""
        deadline = Deadline.after(WRITE_WITHIN_SECONDS, self._clock)
        while True:
            try:
                stepping.step(self._client, self._plan, name, clock=self._clock)
                return
            except ClusterError as failed:
                if deadline.expired or failed.reason in ("Forbidden", "NotFound", "Unauthorized", "Invalid"):
                    raise
                self._tell(f"{self._at()}  {name}: no answer yet ({failed})")
                self._clock.sleep(1.0)

    def _final_words(self, figures: Figures) -> str:
        counted = figures.to_json()
        return f"{counted['errors']} of {counted['requests']} requests to them failed"

    def _show(self, figures: Figures) -> None:
        """One line for each taking of figures, and for what ends it."""
        if figures.verdict.kind in ("watch", "healthy") and self._shown == self._taking.number:
            return
        self._shown = self._taking.number
        line = figures.line(self._at())
        unknown = figures.verdict.why if figures.verdict.kind != "healthy" else ""
        self._tell(f"{line}: {unknown}" if unknown else line)

    def _tell(self, line: str) -> None:
        self._lines = [*self._lines, line][-KEPT_LINES:]
        self._say(line)

    def _at(self) -> str:
        return f"{self._clock.now():%H:%M:%S}"


def _precise(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
