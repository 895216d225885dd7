# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the record shall hold of a gate: the decision to go on or to halt, and why (pure)."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.outcome import Outcome

_ENDS = {"passed": "done", "unchanged": "done", "halted": "held", "inconclusive": "held", "gone": "failed"}
_WORDS = {
    "passed": "Went on by itself and is complete",
    "unchanged": "Nothing was rolled out",
    "halted": "Halted",
    "inconclusive": "Held, for it cannot be told whether the release is good",
    "gone": "Ended",
}


def safe(outcome: Outcome) -> dict[str, Any]:
    """The outcome with every text from the cluster redacted, and `said`, its sentence for people."""
    document = outcome.to_json()
    document["why"] = redact(document["why"])
    for name in ("error_samples", "lines", "pod_logs"):
        document[name] = [redact(line) for line in document[name]]
    return {**document, "said": _said(document)}


def events(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The event for the journal. Only a rollout that is complete, or never began, is good."""
    body = {
        "ok": document["outcome"] in ("passed", "unchanged"),
        "status": _ENDS[document["outcome"]],
        "message": document["said"],
        "checks": _checks(document),
        "samples": document["lines"][-20:],
        "metrics": _metrics(document["figures"]),
        "gate": {name: value for name, value in document.items() if name not in ("lines", "said")},
    }
    return [{"event": "validated", "body": body}]


def _said(document: dict[str, Any]) -> str:
    held = ""
    if document["outcome"] in ("halted", "inconclusive"):
        held = " The rollout is paused; the old pods serve on." if document["paused"] else " The controller holds it."
    return f"{_WORDS[document['outcome']]}: {document['why']}.{held}"


def _checks(document: dict[str, Any]) -> list[str]:
    figures = document["figures"]
    found = []
    if figures:
        low, high = (f"{bound:.1%}" for bound in figures["interval"])
        found.append(
            f"new pods: {figures['errors']} of {figures['requests']} requests failed (95 % interval {low} to {high}); "
            f"old pods meanwhile: {figures['old_errors']} of {figures['old_requests']}"
        )
    if document["query"]:
        found.append(f"counted as {document['query']}")
    found += [f"error: {line}" for line in document["error_samples"]]
    found += [f"log: {line}" for line in document["pod_logs"]]
    if document["detected_at"]:
        found.append(f"detected at {document['detected_at']}, paused at {document['paused_at'] or 'never'}")
    return found


def _metrics(figures: dict[str, Any]) -> dict[str, Any]:
    if not figures:
        return {}
    old = {"requests": figures["old_requests"], "errors": figures["old_errors"]}
    return {"before": old, "after": {"requests": figures["requests"], "errors": figures["errors"]}}
