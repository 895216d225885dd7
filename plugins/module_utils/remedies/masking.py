# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A spec without its secrets, for people: what is shown and kept as text, never what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact, redact_value, redact_words
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths

NEW: Final = " (another value)"


def masked(value: Any, before: Any = paths.ABSENT) -> Any:
    """The value with secrets taken out; one that differs from `before` though it looks the same is marked."""
    if isinstance(value, Mapping):
        return _mapping(value, before)
    if isinstance(value, list):
        return _list(value, before)
    return _marked(redact(value), value, before) if isinstance(value, str) else value


def _mapping(value: Mapping[str, Any], before: Any) -> dict[str, Any]:
    shown = {key: masked(inner, _inner(before, key)) for key, inner in value.items()}
    if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
        old = _inner(before, "value")
        shown["value"] = _marked(redact_value(value["name"], value["value"]), value["value"], old, value["name"])
    return shown


def _list(value: list[Any], before: Any) -> list[Any]:
    if value and all(isinstance(item, str) for item in value):
        return redact_words(value)
    shown = []
    for number, item in enumerate(value):
        named = isinstance(item, Mapping) and isinstance(item.get("name"), str)
        old = paths.read(before, [{"name": item["name"]}]) if named else _at(before, number)
        shown.append(masked(item, old))
    return shown


def _marked(shown: str, value: str, before: Any, name: str = "") -> str:
    if shown == value or not isinstance(before, str) or before == value:
        return shown
    shown_before = redact_value(name, before) if name else redact(before)
    return shown + NEW if shown_before == shown else shown


def _inner(value: Any, key: str) -> Any:
    return value.get(key, paths.ABSENT) if isinstance(value, Mapping) else paths.ABSENT


def _at(value: Any, number: int) -> Any:
    return value[number] if isinstance(value, list) and number < len(value) else paths.ABSENT
