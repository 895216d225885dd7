# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Only an approval leads to a write, and what is written is what the record says: the audit log is the witness."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from support import audit
from support.cluster import Cluster, eventually
from support.story import Story, Terminal, plain
from support.workloads import hungry, memory_limit, spec, until_killed

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError

TARGET = "deployment/checkout"
ONLY_PATCH = [{"op": "replace", "path": "/spec/template/spec/containers/0/resources/limits/memory", "value": "13Mi"}]


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    """A Deployment that the kernel kills, and records of its own."""
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    return Story(cluster, namespace, tmp_path / "records")


def approve(terminal: Terminal, _story: Story) -> None:
    terminal.approves()


def approve_after_wrong_phrases(terminal: Terminal, _story: Story) -> None:
    for wrong in ("yes", "approve", ""):
        terminal.asked()
        terminal.types(wrong)
    terminal.approves()


def reject(terminal: Terminal, _story: Story) -> None:
    terminal.asked()
    terminal.types("reject")
    terminal.sees("Why not")
    terminal.types("not today")


def type_wrong_phrases_only(terminal: Terminal, _story: Story) -> None:
    terminal.asked()
    terminal.types("yes")
    terminal.asked()


def wait(terminal: Terminal, _story: Story) -> None:
    terminal.asked()


def type_half(terminal: Terminal, _story: Story) -> None:
    terminal.types(terminal.asked(), enter=False)


def press_ctrl_c(terminal: Terminal, _story: Story) -> None:
    terminal.asked()
    terminal.types("\x03", enter=False)


def change_a_field_and_approve(terminal: Terminal, story: Story) -> None:
    phrase = terminal.asked()
    story.cluster.kubectl(
        "patch", "deployment", "checkout", "-n", story.namespace, "--type=json", "-p", json.dumps(ONLY_PATCH)
    )
    terminal.types(phrase)
    terminal.sees("Why is this")
    terminal.types("it needs it")


def alter_the_journal_and_approve(terminal: Terminal, story: Story) -> None:
    phrase = terminal.asked()
    [journal] = story.journals()
    journal.write_text(journal.read_text().replace("24Mi", "96Mi"))
    terminal.types(phrase)
    terminal.sees("Why is this")
    terminal.types("it needs it")


def alter_the_record_and_approve(terminal: Terminal, story: Story) -> None:
    phrase = terminal.asked()
    [journal] = story.journals()
    [record] = journal.parent.glob("*.md")
    record.write_text(record.read_text().replace("24Mi", "96Mi"))
    terminal.types(phrase)
    terminal.sees("Why is this")
    terminal.types("it needs it")


def fill_the_disk_and_approve(terminal: Terminal, story: Story) -> None:
    """The journal's folder goes while the person thinks: root may write whatever the mode says."""
    phrase = terminal.asked()
    shutil.rmtree(story.folder)
    story.folder.write_text("no folder")
    terminal.types(phrase)
    terminal.sees("Why is this")
    terminal.types("it needs it")


@dataclass(frozen=True)
class Case:
    """What a person (or the world) does at the question, how long it stays open, and what comes of it."""

    does: Callable[[Terminal, Story], None]
    window_seconds: int
    status: str
    code: int
    writes: int


CASES = {
    "approved": Case(approve, 0, "done", 0, 1),
    "approved after wrong phrases": Case(approve_after_wrong_phrases, 0, "done", 0, 1),
    "rejected": Case(reject, 0, "rejected", 0, 0),
    "wrong phrase": Case(type_wrong_phrases_only, 6, "expired", 0, 0),
    "expired": Case(wait, 2, "expired", 0, 0),
    "expired with half-typed text": Case(type_half, 4, "expired", 0, 0),
    "Ctrl-C": Case(press_ctrl_c, 0, "aborted", 0, 0),
    "a relevant field changed meanwhile": Case(change_a_field_and_approve, 0, "refused", 2, 0),
    "journal altered": Case(alter_the_journal_and_approve, 0, "", 2, 0),
    "record altered": Case(alter_the_record_and_approve, 0, "done", 0, 1),
    "journal not writable": Case(fill_the_disk_and_approve, 0, "", 2, 0),
}


@pytest.mark.parametrize("name", list(CASES))
def test_at_a_terminal_only_an_approval_writes(story: Story, name: str) -> None:
    case = CASES[name]
    before = spec(story.cluster, story.namespace)["template"]
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET, change_window_seconds=case.window_seconds)
    case.does(terminal, story)
    run = terminal.end()
    assert run.code == case.code, run.output
    writes = audit.writes(story.cluster, story.namespace)
    assert len(writes) == case.writes, writes
    if case.status:
        assert f"Status: {case.status}" in run.output
        assert {item.split()[0] for item in story.names() if item.startswith("roll")} == set()
        assert ("applied" in story.names()) == bool(case.writes)
        assert f"**Status: {case.status}**" in story.record()
    if case.writes:
        assert audit.run_ids(writes) == {story.body("opened")["run_id"]}
        assert json.loads(json.dumps(writes[0]["requestObject"]))
        assert memory_limit(story.cluster, story.namespace) == "24Mi"
    elif name != "a relevant field changed meanwhile":
        assert spec(story.cluster, story.namespace)["template"] == before


def closed_input(story: Story) -> tuple[int, str]:
    run = story.run("diagnose_pod.yml", target=TARGET)
    assert f"playbooks/approve.yml -e record={story.body('opened')['run_id']}" in plain(run.output)
    assert story.body("planned")["digest"] in run.output
    return run.code, story.body("sealed")["status"]


def piped_input(story: Story) -> tuple[int, str]:
    run = story.run("diagnose_pod.yml", target=TARGET, typed="approve\nyes\n\n")
    return run.code, story.body("sealed")["status"]


def callback_not_enabled(story: Story) -> tuple[int, str]:
    story.environment["ANSIBLE_CALLBACKS_ENABLED"] = "ansible.posix.timer"
    digest = "sha256:" + "0" * 64
    run = story.run("diagnose_pod.yml", target=TARGET, change_decision="approved", change_digest=digest)
    assert "callbacks_enabled" in run.output
    assert not story.journals()
    return run.code, "refused"


def no_folder_for_records(story: Story) -> tuple[int, str]:
    story.folder.write_text("no folder")
    run = story.run("diagnose_pod.yml", target=TARGET)
    return run.code, "refused"


def another_digest(story: Story) -> tuple[int, str]:
    story.run("diagnose_pod.yml", target=TARGET)
    run = story.run(
        "approve.yml", record="1", decision="approved", digest="sha256:" + "0" * 64, justification="why not"
    )
    assert "read the plan again" in plain(run.output)
    return run.code, story.body("sealed")["status"]


def no_justification(story: Story) -> tuple[int, str]:
    story.run("diagnose_pod.yml", target=TARGET)
    run = story.run("approve.yml", record="1", decision="approved", digest=story.body("planned")["digest"])
    return run.code, story.body("sealed")["status"]


def rejected_by_variable(story: Story) -> tuple[int, str]:
    story.run("diagnose_pod.yml", target=TARGET)
    run = story.run("approve.yml", record="1", decision="rejected", digest=story.body("planned")["digest"])
    assert run.code == 0
    again = story.run(
        "approve.yml", record="1", decision="approved", digest=story.body("planned")["digest"], justification="please"
    )
    assert again.code == 2
    assert "was rejected" in plain(again.output)
    return run.code, "rejected"


def stronger_proof_demanded(story: Story) -> tuple[int, str]:
    story.run("diagnose_pod.yml", target=TARGET)
    run = story.run(
        "approve.yml",
        record="1",
        decision="approved",
        digest=story.body("planned")["digest"],
        justification="it needs it",
        change_minimum_strength="terminal",
    )
    return run.code, story.body("sealed")["status"]


def field_changed_before_approval(story: Story) -> tuple[int, str]:
    story.run("diagnose_pod.yml", target=TARGET)
    story.cluster.kubectl(
        "patch", "deployment", "checkout", "-n", story.namespace, "--type=json", "-p", json.dumps(ONLY_PATCH)
    )
    run = story.run(
        "approve.yml", record="1", decision="approved", digest=story.body("planned")["digest"], justification="please"
    )
    assert "13Mi" in run.output
    assert "asked" not in story.names()[story.names().index("resumed") :]
    return run.code, story.body("sealed")["status"]


WITHOUT_A_TERMINAL = {
    "closed input": (closed_input, 0, "waiting"),
    "no terminal": (piped_input, 0, "waiting"),
    "callback not enabled": (callback_not_enabled, 2, "refused"),
    "journal not writable": (no_folder_for_records, 2, "refused"),
    "another digest": (another_digest, 2, "refused"),
    "no justification": (no_justification, 2, "refused"),
    "rejected by variable": (rejected_by_variable, 0, "rejected"),
    "stronger proof demanded": (stronger_proof_demanded, 2, "refused"),
    "a field changed before the approval": (field_changed_before_approval, 2, "refused"),
}


@pytest.mark.parametrize("name", list(WITHOUT_A_TERMINAL))
def test_without_a_terminal_nothing_is_written(story: Story, name: str) -> None:
    does, code, status = WITHOUT_A_TERMINAL[name]
    assert does(story) == (code, status)
    assert audit.writes(story.cluster, story.namespace) == []


def test_two_hosts_in_one_play_have_a_decision_each(story: Story, tmp_path: Path) -> None:
    """Both hosts are the same cluster here, so the second plan no longer fits once the first was applied."""
    story.cluster.apply(story.namespace, json.dumps(hungry("payment")))
    until_killed(story.cluster, story.namespace, "payment")
    hosts = {
        name: {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "target": f"deployment/{name}",
        }
        for name in ("checkout", "payment")
    }
    inventory = tmp_path / "fleet.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    story.environment["ANSIBLE_INVENTORY"] = str(inventory)
    terminal = story.at_terminal("diagnose_pod.yml")
    for _host in hosts:
        phrase = terminal.asked()
        # Each question stands right below its own plan.
        host = re.findall(r"Target +Deployment \S+/(\w+) in ", terminal.process.before)[-1]
        terminal.types(phrase if host == "checkout" else "reject")
        terminal.sees("Why is this" if host == "checkout" else "Why not")
        terminal.types(f"because it is {host}")
    run = terminal.end()
    assert run.code == 0, run.output
    assert len(story.journals()) == 2
    assert memory_limit(story.cluster, story.namespace, "checkout") == "24Mi"
    assert memory_limit(story.cluster, story.namespace, "payment") == "12Mi"
    [write] = audit.writes(story.cluster, story.namespace)
    assert write["objectRef"]["name"] == "checkout"


def test_an_expired_plan_is_made_anew(story: Story) -> None:
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET, change_window_seconds=1)
    assert "Status: expired" in terminal.end().output
    first = story.body("planned")["digest"]
    terminal = story.at_terminal("approve.yml", record="1")
    terminal.approves()
    run = terminal.end()
    assert run.code == 0, run.output
    assert "Status: done" in run.output
    assert story.body("planned")["digest"] != first
    assert story.body("decided")["digest"] == story.body("planned")["digest"]
    assert len(audit.writes(story.cluster, story.namespace)) == 1
    again = story.run("approve.yml", record="1")
    assert again.code == 2
    assert "applied already" in plain(again.output)


def test_a_fix_that_does_not_hold_is_rolled_back(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    story = Story(cluster, namespace, tmp_path / "records")
    cluster.apply(namespace, json.dumps(hungry(needs_mebibytes=60)))
    until_killed(cluster, namespace)
    before = spec(cluster, namespace)
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET)
    terminal.approves()
    run = terminal.end()
    assert run.code == 2, run.output
    assert "Status: rolled-back" in run.output
    assert "does not hold" in run.output
    assert spec(cluster, namespace)["template"] == before["template"]
    names = story.names()
    assert [name for name in names if name in ("applied", "validated", "rolling-back", "rolled-back")] == [
        "applied",
        "validated",
        "rolling-back",
        "rolled-back",
    ]
    assert story.body("validated")["ok"] is False
    assert len(audit.writes(cluster, namespace)) == 2
    assert audit.run_ids(audit.writes(cluster, namespace)) == {story.body("opened")["run_id"]}


def test_a_regression_while_monitoring_is_rolled_back(story: Story) -> None:
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET, change_monitor_seconds=120)
    terminal.approves()
    terminal.sees(r"\d\d:\d\d:\d\d  1 of 1 ready")
    pods = story.cluster.get("pods", "-n", story.namespace, "-l", "app=checkout")["items"]
    [pod] = [item["metadata"]["name"] for item in pods if "deletionTimestamp" not in item["metadata"]]
    # Without a reader the first process ends: a restart, as after a late kill.
    story.cluster.kubectl("exec", "-n", story.namespace, pod, "--", "killall", "sleep")
    run = terminal.end()
    assert run.code == 2, run.output
    assert "Status: rolled-back" in run.output
    assert story.body("monitored")["ok"] is False
    assert memory_limit(story.cluster, story.namespace) == "12Mi"


# The run is killed as soon as its journal holds the event.
KILL_AFTER = [
    "opened",
    "observed",
    "recommended",
    "planned",
    "asked",
    "decided",
    "applying",
    "applied",
    "validated",
    "monitored",
]


@pytest.mark.parametrize("event", KILL_AFTER)
def test_a_killed_run_tells_how_far_it_came(story: Story, event: str) -> None:
    before = spec(story.cluster, story.namespace)["template"]
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET, change_monitor_seconds=1)
    if event in KILL_AFTER[5:]:
        terminal.approves()
    eventually(lambda: event in _names_so_far(story), 60, 0.005)
    os.killpg(terminal.process.pid, signal.SIGKILL)
    terminal.end()
    _until_quiet(story)
    names = story.names()
    assert event in names
    written = audit.writes(story.cluster, story.namespace)
    template = spec(story.cluster, story.namespace)["template"]
    if "applying" not in names:
        assert not written
    if not written:
        assert template == before
    else:
        assert audit.run_ids(written) == {story.body("opened")["run_id"]}
        assert memory_limit(story.cluster, story.namespace) == "24Mi"

    run = story.run("diagnose_pod.yml", target=TARGET, stage="plan")
    assert run.code == 0, run.output
    first = story.body("opened", 0)["run_id"]
    if "applying" in names and "validated" not in names:
        assert f"Half-done: run {first}" in plain(run.output)
        held = story.run("verify.yml", record=first)
        assert held.code == 0, held.output
        expected = "done" if written else "aborted"
        assert f"Status: {expected}" in held.output
    assert "interrupted" in story.record(0) or "monitoring" in story.record(0) or "done" in story.record(0)


def _names_so_far(story: Story) -> list[str]:
    with contextlib.suppress(RecordError, IndexError, OSError, ValueError):
        return [json.loads(line)["event"] for line in story.journals()[0].read_text().splitlines()]
    return []


def _until_quiet(story: Story) -> None:
    """Workers of a killed run are in sessions of their own and may still be writing: their last word counts."""
    pattern = f"[a]nsible.*{story.namespace}"
    eventually(lambda: subprocess.run(["pgrep", "-f", pattern], capture_output=True, check=False).returncode != 0, 20)
    time.sleep(1)
