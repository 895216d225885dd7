# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every way through the question, with a real ansible-playbook on a real terminal or without one.

Only an approval leads to a write; whatever else happens is no failure of the run, unless the record cannot be trusted.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest
from example_plans import make_plan
from run_play import EVENT, TASKS, Playground

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events, verify

# Minutes of real terminals, so not among the tests of seconds; they need no cluster.
pytestmark = pytest.mark.terminal

APPLIED = ["opened", "planned", "asked", "decided", "applying", "applied", "validated", "monitored", "sealed"]
DENIED = ["opened", "planned", "asked", "decided", "sealed"]


def _wait_for_prompt(terminal: pexpect.spawn[str]) -> None:
    """The prompt discards what was typed before it took the terminal over (raw, with echo)."""
    for _attempt in range(400):
        modes = termios.tcgetattr(terminal.child_fd)[3]
        if not modes & termios.ICANON and modes & termios.ECHO:
            break
        time.sleep(0.02)
    time.sleep(0.1)


def _ask(terminal: pexpect.spawn[str]) -> None:
    terminal.expect('Type "approve [0-9a-f]{8}" or "reject"')
    _wait_for_prompt(terminal)


def _type(terminal: pexpect.spawn[str], text: str) -> None:
    terminal.send(text + "\r")


def _approve(terminal: pexpect.spawn[str], ground: Playground, why: str = "it is right") -> None:
    _ask(terminal)
    _type(terminal, ground.phrase)
    terminal.expect("Why is this change right")
    _wait_for_prompt(terminal)
    _type(terminal, why)


def _end(terminal: pexpect.spawn[str]) -> tuple[int, str]:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus if terminal.exitstatus is not None else -(terminal.signalstatus or 0), terminal.before


def _approved(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _approve(terminal, ground)


def _approved_after_wrong_phrases(terminal: pexpect.spawn[str], ground: Playground) -> None:
    for wrong in ("yes", ""):
        _ask(terminal)
        _type(terminal, wrong)
    _approve(terminal, ground)


def _approved_after_no_reason(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _approve(terminal, ground, "")
    terminal.expect("needs a reason")
    _wait_for_prompt(terminal)
    _type(terminal, "it is right")


def _rejected(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    _type(terminal, "reject")
    terminal.expect("Why not")
    _wait_for_prompt(terminal)
    _type(terminal, "too risky today")


def _nothing(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)


def _half_typed(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    terminal.send(ground.phrase)


def _half_a_reason(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    _type(terminal, ground.phrase)
    terminal.expect("Why is this change right")
    _wait_for_prompt(terminal)
    terminal.send("it is")


def _ctrl_c(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    terminal.send("\x03")


def _ctrl_c_at_the_reason(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    _type(terminal, ground.phrase)
    terminal.expect("Why is this change right")
    _wait_for_prompt(terminal)
    terminal.send("\x03")


def _ctrl_d(terminal: pexpect.spawn[str], ground: Playground) -> None:
    _ask(terminal)
    terminal.send("\x04")


Person = Callable[[pexpect.spawn, Playground], None]

# (what the person does, seconds to decide, status of the run, decision)
AT_THE_TERMINAL: list[tuple[Person, float, str, str]] = [
    (_approved, 60, "done", "approved"),
    (_approved_after_wrong_phrases, 60, "done", "approved"),
    (_approved_after_no_reason, 60, "done", "approved"),
    (_rejected, 60, "rejected", "rejected"),
    (_nothing, 2, "expired", "expired"),
    (_half_typed, 3, "expired", "expired"),
    (_half_a_reason, 6, "expired", "expired"),
    (_ctrl_c, 60, "aborted", "aborted"),
    (_ctrl_c_at_the_reason, 60, "aborted", "aborted"),
    (_ctrl_d, 60, "aborted", "aborted"),
]


@pytest.mark.parametrize(
    ("person", "window", "ends", "decision"), AT_THE_TERMINAL, ids=lambda item: getattr(item, "__name__", "")
)
def test_at_a_terminal(ground: Playground, person: Person, window: float, ends: str, decision: str) -> None:
    terminal = ground.at_terminal(window=window)
    person(terminal, ground)
    code, shown = _end(terminal)
    assert code == 0, shown
    assert f"Status: {ends}" in shown
    assert ground.written == (["one"] if decision == "approved" else [])
    assert ground.events() == (APPLIED if decision == "approved" else DENIED)
    body = ground.bodies("decided")[0]
    assert body["decision"] == decision
    assert body["digest"] == ground.plan["digest"]
    assert verify(ground.journals()[0]).sealed


def test_the_decision_says_who_why_and_through_what(ground: Playground) -> None:
    terminal = ground.at_terminal()
    _approve(terminal, ground, "measured 180Mi, the limit is 64Mi")
    _end(terminal)
    body = ground.bodies("decided")[0]
    assert body["justification"] == "measured 180Mi, the limit is 64Mi"
    assert body["channel"] == "terminal"
    assert body["identity"] == "os-user"
    assert body["by"] == subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    record = next((ground.folder / "history").rglob("*.prompt.md")).read_text()
    assert "because: measured 180Mi, the limit is 64Mi" in record


def test_the_person_sees_what_it_is_about(ground: Playground) -> None:
    terminal = ground.at_terminal()
    _ask(terminal)
    shown = terminal.before
    terminal.send("\x03")
    _end(terminal)
    for part in (
        "Deployment shop/checkout in production",
        "memory: 256Mi",
        "Tier",
        "automatic, within 300 s",
        ground.plan["digest"],
    ):
        assert part in shown


@pytest.mark.parametrize("typed", [None, "approve\nyes\n", ""], ids=["closed", "piped", "empty pipe"])
def test_without_a_terminal_the_plan_waits(ground: Playground, typed: str | None) -> None:
    done = ground.without_terminal(typed=f"{ground.phrase}\nok\n" if typed else typed)
    assert done.returncode == 0, done.stdout
    assert "Status: waiting" in done.stdout
    assert f"-e digest={ground.plan['digest']}" in done.stdout
    assert ground.written == []
    assert ground.events() == DENIED


@pytest.mark.parametrize("place", [{"awx_job_id": 7}, {}], ids=["AWX", "ansible-runner"])
def test_nobody_is_asked_where_nobody_sits(ground: Playground, place: dict[str, Any]) -> None:
    ground.environ = {} if place else {"AWX_ISOLATED_DATA_DIR": "/runner"}
    terminal = ground.at_terminal(**place)
    code, shown = _end(terminal)
    assert code == 0, shown
    assert "Status: waiting" in shown
    assert ground.written == []


def test_an_explicit_decision_with_the_digest(ground: Playground) -> None:
    done = ground.without_terminal(decision="approved", digest=ground.plan["digest"], justification="it is right")
    assert done.returncode == 0, done.stdout
    assert ground.written == ["one"]
    assert ground.bodies("decided")[0]["channel"] == "extra-vars"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"digest": "sha256:" + "0" * 64}, "read the plan again"),
        ({"justification": ""}, "needs a justification"),
        ({"awx_job_id": 7}, "proves nothing inside AWX"),
        ({"strength": "terminal"}, "demand at least terminal"),
    ],
)
def test_an_explicit_decision_that_is_refused(ground: Playground, changes: dict[str, Any], sentence: str) -> None:
    given = {"decision": "approved", "digest": ground.plan["digest"], "justification": "it is right", **changes}
    done = ground.without_terminal(**given)
    assert done.returncode == 2, done.stdout
    assert sentence in " ".join(done.stdout.split())
    assert "Status: refused" in done.stdout
    assert ground.written == []


def test_two_hosts_decide_each_for_itself(ground: Playground) -> None:
    ground.hosts = ("one", "two")
    terminal = ground.at_terminal()
    _approve(terminal, ground)
    _rejected(terminal, ground)
    code, shown = _end(terminal)
    assert code == 0, shown
    assert len(ground.written) == 1
    assert len(ground.journals()) == 2
    decisions = [ground.bodies("decided", number)[0]["decision"] for number in (0, 1)]
    assert sorted(decisions) == ["approved", "rejected"]
    assert ground.written[0] == ("one", "two")[decisions.index("approved")]
    ids = {trusted_events(path)[0].body["run_id"] for path in ground.journals()}
    assert len(ids) == 2


GIVEN = {"decision": "approved", "justification": "it is right"}
JOURNAL = "$(ls history/prompts/*/*.jsonl)"
RECORD = "$(ls history/prompts/*/*.prompt.md)"

# (what happens between the approval and the write, what the barrier says; "" where it does no harm)
TAMPERING = [
    (f"sed -i s/it.is.right/it.was.wrong/ {JOURNAL}", "was replaced"),
    (f"sed s/it.is.right/it.was.wrong/ {JOURNAL} > x; cat x > {JOURNAL}", "line 4 was edited|was cut|was altered"),
    (f"sed '$d' {JOURNAL} > x; cat x > {JOURNAL}", "was cut|was rewritten|lacks"),
    (f"rm {JOURNAL}", "No such file|is gone"),
    ("rm -r history", "is not there|is gone"),
    (f"rm {RECORD}; mkdir {RECORD}x; chmod 0 {JOURNAL}; rm -r {RECORD}x", "is not there"),
    (f"echo approved by root > {RECORD}", ""),
]


@pytest.mark.parametrize(("tamper", "sentence"), TAMPERING, ids=range(len(TAMPERING)))
def test_what_is_tampered_with_after_the_approval(ground: Playground, tamper: str, sentence: str) -> None:
    ground.tasks = [*TASKS[:2], TASKS[2], *TASKS[3:]]
    done = ground.without_terminal(**GIVEN, digest=ground.plan["digest"], tamper=tamper)
    shown = " ".join(done.stdout.split())
    if not sentence:
        assert done.returncode == 0, done.stdout
        assert ground.written == ["one"]
        assert _record_of(ground.journals()[0]).startswith('---\nid: "001"')
        return
    assert done.returncode == 2, done.stdout
    assert "Nothing was written:" in shown
    assert any(part in shown for part in sentence.split("|")), done.stdout
    assert ground.written == []


def _can_mount() -> bool:
    return (
        os.getuid() == 0
        and shutil.which("unshare") is not None
        and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0
    )


@pytest.mark.skipif(not _can_mount(), reason="needs to mount")
def test_a_folder_that_turned_read_only(ground: Playground) -> None:
    ground.prefix = ("unshare", "-m")
    readonly = "mount --bind history history && mount -o remount,ro,bind history"
    done = ground.without_terminal(**GIVEN, digest=ground.plan["digest"], tamper=readonly)
    assert done.returncode == 2, done.stdout
    assert "Read-only file system" in done.stdout
    assert ground.written == []


@pytest.mark.skipif(not _can_mount(), reason="needs to mount")
def test_a_folder_that_was_read_only_from_the_start(ground: Playground) -> None:
    (ground.folder / "history").mkdir()
    script = 'mount --bind history history && mount -o remount,ro,bind history && exec "$@"'
    ground.prefix = ("unshare", "-m", "sh", "-c", script, "sh")
    done = ground.without_terminal(**GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 2, done.stdout
    assert "no record can be written" in " ".join(done.stdout.split())
    assert ground.written == []


def test_a_file_in_place_of_the_folder(ground: Playground) -> None:
    (ground.folder / "history").write_text("")
    done = ground.without_terminal(**GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 2, done.stdout
    assert "no record can be written" in " ".join(done.stdout.split())
    assert ground.written == []


def test_the_callback_is_not_enabled(ground: Playground) -> None:
    ground.enabled = False
    ground.environ = {"AIOPS_RECORD": "/tmp/of-another-run.jsonl", "AIOPS_RECORDS": '{"one": {}}'}
    done = ground.without_terminal(**GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 2, done.stdout
    assert "enable the callback aiops.kubernetes.phr" in " ".join(done.stdout.split())
    assert ground.written == []


def test_a_play_of_somebody_else_leaves_no_record(ground: Playground) -> None:
    ground.play_vars = {}
    ground.tasks = [{"ansible.builtin.debug": {"msg": "hello"}}]
    assert ground.without_terminal().returncode == 0
    assert ground.journals() == []


def test_tier_1_needs_its_plan_on_disk_and_nobody(ground: Playground) -> None:
    ground = dataclasses.replace(ground, plan=make_plan(1))
    ground.tasks = [TASKS[0], TASKS[1], {**TASKS[3], "when": "not answer.needed"}]
    assert ground.without_terminal().returncode == 0
    assert ground.written == ["one"]
    assert "decided" not in ground.events()


def test_check_mode_writes_nothing(ground: Playground) -> None:
    done = ground.without_terminal("--check", **GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 0, done.stdout
    assert "applying" not in ground.events()
    assert ground.written == []


# --- failing, unreachable and interrupted runs ---


def test_a_failed_task_is_in_the_record_without_its_arguments(ground: Playground) -> None:
    ground.tasks = [{"name": "Break", "ansible.builtin.command": {"cmd": "false --password hunter2"}}]
    assert ground.without_terminal().returncode == 2
    assert ground.bodies("failed")[0]["task"] == "Break"
    assert ground.bodies("sealed")[0]["status"] == "failed"
    assert "hunter2" not in ground.journals()[0].read_text()


def test_no_log_stays_out(ground: Playground) -> None:
    secret = {EVENT: {"event": "note", "body": {"text": "topsecret"}}, "no_log": True}
    ground.tasks = [secret, {"ansible.builtin.fail": {"msg": "topsecret"}, "no_log": True}]
    assert ground.without_terminal().returncode == 2
    assert "topsecret" not in ground.journals()[0].read_text()
    assert ground.events() == ["opened", "failed", "sealed"]


def test_an_unreachable_host_is_in_its_record(ground: Playground) -> None:
    ground.tasks = [{"ansible.builtin.ping": {}, "vars": {"ansible_connection": "ssh", "ansible_port": 1}}]
    ground.hosts = ("127.0.0.1",)
    done = ground.without_terminal("--ssh-common-args=-o ConnectTimeout=1")
    assert done.returncode == 4, done.stdout
    assert ground.bodies("failed")[0]["unreachable"] is True
    assert ground.bodies("sealed")[0]["status"] == "failed"


def test_events_of_a_loop_and_the_setting_of_the_folder(ground: Playground) -> None:
    ground.environ = {"AIOPS_RECORD_FOLDER": "elsewhere", "AIOPS_RECORD_FEATURE": "Night Shift"}
    ground.tasks = [{EVENT: {"event": "note", "body": {"text": "{{ item }}"}}, "loop": ["a", "b"]}]
    assert ground.without_terminal().returncode == 0
    (journal,) = store.journals(ground.folder / "elsewhere")
    assert journal.parent.name == "night-shift"
    assert [item.body["text"] for item in trusted_events(journal) if item.event == "note"] == ["a", "b"]


SLEEP = [{EVENT: {"event": "planned", "body": "{{ plan }}"}}, {"ansible.builtin.command": {"cmd": "sleep 60"}}]


@pytest.mark.parametrize(
    ("number", "sealed"),
    [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGHUP, True), (signal.SIGKILL, False)],
)
def test_a_run_that_is_stopped(ground: Playground, number: signal.Signals, sealed: bool) -> None:
    ground.tasks = SLEEP
    terminal = ground.at_terminal()
    terminal.expect("TASK .*command")
    time.sleep(0.5)
    os.kill(terminal.pid, number)
    _code, shown = _end(terminal)
    path = ground.journals()[0]
    assert verify(path).intact
    assert verify(path).sealed is sealed
    assert status.current(trusted_events(path)) == "interrupted"
    assert ("Status: interrupted" in shown) is (sealed and number != signal.SIGHUP) or number == signal.SIGHUP
    if not sealed:
        ground.tasks = []
        ground.without_terminal()  # the next run finds it
    assert 'status: "interrupted"' in _record_of(path)
    assert "The run was stopped before anything was written" in _record_of(path)


def _record_of(journal: Path) -> str:
    return next(journal.parent.glob(f"{journal.stem}.*.prompt.md")).read_text()


# --- later runs on an earlier record ---


def test_a_later_run_goes_on_in_the_same_journal(ground: Playground) -> None:
    ground.without_terminal()
    assert ground.bodies("sealed")[0]["status"] == "waiting"
    ground.play_vars = {"aiops_story": "diagnosis", "aiops_record_mode": "resume"}
    read = {"aiops.kubernetes.record_info": {"record": "{{ record }}"}, "register": "earlier"}
    ground.tasks = [read, {"ansible.builtin.set_fact": {"plan": "{{ earlier.plan }}"}}, *TASKS[1:]]
    done = ground.without_terminal(record="1", **GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 0, done.stdout
    assert len(ground.journals()) == 1
    assert ground.written == ["one"]
    assert ground.events() == [*DENIED, "resumed", *APPLIED[2:]]
    assert "Status: done" in done.stdout


def test_a_later_run_that_names_no_record_changes_nothing(ground: Playground) -> None:
    ground.play_vars = {"aiops_story": "diagnosis", "aiops_record_mode": "resume"}
    done = ground.without_terminal(record="9", **GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 2, done.stdout
    assert "no record 9 in" in " ".join(done.stdout.split())
    assert ground.written == []


def test_a_rollback_has_its_own_record_and_tells_the_earlier_one(ground: Playground) -> None:
    ground.without_terminal(**GIVEN, digest=ground.plan["digest"])
    ground.play_vars = {"aiops_story": "rollback", "aiops_record_mode": "follow"}
    done = ground.without_terminal(record="1", **GIVEN, digest=ground.plan["digest"])
    assert done.returncode == 0, done.stdout
    assert len(ground.journals()) == 2
    assert ground.events(0) == [*APPLIED, "rollback-requested", "rolled-back"]
    assert ground.bodies("opened", 1)[0]["previous"] == str(ground.journals()[0])
    assert 'status: "rolled-back"' in _record_of(ground.journals()[0])


def test_a_run_stopped_while_monitoring_says_how_to_go_on(ground: Playground) -> None:
    """Nothing is rolled back, and the status says that somebody has to look again."""
    ground.plan = make_plan(1)
    validated = {EVENT: {"event": "validated", "body": {"ok": True}}}
    ground.tasks = [TASKS[0], {"aiops.kubernetes.record_barrier": {"plan": "{{ plan }}"}}, validated, SLEEP[1]]
    terminal = ground.at_terminal()
    terminal.expect("TASK .*command")
    time.sleep(0.5)
    os.kill(terminal.pid, signal.SIGINT)
    _code, shown = _end(terminal)
    assert "playbooks/verify.yml -e record=" in shown
    assert "Status: monitoring" in shown
    assert ground.bodies("sealed")[0]["status"] == "monitoring"
