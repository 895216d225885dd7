# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads an advisor's reply, which is untrusted text: one JSON object in it, checked against schema and catalogue.

Nothing here is a template, a command or a patch, and nothing becomes one: texts are made printable, redacted and
bounded, a recommendation is a remedy of the catalogue with parameters that its table takes, or it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import reply_schema
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Question
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import checked_parameters, find

REPLY_CHARACTERS: Final = 65_536
_DEEPEST: Final = 8
_MOST_BRACES: Final = 64
_LARGEST_NUMBER: Final = 1_000_000
_LONGEST_PARAMETER: Final = 256
# Braces, brackets and whole strings: all that matters for where an object ends. Strings count from its start on.
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
# Names of objects, images, quantities, paths, commands: printable ASCII, and nothing that any template language reads.
_PARAMETER: Final = re.compile(r"[ -~]*")
_TEMPLATE: Final = re.compile(r"\{\{|\{%|\{#|\$\(|\$\{|`")


class Unusable(Exception):
    """Nothing can be made of the reply; str() says why in a sentence."""


@dataclass(frozen=True)
class Reply:
    """A usable reply. `recommendation` is None where there is none or it was refused, which `flags` then say."""

    diagnosis: dict[str, Any]
    recommendation: dict[str, Any] | None
    flags: list[str] = field(default_factory=list)


def read_reply(text: str, question: Question, *, advisor: str) -> Reply:
    """The answer in a reply, in the interface's form. Raises Unusable. `advisor` goes into the recommendation."""
    if not text.strip():
        raise Unusable("the reply is empty")
    if len(text) > REPLY_CHARACTERS:
        raise Unusable(f"the reply has {len(text)} characters, more than the {REPLY_CHARACTERS} that are read")
    answer = _the_answer(text)
    diagnosis = answer["diagnosis"]
    for cause in (diagnosis["root_cause"], *diagnosis["contributing"]):
        if cause["class"] not in question.classes:
            raise Unusable(f"the reply names the class {_unmistakable(cause['class'])}, which is none of the classes")
    flags = [*_other_target(answer["target"], question), *_unknown_evidence(diagnosis, question)]
    recommendation = None
    if answer["recommendation"] is not None:
        try:
            recommendation = _recommendation(answer["recommendation"], advisor)
        except RemedyError as refused:
            flags.append(f"its recommendation was refused: {_unmistakable(refused)}")
    return Reply(_diagnosis(diagnosis, question), recommendation, flags)


# --- the object in the text ------------------------------------------------------------------------------------------


def _the_answer(text: str) -> dict[str, Any]:
    """The one object of the schema. Two that differ are none: a reply may quote an answer that a log holds."""
    found: list[dict[str, Any]] = []
    wrong, position = "", 0
    for _attempt in range(_MOST_BRACES):
        start = text.find("{", position)
        if start < 0:
            break
        end = _end_of_object(text, start)
        position = start + 1
        if end is None:
            continue
        try:
            answer = reply_schema.read(text[start:end])
        except reply_schema.SchemaError as error:
            wrong = wrong or str(error)
            continue
        position = end
        if answer not in found:
            found.append(answer)
    else:
        raise Unusable(f"the reply holds more than {_MOST_BRACES} braces outside its answer")
    if len(found) > 1:
        raise Unusable(f"the reply holds {len(found)} answers that differ")
    if not found:
        why = f" of the schema: {one_line(wrong, 200)}" if wrong else ""
        raise Unusable(f"the reply holds no JSON object{why}")
    return found[0]


def _end_of_object(text: str, start: int) -> int | None:
    """Where the object that begins there ends; None for a brace that nothing closes, which is prose."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        mark = token.group()
        if mark in "{[":
            depth += 1
            if depth > _DEEPEST:
                raise Unusable(f"the reply's JSON is nested deeper than {_DEEPEST} levels")
        elif mark in "}]":
            depth -= 1
            if depth == 0:
                return token.end()
    return None


# --- what a person has to know beside it -----------------------------------------------------------------------------


def _other_target(target: Mapping[str, str], question: Question) -> Iterator[str]:
    named = (target["kind"].lower(), target["namespace"], target["name"])
    if named not in {(kind.lower(), namespace, name) for kind, namespace, name in question.about}:
        words = _unmistakable(f"{target['kind']} {target['namespace']}/{target['name']}")
        yield f"speaks about {words}, which is not the target"


def _unknown_evidence(diagnosis: Mapping[str, Any], question: Question) -> Iterator[str]:
    causes = (diagnosis["root_cause"], *diagnosis["contributing"])
    cited = dict.fromkeys(item for cause in causes for item in cause["evidence"])
    for item in cited:
        if item not in question.evidence_ids:
            yield f"cites {item}, which does not exist"
    if not cited and diagnosis["verdict"] in ("failing", "degraded"):
        yield "cites no evidence"


def _unmistakable(text: object) -> str:
    """One line in which a letter that only looks like another cannot pass for it."""
    return one_line(text, 240).encode("ascii", "backslashreplace").decode()


# --- in the interface's form -----------------------------------------------------------------------------------------


def _diagnosis(diagnosis: Mapping[str, Any], question: Question) -> dict[str, Any]:
    return {
        "verdict": diagnosis["verdict"],
        "root_cause": _cause(diagnosis["root_cause"], question),
        "contributing": [_cause(cause, question) for cause in diagnosis["contributing"]],
        "chain": [one_line(sentence) for sentence in diagnosis["chain"]],
    }


def _cause(cause: Mapping[str, Any], question: Question) -> dict[str, Any]:
    known = [item for item in dict.fromkeys(cause["evidence"]) if item in question.evidence_ids]
    return {
        "class": cause["class"],
        "summary": one_line(cause["summary"]),
        "confidence": float(cause["confidence"]),
        "evidence": known,
        "details": {},
    }


def _recommendation(given: Mapping[str, Any], advisor: str) -> dict[str, Any] | None:
    """A remedy with parameters that its table takes; None for the remedy `none`. Raises RemedyError."""
    if given["remedy"] == "none":
        if given["parameters"]:
            raise RemedyError("remedy none takes no parameters")
        return None
    remedy = find(given["remedy"])
    for name, value in given["parameters"].items():
        _check_bounds(remedy.id, name, value)
    return {
        "remedy": remedy.id,
        "parameters": checked_parameters(remedy, given["parameters"]),
        "reason": one_line(given["reason"]),
        "expected_outcome": one_line(given["expected_outcome"]),
        "advisor": advisor,
    }


def _check_bounds(remedy: str, name: str, value: Any) -> None:
    """What no parameter of any remedy needs: long texts, letters that only look like others, templates, big numbers."""
    for text in (name, *_texts(value)):
        if len(text) > _LONGEST_PARAMETER:
            raise RemedyError(f"a parameter of remedy {remedy} has {len(text)} characters")
        if not _PARAMETER.fullmatch(text):
            raise RemedyError(f"a parameter of remedy {remedy} holds other characters than ASCII: {json.dumps(text)}")
        if _TEMPLATE.search(text):
            raise RemedyError(f"parameter {name} of remedy {remedy} holds a template or substitution")
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        raise RemedyError(f"parameter {name} of remedy {remedy} is beyond {_LARGEST_NUMBER}")


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value
    return [*value, *value.values()] if isinstance(value, dict) else []
