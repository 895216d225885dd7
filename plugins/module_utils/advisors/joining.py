# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts the advisors' answers beside what the rules found: who agrees, who disagrees, what they add (pure).

Rules come first, always. An answer moves something in two cases only: where it names the rules' own root cause, the
confidence in it rises; where the rules do not know, it may become the diagnosis and the recommendation, marked as AI's,
if no other answer contradicts it. An answer with a mark (another target, evidence that does not exist) is shown with
its mark and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import ANSWERED, Answer

SUREST: Final = 0.99
# As sure as one may be of what only AIs say; and what each of several that agree adds at most.
SUREST_OF_AI: Final = 0.7
SUREST_OF_AIS: Final = 0.8
_NO_OPINION: Final = frozenset({"unknown"})


@dataclass(frozen=True)
class Joined:
    """What is said after all. `advice` is every answer; `agree`, `disagree`, `added` and `unsure` are those that were
    given, as `entry_of` shows them; `silent` the rest with reasons; `advisor` whom the diagnosis is from."""

    diagnosis: dict[str, Any]
    recommendations: list[dict[str, Any]]
    advice: list[dict[str, Any]]
    advisor: str
    agree: list[dict[str, Any]] = field(default_factory=list)
    disagree: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[dict[str, Any]] = field(default_factory=list)
    silent: list[dict[str, Any]] = field(default_factory=list)
    sentence: str = ""

    def to_json(self) -> dict[str, Any]:
        """`{"diagnosis", "recommendations", "advice", "joined"}`, which a module adds to its report."""
        stands = ("advisor", "agree", "disagree", "added", "unsure", "silent", "sentence")
        return {
            "diagnosis": self.diagnosis,
            "recommendations": self.recommendations,
            "advice": self.advice,
            "joined": {name: getattr(self, name) for name in stands},
        }


def join(
    diagnosis: Mapping[str, Any], recommendations: Sequence[Mapping[str, Any]], answers: Sequence[Answer]
) -> Joined:
    """The rules' diagnosis and recommendations (in the interface's form) joined with the advisors' answers."""
    given = [answer for answer in answers if answer.status == ANSWERED and answer.diagnosis]
    groups: dict[str, list[dict[str, Any]]] = {"agree": [], "disagree": [], "added": [], "unsure": []}
    for answer in given:
        groups[_stand(diagnosis, answer)].append(entry_of(answer))
    silent = [_silence(answer) for answer in answers if answer not in given]
    found, recommended, advisor = dict(diagnosis), [dict(item) for item in recommendations], "rules"
    convincing = [answer for answer in given if not answer.flags]
    if _class_of(diagnosis) == "unknown":
        leading = _leading(convincing)
        if leading:
            found, advisor = _taken_over(diagnosis, leading), leading[0].name
            recommended = _proposed(leading) + recommended
    else:
        found = _surer(diagnosis, [answer for answer in convincing if _stand(diagnosis, answer) == "agree"])
    return Joined(
        diagnosis=found,
        recommendations=recommended,
        advice=[answer.to_json() for answer in answers],
        advisor=advisor,
        **groups,
        silent=silent,
        sentence=_sentence(groups, silent, advisor),
    )


def entry_of(answer: Answer) -> dict[str, Any]:
    """What a person is shown of an answer."""
    diagnosis = answer.diagnosis or {}
    cause = diagnosis["root_cause"]
    return {
        "advisor": answer.advisor,
        "name": answer.name,
        "model": answer.model,
        "verdict": diagnosis["verdict"],
        "class": cause["class"],
        "summary": cause["summary"],
        "confidence": cause["confidence"],
        "evidence": list(cause["evidence"]),
        "contributing": [item["class"] for item in diagnosis.get("contributing") or ()],
        "recommendation": answer.recommendation,
        "flags": list(answer.flags),
    }


def _class_of(diagnosis: Mapping[str, Any]) -> str:
    return str((diagnosis.get("root_cause") or {}).get("class") or "unknown")


def _stand(diagnosis: Mapping[str, Any], answer: Answer) -> str:
    """agree, disagree, added (the rules do not know, or it was no more than a contributing cause) or unsure."""
    said, ours = _class_of(answer.diagnosis or {}), _class_of(diagnosis)
    if said in _NO_OPINION:
        return "unsure"
    if ours == "unknown":
        return "added"
    return "agree" if said == ours else "disagree"


def _silence(answer: Answer) -> dict[str, Any]:
    return {"advisor": answer.advisor, "name": answer.name, "status": answer.status, "reason": answer.reason}


def _surer(diagnosis: Mapping[str, Any], agreeing: Sequence[Answer]) -> dict[str, Any]:
    """The doubt that is left shrinks with each that agrees, by half of its own confidence: an AI may have guessed."""
    cause = dict(diagnosis["root_cause"])
    confidence = float(cause.get("confidence") or 0.0)
    for answer in agreeing:
        confidence = 1 - (1 - confidence) * (1 - _confidence(answer) / 2)
    if agreeing:
        cause["confidence"] = round(max(float(cause.get("confidence") or 0.0), min(confidence, SUREST)), 2)
    return {**diagnosis, "root_cause": cause}


def _leading(convincing: Sequence[Answer]) -> list[Answer]:
    """The answers that name one and the same cause, the surest first; none where any names another."""
    opinions = [answer for answer in convincing if _class_of(answer.diagnosis or {}) not in _NO_OPINION]
    if len({_class_of(answer.diagnosis or {}) for answer in opinions}) != 1:
        return []
    return sorted(opinions, key=lambda answer: -_confidence(answer))


def _confidence(answer: Answer) -> float:
    return float((answer.diagnosis or {})["root_cause"]["confidence"])


def _taken_over(diagnosis: Mapping[str, Any], leading: Sequence[Answer]) -> dict[str, Any]:
    """An advisor's cause where the rules have none: the verdict stays the rules', and the cause says whose it is."""
    first: Mapping[str, Any] = leading[0].diagnosis or {}
    most = SUREST_OF_AI if len(leading) == 1 else SUREST_OF_AIS
    cause = {
        **first["root_cause"],
        "confidence": min(_confidence(leading[0]), most),
        "advisor": ", ".join(answer.name for answer in leading),
    }
    contributing = [*(first.get("contributing") or []), *(diagnosis.get("contributing") or [])]
    return {**diagnosis, "root_cause": cause, "contributing": contributing, "chain": first.get("chain") or []}


def _proposed(leading: Sequence[Answer]) -> list[dict[str, Any]]:
    """Their remedies, each once, in their order."""
    proposed: list[dict[str, Any]] = []
    for answer in leading:
        known = [(item["remedy"], item["parameters"]) for item in proposed]
        advised = answer.recommendation
        if advised and (advised["remedy"], advised["parameters"]) not in known:
            proposed.append({**advised, "advisor": answer.name})
    return proposed


def _sentence(groups: Mapping[str, list[dict[str, Any]]], silent: Sequence[Mapping[str, Any]], advisor: str) -> str:
    """One sentence a group, disagreement first."""
    parts: list[tuple[Sequence[Mapping[str, Any]], str, str]] = [
        (groups["disagree"], "disagree with the rules", "disagrees with the rules"),
        (groups["agree"], "agree with the rules", "agrees with the rules"),
        (groups["added"], "name a cause where the rules have none", "names a cause where the rules have none"),
        (groups["unsure"], "cannot tell", "cannot tell"),
        ([item for item in silent if item["status"] != "none"], "gave no usable answer", "gave no usable answer"),
        ([item for item in silent if item["status"] == "none"], "gave no answer", "gave no answer"),
    ]
    said = []
    for entries, many, one in parts:
        names = [str(item["name"]) for item in entries]
        if names:
            said.append(f"{' and '.join(names)} {one if len(names) == 1 else many}")
    if groups["added"] and advisor == "rules":
        said.append("none of it is proposed, since it is contradicted or marked")
    return "; ".join(said) + ("." if said else "")
