# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors say about an analysis, beside it: figures and formulas stay the rules' own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact

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
    figures = told({**report, "advice": joined["advice"]})
    journal = {}
    if events is not None:
        # Who decides later is shown again what was shown when the plan was made.
        more = {"observed": {"figures": figures}, "diagnosed": {"joined": joined["joined"]}}
        kept = [{**item, "body": {**item["body"], **more.get(item["event"], {})}} for item in events]
        journal = {"aiops_events": [*kept, *asking.events_of(consultation, settings)]}
    return {**report, **{key: joined[key] for key in nothing}, "figures": figures, **journal}


def told(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """What advisors would set, beside what the rules would, container by container. Pure."""
    own: Mapping[str, Any] = next((item["parameters"]["containers"] for item in report["recommendations"]), {})
    found = []
    for answer in report["advice"]:
        advised = answer["recommendation"] or {}
        # What has a mark is shown beside its mark alone.
        if advised.get("remedy") != "set_resources" or answer["flags"]:
            continue
        given = advised["parameters"]
        container = str(given.get("container") or next(iter(own), "?"))
        rules = _amounts(own.get(container) or {}) or "nothing else than now"
        text = f"{answer['name']} would set {_amounts(given) or 'nothing'} of container {container}; the rules: {rules}"
        found.append({"name": "Advice", "text": redact(text)})
    return found


def _amounts(resources: Mapping[str, Any]) -> str:
    """`requests cpu 200m, memory 150Mi and limits memory 200Mi`."""
    parts = [
        f"{room} " + ", ".join(f"{name} {amount}" for name, amount in resources[room].items())
        for room in ("requests", "limits")
        if isinstance(resources.get(room), Mapping) and resources[room]
    ]
    return " and ".join(parts)
