# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors say about an analysis, beside it: figures and formulas stay the rules' own."""

from __future__ import annotations

from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client

SUBJECT: Final = (
    "Does this workload request what it needs? The evidence holds what it used and the change that is proposed:"
    " should a person make it, or what speaks against it?"
)
CLASSES: Final = {
    "over-provisioned": "it requests more than it needs, also at its peaks, and lowering the requests is safe",
    "under-provisioned": "it requests less than it needs, and the requests should be raised",
    "right-sized": "the requests should stay as they are",
    "unknown": "the evidence does not tell",
}


def with_advice(report: dict[str, Any], settings: AdvisorSettings, client: Client) -> dict[str, Any]:
    """The report with `advice`, `joined` and `late`. Raises `BadSettings`.

    Nobody is asked where there is no ground for a recommendation: an advisor has no more history than the rules.
    """
    nothing: dict[str, Any] = {"advice": [], "joined": {}, "late": {}}
    if report["diagnosis"]["verdict"] == "unknown":
        return {**report, **nothing}
    asked = {**report, "subject": SUBJECT, "classes": CLASSES}
    joined, consultation = asking.advised(asked, settings, client)
    events = report.get("aiops_events")
    told = {} if events is None else {"aiops_events": [*events, *asking.events_of(consultation, settings)]}
    return {**report, **{key: joined[key] for key in nothing}, **told}
