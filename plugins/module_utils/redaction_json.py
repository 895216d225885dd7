# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes secrets out of whole JSON values: by the text, by the key, and by the name that stands beside a value."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import (
    is_secret_name,
    redact,
    redact_value,
    redact_words,
)

# Kubernetes and the diagnosis use these for the names of objects.
_NAMES_OF_OBJECTS = frozenset({"secret", "secrets"})


def redact_json(value: Any, *, longest_text: int | None = None) -> Any:
    """The value with every text redacted; keys that name a secret hide their text whole.

    `longest_text` bounds each text, in characters.
    """
    if isinstance(value, str):
        return _text(value, longest_text)
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return redact_words(_cut(item, longest_text) for item in value)
        return [redact_json(item, longest_text=longest_text) for item in value]
    if isinstance(value, dict):
        return _map(value, longest_text)
    return value


def _map(value: dict[str, Any], longest: int | None) -> dict[str, Any]:
    name, text = value.get("name"), value.get("value")
    result = {key: _entry(key, item, longest) for key, item in value.items()}
    if isinstance(name, str) and isinstance(text, str):
        result["value"] = redact_value(name, _cut(text, longest))
    return result


def _entry(key: str, value: Any, longest: int | None) -> Any:
    if isinstance(value, str) and key.lower() not in _NAMES_OF_OBJECTS and is_secret_name(key):
        return redact_value(key, value)
    return redact_json(value, longest_text=longest)


def _text(text: str, longest: int | None) -> str:
    if longest is None:
        return redact(text)
    # A secret is recognised by its whole wording, so redaction sees more of a text than is kept of it.
    return _cut(redact(text[: 2 * longest]), longest)


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else text[:longest] + " … [cut]"
