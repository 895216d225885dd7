# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Conditions on objects as a lab writes them down, and whether they hold (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import parse_quantity

try:
    import jmespath
    from jmespath.exceptions import JMESPathError
except ImportError as missing:
    MISSING = str(missing)
else:
    MISSING = ""

_WORDS = {"what", "api_version", "kind", "name", "labels", "path"}
_LONGEST_SEEN = 120


class BadCondition(Exception):
    """The condition is none; str() says what is wrong with it."""


@dataclass(frozen=True)
class Condition:
    """One thing that has to hold, as a sentence (`what`), and where to look.

    With a name it is about that object; with labels about {"items": [...]} of all that carry them; a missing object
    is null. path is JMESPath (https://jmespath.org/specification.html); test and bound say what the value there is held
    against.
    """

    what: str
    api_version: str
    kind: str
    name: str
    labels: str
    path: str
    test: str
    bound: Any


@dataclass(frozen=True)
class Judged:
    """Whether a condition holds, and what was seen instead, shortened."""

    what: str
    holds: bool
    seen: str

    def to_json(self) -> dict[str, Any]:
        """The interface's form."""
        return {"what": self.what, "holds": self.holds, "seen": self.seen}


def _amount(value: Any) -> Any:
    """Numbers and quantities compare as amounts: 64Mi is less than 1Gi. None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return parse_quantity(value)
    except ValueError:
        return None


def _equals(value: Any, bound: Any) -> bool:
    amounts = _amount(value), _amount(bound)
    return value == bound or (None not in amounts and amounts[0] == amounts[1])


def _at_least(value: Any, bound: Any) -> bool:
    return _amount(value) is not None and _amount(value) >= parse_quantity(bound)


def _at_most(value: Any, bound: Any) -> bool:
    return _amount(value) is not None and _amount(value) <= parse_quantity(bound)


def _contains(value: Any, bound: Any) -> bool:
    return isinstance(value, (str, list)) and bound in value


# What is not there contains nothing, and that is no reason to be content: lacks wants something to look at.
TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": _equals,
    "differs": lambda value, bound: not _equals(value, bound),
    "at_least": _at_least,
    "at_most": _at_most,
    "contains": _contains,
    "lacks": lambda value, bound: isinstance(value, (str, list)) and bound not in value,
}


def condition_of(given: Mapping[str, Any]) -> Condition:
    """A condition from a lab's file. Raises BadCondition."""
    if MISSING:
        raise BadCondition(f"the Python package jmespath is missing ({MISSING}): pip install jmespath")
    tests = [word for word in TESTS if word in given]
    unknown = set(given) - _WORDS - set(TESTS)
    what = str(given.get("what") or "")
    if unknown or len(tests) != 1 or not what or not given.get("kind") or not given.get("path"):
        why = f"{', '.join(sorted(unknown))} is not known" if unknown else "it needs what, kind, path and one test"
        raise BadCondition(f"the condition {what or given!r} cannot be used: {why} ({', '.join(TESTS)})")
    if bool(given.get("name")) == bool(given.get("labels")):
        raise BadCondition(f"the condition {what!r} needs either name or labels")
    try:
        jmespath.compile(given["path"])
        if tests[0] in ("at_least", "at_most"):
            parse_quantity(given[tests[0]])
    except (JMESPathError, ValueError) as error:
        raise BadCondition(f"the condition {what!r} cannot be used: {error}") from None
    return Condition(
        what=what,
        api_version=str(given.get("api_version") or "v1"),
        kind=str(given["kind"]),
        name=str(given.get("name") or ""),
        labels=str(given.get("labels") or ""),
        path=str(given["path"]),
        test=tests[0],
        bound=given[tests[0]],
    )


def judge(condition: Condition, found: Any) -> Judged:
    """found: the object, None where it is not there, or {"items": [...]} for labels."""
    if found is None:
        return Judged(condition.what, False, f"there is no {condition.kind} {condition.name}")
    try:
        value = jmespath.search(condition.path, found)
    except JMESPathError as error:
        return Judged(condition.what, False, f"{condition.path} cannot be read: {error}"[:_LONGEST_SEEN])
    seen = "nothing" if value in (None, [], "") else str(value)[:_LONGEST_SEEN]
    return Judged(condition.what, TESTS[condition.test](value, condition.bound), seen)
