# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which plan of a record waits for a decision, what is missing, and for how long it still may wait (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval, approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status, times, view
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

# Decisions after which a plan still waits: nobody could be asked, too few approved, or an approval was never applied.
_OPEN = frozenset({"", "unavailable", "approved"})
_NOT_APPLIED = "it is approved, and was not applied"


@dataclass(frozen=True)
class Waiting:
    """A plan without its decision. `seconds_left` is negative for one whose time is over.

    `approved` are those whose approval counts, `missing` is a clause, `asked_now` who is asked at a terminal right now.
    """

    run_id: str
    target: str
    summary: str
    tier: int
    tier_name: str
    digest: str
    requesters: list[str]
    approved: list[dict[str, Any]]
    missing: str
    expires_at: str
    seconds_left: float
    asked_now: str


def waiting(events: Sequence[Event], now: datetime, settings: approvers.Settings) -> Waiting | None:
    """What waits in a record; None where nothing does, or where its expiry is in it already."""
    planned = next((item for item in reversed(events) if item.event == "planned"), None)
    if planned is None or not _is_open(planned.body, [item for item in events if item.seq > planned.seq]):
        return None
    plan, opened = planned.body, events[0].body
    level = approval.tier_level(plan)
    decided = [item.body for item in events if item.event == "decided"]
    last = decided[-1] if decided and decided[-1].get("digest") == plan["digest"] else {}
    ends = times.parse(last.get("expires_at")) if last.get("decision") == "approved" else None
    ends = ends or times.parse(plan.get("expires_at")) or now
    requesters = approval.requesters_of(opened, decided)
    earlier = approval.earlier_approvals(decided, str(plan["digest"]))
    found = approvers.counted(earlier, requesters, level, str(plan["digest"]), settings)
    target = plan.get("target")
    return Waiting(
        run_id=str(opened.get("run_id") or ""),
        target=view.target_text(target if isinstance(target, dict) else {}),
        summary=str(plan.get("summary") or ""),
        tier=level,
        tier_name=str(plan["tier"].get("name") or ""),
        digest=str(plan["digest"]),
        requesters=[_who(item) for item in requesters],
        approved=[{"by": _who(item), "role": item.get("role"), "at": item.get("at")} for item in found],
        missing=approvers.missing(found, level) or _NOT_APPLIED,
        expires_at=times.rfc3339(ends),
        seconds_left=(ends - now).total_seconds(),
        asked_now=_asked_now(events),
    )


def worst_first(found: Sequence[Waiting]) -> list[Waiting]:
    """The highest tier first, then what has the least time left."""
    return sorted(found, key=lambda item: (-item.tier, item.seconds_left))


def expiry(item: Waiting) -> dict[str, Any]:
    """The body of the event `expired`."""
    said = f"Nobody decided before {item.expires_at}, and silence is a rejection: {item.missing}."
    if item.missing == _NOT_APPLIED:
        said = f"It was approved, and not applied before {item.expires_at}: the approval is void."
    return {"status": "expired", "digest": item.digest, "expired_at": item.expires_at, "message": said}


def _is_open(plan: dict[str, Any], later: Sequence[Event]) -> bool:
    owner = plan.get("owner")
    if not (isinstance(owner, dict) and owner.get("writable") is True and isinstance(plan.get("digest"), str)):
        return False
    try:
        if approval.tier_level(plan) == 1:
            return False
    except ValueError:
        return False
    if any(item.event in ("applying", "expired") for item in later):
        return False
    # A signature or a digest that was refused leaves the plan waiting; an object that changed does not.
    if any(item.event == "refused" and item.body.get("reason") for item in later):
        return False
    decided = [item.body for item in later if item.event == "decided"]
    return str(decided[-1].get("decision") if decided else "") in _OPEN


def _asked_now(events: Sequence[Event]) -> str:
    if events[-1].event != "asked" or not status.is_running(events):
        return ""
    return str(events[-1].body.get("person") or "somebody")


def _who(someone: Any) -> str:
    name = str(someone.get("by") or someone.get("name") or "")
    return f"{name} ({someone['sudo_user']} by sudo)" if someone.get("sudo_user") else name
