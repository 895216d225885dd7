# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A pod against the Pod Security Standards as one version of Kubernetes has them (1.25 and later)."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.baseline import BASELINE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import Control, Subject
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.restricted import RESTRICTED

CONTROLS: dict[str, Control] = {control.id: control for control in (*BASELINE, *RESTRICTED)}


@dataclass(frozen=True)
class Violation:
    """One control that a pod does not keep, and in what."""

    control: str
    level: str
    message: str


def violations(subject: Subject) -> list[Violation]:
    """Everything that the levels baseline and restricted forbid in a pod.

    Where a restricted control is the stricter form of a baseline one that is broken already, only the latter is told.
    """
    found: dict[str, Violation] = {}
    for control in CONTROLS.values():
        if control.since > subject.minor or control.overrides in found:
            continue
        if message := control.check(subject):
            found[control.id] = Violation(control.id, control.level, message)
    return list(found.values())


def allowed(subject: Subject, level: str) -> bool:
    """Whether Kubernetes would admit the pod into a namespace that enforces the level: baseline or restricted."""
    return not any(level == "restricted" or item.level == "baseline" for item in violations(subject))
