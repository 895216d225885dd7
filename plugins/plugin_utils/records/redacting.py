# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Redaction of whole JSON values, as they go into a journal or a record."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import is_secret_name, redact, redact_value

# Kubernetes and the diagnosis use these for the names of objects.
_NAMES_OF_OBJECTS = frozenset({"secret", "secrets"})
TEXT_LENGTH = 65536


def redacted(value: Any) -> Any:
    """The value with every text redacted and bounded; map keys that name a secret hide their text whole."""
    if isinstance(value, str):
        return _bounded(redact(value[: 2 * TEXT_LENGTH]))
    if isinstance(value, list):
        return [redacted(item) for item in value]
    if isinstance(value, dict):
        return _redacted_map(value)
    return value


def _redacted_map(value: dict[str, Any]) -> dict[str, Any]:
    name, text = value.get("name"), value.get("value")
    result = {key: _redacted_entry(key, item) for key, item in value.items()}
    if isinstance(name, str) and isinstance(text, str):
        result["value"] = redact_value(name, text)
    return result


def _redacted_entry(key: str, value: Any) -> Any:
    if isinstance(value, str) and key.lower() not in _NAMES_OF_OBJECTS and is_secret_name(key):
        return redact_value(key, value)
    return redacted(value)


def _bounded(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[:TEXT_LENGTH] + " … [cut]"
