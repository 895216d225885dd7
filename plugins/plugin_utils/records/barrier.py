# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must be in a journal before a plan may be applied (pure), and putting `applying` there in the same breath."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import requesters_of
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, Journal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import write_record

# Given an approval and the events: why it does not hold (any more), "" if it does.
Proof = Callable[[dict[str, Any], Sequence[Event]], str]


class NotCleared(RecordError):
    """The journal does not allow this plan to be applied now."""


def check(
    events: Sequence[Event],
    plan: dict[str, Any],
    now: datetime,
    settings: approvers.Settings,
    proofs: Mapping[str, Proof],
) -> dict[str, Any]:
    """The decision that clears this plan; raises `NotCleared` with what is missing.

    Tier 1 needs none ({}), but where somebody was asked all the same the answer counts. `proofs` has, by strength, what
    proves an approval again.
    """
    if fault := approvers.fault_of(settings):
        raise NotCleared(fault)
    digest = canonical.plan_digest(plan)
    if plan.get("digest") != digest:
        raise NotCleared(f"the plan was altered: its digest is {digest}, it says {plan.get('digest') or 'nothing'}")
    planned = [item for item in events if item.event == "planned"]
    if not planned or canonical.encode(planned[-1].body) != canonical.encode(plan):
        raise NotCleared(f"the plan {digest} is not the last one in the journal, so it was not recorded as it is now")
    later = [item for item in events if item.seq > planned[-1].seq]
    used = next((item for item in later if item.event == "applying"), None)
    if used:
        raise NotCleared(f"the plan {digest} was already applied at {used.time}: make a fresh plan")
    decided = [item for item in later if item.event == "decided"]
    if _level(plan) == 1 and not decided:
        return {}
    decision = _approval(decided, digest, now)
    level, requesters = _level(plan), requesters_of(events[0].body, [decision])
    approvals = [item for item in _listed(decision.get("approvals")) if isinstance(item, dict)]
    for item in approvals:
        proof = proofs.get(str(item.get("strength")))
        if proof and (reason := proof(item, events)):
            raise NotCleared(f"the approval of {item.get('by')} does not hold (any more): {reason}")
    found = approvers.counted(approvals, requesters, level, digest, settings)
    if lacking := approvers.missing(found, level):
        raise NotCleared(f"the approvals of the plan {digest} are not enough: {lacking}")
    return decision


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _level(plan: dict[str, Any]) -> int:
    tier = plan.get("tier")
    level = tier.get("level") if isinstance(tier, dict) else None
    if level not in (1, 2, 3, 4):
        raise NotCleared(f"the plan has no tier from 1 to 4 but {level!r}")
    return int(level)


def _approval(decided: list[Event], digest: str, now: datetime) -> dict[str, Any]:
    if not decided:
        raise NotCleared(f"no decision about the plan {digest} is in the journal")
    decision = decided[-1].body
    if decision.get("decision") != "approved":
        raise NotCleared(f"the plan {digest} is not approved: the last decision is {decision.get('decision')!r}")
    if decision.get("digest") != digest:
        raise NotCleared(f"the approval in the journal is for {decision.get('digest')}, not for {digest}")
    ends = times.parse(decision.get("expires_at"))
    if ends is None or now >= ends:
        raise NotCleared(f"the approval ended at {decision.get('expires_at') or 'an unknown time'}: ask again")
    return decision


def clear(
    opened: live.Open,
    plan: dict[str, Any],
    now: datetime,
    settings: approvers.Settings,
    proofs: Mapping[str, Proof],
    *,
    write: bool,
) -> dict[str, Any]:
    """Confirm that the plan and its approval are on disk and, with `write`, put `applying` there.

    Check and append happen under one lock, so of two runs only one gets through. Raises `RecordError`.
    """
    if trouble := live.problem():
        raise NotCleared(f"the record of this run is not complete: {trouble}")
    if not Path(opened.record).is_file():
        raise NotCleared(f"the record {opened.record} is not there")
    journal = Journal.open(opened.journal)
    try:
        with journal.locked() as events:
            _require_this_run(events, opened)
            decision = check(events, plan, now, settings, proofs)
            if write:
                body = {"digest": plan["digest"], "approved_by": decision.get("by"), "tier": _level(plan)}
                journal.append("applying", body)
        if write:
            write_record(journal.path, journal.events, "applying", opened.templates)
        return decision
    finally:
        journal.close()


def _require_this_run(events: Sequence[Event], opened: live.Open) -> None:
    """The journal is the one that this very process (or the one that forked it) opened and wrote."""
    if opened.head not in [item.hash for item in events]:
        raise NotCleared(f"the journal {opened.journal} was rewritten: it lacks what this run wrote")
    processes = [item.body.get("process") for item in events if item.event in ("opened", "resumed")]
    pids = {item.get("pid") for item in processes if isinstance(item, dict)}
    if not pids & {os.getpid(), os.getppid()}:
        raise NotCleared(f"the journal {opened.journal} was opened by another run: {live.NOT_ENABLED}")
