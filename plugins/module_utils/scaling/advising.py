# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the AI advisors say beside an analysis: shown and recorded, never taken for a remedy of its own.

What fits the cluster, and whether anybody else is in charge, has been counted; an advisor's word does not change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import report


def advised(analysis: Mapping[str, Any], settings: AdvisorSettings, client: Client, *, record: bool) -> dict[str, Any]:
    """The analysis with the advice beside it, and on request what a journal shall hold. Raises `BadSettings`."""
    joined, consultation = asking.advised(analysis, settings, client)
    beside = {name: joined[name] for name in ("advice", "joined", "late")}
    result = {**analysis, **beside}
    result["figures"] = [*analysis["figures"], *told(result)]
    if record:
        result["aiops_events"] = [*report.events(result), *asking.events_of(consultation, settings)]
    return result


def told(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """Bounds that advisors would set, and the room that kubectl-ai sees, each beside the rules' own. Pure."""
    # What has a mark is shown beside its mark alone.
    answered = [item for item in result["advice"] if item["diagnosis"] and not item["flags"]]
    room = capacity_words(result["capacity"])
    found = [{"name": "Advice", "text": text} for item in answered for text in _bounds(item, result)]
    found += [
        {"name": "Capacity", "text": f"{room}; {item['name']} says: {item['diagnosis']['root_cause']['summary']}"}
        for item in answered
        if item["advisor"] == "kubectl_ai"
    ]
    return [{**item, "text": redact(item["text"])} for item in found]


def _bounds(answer: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    advised, own = answer["recommendation"] or {}, result["recommendations"]
    if advised.get("remedy") in ("set_hpa", "scale"):
        rules = remedy_words(own[0]) if own else "nothing"
        yield f"{answer['name']} would {remedy_words(advised)}; the rules: {rules}"


def remedy_words(recommendation: Mapping[str, Any]) -> str:
    """`set 2 to 6 replicas at 70 % CPU`, as far as the parameters tell. Pure."""
    given = recommendation["parameters"]
    if recommendation["remedy"] == "scale":
        return f"set {given.get('replicas', '?')} replicas"
    if recommendation["remedy"] != "set_hpa":
        return "nothing is changed"
    least, most = given.get("min_replicas", "?"), given.get("max_replicas", "?")
    target = given.get("target_cpu_utilization_percent")
    return f"set {least} to {most} replicas" + (f" at {target} % CPU" if target else "")


def capacity_words(capacity: Mapping[str, Any]) -> str:
    """What the rules counted at the greatest number that was asked for. Pure."""
    if not capacity:
        return "the rules counted no room, since there is nothing to scale"
    if not capacity["known"]:
        return "the rules do not know the room"
    most = capacity["maximum"]
    if most["fits"]:
        return f"the rules count room for {most['replicas']} replicas"
    return f"the rules count room for {most['schedulable']} of {most['replicas']} replicas: {most['why']}"
