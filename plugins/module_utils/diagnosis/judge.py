# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From facts to a diagnosis: every rule looks, the cause that explains the others is the root."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.outcome import (
    deleted_meanwhile,
    healthy,
    is_young,
    not_found,
    unknown,
    verdict_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.rules import RULES
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause, Diagnosis
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.symptom import symptoms
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts

_ORDER = {rule.class_: index for index, rule in enumerate(RULES)}
_EXPLAINS = {rule.class_: rule.explains for rule in RULES}


def diagnose(facts: Facts) -> Diagnosis:
    """The diagnosis of the rules advisor. It says unknown rather than guess, and never healthy without having seen."""
    if not facts.found:
        return Diagnosis("not-found", not_found(facts))
    causes = [cause for rule in RULES if (cause := rule.look(facts)) is not None]
    if causes:
        root, *others = ranked(causes)
        contributing = [cause for cause in others if not _repeats(cause, root)]
        return Diagnosis(verdict_of(facts), root, contributing, [root.summary, *symptoms(facts)])
    well = healthy(facts)
    if well is not None:
        return Diagnosis("healthy", well)
    if facts.deleted_during:
        return Diagnosis("not-found", deleted_meanwhile(facts))
    verdict = "unknown" if is_young(facts) else verdict_of(facts)
    return Diagnosis(verdict, unknown(facts), chain=symptoms(facts))


def _repeats(cause: Cause, root: Cause) -> bool:
    """It is explained by the root and quotes nothing of its own."""
    return cause.class_ in _EXPLAINS[root.class_] and bool(set(cause.evidence[:1]) & set(root.evidence))


def ranked(causes: list[Cause]) -> list[Cause]:
    """Causes that no other explains come first; then by confidence, then by the order of the table."""

    def weight(cause: Cause) -> tuple[int, float, int]:
        explained_by = sum(cause.class_ in _EXPLAINS[other.class_] for other in causes)
        return explained_by, -cause.confidence, _ORDER[cause.class_]

    return sorted(causes, key=weight)
