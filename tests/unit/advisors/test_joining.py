# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules first: what an advisor's answer may move, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.joining import Joined, join
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Answer

REMEDY = {
    "remedy": "set_resources",
    "parameters": {"container": "app", "limits": {"memory": "128Mi"}},
    "reason": "it needs 90 MB",
    "expected_outcome": "it is not killed again",
    "advisor": "kagent",
}
BY_RULES = {**REMEDY, "parameters": {"container": "app", "limits": {"memory": "96Mi"}}, "advisor": "rules"}


def diagnosis(class_: str, confidence: float = 0.8, verdict: str = "failing") -> dict[str, Any]:
    cause = {"class": class_, "summary": f"it is {class_}", "confidence": confidence, "evidence": ["E1"], "details": {}}
    return {"verdict": verdict, "root_cause": cause, "contributing": [], "chain": []}


def says(class_: str, confidence: float = 0.8, name: str = "kagent", **more: Any) -> Answer:
    given = {"recommendation": REMEDY, **more}
    return Answer("kagent", name, "answered", "sha256:0", diagnosis=diagnosis(class_, confidence), **given)


def silent(reason: str = "it had not answered in time", status: str = "none") -> Answer:
    return Answer("kubectl_ai", "kubectl_ai", status, "sha256:0", reason=reason)


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in entries]


KNOWN, UNKNOWN = diagnosis("oom-killed"), diagnosis("unknown", 0.0)


def test_without_answers_everything_stands_as_the_rules_said() -> None:
    joined = join(KNOWN, [BY_RULES], [])
    assert (joined.diagnosis, joined.recommendations) == (KNOWN, [BY_RULES])
    assert (joined.advisor, joined.sentence, joined.advice) == ("rules", "", [])


def test_agreement_raises_the_confidence_and_nothing_else() -> None:
    joined = join(KNOWN, [BY_RULES], [says("oom-killed", 0.9)])
    assert joined.diagnosis["root_cause"].pop("confidence") == 0.89
    assert joined.diagnosis["root_cause"] == {key: v for key, v in KNOWN["root_cause"].items() if key != "confidence"}
    assert joined.recommendations == [BY_RULES]
    assert names(joined.agree) == ["kagent"]
    assert joined.sentence == "kagent agrees with the rules."


def test_on_disagreement_both_stand_with_their_evidence() -> None:
    joined = join(KNOWN, [BY_RULES], [says("app-crash", 1.0)])
    assert joined.diagnosis == KNOWN
    assert joined.recommendations == [BY_RULES]
    [other] = joined.disagree
    assert (other["class"], other["evidence"], other["confidence"]) == ("app-crash", ["E1"], 1.0)
    assert other["recommendation"] == REMEDY
    assert joined.sentence == "kagent disagrees with the rules."


def test_where_rules_do_not_know_an_advisor_may_be_followed_and_is_named() -> None:
    joined = join(UNKNOWN, [], [says("app-crash", 0.95)])
    cause = joined.diagnosis["root_cause"]
    assert (cause["class"], cause["advisor"], cause["confidence"]) == ("app-crash", "kagent", 0.7)
    assert joined.diagnosis["verdict"] == "failing"
    assert joined.recommendations == [REMEDY]
    assert joined.advisor == "kagent"
    assert names(joined.added) == ["kagent"]


def test_the_advisor_of_a_recommendation_is_who_gave_it_whatever_it_says() -> None:
    joined = join(UNKNOWN, [], [says("app-crash", recommendation={**REMEDY, "advisor": "rules"})])
    assert [item["advisor"] for item in joined.recommendations] == ["kagent"]


def test_two_that_agree_are_surer_and_their_remedies_are_kept_once() -> None:
    both = [says("app-crash", 0.6), says("app-crash", 0.9, name="gemini")]
    joined = join(UNKNOWN, [], both)
    assert joined.diagnosis["root_cause"]["confidence"] == 0.8
    assert joined.diagnosis["root_cause"]["advisor"] == "gemini, kagent"
    assert joined.recommendations == [{**REMEDY, "advisor": "gemini"}]


def test_two_that_contradict_each_other_move_nothing() -> None:
    joined = join(UNKNOWN, [], [says("app-crash"), says("dns-failure", name="gemini")])
    assert joined.diagnosis == UNKNOWN
    assert joined.recommendations == []
    assert names(joined.added) == ["kagent", "gemini"]
    assert "contradicted" in joined.sentence


@pytest.mark.parametrize("rules", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("class_", ["oom-killed", "app-crash"])
def test_a_marked_answer_is_shown_with_its_mark_and_moves_nothing(rules: dict[str, Any], class_: str) -> None:
    joined = join(rules, [BY_RULES], [says(class_, flags=["cites E99, which does not exist"])])
    assert joined.diagnosis == rules
    assert joined.recommendations == [BY_RULES]
    [shown] = joined.agree + joined.disagree + joined.added
    assert shown["flags"] == ["cites E99, which does not exist"]


def test_who_cannot_tell_is_neither_for_nor_against() -> None:
    for rules in (KNOWN, UNKNOWN):
        joined = join(rules, [], [says("unknown", 0.0, recommendation=None)])
        assert joined.diagnosis == rules
        assert names(joined.unsure) == ["kagent"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("none", "kubectl_ai gave no answer."), ("unusable", "kubectl_ai gave no usable answer.")],
)
def test_who_says_nothing_is_named_with_the_reason(status: str, sentence: str) -> None:
    joined = join(KNOWN, [], [silent(status=status)])
    assert joined.diagnosis == KNOWN
    [entry] = joined.silent
    assert (entry["name"], entry["reason"]) == ("kubectl_ai", "it had not answered in time")
    assert joined.sentence == sentence


def test_disagreement_is_said_first() -> None:
    joined = join(KNOWN, [], [says("oom-killed"), says("app-crash", name="gemini"), silent()])
    assert joined.sentence == (
        "gemini disagrees with the rules; kagent agrees with the rules; kubectl_ai gave no answer."
    )


CLASSES = st.sampled_from(["oom-killed", "app-crash", "unknown", "healthy", "dns-failure"])
CONFIDENCE = st.floats(0, 1)
ANSWERS = st.lists(
    st.builds(
        lambda class_, sure, flags, name: says(class_, sure, name, flags=flags),
        CLASSES,
        CONFIDENCE,
        st.sampled_from([[], ["cites E99, which does not exist"]]),
        st.sampled_from(["kagent", "gemini", "openai"]),
    ),
    max_size=4,
)


@given(CLASSES.filter(lambda class_: class_ != "unknown"), CONFIDENCE, ANSWERS)
def test_no_answers_change_what_the_rules_know(class_: str, sure: float, answers: list[Answer]) -> None:
    rules = diagnosis(class_, sure)
    joined: Joined = join(rules, [BY_RULES], answers)
    assert joined.diagnosis["root_cause"]["class"] == class_
    assert joined.diagnosis["verdict"] == "failing"
    assert joined.recommendations == [BY_RULES]
    assert joined.advisor == "rules"
    assert round(sure, 2) - 0.01 <= joined.diagnosis["root_cause"]["confidence"] <= 1
    assert len(joined.agree) + len(joined.disagree) + len(joined.unsure) == len(answers)


@given(ANSWERS)
def test_what_only_ais_say_is_theirs_and_never_sure(answers: list[Answer]) -> None:
    joined = join(UNKNOWN, [], answers)
    assert joined.diagnosis["root_cause"]["confidence"] <= 0.8
    assert all(item["advisor"] != "rules" for item in joined.recommendations)
    if joined.advisor == "rules":
        assert joined.diagnosis == UNKNOWN
        assert joined.recommendations == []
