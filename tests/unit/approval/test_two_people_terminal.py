# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two people at real terminals, and with real keys: users of their own, one record, the real plugins."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import termios
import time
from pathlib import Path

import pexpect
import pytest
from example_plans import make_plan
from run_play import Playground

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(os.getuid() != 0, reason="only root can become other users"),
]
CAROL, ALICE, BOB = 1501, 1502, 1503
# Whoever logged in on the tests' own terminal shall not be taken for all of them.
_AS = 'echo "$0" 2>/dev/null > /proc/self/loginuid || true; exec "$@"'
SECURITY = {"security": [f"uid {ALICE}"]}


@pytest.fixture
def ground(tmp_path: Path) -> Playground:
    os.chown(tmp_path, CAROL, CAROL)
    return Playground(tmp_path, make_plan(4))


def _as(ground: Playground, uid: int, *, again: bool = True) -> Playground:
    """The same place for another user, who may read the tests' Python, and append to what others own."""
    home = ground.folder / f"home-{uid}"
    home.mkdir(exist_ok=True)
    os.chown(home, uid, uid)
    rights = "-all,+dac_read_search,+dac_override"
    become = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups")
    become += (f"--inh-caps={rights}", f"--ambient-caps={rights}")
    play_vars = {"aiops_story": "diagnosis", **({"aiops_record_mode": "resume"} if again else {})}
    environ = {"HOME": str(home), "USER": f"uid {uid}"}
    return dataclasses.replace(
        ground, prefix=("sh", "-c", _AS, str(uid), *become), environ=environ, play_vars=play_vars
    )


def _type(terminal: pexpect.spawn[str], text: str) -> None:
    for _attempt in range(400):
        if not termios.tcgetattr(terminal.child_fd)[3] & termios.ICANON:
            break
        time.sleep(0.02)
    time.sleep(0.1)
    terminal.send(text + "\r")


def _approve(terminal: pexpect.spawn[str], ground: Playground, why: str) -> None:
    terminal.expect('Type "approve')
    _type(terminal, ground.phrase)
    terminal.expect("Why is this change right")
    _type(terminal, why)


def _end(terminal: pexpect.spawn[str]) -> str:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return str(terminal.before)


def test_at_two_terminals_at_the_same_time(ground: Playground) -> None:
    own = _end(_as(ground, CAROL, again=False).at_terminal(**SECURITY))
    assert f"uid {CAROL} asked for this change: somebody else has to approve it" in " ".join(own.split())
    alice, bob = _as(ground, ALICE), _as(ground, BOB)
    first, second = (item.at_terminal(record="1", **SECURITY) for item in (alice, bob))
    _approve(first, ground, "it is right")
    assert "Not decided: a second approver is missing." in _end(first)
    assert ground.written == []
    _approve(second, ground, "I looked too")
    shown = _end(second)
    assert "Status: done" in shown
    assert ground.written == ["one"]
    approvals = ground.bodies("decided")[-1]["approvals"]
    assert [(item["by"], item["role"]) for item in approvals] == [
        (f"uid {ALICE}", "security"),
        (f"uid {BOB}", "approver"),
    ]


def test_the_same_person_twice_and_the_requester_again(ground: Playground) -> None:
    _as(ground, CAROL, again=False).without_terminal(**SECURITY)
    alice = _as(ground, ALICE)
    terminal = alice.at_terminal(record="1", **SECURITY)
    _approve(terminal, ground, "it is right")
    _end(terminal)
    for again, sentence in ((alice, "has approved this plan already"), (_as(ground, CAROL), "asked for this change")):
        assert sentence in " ".join(_end(again.at_terminal(record="1", **SECURITY)).split())
        given = {"decision": "approved", "digest": ground.plan["digest"], "justification": "please"}
        done = again.without_terminal(record="1", **SECURITY, **given)
        assert done.returncode == 2
        assert sentence in " ".join(done.stdout.split())
    assert ground.written == []


def test_a_key_that_is_revoked_between_approval_and_write(
    ground: Playground, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("keys")
    signers, revoked = elsewhere / "signers", elsewhere / "revoked"
    for path in (signers, revoked):
        path.write_text("")
    settings = {"signers": str(signers), "revoked": str(revoked)}
    shown = _as(ground, CAROL, again=False).without_terminal(**settings).stdout
    for number, name in enumerate(("alice", "bob")):
        key = elsewhere / f"key-{name}"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
        signers.write_text(signers.read_text() + f"{name} {public} {'role=security' if not number else ''}\n")
        start = shown.index("cat > decision.txt")
        commands = shown[start : shown.index("decision.signed", start) + len("decision.signed")]
        commands = commands.replace("WHY THIS CHANGE IS RIGHT", "it is right").replace("~/.ssh/id_ed25519", str(key))
        subprocess.run(["sh", "-euc", commands], cwd=elsewhere, check=True, capture_output=True)
        signed = (elsewhere / "decision.signed").rename(elsewhere / f"{name}.signed")
        # The world outside acts right after the second approval.
        meanwhile = {"tamper": f"cp {key}.pub {revoked}"} if number else {}
        root = dataclasses.replace(ground, play_vars={"aiops_story": "diagnosis", "aiops_record_mode": "resume"})
        done = root.without_terminal(record="1", signature=str(signed), **settings, **meanwhile)
    assert done.returncode == 2, done.stdout
    assert "the approval of bob does not hold (any more)" in " ".join(done.stdout.split())
    assert "is revoked" in " ".join(done.stdout.split())
    assert ground.bodies("decided")[-1]["decision"] == "approved"
    assert ground.written == []
