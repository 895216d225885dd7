# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape that every remedy has: what it acts on, which parameters it takes, what it may write, how it drafts.

A remedy is a file with a `REMEDY`, and a row in `catalogue.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import KINDS, Document


class Any_(Enum):
    """Wild cards of a pattern: one list element chosen by name, or everything below."""

    ELEMENT = "element"
    BELOW = "below"


ELEMENT: Final = Any_.ELEMENT
BELOW: Final = Any_.BELOW
Pattern = tuple[Any, ...]
CONTAINER: Final[Pattern] = ("spec", "template", "spec", frozenset({"containers", "initContainers"}), ELEMENT)


@dataclass(frozen=True)
class Parameter:
    """A parameter's kind: text, count (whole number from 0), port (number or name), command (texts), amounts of CPU and
    memory, container_amounts (container → requests and limits), map."""

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remedy:
    """`may_write` are patterns over the path of every single field written; whatever matches none is refused.

    `may_write_beside` are those of the workload's HorizontalPodAutoscaler, where a remedy has to write it too; of the
    parameters `one_of` exactly one has to be given.
    """

    id: str
    parameters: Mapping[str, Parameter]
    may_write: tuple[Pattern, ...]
    draft: Callable[[Client, Document, Mapping[str, Any], datetime], Draft]
    kinds: tuple[str, ...] = KINDS
    changes_template: bool = True
    may_write_beside: tuple[Pattern, ...] = ()
    one_of: tuple[str, ...] = ()


def allows(remedy: Remedy, leaf: Sequence[Any]) -> bool:
    """Whether the remedy may write the single field at `leaf` of its target."""
    return any(_matches(pattern, leaf) for pattern in remedy.may_write)


def allows_beside(remedy: Remedy, leaf: Sequence[Any]) -> bool:
    """Whether the remedy may write the single field at `leaf` of the target's autoscaler."""
    return any(_matches(pattern, leaf) for pattern in remedy.may_write_beside)


def _matches(pattern: Pattern, leaf: Sequence[Any]) -> bool:
    if pattern and pattern[-1] is BELOW:
        fixed = pattern[:-1]
        return len(leaf) >= len(fixed) and _matches(fixed, leaf[: len(fixed)])
    return len(pattern) == len(leaf) and all(_step_matches(*pair) for pair in zip(pattern, leaf, strict=True))


def _step_matches(wanted: Any, step: Any) -> bool:
    if wanted is ELEMENT:
        return isinstance(step, Mapping)
    if isinstance(wanted, frozenset):
        return isinstance(step, str) and step in wanted
    return bool(wanted == step)


def checked_parameters(remedy: Remedy, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in their own types; a sentence for an unknown, missing or wrong one. None counts as not given."""
    if not isinstance(given, Mapping):
        raise RemedyError(f"the parameters of remedy {remedy.id} must be a map, not {type(given).__name__}")
    present = {name: value for name, value in given.items() if value is not None}
    for name in present:
        if name not in remedy.parameters:
            known = ", ".join(remedy.parameters) or "none"
            raise RemedyError(f"remedy {remedy.id} has no parameter {name}; it takes: {known}")
    for name, parameter in remedy.parameters.items():
        if parameter.required and name not in present:
            raise RemedyError(f"remedy {remedy.id} needs the parameter {name}")
    if remedy.one_of and len(set(remedy.one_of) & set(present)) != 1:
        raise RemedyError(f"remedy {remedy.id} needs the parameter {' or '.join(remedy.one_of)}, and not both")
    return {name: _checked(remedy, name, value) for name, value in present.items()}


def _checked(remedy: Remedy, name: str, value: Any) -> Any:
    parameter = remedy.parameters[name]
    try:
        checked = _CHECKS[parameter.kind](value)
    except (TypeError, ValueError) as wrong:
        raise RemedyError(f"parameter {name} of remedy {remedy.id} must be {wrong}, not {value!r}") from None
    if parameter.choices and checked not in parameter.choices:
        raise RemedyError(f"parameter {name} of remedy {remedy.id} must be one of {', '.join(parameter.choices)}")
    return checked


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value.strip()


def _count(value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ValueError("a whole number from 0")
    return int(value)


def _port(value: Any) -> int | str:
    if not isinstance(value, bool) and str(value).isdecimal() and 0 < int(value) < 65536:
        return int(value)
    if isinstance(value, str) and value and not value.isdecimal():
        return value
    raise ValueError("a port from 1 to 65535 or a port's name")


def _command(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of texts")
    return list(value)


def _amounts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("a map of cpu and memory")
    present = {name: str(amount) for name, amount in value.items() if amount not in (None, "")}
    if any(isinstance(amount, bool) for amount in value.values()) or set(present) - {"cpu", "memory"}:
        raise ValueError("a map of cpu and memory only")
    return present


def _container_amounts(value: Any) -> dict[str, dict[str, dict[str, str]]]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError("a map from containers to requests and limits")
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name, rooms in value.items():
        if not isinstance(rooms, Mapping) or set(rooms) - {"requests", "limits"}:
            raise ValueError("a map from containers to requests and limits")
        found[_text(name)] = {room: _amounts(amounts) for room, amounts in rooms.items() if amounts}
    return found


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("a map")
    return dict(value)


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "text": _text,
    "count": _count,
    "port": _port,
    "command": _command,
    "amounts": _amounts,
    "container_amounts": _container_amounts,
    "map": _map,
}
