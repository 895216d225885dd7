# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules change_plan, change_apply, change_validate, change_observe and change_rollback return.

Each takes a client and a module's parameters and gives plain values; `aiops_events` is what the journal shall hold.
Refusals are `Refused`: a sentence, and the values that go with a failed task.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    applying,
    figures,
    load,
    monitoring,
    observing,
    plan_json,
    planning,
    tier_raises,
    validating,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import (
    ApplyFailed,
    NothingToChange,
    PlanInvalid,
    PreconditionChanged,
    RemedyError,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

Result = dict[str, Any]


class Refused(Exception):
    """A task that fails: its sentence and its other return values."""

    def __init__(self, message: str, result: Result) -> None:
        self.result = result
        super().__init__(message)


def exit_with(module: Any, call: Callable[[Client, Mapping[str, Any]], Result]) -> None:
    """Ends an Ansible module with what `call` returns for a client and its parameters; a refusal is its failure."""

    def run(client: Client) -> Result:
        try:
            return call(client, module.params)
        except Refused as refused:
            module.fail_json(msg=str(refused), **refused.result)
            raise

    run_and_exit(module, run)


def event(name: str, body: Any) -> Result:
    """One event for the journal."""
    return {"event": name, "body": body}


def settings_of(given: Mapping[str, Any] | None) -> Settings:
    """Settings from a module's option, absent ones as they are by default; a sentence for a wrong tier."""
    present = {name: value for name, value in (given or {}).items() if value is not None}
    floor = present.get("tier_floor") or {}
    for remedy, level in floor.items():
        if isinstance(level, bool) or str(level) not in ("1", "2", "3", "4"):
            raise RemedyError(f"settings.tier_floor.{remedy} must be a tier from 1 to 4, not {level!r}")
    if fault := tier_raises.fault_of(present.get("tier_raises") or []):
        raise RemedyError(fault)
    present["tier_floor"] = {remedy: int(level) for remedy, level in floor.items()}
    return Settings(**present)


def target_of(given: Mapping[str, Any], cluster: str) -> Target:
    """The target as pod_diagnosis_info names it; `api_version` may be left out for the kinds that remedies act on."""
    kind, name = str(given.get("kind") or ""), str(given.get("name") or "")
    if not kind or not name:
        raise RemedyError("target needs kind, namespace and name")
    api_version = str(given.get("api_version") or ("v1" if kind == "Pod" else "apps/v1"))
    namespace, uid = str(given.get("namespace") or "default"), str(given.get("uid") or "")
    return Target(cluster, api_version, kind, namespace, name, uid)


def planned(client: Client, given: Mapping[str, Any], clock: Clock = SYSTEM_CLOCK) -> Result:
    """The plan of a recommendation, or of the reversal of an earlier plan."""
    try:
        settings = settings_of(given.get("settings"))
        if given.get("reverse"):
            made = planning.reverse(client, plan_json.from_json(given["reverse"]), settings=settings, clock=clock)
        else:
            target = target_of(given["target"], client.cluster)
            made = planning.plan(client, given["recommendation"], target, settings=settings, clock=clock)
    except NothingToChange as nothing:
        text = str(nothing)
        return {"plan": None, "nothing_to_do": text, "aiops_events": [event("note", {"text": text})]}
    except RemedyError as refused:
        raise _refused(refused, {}) from refused
    document = plan_json.to_json(made)
    return {"plan": document, "nothing_to_do": "", "aiops_events": [event("planned", document)]}


def applied(client: Client, given: Mapping[str, Any], *, dry_run: bool, clock: Clock = SYSTEM_CLOCK) -> Result:
    """What was written. A refusal says by `rollback_needed` whether anything may have been written."""
    try:
        plan = plan_json.from_json(given["plan"])
        if not given["digest"]:
            raise PlanInvalid("digest is empty: it must be the digest that was approved")
        _refuse_late(given.get("expires_at") or "", clock)
        written = applying.apply(client, plan, approved_digest=given["digest"], dry_run=dry_run, clock=clock)
    except ApplyFailed as failed:
        raise _refused(failed, {"written": listed(failed.written), "rollback_needed": True}, "failed") from failed
    except RemedyError as refused:
        raise _refused(refused, {"written": [], "rollback_needed": False}) from refused
    except ClusterError as failed:
        values = {"written": [], "rollback_needed": failed.outcome_unknown, "status": failed.status}
        raise _refused(failed, values, "failed") from failed
    body = {"digest": plan.digest, "summary": plan.summary, "written": listed(written)}
    events = [] if dry_run else [event("applied", body)]
    return {"changed": True, "written": listed(written), "rollback_needed": not dry_run, "aiops_events": events}


def rolled_back(client: Client, given: Mapping[str, Any], *, dry_run: bool, clock: Clock = SYSTEM_CLOCK) -> Result:
    """What was restored; nothing where every field is what it was."""
    try:
        plan = plan_json.from_json(given["plan"])
        written = None if given.get("written") is None else [_written(item) for item in given["written"]]
        restored = applying.roll_back(client, plan, written, dry_run=dry_run, clock=clock)
    except (RemedyError, ClusterError) as failed:
        raise _refused(failed, {"restored": [], "steps": _steps(given)}, "failed") from failed
    body = {"digest": plan.digest, "restored": listed(restored), "steps": plan.rollback.steps, "result": "restored"}
    events = [] if dry_run else [event("rolled-back", body)]
    return {
        "changed": bool(restored),
        "restored": listed(restored),
        "steps": plan.rollback.steps,
        "aiops_events": events,
    }


def validated(client: Client, given: Mapping[str, Any], clock: Clock = SYSTEM_CLOCK) -> Result:
    """Whether the change holds; one that does not is `Refused`, so that the task fails."""
    try:
        plan = _valid_plan(given["plan"])
        before = observing.from_json(given["before"]) if given.get("before") else None
    except (RemedyError, ValueError) as wrong:
        raise _refused(wrong, {"valid": False}) from wrong
    plan = _with_durations(plan, given)
    progress: list[str] = []
    found = validating.validate(client, plan, before, on_progress=_each_once(progress), clock=clock)
    metrics = {"before": before.to_json() if before else None, "after": found.after.to_json() if found.after else None}
    body = {"valid": found.valid, "seen": found.seen, "checks": found.checks, "metrics": metrics}
    body["duration_seconds"] = found.duration_seconds
    recorded = {"ok": found.valid, "message": found.seen, **body}
    result: Result = {**body, "progress": progress, "aiops_events": [event("validated", recorded)]}
    if not found.valid:
        raise Refused(f"The change does not hold: {found.seen}", result)
    return result


def observed(client: Client, given: Mapping[str, Any], clock: Clock = SYSTEM_CLOCK) -> Result:
    """The figures of a workload now, and with a baseline whether they got worse. No answer is `unknown`, no failure."""
    try:
        plan = _valid_plan(given["plan"]) if given.get("plan") else None
        ref = plan.validation.workload if plan else target_of(given, client.cluster).ref
        baseline = observing.from_json(given["baseline"]) if given.get("baseline") else None
    except (RemedyError, ValueError) as wrong:
        raise _refused(wrong, {}) from wrong
    try:
        metrics = figures.take(client, plan, clock) if plan else observing.observe(client, ref, clock=clock)
    except ClusterError as failed:
        if baseline is None:
            raise
        gone = failed.reason == "NotFound"
        return _observation("regression" if gone else "unknown", str(failed), None, "")
    if baseline is None:
        return {"metrics": metrics.to_json(), "line": monitoring.line(metrics), "aiops_events": []}
    worse = monitoring.regression(baseline, metrics, float(given.get("unavailable_for_seconds") or 0))
    line = monitoring.line(metrics, baseline)
    unmet = load.unmet(metrics.load, metrics.ready, metrics.desired)
    return _observation("regression" if worse else "steady", worse or line, metrics.to_json(), line, unmet)


def _observation(outcome: str, seen: str, metrics: Result | None, line: str, unmet: Sequence[str] = ()) -> Result:
    body = {"outcome": outcome, "seen": seen, "metrics": metrics, "unmet": list(unmet)}
    return {
        **body,
        "line": line or seen,
        "regression": outcome == "regression",
        "aiops_events": [event("monitored", {"ok": outcome == "steady", "message": seen, **body})],
    }


def _valid_plan(document: Any) -> Plan:
    plan = plan_json.from_json(document)
    plan_json.verify_digest(plan)
    return plan


def _with_durations(plan: Plan, given: Mapping[str, Any]) -> Plan:
    names = ("within_seconds", "settle_seconds")
    chosen = {name: given[name] for name in names if given.get(name) is not None}
    return dataclasses.replace(plan, validation=dataclasses.replace(plan.validation, **chosen))


def _each_once(lines: list[str]) -> Any:
    def add(text: str) -> None:
        if not lines or lines[-1] != text:
            lines.append(text)

    return add


def _refuse_late(expires_at: str, clock: Clock) -> None:
    if not expires_at:
        return
    end = parse_rfc3339(expires_at)
    if end is None:
        raise PlanInvalid(f"expires_at must be a time such as 2026-11-20T12:00:00Z, not {expires_at!r}")
    if clock.now() > end:
        raise PlanInvalid(f"the approval ended at {expires_at}: nothing was written, ask again")


def _refused(error: Exception, values: Result, name: str = "refused") -> Refused:
    body: Result = {"reason": type(error).__name__, "message": str(error)}
    if isinstance(error, PreconditionChanged):
        body |= {"field": error.field, "planned": error.planned, "now": error.now}
    if "written" in values:
        body["written"] = values["written"]
    return Refused(str(error), {**values, "reason": body["reason"], "aiops_events": [event(name, body)]})


def listed(written: Sequence[applying.Written]) -> list[Result]:
    """Writes that were made, as plain values."""
    return [dataclasses.asdict(item) for item in written]


def _written(item: Any) -> applying.Written:
    try:
        return applying.Written(**{**item, "object": ObjectRef(**item["object"])})
    except (TypeError, KeyError):
        raise PlanInvalid("written is not what change_apply returned") from None


def _steps(given: Mapping[str, Any]) -> str:
    rollback = given["plan"].get("rollback") if isinstance(given["plan"], Mapping) else None
    return str(rollback.get("steps", "")) if isinstance(rollback, Mapping) else ""
