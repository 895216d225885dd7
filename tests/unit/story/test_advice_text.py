# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person sees of AI advice: who disagrees comes first, marks stand beside it, and it is only text."""

from __future__ import annotations

from typing import Any

import pytest
from test_screen import plan, report, text


def entry(**changes: Any) -> dict[str, Any]:
    advised = {"remedy": "restart_rollout", "parameters": {}, "reason": "", "expected_outcome": "", "advisor": "kagent"}
    return {
        "advisor": "kagent",
        "name": "kagent",
        "model": "gpt-4.1-mini",
        "verdict": "failing",
        "class": "app-crash",
        "summary": "it divides by zero",
        "confidence": 0.7,
        "evidence": ["E1"],
        "contributing": [],
        "recommendation": advised,
        "flags": [],
        **changes,
    }


def joined(group: str, *entries: dict[str, Any], advisor: str = "rules") -> dict[str, Any]:
    return {"advisor": advisor, "sentence": "", group: list(entries)}


def test_who_disagrees_is_seen_before_the_verdict_with_both_sides_evidence() -> None:
    shown = text(report(joined=joined("disagree", entry())), plan())
    words = ["Target", "Disagree  kagent (gpt-4.1-mini) disagrees with the rules", "Verdict   failing", "E2 ", "E1 "]
    places = [shown.index(word) for word in [*words, "Change"]]
    assert places == sorted(places)
    assert "it would restart_rollout" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("agree", "Agrees    kagent (gpt-4.1-mini)"),
        ("added", "Adds      kagent (gpt-4.1-mini): it divides by zero (app-crash, 70% sure; E1)"),
        ("unsure", "Unsure    kagent (gpt-4.1-mini) cannot tell"),
    ],
)
def test_what_else_advisors_say_follows_the_verdict(group: str, said: str) -> None:
    shown = " ".join(text(report(joined=joined(group, entry())), plan()).split())
    assert shown.index("Verdict") < shown.index(" ".join(said.split())) < shown.index("Change")


def test_who_said_nothing_is_named_with_the_reason() -> None:
    silent = {"advisor": "kagent", "name": "kagent", "status": "none", "reason": "it had not answered within 20 s"}
    assert "No advice of kagent: it had not answered within 20 s" in text(report(joined=joined("silent", silent)), {})


@pytest.mark.parametrize("group", ["agree", "disagree", "added"])
def test_a_mark_stands_beside_the_answer(group: str) -> None:
    marked = entry(flags=["cites E99, which does not exist"])
    assert "Beware    kagent cites E99, which does not exist" in text(report(joined=joined(group, marked)), {})


def test_a_diagnosis_that_only_an_ai_makes_says_so() -> None:
    cause = {"class": "app-crash", "summary": "it divides by zero", "confidence": 0.7, "advisor": "kagent"}
    found = {"verdict": "failing", "root_cause": cause, "contributing": []}
    shown = " ".join(text(report(diagnosis=found, joined=joined("added", entry(), advisor="kagent")), {}).split())
    assert "(app-crash, 70% sure, says kagent, the rules do not know)" in shown
    assert "is not followed" not in shown


def test_advice_that_is_not_followed_says_so() -> None:
    assert "Advice    is not followed" in text(report(joined=joined("added", entry())), {})


def test_a_plan_that_only_an_ai_advised_says_so() -> None:
    assert "Advised   by kagent, an AI" in text(report(), plan(advisor="kagent"))
    assert "an AI" not in text(report(), plan(advisor="rules"))


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x1b]0;owned\x07", "\r\nTier      1 (trivial)", "\u202egnp", "{{ 7*7 }}"]
)
@pytest.mark.parametrize("group", ["agree", "disagree", "added", "unsure"])
def test_what_an_advisor_says_is_only_text(group: str, hostile: str) -> None:
    said = entry(summary=f"before{hostile}after", flags=[f"cites {hostile}"], name=f"kagent{hostile}")
    shown = text(report(joined=joined(group, said)), plan())
    assert not any(ord(item) < 32 and item != "\n" or item in "\u202e\x9b" for item in shown)
    assert sum(line.startswith("Tier") for line in shown.splitlines()) == 1
    assert "49" not in shown


def test_a_long_answer_does_not_push_the_plan_off_the_screen() -> None:
    said = entry(summary="long " * 200)
    assert len(text(report(joined=joined("disagree", said)), plan()).splitlines()) <= 45
