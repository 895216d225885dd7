# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of several hosts in one run: each its own, opened when its turn comes, and nobody else's business."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, trusted_events

ROOT = Path(__file__).parents[3]
IN_TURN = {"ansible.builtin.import_tasks": str(ROOT / "roles" / "change" / "tasks" / "in_turn.yml")}
FAILS: dict[str, Any] = {"ansible.builtin.fail": {"msg": "no"}, "when": "inventory_hostname in failing"}


def play(folder: Path, *tasks: dict[str, Any], hosts: str = "one,two,three", **more: Any) -> tuple[int, str]:
    """Exit code and output of a play of story 1 over local hosts."""
    variables = {"aiops_story": "diagnosis", "failing": [], **more.pop("variables", {})}
    plays = [{"hosts": "all", "gather_facts": False, "vars": variables, **more, "tasks": list(tasks)}]
    (folder / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False))
    (folder / "ansible.cfg").write_text("")
    extra = [word for name in ("record",) if name in variables for word in ("-e", f"{name}={variables[name]}")]
    finished = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", f"{hosts},", "-c", "local", "play.yml", *extra],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections"),
            "ANSIBLE_CALLBACKS_ENABLED": "aiops.kubernetes.phr",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


def ends(folder: Path) -> dict[str, str]:
    """The status of each host's record."""
    journals = [trusted_events(path) for path in store.journals(folder / "history" / "prompts")]
    return {events[0].body["host"]: status.standing(events) for events in journals}


def events_of(folder: Path, host: str) -> list[Event]:
    journals = [trusted_events(path) for path in store.journals(folder / "history" / "prompts")]
    return next(events for events in journals if events[0].body["host"] == host)


def test_a_host_whose_turn_never_came_has_no_record(tmp_path: Path) -> None:
    code, output = play(tmp_path, FAILS, serial=1, variables={"failing": ["one"]})
    assert code == 2
    assert ends(tmp_path) == {"one": "failed"}
    assert "Not begun: two, three" in output


def test_a_host_is_sealed_when_the_next_one_begins(tmp_path: Path) -> None:
    """Its events end before the next one's journal has its second."""
    note = {"aiops.kubernetes.record_event": {"event": "note", "body": {"text": "here"}}}
    code, output = play(tmp_path, FAILS, note, serial=[2, 1], variables={"failing": ["two"]})
    # Of a batch of two only one failed, so Ansible itself goes on; that is what roles/change/tasks/in_turn.yml is for.
    assert code == 2, output
    assert ends(tmp_path) == {"one": "done", "two": "failed", "three": "done"}
    [sealed, begins] = [events_of(tmp_path, "one")[-1], events_of(tmp_path, "three")[1]]
    assert (sealed.event, begins.event) == ("sealed", "note")
    assert sealed.time <= begins.time
    assert output.count("Host: ") == 3


def test_the_role_stops_after_a_batch_with_a_failure(tmp_path: Path) -> None:
    four = "one,two,three,four"
    code, output = play(tmp_path, IN_TURN, FAILS, hosts=four, serial=[2, 1], variables={"failing": ["two"]})
    assert code == 2
    assert ends(tmp_path) == {"one": "done", "two": "failed", "three": "failed"}
    said = " ".join(output.split())
    assert "Nothing was looked at or changed here: two failed before" in said
    assert "Not begun: four" in said


@pytest.mark.parametrize("outcome", ["halted", "inconclusive"])
def test_the_role_stops_after_a_rollout_that_its_gate_did_not_pass(tmp_path: Path, outcome: str) -> None:
    gate = {"ansible.builtin.set_fact": {"change_gate": {"outcome": "{{ outcomes[inventory_hostname] }}"}}}
    outcomes = {"one": "passed", "two": outcome, "three": "passed"}
    code, output = play(tmp_path, IN_TURN, gate, serial=1, variables={"outcomes": outcomes})
    assert code == 2
    assert ends(tmp_path) == {"one": "done", "two": "done", "three": "failed"}
    assert "two failed before" in " ".join(output.split())


def test_an_earlier_record_is_the_business_of_its_host_alone(tmp_path: Path) -> None:
    play(tmp_path, {"ansible.builtin.debug": {}})
    number = next(number for number in (1, 2, 3) if "two" in str(journal(tmp_path, number)))
    tasks = {"ansible.builtin.debug": {}}
    code, output = play(tmp_path, tasks, variables={"aiops_record_mode": "resume", "record": number})
    assert code == 0, output
    assert [item.event for item in events_of(tmp_path, "two")] == ["opened", "sealed", "resumed", "sealed"]
    assert [item.event for item in events_of(tmp_path, "one")] == ["opened", "sealed"]
    assert "Host: two" in output and "Host: one" not in output


def journal(folder: Path, number: int) -> Path:
    return store.find(str(number), folder / "history" / "prompts")
