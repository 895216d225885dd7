# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan as a person sees it before deciding: plain lines for 80 columns, no control characters (pure)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import Decision
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown, view
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.pending import Waiting
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import statement

WIDTH = 78
_DIFF_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def lines(plan: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The lines of a plan, each with the colour that helps (or None); without colour nothing is lost."""
    target = plan.get("target")
    yield from field("Target", view.target_text(target if isinstance(target, dict) else {}))
    yield from change(plan)


def change(plan: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The same without the target, for a screen that has named it."""
    tier = plan["tier"]
    yield from field("Change", plan.get("summary"))
    yield "", None
    for line in markdown.readable(redact(str(plan.get("diff") or "no difference"))).splitlines():
        yield "  " + line, _DIFF_COLOURS.get(line[:1])
    yield "", None
    yield from field("Tier", f"{tier.get('level')} ({tier.get('name')}): {tier.get('why')}")
    if plan.get("advisor") not in (None, "", "rules"):
        yield from field("Advised", f"by {plan['advisor']}, an AI. The rules do not propose it.", "bright purple")
    yield from field("Expected", plan.get("expected_outcome"))
    yield from field("Reverse", _reverse(plan.get("rollback")))
    yield from _owner(plan.get("owner"))
    for warning in plan.get("warnings") or []:
        yield from field("Warning", warning, "bright purple")
    # To be copied whole, so it is not broken; it fits 80 columns.
    yield f"Digest {plan.get('digest')}", None


def field(name: str, text: Any, colour: str | None = None) -> Iterator[tuple[str, str | None]]:
    """A named value, redacted and folded."""
    value = redact(markdown.one_line(text, 2000)) or "–"
    wrapped = textwrap.wrap(value, WIDTH - 10, break_on_hyphens=False) or ["–"]
    for number, line in enumerate(wrapped):
        yield f"{name if number == 0 else '':<10}{line}", colour


def _reverse(rollback: Any) -> str:
    if not isinstance(rollback, dict):
        return "no rollback was planned"
    if rollback.get("automatic"):
        return f"automatic, within {rollback.get('within_seconds')} s. {rollback.get('steps') or ''}".strip()
    return f"by hand. {rollback.get('steps') or ''}".strip()


def _owner(owner: Any) -> Iterator[tuple[str, str | None]]:
    if isinstance(owner, dict) and owner.get("kind") not in (None, "", "none"):
        yield from field("Owner", f"{owner.get('kind')} {owner.get('name')}. {owner.get('note') or ''}")


def time_left(seconds: float) -> str:
    """`29 min 50 s`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def how_to_decide(decision: Decision, record: str, may_sign: bool) -> list[str]:
    """What is missing, who has approved, and the exact commands for whoever decides later."""
    said = [f"Not decided: {decision.missing}."] if decision.missing else ["Nobody decided in time."]
    said += [f"Approved by {item.get('by')} ({item.get('role')}) at {item.get('at')}." for item in decision.approvals]
    approve = f"  ansible-playbook playbooks/approve.yml -e record={record}"
    lines = [
        *said,
        "Nothing was changed. To decide, at a terminal:",
        approve,
        "or with the digest as printed with the plan:",
    ]
    lines += [f"{approve} \\", f"    -e decision=approved -e digest={decision.digest} \\"]
    lines += ["    -e justification='why this change is right'"]
    if may_sign and decision.decision != "expired":
        lines += [
            "or signed, wherever your key is (put your reason after why:):",
            *statement.command(decision.digest, record),
        ]
        lines += ["and handed in here:", f"{approve} -e signature=decision.signed"]
    return lines


def pending(
    found: Sequence[Waiting], expired: Sequence[str], unreadable: Sequence[str], folder: str
) -> Iterator[tuple[str, str | None]]:
    """What waits, each with what is missing and how to decide; what expired; what cannot be read."""
    yield f"{len(found) or 'Nothing'} {'waits' if len(found) < 2 else 'wait'} for a decision in {folder}.", None
    for item in found:
        yield "", None
        left = f"asked now: {item.asked_now}" if item.asked_now else f"{time_left(item.seconds_left)} left"
        yield from field(f"Tier {item.tier}", f"{item.target} ({left})", "bright purple" if item.tier == 4 else None)
        yield from field("Change", item.summary)
        yield from field("Asked by", ", ".join(item.requesters))
        yield from field("Approved", "; ".join(f"{one['by']} ({one['role']}) at {one['at']}" for one in item.approved))
        yield from field("Missing", item.missing)
        yield f"To decide: ansible-playbook playbooks/approve.yml -e record={item.run_id}", None
    if expired:
        yield "", None
        yield from field("Expired", f"{', '.join(expired)}: nobody decided in time, and silence is a rejection")
    for sentence in unreadable:
        yield from field("Damaged", sentence, "bright red")


def emergency(decision: Decision) -> list[str]:
    """What nobody at the screen shall overlook."""
    return [
        "=" * WIDTH,
        f"EMERGENCY: {decision.by} alone approves a critical change.",
        *textwrap.wrap(f"Reason: {redact(markdown.one_line(decision.justification, 2000))}", WIDTH),
        "The record says so, and an audit counts it. Have it looked at afterwards.",
        "=" * WIDTH,
    ]
