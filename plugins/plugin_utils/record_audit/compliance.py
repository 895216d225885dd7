# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether each change has what it has to have, and how it came out (pure). The list is docs/record-compliance.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import requesters_of
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.catalogue import Breach
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

# From this tier on a change has to have all of it.
FROM_TIER: Final = 2
_ENDS: Final = ("validated", "monitored", "verified", "rolled-back")
# An audit asks whether enough people approved; who may be one was the settings' word at that time.
_PEOPLE: Final = approvers.Settings(emergency="anyone")


@dataclass(frozen=True)
class Change:
    """One plan that began to be written: its events from the plan on, the last decision before the write, its breaches.

    `line` is that of `applying`; `outcome` is done, rolled back, held, not written, failed or unknown.
    """

    journal: str
    run_id: str
    line: int
    time: str
    tier: int
    summary: str
    plan: dict[str, Any]
    decision: dict[str, Any]
    outcome: str
    breaches: tuple[Breach, ...]

    @property
    def emergency(self) -> bool:
        """Whether one person alone approved it because of an emergency."""
        return self.decision.get("emergency") is True

    @property
    def judged(self) -> bool:
        """Whether its tier demands all of the list."""
        return self.tier >= FROM_TIER


def changes(journal: str, events: Sequence[Event]) -> list[Change]:
    """The changes of one intact journal, in their order."""
    plans = [place for place, event in enumerate(events) if event.event == "planned"]
    found = []
    for begin, end in zip(plans, [*plans[1:], len(events)], strict=False):
        of_plan = events[begin:end]
        applying = next((item for item in of_plan if item.event == "applying"), None)
        if applying is not None:
            found.append(_change(journal, events[0], of_plan, applying))
    return found


def not_written(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Tier and fate of each plan that was never begun: rejected, expired, aborted, refused or waiting."""
    plans = [place for place, event in enumerate(events) if event.event == "planned"]
    found = []
    for begin, end in zip(plans, [*plans[1:], len(events)], strict=False):
        of_plan = events[begin:end]
        if any(item.event == "applying" for item in of_plan):
            continue
        decided = [str(item.body.get("decision")) for item in of_plan if item.event == "decided"]
        refused = any(item.event == "refused" for item in of_plan)
        last = decided[-1] if decided else "unavailable"
        word = last if last in ("rejected", "expired", "aborted") else "refused" if refused else "waiting"
        found.append((_level(of_plan[0].body), word))
    return found


def _level(plan: dict[str, Any]) -> int:
    """The plan's tier; the highest where it says none."""
    tier = _map(plan.get("tier")).get("level")
    return tier if isinstance(tier, int) and not isinstance(tier, bool) else 4


def _change(journal: str, opened: Event, events: Sequence[Event], applying: Event) -> Change:
    plan = events[0].body
    decided = [item for item in events if item.event == "decided" and item.seq < applying.seq]
    after = [item for item in events if item.seq > applying.seq]
    level = _level(plan)
    decision = decided[-1].body if decided else {}
    outcome = _outcome(after)
    found: list[Breach] = []
    if level >= FROM_TIER:
        found += _decision(journal, opened, plan, decided, applying, level)
        found += _plan(journal, events[0])
        found += _after(journal, applying, after, outcome)
    return Change(
        journal,
        str(opened.body.get("run_id") or ""),
        applying.seq,
        applying.time,
        level,
        str(plan.get("summary") or ""),
        plan,
        decision,
        outcome,
        tuple(found),
    )


def _decision(
    journal: str, opened: Event, plan: dict[str, Any], decided: Sequence[Event], applying: Event, level: int
) -> Iterator[Breach]:
    if not decided:
        yield Breach("R401", journal, applying.seq, "it was written without any decision in the journal before it")
        return
    body, line = decided[-1].body, decided[-1].seq
    digest = str(plan.get("digest"))
    ends, began = times.parse(body.get("expires_at")), times.parse(applying.time)
    if body.get("decision") != "approved":
        yield Breach("R402", journal, line, f"the last decision before the write is {body.get('decision')!r}")
    elif body.get("digest") != digest:
        yield Breach("R402", journal, line, f"the approval is for {body.get('digest')}, and {digest} was written")
    elif ends is None or began is None or began >= ends:
        yield Breach("R402", journal, line, f"the approval ended at {body.get('expires_at')}, before the write")
    elif level >= approvers.CRITICAL and (lacking := _lacking(opened, body, level, digest)):
        yield Breach("R402", journal, line, lacking)
    if not str(body.get("justification") or "").strip():
        yield Breach("R403", journal, line, f"{body.get('by') or 'nobody'} gave no reason")


def _lacking(opened: Event, decision: dict[str, Any], level: int, digest: str) -> str:
    requesters = requesters_of(opened.body, [decision])
    given = decision.get("approvals")
    found = approvers.counted(given if isinstance(given, list) else [], requesters, level, digest, _PEOPLE)
    return approvers.missing(found, level)


def _plan(journal: str, planned: Event) -> Iterator[Breach]:
    rollback = _map(planned.body.get("rollback"))
    if not rollback.get("steps") and not rollback.get("writes"):
        yield Breach("R405", journal, planned.seq, "the plan does not say how it is reversed")


def _after(journal: str, applying: Event, after: Sequence[Event], outcome: str) -> Iterator[Breach]:
    if outcome == "not written":
        return
    if not any(item.event in _ENDS for item in after):
        yield Breach("R406", journal, applying.seq, "nothing after the write says whether it holds")
        return
    missing = [name for name in ("before", "after") if not _has_figures(after, name)]
    # What was taken back before anybody could look at it has no figures; the gate of a rollout has looked itself.
    taken_back = outcome == "rolled back" and not any(item.event in ("validated", "monitored") for item in after)
    gated = any(_map(item.body.get("gate")) for item in after)
    if missing and not taken_back and not gated:
        yield Breach("R404", journal, applying.seq, f"there are no figures {' and none '.join(missing)} the change")


def _has_figures(events: Sequence[Event], name: str) -> bool:
    return any(_map(_map(item.body.get("metrics")).get(name)) for item in events)


def _outcome(after: Sequence[Event]) -> str:
    last = next((item for item in reversed(after) if item.event in _ENDS), None)
    if last is None:
        return "failed" if any(item.event in ("failed", "refused") for item in after) else "unknown"
    said = last.body.get("status")
    if said == "aborted" or (said == "held"):
        return "held" if said == "held" else "not written"
    if last.event == "rolled-back":
        return "rolled back" if last.body.get("ok", True) is True else "failed"
    return "done" if last.body.get("ok") is True else "failed"


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
