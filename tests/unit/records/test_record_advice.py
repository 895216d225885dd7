# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors said stays in the record, word for word, also what came after the run had ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import late
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events, verify
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run

CAUSE = {"class": "app-crash", "summary": "it divides by zero", "confidence": 0.7, "evidence": ["E1"], "details": {}}


def answer(**changes: Any) -> dict[str, Any]:
    remedy = {"remedy": "restart_rollout", "parameters": {}, "reason": "once", "expected_outcome": "it runs"}
    return {
        "advisor": "kagent",
        "name": "kagent",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "status": "answered",
        "reason": "",
        "diagnosis": {"verdict": "failing", "root_cause": CAUSE, "contributing": [], "chain": []},
        "recommendation": {**remedy, "advisor": "kagent"},
        "flags": ["cites E99, which does not exist"],
        "raw": 'My answer: {"a": 1}\n```\n# not a heading\n```',
        "commands": ['k8s_get_events {"namespace": "shop"}'],
        "tokens": {"prompt": 11, "completion": 7},
        "duration_seconds": 1.25,
        "question_digest": "sha256:0123",
        **changes,
    }


def run_with(tmp_path: Path, *answers: dict[str, Any]) -> Run:
    run = Run.open(Folder(tmp_path), "shop-checkout", {"run_id": "r1", "stage": "diagnosis", "command": "x"})
    run.add("recommended", {"advisor": "rules", "recommendations": []})
    for body in answers:
        run.add("advised", body)
    return run


def front_matter(run: Run) -> dict[str, Any]:
    head: dict[str, Any] = yaml.safe_load(run.record_path.read_text().split("---\n")[1])
    return head


def test_the_answer_stands_in_the_record_word_for_word(tmp_path: Path) -> None:
    run = run_with(tmp_path, answer(question="Why does it fail? password=hunter2hunter2"))
    section = run.record_path.read_text().partition("## AI recommendation")[2].partition("\n## Plan")[0]
    for words in (
        "### kagent (gpt-4.1-mini)",
        "it divides by zero",
        "`restart_rollout`",
        "Marked: it cites E99, which does not exist",
        'k8s_get_events {"namespace": "shop"}',
        "`sha256:0123`, answered in 1.25 s",
        'My answer: {"a": 1}',
        "Why does it fail?",
    ):
        assert words in section
    assert "hunter2" not in run.record_path.read_text() + run.journal_path.read_text()


def test_an_advisor_whose_remedy_was_taken_has_one_heading(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    run.add("recommended", {"advisor": "kagent", "recommendations": [{"remedy": "restart_rollout"}]})
    run.add("advised", answer())
    headings = [line for line in run.record_path.read_text().splitlines() if line.startswith("### ")]
    assert headings == ["### rules", "### Proposed, as kagent advised", "### kagent (gpt-4.1-mini)"]


def test_the_front_matter_names_who_took_part_and_the_model(tmp_path: Path) -> None:
    nothing = answer(name="gemini", model="gemini-2.5-pro", status="none", reason="it is not set up", diagnosis=None)
    head = front_matter(run_with(tmp_path, answer(), nothing))
    assert head["model"] == "gpt-4.1-mini"
    assert head["operation"]["advisors"] == ["rules", "kagent"]
    run = run_with(tmp_path, nothing)
    assert front_matter(run)["model"] == "rules"
    assert front_matter(run)["operation"]["advisors"] == ["rules"]
    assert "Took no part: it is not set up" in run.record_path.read_text()


def test_a_late_answer_is_an_addendum_after_the_seal(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    opened = run.published()
    run.seal(failed=False, counts={})
    folder = tmp_path / "late"
    folder.mkdir()
    (folder / "0.json").write_text(json.dumps(answer()))
    late.follow(opened, folder, {"0": "kagent"}, 5)
    events = trusted_events(run.journal_path)
    assert [event.event for event in events][-2:] == ["sealed", "advised"]
    assert events[-1].body["late"] is True
    assert verify(run.journal_path).sealed
    record = run.record_path.read_text()
    assert "### kagent (gpt-4.1-mini), later" in record
    assert "**Status: done**" in record
    assert not folder.exists()


def test_one_that_never_answers_is_said_to_have_not(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    folder = tmp_path / "late"
    folder.mkdir()
    late.follow(run.published(), folder, {"0": "kagent"}, 0.2)
    assert trusted_events(run.journal_path)[-1].body["reason"] == "it did not answer later either"
    assert not folder.exists()


def test_a_journal_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    opened = run.published()
    run.journal_path.unlink()
    folder = tmp_path / "late"
    folder.mkdir()
    (folder / "0.json").write_text(json.dumps(answer()))
    late.follow(opened, folder, {"0": "kagent"}, 5)
    assert not folder.exists()
