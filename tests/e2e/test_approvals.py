# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A critical change takes two people with real keys or terminals, neither the requester, as the audit log shows."""

from __future__ import annotations

import json
import os
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import audit
from support.cluster import Cluster
from support.people import Key, Person, commands_in
from support.playbook import Run
from support.story import Story, plain
from support.workloads import hungry, memory_limit, until_killed

TARGET = "deployment/checkout"
CAROL, ALICE, BOB = 1501, 1502, 1503
SECURITY = {"change_security_approvers": [f"uid {ALICE}"]}


@dataclass
class Team:
    """Carol asked for a change that the settings make critical; Alice is of the security role, Bob is not."""

    cluster: Cluster
    namespace: str
    folder: Path
    carol: Story
    settings: dict[str, Any]
    keys: dict[str, Key] = field(default_factory=dict)

    @property
    def root(self) -> Story:
        """Whoever carries a signature in."""
        return Story(self.cluster, self.namespace, self.carol.folder)

    def person(self, uid: int) -> Story:
        return Person(uid, self.folder / f"home-{uid}").story(self.cluster, self.namespace, self.carol.folder)

    def key(self, name: str) -> Key:
        if name not in self.keys:
            self.keys[name] = Key.make(self.folder, name)
        return self.keys[name]

    @property
    def allowed(self) -> Path:
        return self.folder / "allowed_signers"

    def asks(self) -> str:
        """Carol's run; returns the commands for signing that it shows."""
        run = self.carol.run("diagnose_pod.yml", target=TARGET, **self.settings)
        assert run.code == 0, run.output
        assert "Status: waiting" in run.output
        assert "Tier      4 (critical)" in run.output
        assert f"raised by the settings for namespace {self.namespace} (holds card data)" in plain(run.output)
        return commands_in(run.output)

    def hands_in(self, signed: Path, **more: Any) -> Run:
        return self.root.run("approve.yml", record="1", **{**self.settings, "signature": str(signed), **more})

    def writes(self) -> list[dict[str, Any]]:
        return audit.writes(self.cluster, self.namespace)


@pytest.fixture
def team(cluster: Cluster, namespace: str, tmp_path: Path) -> Team:
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    records = tmp_path / "records"
    records.mkdir()
    os.chown(records, CAROL, CAROL)
    carol = Person(CAROL, tmp_path / "home-carol", everything=False).story(cluster, namespace, records)
    raises = [{"namespace": namespace, "tier": 4, "why": "holds card data"}]
    settings = {
        "change_tier_raises": raises,
        "change_allowed_signers": str(tmp_path / "allowed_signers"),
        "change_revoked_signers": str(tmp_path / "revoked"),
        "change_same_person": [[f"uid {CAROL}", "carol@example.com"]],
    }
    made = Team(cluster, namespace, tmp_path, carol, settings)
    made.allowed.write_text(
        f'alice@example.com namespaces="aiops.kubernetes" {made.key("alice").public} role=security\n'
        f"bob@example.com {made.key('bob').public}\n"
        f"carol@example.com {made.key('carol').public} role=security\n"
        f'old@example.com valid-before="20200101" {made.key("old").public}\n'
        f"gone@example.com {made.key('gone').public}\n"
    )
    (tmp_path / "revoked").write_text(made.key("gone").public + "\n")
    return made


def test_two_people_sign_and_only_then_it_is_written(team: Team) -> None:
    commands = team.asks()
    first = team.hands_in(team.key("alice").signs(team.folder, commands))
    assert first.code == 0, first.output
    assert "Not decided: a second approver is missing." in first.output
    assert "Approved by alice@example.com (security)" in first.output
    assert "Status: waiting" in first.output
    assert team.writes() == []

    listed = team.root.run("pending.yml")
    assert listed.code == 0, listed.output
    assert "Approved  alice@example.com (security)" in listed.output
    assert "Missing   a second approver is missing" in listed.output
    assert listed.changed == 0

    second = team.hands_in(team.key("bob").signs(team.folder, commands, why="measured 16Mi, the limit is 12Mi"))
    assert second.code == 0, second.output
    assert "Status: done" in second.output
    assert len(team.writes()) == 1
    assert memory_limit(team.cluster, team.namespace) == "24Mi"
    decided = team.root.body("decided")
    assert [item["by"] for item in decided["approvals"]] == ["alice@example.com", "bob@example.com"]
    assert {item["strength"] for item in decided["approvals"]} == {"ssh-signature"}
    assert decided["requesters"][0]["name"] == f"uid {CAROL}"
    record = team.root.record()
    assert "proved by ssh-signature with the key" in record
    assert "measured 16Mi, the limit is 12Mi" in record
    assert f"Asked for by uid {CAROL}" in record

    again = team.hands_in(team.key("bob").signs(team.folder, commands))
    assert again.code == 2
    assert "was applied already" in plain(again.output)
    assert len(team.writes()) == 1


Forge = Callable[[Team, str], tuple[Path, dict[str, Any]]]


def _by(name: str) -> Forge:
    return lambda team, commands: (team.key(name).signs(team.folder, commands), {})


def _other(old: str, new: str) -> Forge:
    """Bob signs another text than the one printed."""
    return lambda team, commands: (team.key("bob").signs(team.folder, _replaced(commands, old, new)), {})


def _replaced(commands: str, key: str, value: str) -> str:
    lines = [f"{key}: {value}" if line.startswith(f"{key}: ") else line for line in commands.splitlines()]
    return "\n".join(lines)


def _altered(team: Team, commands: str) -> tuple[Path, dict[str, Any]]:
    signed = team.key("bob").signs(team.folder, _replaced(commands, "decision", "rejected"))
    signed.write_text(signed.read_text().replace("decision: rejected", "decision: approved"))
    return signed, {}


def _with(**settings: Any) -> Forge:
    return lambda team, commands: (team.key("bob").signs(team.folder, commands), settings)


def _certified(team: Team, commands: str) -> tuple[Path, dict[str, Any]]:
    key, authority = Key.make(team.folder, "dora"), Key.make(team.folder, "authority")
    words = ["-s", str(authority.path), "-I", "dora", "-n", "dora@example.com", "-V", "-2h:-1h"]
    subprocess.run(["ssh-keygen", "-q", *words, f"{key.path}.pub"], check=True, capture_output=True)
    with team.allowed.open("a") as stream:
        stream.write(f"*@example.com cert-authority {authority.public}\n")
    return Key(key.path.with_name(key.path.name + "-cert.pub")).signs(team.folder, commands), {}


def _copied(team: Team, change: Callable[[Path, Path], None]) -> dict[str, Any]:
    """The same file in a folder that the requester can get at in some way."""
    folder = team.folder / f"etc-{len(list(team.folder.glob('etc-*')))}"
    folder.mkdir()
    path = folder / "allowed_signers"
    path.write_text(team.allowed.read_text())
    change(folder, path)
    return {"change_allowed_signers": str(path)}


def _writable(change: Callable[[Path, Path], None]) -> Forge:
    return lambda team, commands: (team.key("bob").signs(team.folder, commands), _copied(team, change))


def _acl(_folder: Path, path: Path) -> None:
    entries = [(1, 6, 2**32 - 1), (2, 6, CAROL), (4, 4, 2**32 - 1), (16, 6, 2**32 - 1), (32, 4, 2**32 - 1)]
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(path, "system.posix_acl_access", packed)


KEYS: dict[str, tuple[Forge, str]] = {
    "the same key twice": (_by("alice"), "has approved this plan already, as alice@example.com: it counts once"),
    "an unlisted key": (_by("eve"), "is not listed in"),
    "the requester's key": (_by("carol"), "carol@example.com asked for this change: somebody else has to approve it"),
    "a key that has expired": (_by("old"), "may not sign (any more): key has expired"),
    "a revoked key": (_by("gone"), "of gone@example.com is revoked"),
    "a certificate that has expired": (_certified, "is valid (any more) for no name in"),
    "stronger proof than there is": (
        lambda team, commands: (
            Path(),
            {"signature": "", "decision": "approved", "digest": team.root.body("planned")["digest"]}
            | {"justification": "why not", "change_minimum_strength": {4: "ssh-signature"}},
        ),
        "the settings demand at least ssh-signature",
    ),
}
PLANS: dict[str, tuple[Forge, str]] = {
    "over another digest": (_other("plan", "sha256:" + "0" * 64), "read the plan, and sign that"),
    "over another decision": (_altered, "the signature does not fit its text: one of them was altered"),
    "with another decision named": (_with(decision="rejected"), "over the decision 'approved', not over 'rejected'"),
    "of another record": (_other("record", "20261120T120000Z-0a1b2c3d"), "it counts in its own alone"),
    "when the window is over": (_with(change_window_seconds=0.01), "the time to decide on this plan is over"),
    "a file that anybody can write": (_writable(lambda _folder, path: path.chmod(0o666)), "as by anybody"),
    "a file of the requester's": (_writable(lambda _folder, path: os.chown(path, CAROL, 0)), f"belongs to uid {CAROL}"),
    "a file in a folder of the requester's": (
        _writable(lambda folder, _path: os.chown(folder, CAROL, 0)),
        f"belongs to uid {CAROL}",
    ),
    "a file that an ACL opens to the requester": (_writable(_acl), f"can be written by uid {CAROL}"),
}


@pytest.mark.parametrize("cases", [KEYS, PLANS], ids=["keys", "plans"])
def test_what_does_not_count_is_refused_and_nothing_is_written(team: Team, cases: dict[str, tuple[Forge, str]]) -> None:
    commands = team.asks()
    first = team.hands_in(team.key("alice").signs(team.folder, commands))
    assert "Not decided: a second approver is missing." in first.output, first.output
    for name, (forge, sentence) in cases.items():
        signed, more = forge(team, commands)
        run = team.hands_in(signed, **more)
        assert run.code == 2, f"{name}: {run.output}"
        assert sentence in plain(run.output), f"{name}: {run.output}"
        assert "Status: refused" in run.output, f"{name}: {run.output}"
        assert sentence in plain(team.root.body("refused")["message"]), name
        assert team.writes() == [], name
    assert memory_limit(team.cluster, team.namespace) == "12Mi"
    # None of it kept the right one from counting.
    last = team.hands_in(team.key("bob").signs(team.folder, commands))
    assert "Status: done" in last.output, last.output
    assert len(team.writes()) == 1


def test_two_people_decide_at_their_terminals(team: Team) -> None:
    settings = {**team.settings, **SECURITY}
    terminal = team.carol.at_terminal("diagnose_pod.yml", target=TARGET, **settings)
    own = terminal.end()
    assert own.code == 0, own.output
    assert f"uid {CAROL} asked for this change: somebody else has to approve it" in plain(own.output)
    assert "Status: waiting" in own.output

    alice, bob = team.person(ALICE), team.person(BOB)
    first = alice.at_terminal("approve.yml", record="1", **settings)
    first.approves("it is right")
    assert "Not decided: a second approver is missing." in first.end().output
    again = alice.at_terminal("approve.yml", record="1", **settings).end()
    assert f"uid {ALICE} has approved this plan already: another person has to" in plain(again.output)
    assert "Status: waiting" in again.output
    assert team.writes() == []

    second = bob.at_terminal("approve.yml", record="1", **settings)
    second.approves("I looked at it too")
    run = second.end()
    assert run.code == 0, run.output
    assert "Status: done" in run.output
    assert len(team.writes()) == 1
    assert [item["role"] for item in team.root.body("decided")["approvals"]] == ["security", "approver"]


def test_in_an_emergency_one_person_is_enough_and_everybody_hears_of_it(team: Team) -> None:
    settings = {**team.settings, "change_emergency_approver": "anyone"}
    terminal = team.carol.at_terminal("diagnose_pod.yml", target=TARGET, **settings)
    phrase = terminal.sees(r'Type "(emergency [0-9a-f]{8})" or "reject"').group(1)
    terminal.types(phrase)
    terminal.sees("What is the emergency")
    terminal.types("")
    terminal.sees("needs a reason")
    terminal.types("the shop is down")
    run = terminal.end()
    assert run.code == 0, run.output
    assert f"EMERGENCY: uid {CAROL} alone approves a critical change." in run.output
    assert "Status: done" in run.output
    assert team.root.names().count("emergency") == 1
    assert team.root.body("emergency")["justification"] == "the shop is down"
    assert "> **EMERGENCY**: uid 1501 alone approved a critical change" in team.root.record()
    assert len(team.writes()) == 1
