# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as JSON: its digest, and a strict reader that refuses what it does not know in one sentence."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PlanInvalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import FieldValue, Plan

_WORDS: dict[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a map",
}


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain JSON values, the digest included."""
    encoded: dict[str, Any] = _encode(plan)
    return encoded


def _encode(value: Any) -> Any:
    if isinstance(value, FieldValue):
        return _encode_field(value)
    if dataclasses.is_dataclass(value):
        return {item.name: _encode(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [_encode(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    return value


def _encode_field(value: FieldValue) -> dict[str, Any]:
    if value.absent:
        return {"path": list(value.path), "absent": True}
    if value.sha256:
        return {"path": list(value.path), "sha256": value.sha256}
    return {"path": list(value.path), "value": value.value}


def digest_of(plan: Plan) -> str:
    """The digest over everything in the plan but the digest itself."""
    return canonical.plan_digest(to_json(plan))


def with_digest(plan: Plan) -> Plan:
    """The same plan carrying its digest."""
    return dataclasses.replace(plan, digest=digest_of(plan))


def verify_digest(plan: Plan, approved: str = "") -> None:
    """Raise `PlanInvalid` unless the plan is what its digest, and the approved one where given, names."""
    actual = digest_of(plan)
    if plan.digest != actual:
        raise PlanInvalid(f"the plan was altered: its digest is {actual}, it says {plan.digest or 'nothing'}")
    if approved and approved != actual:
        raise PlanInvalid(f"the decision is for another plan: it names {approved}, this plan is {actual}")


def from_json(document: Any) -> Plan:
    """Read a plan; unknown or missing keys and wrong types raise `PlanInvalid` (the digest is checked elsewhere)."""
    plan: Plan = _decode(Plan, document, "plan")
    if plan.tier.level not in (1, 2, 3, 4):
        raise PlanInvalid(f"plan.tier.level is {plan.tier.level}: expected 1 to 4")
    return plan


def _decode(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _decode_shape(kind, value, where)
    origin = typing.get_origin(kind)
    if origin is list:
        (item,) = typing.get_args(kind)
        return [_decode(item, entry, f"{where}[{number}]") for number, entry in enumerate(_is(list, value, where))]
    if origin is dict or isinstance(kind, types.GenericAlias):
        return dict(_is(dict, value, where))
    return _is(kind, value, where)


def _is(kind: type, value: Any, where: str) -> Any:
    if isinstance(value, bool) and kind is int or not isinstance(value, kind):
        raise PlanInvalid(f"{where} must be {_WORDS[kind]}, not {type(value).__name__}")
    return value


def _decode_shape(shape: Any, value: Any, where: str) -> Any:
    entries = _is(dict, value, where)
    hints = typing.get_type_hints(shape)
    unknown = sorted(set(entries) - set(hints))
    if unknown:
        raise PlanInvalid(f"{where} has an unknown key: {unknown[0]}")
    arguments = {}
    for item in dataclasses.fields(shape):
        if item.name in entries:
            arguments[item.name] = _decode(hints[item.name], entries[item.name], f"{where}.{item.name}")
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise PlanInvalid(f"{where} lacks the key {item.name}")
    return shape(**arguments)
