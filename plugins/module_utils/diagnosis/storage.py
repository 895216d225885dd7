# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Storage: a claim is not there, cannot bind, or cannot be mounted."""

from __future__ import annotations

import re

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    find_events,
    ids,
    is_starting,
    scheduling_message,
    was_set_up,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts

_MISSING = re.compile(r'persistentvolumeclaim "([^"]+)" not found')


def pvc_missing(facts: Facts) -> Cause | None:
    """A claim that the pod names does not exist."""
    text, evidence = scheduling_message(facts)
    match = _MISSING.search(text)
    absent = next((r for r in facts.references if r.kind == "PersistentVolumeClaim" and r.exists is False), None)
    if not match and (absent is None or not is_starting(facts)):
        return None
    name = match[1] if match else absent.name if absent else ""
    summary = f"PersistentVolumeClaim {name} does not exist in namespace {facts.target.namespace}"
    details = {"claim": name, "namespace": facts.target.namespace}
    return Cause("pvc-missing", summary, 0.99, ids(evidence if match else "", absent.id if absent else ""), details)


def pvc_unbound(facts: Facts) -> Cause | None:
    """A claim cannot bind: its class does not exist, no volume fits, or nothing provisions one."""
    text, evidence = scheduling_message(facts)
    for claim in facts.references:
        if claim.kind != "PersistentVolumeClaim" or not claim.exists or claim.facts.get("phase") == "Bound":
            continue
        events = [
            e
            for e in facts.events
            if e.subject == f"persistentvolumeclaim/{claim.name}" and e.reason != "WaitForFirstConsumer"
        ]
        failed = next(
            (
                e
                for e in reversed(events)
                if e.type == "Warning" or e.reason in ("FailedBinding", "ExternalProvisioning")
            ),
            None,
        )
        if failed is None and "unbound" not in text and claim.facts.get("phase") != "Lost":
            continue
        why = f": {failed.message[:200]}" if failed else ""
        class_ = claim.facts.get("class", "")
        named = f"class {class_}" if class_ else "no class"
        summary = f"PersistentVolumeClaim {claim.name} ({claim.facts.get('size')}, {named}) does not bind{why}"
        details = {"claim": claim.name, **{k: v for k, v in claim.facts.items() if k != "uid"}}
        return Cause("pvc-unbound", summary, 0.96, ids(claim.id, failed.id if failed else "", evidence), details)
    return None


def volume_mount_failed(facts: Facts) -> Cause | None:
    """A volume cannot be mounted or attached, for another reason than an object that is missing."""
    if not is_starting(facts) or was_set_up(facts):
        return None
    for event in find_events(facts, ("FailedMount", "FailedAttachVolume", "FailedMapVolume")):
        if re.search(r"(?:configmap|secret) \"[^\"]+\" not found|non-existent", event.message):
            continue
        return Cause(
            "volume-mount-failed",
            f"a volume cannot be mounted: {event.message[:240]}",
            0.9,
            ids(event.id),
            {"message": event.message},
        )
    return None
