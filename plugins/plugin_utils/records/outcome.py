# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The outcome section: what became of the run, in sentences, and what to type next (pure)."""

from __future__ import annotations

from typing import Any

_IMPACT = {
    "open": "The run is under way; nothing is known yet.",
    "waiting": "Nothing was changed. The plan waits for a decision.",
    "applying": "The change is being made.",
    "monitoring": "The change was made and is being watched; the last word is not spoken.",
    "held": "Nothing was changed here: the change belongs to somebody else's source, or was held.",
    "refused": "Nothing was changed: the request was refused.",
    "rejected": "Nothing was changed: a person rejected the plan.",
    "expired": "Nothing was changed: nobody decided in time, and silence is a rejection.",
    "aborted": "Nothing was changed: the question was aborted.",
    "rolled-back": "The change was made and reversed.",
}
_ADVICE = {
    "waiting": ["ansible-playbook playbooks/approve.yml -e record={}"],
    "expired": ["ansible-playbook playbooks/approve.yml -e record={}"],
    "monitoring": ["ansible-playbook playbooks/verify.yml -e record={}"],
    "interrupted": ["ansible-playbook playbooks/verify.yml -e record={}"],
    "done": ["ansible-playbook playbooks/rollback.yml -e record={}"],
}


def outcome(seen: dict[str, Any], reference: str) -> dict[str, Any]:
    """`impact`, `tests`, `next` (command lines that name the record as `reference`) and `reflection`."""
    status = seen["status"]
    applied = any(item["event"] in ("applying", "applied") for item in seen["events"])
    commands = _ADVICE.get(status, []) if applied or status != "done" else []
    if status == "interrupted" and not applied:
        commands = _ADVICE["waiting"] if seen["plan"] else []
    return {
        "impact": _impact(seen, status, applied),
        "tests": _tests(seen),
        "next": [command.format(reference) for command in commands],
        "reflection": _reflection(seen, status),
    }


def _impact(seen: dict[str, Any], status: str, applied: bool) -> str:
    if status == "done":
        return f"Done: {seen['plan'].get('summary')}" if applied else "Nothing was changed: the run only read."
    if status == "failed":
        return "The run failed after it began to write." if applied else "The run failed before anything was written."
    if status == "interrupted":
        last = seen["events"][-1]["event"] if seen["events"] else "nothing"
        where = "while writing: compare the object with the plan" if applied else "before anything was written"
        return f'The run was stopped {where}; the last event in its journal is "{last}".'
    return _IMPACT.get(status, "")


def _tests(seen: dict[str, Any]) -> str:
    results = [item["body"].get("ok") for item in seen["validation"]]
    if not results:
        return "none ran"
    return f"{results.count(True)} of {len(results)} validations were good"


def _reflection(seen: dict[str, Any], status: str) -> str:
    said = [str(item.get("reflection")) for item in seen["notes"] if item.get("reflection")]
    if said:
        return said[-1]
    if status in ("refused", "failed", "rolled-back"):
        reasons = [str(item.get("message") or "") for item in [*seen["refusals"], *seen["failures"]]]
        return next((item for item in reasons if item), "no reason was recorded")
    return "none was recorded"
