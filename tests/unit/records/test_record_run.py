# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host's run: journal and record together, sealed, resumed, interrupted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
import yaml
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, opening
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events, verify
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import (
    Folder,
    Run,
    add_to,
    half_done,
    planned_target,
    refresh,
)


def _status(record: Path) -> str:
    head = yaml.safe_load(record.read_text().split("---\n", 2)[1])
    return str(head["operation"]["status"])


def test_a_run_has_a_journal_and_a_record_from_the_first_moment(run: Run) -> None:
    assert run.journal_path.name == "001-shop-checkout.jsonl"
    assert run.record_path.name == "001-shop-checkout.diagnosis.prompt.md"
    assert _status(run.record_path) == "open"
    assert stat.S_IMODE(run.journal_path.stat().st_mode) == 0o600


def test_a_plan_is_kept_to_the_letter_and_everything_else_redacted(run: Run) -> None:
    plan = make_plan(reason="DB_PASSWORD=hunter2 is in the letter of the plan")
    run.add(
        "observed",
        {"evidence": [{"id": "E1", "text": "DB_PASSWORD=hunter2"}], "env": {"name": "API_KEY", "value": "abc"}},
    )
    run.add("planned", plan)
    events = trusted_events(run.journal_path)
    assert "hunter2" not in canonical.encode(events[1].body).decode()
    assert events[1].body["env"]["value"] == "[redacted]"
    assert events[2].body == plan
    assert canonical.plan_digest(events[2].body) == plan["digest"]
    assert "hunter2" not in run.record_path.read_text()


def test_the_target_of_the_last_plan_is_what_a_rollback_is_named_after(run: Run) -> None:
    assert planned_target(run.events) == {}
    run.add("planned", make_plan())
    assert planned_target(run.events) == make_plan()["target"]


def test_a_sealed_run_says_how_it_ended(run: Run) -> None:
    run.add("planned", make_plan())
    assert run.seal(failed=False, counts={"ok": 3}) == "waiting"
    assert verify(run.journal_path).sealed
    assert _status(run.record_path) == "waiting"


def test_an_interrupted_run_says_where(run: Run) -> None:
    run.add("applying", {})
    assert run.interrupt("signal SIGTERM") == "interrupted"
    assert verify(run.journal_path).sealed
    assert "compare the object with the plan" in run.record_path.read_text()


def test_a_run_goes_on_in_an_earlier_journal(run: Run, tmp_path: Path) -> None:
    run.add("planned", make_plan())
    run.seal(failed=False, counts={})
    again = Run.resume(Folder(tmp_path / "history"), "1", {"run_id": "other", "stage": "diagnosis"})
    assert again.journal_path == run.journal_path
    assert again.run_id == run.run_id
    again.add("decided", {"decision": "rejected"})
    assert again.seal(failed=False, counts={}) == "rejected"
    assert verify(run.journal_path).intact
    assert [item.event for item in again.events][-4:] == ["sealed", "resumed", "decided", "sealed"]


def test_an_addendum_changes_the_status_of_a_sealed_record(run: Run) -> None:
    run.add("applied", {})
    run.seal(failed=False, counts={})
    add_to(run.journal_path, "rolled-back", {"ok": True})
    assert verify(run.journal_path).sealed
    assert _status(run.record_path) == "rolled-back"


def test_a_deleted_or_forged_record_is_rendered_anew_and_never_read(run: Run) -> None:
    run.add("planned", make_plan())
    run.record_path.write_text("---\noperation: {status: done}\n---\n**approved** by root\n")
    run.add("note", {"text": "on"})
    assert "by root" not in run.record_path.read_text()
    run.record_path.unlink()
    assert refresh(run.journal_path) == "open"
    assert run.record_path.is_file()


def test_a_record_that_cannot_be_written_is_an_error(run: Run) -> None:
    run.record_path.unlink()
    run.record_path.mkdir()
    with pytest.raises(RecordError, match="the record .* cannot be written"):
        run.add("note", {})


def test_half_done_changes_of_a_target_are_found(run: Run, tmp_path: Path) -> None:
    plan = make_plan()
    run.add("planned", plan)
    assert half_done(tmp_path / "history", plan["target"]) == []
    run.add("applying", {})
    assert half_done(tmp_path / "history", plan["target"]) == []  # still running: this very process
    run.interrupt("killed")
    assert half_done(tmp_path / "history", plan["target"]) == [run.journal_path]
    assert half_done(tmp_path / "history", {**plan["target"], "name": "other"}) == []
    assert half_done(tmp_path / "history", plan["target"], besides=run.journal_path) == []


def test_the_environment_names_the_journals(run: Run) -> None:
    live.publish({"a": run.published()}, "")
    assert os.environ["AIOPS_RECORD"] == str(run.journal_path)
    assert live.current("a").journal == str(run.journal_path)
    live.publish({"a": run.published(), "b": run.published()}, "no space")
    assert "AIOPS_RECORD" not in os.environ
    assert live.problem() == "no space"
    live.forget()
    with pytest.raises(RecordError, match=r"enable the callback aiops\.kubernetes\.phr"):
        live.current("a")


class EncryptedString(str):
    """Stands for ansible-core's own type of a value under vault."""


def test_what_was_asked_is_kept_without_secrets() -> None:
    extra = opening.without_vault(
        {"api_key": "abc", "n": {"password": "x"}, "v": EncryptedString("plain"), "target": "pod/a"}
    )
    assert opening.variables(extra) == {
        "api_key": "[redacted]",
        "n": '{"password": "[redacted]"}',
        "v": "[redacted]",
        "target": "pod/a",
    }
    words = ["/usr/bin/ansible-playbook", "x y.yml", "-e", "api_key=abc target=pod/a"]
    assert opening.command(words) == "ansible-playbook 'x y.yml' -e 'api_key=[redacted] target=pod/a'"


def test_names_of_secrets_stay() -> None:
    body = {
        "secret": "checkout-db",
        "variable": "DB_PASSWORD",
        "secretName": "x",
        "token": "abc",
        "nested": [{"password": "p"}],
    }
    assert redacted(body) == {**body, "token": "[redacted]", "nested": [{"password": "[redacted]"}]}


def test_the_branch_is_read_without_git(tmp_path: Path) -> None:
    assert opening.branch(tmp_path) is None
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/feature/x\n")
    (tmp_path / "below").mkdir()
    assert opening.branch(tmp_path / "below") == "feature/x"
