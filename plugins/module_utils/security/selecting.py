# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which labels a selector matches: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Requirement, Selector


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """An empty selector matches everything."""
    return all(labels.get(key) == value for key, value in selector.matchLabels.items()) and all(
        _holds(item, labels) for item in selector.matchExpressions
    )


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    if requirement.operator == "In":
        return value in requirement.values
    if requirement.operator == "NotIn":
        return value not in requirement.values
    return (value is not None) == (requirement.operator == "Exists")


def selector_of(given: Mapping[str, Any]) -> Selector:
    """A selector that was left as the API has it."""
    expressions = [
        Requirement(str(item.get("key") or ""), str(item.get("operator") or ""), list(item.get("values") or ()))
        for item in given.get("matchExpressions") or ()
    ]
    return Selector(dict(given.get("matchLabels") or {}), expressions)


def keys_of(selector: Selector) -> set[str]:
    """The label keys that a selector looks at."""
    return {*selector.matchLabels, *(item.key for item in selector.matchExpressions)}
