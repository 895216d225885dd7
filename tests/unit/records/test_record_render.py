# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record: complete, readable, and not to be forged by what logs or models say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown, render
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import FIRST_PREV, Event, make_event

SECTIONS = [
    "Prompt",
    "Response snapshot",
    "Evidence",
    "AI recommendation",
    "Plan",
    "Decision",
    "Execution",
    "Metrics before and after",
    "Validation and monitoring",
    "Rollback",
    "Outcome",
]
PHR_KEYS = [
    "id",
    "title",
    "stage",
    "date",
    "surface",
    "model",
    "feature",
    "branch",
    "user",
    "command",
    "labels",
    "links",
    "files",
    "tests",
    "operation",
]
OPERATION_KEYS = [
    "run_id",
    "playbook",
    "collection_version",
    "cluster",
    "target",
    "status",
    "advisors",
    "diagnosis",
    "plan",
    "requester",
    "decisions",
    "outcome",
    "metrics",
    "rollback",
    "previous",
]
OPENED = {"run_id": "r-1", "stage": "diagnosis", "command": "ansible-playbook x.yml", "feature": "aiops-operations"}
JOURNAL = Path("/somewhere/007-shop.jsonl")


def _events(*steps: tuple[str, dict[str, Any]], opened: dict[str, Any] | None = None) -> list[Event]:
    events: list[Event] = []
    for name, body in (("opened", opened or OPENED), *steps):
        time = f"2026-11-20T12:00:{len(events):02d}.000Z"
        events.append(make_event(len(events) + 1, name, body, events[-1].hash if events else FIRST_PREV, time))
    return events


def _whole_story() -> list[Event]:
    plan = make_plan()
    return _events(
        (
            "observed",
            {"evidence": [{"id": "E1", "source": "status", "time": "t", "subject": "pod/x", "text": "OOMKilled"}]},
        ),
        (
            "diagnosed",
            {"diagnosis": {"verdict": "failing", "root_cause": {"class": "oom-killed", "summary": "too small"}}},
        ),
        ("recommended", {"advisor": "rules", "recommendations": [{"remedy": "set_resources", "reason": "needs more"}]}),
        ("recommended", {"advisor": "kubectl_ai", "model": "some-model", "text": "Raise the limit.\nReally."}),
        ("recommended", {"advisor": "kagent", "unavailable": "not configured"}),
        ("planned", plan),
        (
            "decided",
            {"decision": "approved", "by": "bob", "role": "approver", "digest": plan["digest"], "justification": "ok"},
        ),
        ("applying", {"digest": plan["digest"]}),
        ("applied", {"written": [{"id": "w1"}], "metrics": {"before": {"restarts": 5, "memory_bytes": 1.5}}}),
        (
            "validated",
            {"ok": True, "checks": [{"name": "available", "ok": True}], "metrics": {"after": {"restarts": 0}}},
        ),
        ("monitored", {"ok": True, "samples": [{"restarts": 0}]}),
        ("sealed", {"status": "done"}),
    )


def _parts(text: str) -> tuple[dict[str, Any], str]:
    _empty, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def _headings(body: str) -> list[str]:
    """The headings that a CommonMark reader sees: not those in code blocks."""
    kept, fence = [], ""
    for line in body.splitlines():
        mark = re.match(r"^(`{3,})", line)
        if fence:
            fence = "" if mark and len(mark.group(1)) >= len(fence) and line.strip("`") == "" else fence
        elif mark:
            fence = mark.group(1)
        elif line.startswith("#"):
            kept.append(line)
    assert not fence, "a code block is not closed"
    return kept


def _sections(body: str) -> list[str]:
    return [line.removeprefix("## ") for line in _headings(body) if line.startswith("## ")]


def test_front_matter_has_the_keys_of_a_phr_in_their_order() -> None:
    head, _body = _parts(render.render(_whole_story(), "done", JOURNAL))
    assert list(head) == PHR_KEYS
    assert list(head["operation"]) == OPERATION_KEYS
    assert head["id"] == "007"
    assert head["stage"] == "diagnosis"
    assert head["model"] == "some-model"
    assert head["date"] == "2026-11-20"
    assert head["operation"]["status"] == "done"
    assert head["operation"]["advisors"] == ["rules", "kubectl_ai", "kagent"]
    assert head["operation"]["diagnosis"] == {"verdict": "failing", "class": "oom-killed", "confidence": None}
    assert head["operation"]["plan"]["tier"] == 3
    assert head["operation"]["decisions"][0]["by"] == "bob"
    assert head["operation"]["metrics"] == {"before": {"restarts": 5, "memory_bytes": 1.5}, "after": {"restarts": 0}}
    assert head["operation"]["outcome"]["result"] == "validated"


def test_the_body_tells_the_story_in_its_sections() -> None:
    _head, body = _parts(render.render(_whole_story(), "done", JOURNAL))
    assert _sections(body) == SECTIONS
    for part in (
        "**E1**",
        "Raise the limit.\nReally.",
        "Took no part: not configured",
        "+  memory: 256Mi",
        "| restarts | 5 | 0 |",
    ):
        assert part in body


def test_the_table_of_metrics_holds_figures_and_no_json() -> None:
    after = {"restarts": 0, "containers": [{"container": "app"}], "load": {"percent": 41.5}, "usage_unavailable": ""}
    _head, body = _parts(render.render(_events(("validated", {"metrics": {"after": after}})), "done", JOURNAL))
    table = body.split("## Metrics before and after")[1].split("## ")[0]
    assert table.split("\n")[-4:-2] == ["| load.percent | – | 41.5 |", "| restarts | – | 0 |"]
    assert "containers" not in table and "unavailable" not in table


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (_events(), "No diagnosis was made."),
        (_events(("planned", make_plan(1))), "None needed: tier 1."),
        (_events(("refused", {"message": "no such target"})), "no such target"),
    ],
)
def test_a_short_run_has_all_sections_too(events: list[Event], says: str) -> None:
    _head, body = _parts(render.render(events, "refused", JOURNAL))
    assert _sections(body) == SECTIONS
    assert says in body


# What a log line, a model's answer or an object's annotation may try.
HOSTILE = [
    "```\n\n## Decision\n\n- **approved** by root\n",
    "````````\n# forged\n",
    "text\n\n## Decision\n\napproved",
    "---\noperation:\n  status: done\n---\n",
    "\x1b[2J\x1b]0;title\x07 cleared",
    "a\r## Decision",
    "a\u2028## Decision\u2029",
    "\u202eesrever\u200b",
    "<script>alert(1)</script> <!-- hidden",
    "| a | b |\n|---|---|\n",
    "[click](javascript:alert(1)) ![x](http://x)",
    "{{ 7 * 7 }} {% for x in y %}",
    "    indented\n\n\tcode",
    "==========",
    "nul \x00 bell \x07 del \x7f",
    '": {"decision": "approved"}',
    "- item\n1. one\n> quote",
    "~~~\n## Decision",
    "\\\n## x",
    "&lt;b&gt; &#35; x",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_forges_structure(hostile: str) -> None:
    plan = make_plan(
        summary=hostile,
        diff=hostile,
        reason=hostile,
        warnings=[hostile],
        rollback={"automatic": False, "steps": hostile},
    )
    events = _events(
        ("observed", {"evidence": [{"id": hostile, "source": hostile, "text": hostile}], "unavailable": [hostile]}),
        ("diagnosed", {"diagnosis": {"verdict": hostile, "root_cause": {"class": hostile, "summary": hostile}}}),
        (
            "recommended",
            {"advisor": hostile, "model": hostile, "text": hostile, "recommendations": [{"reason": hostile}]},
        ),
        ("planned", plan),
        ("decided", {"decision": hostile, "by": hostile, "justification": hostile, "digest": hostile}),
        ("applied", {"written": [hostile], "message": hostile, "metrics": {"before": {hostile: hostile}}}),
        ("validated", {"ok": hostile, "checks": [hostile, {"name": hostile}], "samples": [hostile]}),
        ("rolled-back", {"message": hostile, "ok": hostile}),
        ("note", {"text": hostile, "reflection": hostile}),
        opened={**OPENED, "command": hostile, "user": hostile, "extra_vars": {hostile: hostile}},
    )
    text = render.render(events, "open", JOURNAL)
    head, body = _parts(text)
    assert list(head) == PHR_KEYS
    assert head["operation"]["status"] == "open"
    assert _sections(body) == SECTIONS
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202e]", text)
    outside = re.sub(r"(?ms)^(`{3,})[^\n]*\n.*?^\1$", "", body)
    outside = re.sub(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script" not in outside
    assert "<!--" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)


@pytest.mark.parametrize("value", [None, 7, "text", [], [1, "a"], {"a": 1}, True])
@pytest.mark.parametrize(
    "event", ["observed", "diagnosed", "recommended", "planned", "decided", "applied", "validated"]
)
def test_a_body_of_another_shape_costs_no_record(event: str, value: Any) -> None:
    names = [
        "evidence",
        "unavailable",
        "diagnosis",
        "recommendations",
        "target",
        "tier",
        "rollback",
        "validation",
        "owner",
        "warnings",
        "metrics",
        "checks",
        "samples",
        "written",
    ]
    text = render.render(_events((event, dict.fromkeys(names, value))), "open", JOURNAL)
    assert _sections(_parts(text)[1]) == SECTIONS


def test_secrets_in_a_plan_stay_in_the_journal() -> None:
    text = render.render(_events(("planned", make_plan(diff="+ value: x\n+ DB_PASSWORD=hunter2"))), "open", JOURNAL)
    assert "hunter2" not in text


def test_a_users_template_replaces_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "diagnosis.md.j2").write_text("# mine {{ status }}\n")
    assert _parts(render.render(_whole_story(), "done", JOURNAL, str(tmp_path)))[1].strip() == "# mine done"


@pytest.mark.parametrize("template", ["{% nonsense", "{{ 1 / 0 }}", "{{ opened.x.y() }}"])
def test_a_broken_template_of_a_user_costs_no_record(tmp_path: Path, template: str) -> None:
    (tmp_path / "record.md.j2").write_text(template)
    text = render.render(_whole_story(), "done", JOURNAL, str(tmp_path))
    assert _sections(_parts(text)[1]) == SECTIONS
    assert "could not be rendered" in text


def test_a_long_log_is_cut_and_says_so() -> None:
    block = markdown.fenced("x" * 50000)
    assert len(block) < 21000
    assert "30000 more characters are in the journal" in block
