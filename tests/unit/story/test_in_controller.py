# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a module runs in the controller, and that it gets and gives there what an AnsibleModule would."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.in_controller import (
    Ended,
    ModuleHere,
    is_here,
    run_here,
)

SPEC = {
    "name": {"type": "str", "aliases": ["target"], "required": True},
    "seconds": {"type": "float", "default": 2.0},
    "token": {"type": "str", "no_log": True},
    "plan": {"type": "dict", "options": {"tier": {"type": "int"}}},
}


def action(transport: str = "local", become: str = "", **task: Any) -> Any:
    """As much of an action as is looked at."""
    at_rest = {"delegate_to": None, "async_val": 0, "environment": [], "check_mode": False}
    return SimpleNamespace(
        _task=SimpleNamespace(**{**at_rest, "action": "aiops.kubernetes.cluster_info", **task}),
        _connection=SimpleNamespace(transport=transport, become=become),
        _templar=SimpleNamespace(template=lambda text: text),
    )


def test_a_task_of_this_machine_and_this_python_is_here() -> None:
    assert is_here(action(), {"ansible_python_interpreter": sys.executable})


@pytest.mark.parametrize(
    ("elsewhere", "interpreter"),
    [
        ({"transport": "ssh"}, sys.executable),
        ({}, "/usr/bin/python3.9"),
        ({}, ""),
        ({"delegate_to": "bastion"}, sys.executable),
        ({"become": "sudo"}, sys.executable),
        ({"async_val": 60}, sys.executable),
        ({"environment": [{}, {"KUBECONFIG": "/other"}]}, sys.executable),
        ({"environment": ["{{ vaulted }}"]}, sys.executable),
    ],
)
def test_what_says_otherwise_is_left_to_ansible(elsewhere: dict[str, Any], interpreter: str) -> None:
    assert not is_here(action(**elsewhere), {"ansible_python_interpreter": interpreter})


def ran(arguments: dict[str, Any], *, check_mode: bool = False, supports_check_mode: bool = True, **rules: Any) -> Any:
    """What a module that hands its parameters back returns."""

    def main(make: Any) -> None:
        module = make(SPEC, supports_check_mode=supports_check_mode, **rules)
        module.exit_json(given=module.params, check_mode=module.check_mode, pair=(1, 2))

    return run_here(action(check_mode=check_mode), main, arguments)


def test_parameters_come_converted_with_defaults_and_aliases() -> None:
    found = ran({"target": "web", "plan": {"tier": "3"}})
    assert found["given"]["name"] == "web"
    assert (found["given"]["seconds"], found["given"]["plan"]) == (2.0, {"tier": 3})
    assert found["pair"] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "rules", "said"),
    [
        ({}, {}, "missing required arguments: name"),
        ({"name": "web", "nmae": "x"}, {}, "nmae"),
        ({"name": "web", "seconds": "soon"}, {}, "seconds"),
        ({"name": "web", "token": "s3cret"}, {"mutually_exclusive": [("name", "token")]}, "mutually exclusive"),
        ({"name": "web"}, {"required_together": [("name", "token")]}, "token"),
    ],
)
def test_a_wrong_parameter_is_a_failure_with_its_name(
    arguments: dict[str, Any], rules: dict[str, Any], said: str
) -> None:
    found = ran(arguments, **rules)
    assert found["failed"] is True
    assert said in found["msg"]


def test_what_is_not_to_be_logged_is_hidden_in_results_and_failures() -> None:
    assert ran({"name": "s3cret-web", "token": "s3cret"})["given"]["name"] == "********-web"
    failed = ran({"name": "web", "token": "s3cret", "seconds": "s3cret"})
    assert failed["failed"] and "s3cret" not in failed["msg"]


def test_check_mode_is_told_and_a_module_without_it_is_skipped() -> None:
    assert ran({"name": "web"}, check_mode=True)["check_mode"] is True
    assert ran({"name": "web"}, check_mode=True, supports_check_mode=False)["skipped"] is True


def test_a_failure_ends_the_module_as_it_would_a_process() -> None:
    with pytest.raises(SystemExit) as ended:
        ModuleHere({"name": "web"}, False, SPEC).fail_json("no", reason="NotFound")
    assert isinstance(ended.value, Ended)
    assert ended.value.result == {"failed": True, "msg": "no", "reason": "NotFound"}


def test_a_module_without_a_result_is_a_failure() -> None:
    assert run_here(action(), lambda make: None, {})["failed"] is True
