# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module's `main` in the controller, where Ansible would only start the same Python on the same machine.

Ansible packs a module with all that it imports (here: a hundred files), starts a Python process for it and loads that
anew, for each task: about a second of work. A cluster is reached through its API, so its host is usually the
controller itself. Whatever says otherwise (a connection, a delegation, another Python or user, an environment) leaves
it to Ansible.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical

Main = Callable[[Callable[..., Any]], None]


class Ended(SystemExit):
    """A module's end, as it would end a process; `result` is what it returns."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.result = result
        super().__init__()


class ModuleHere:
    """As much of an AnsibleModule as the modules use: parameters, check mode, texts to hide, and its two ends."""

    def __init__(
        self, given: Mapping[str, Any], in_check_mode: bool, argument_spec: dict[str, Any], **rules: Any
    ) -> None:
        self.check_mode = in_check_mode
        if in_check_mode and not rules.pop("supports_check_mode", False):
            raise Ended({"skipped": True, "msg": "this module does not support check mode"})
        rules.pop("supports_check_mode", None)
        found = ArgumentSpecValidator(argument_spec, **rules).validate(dict(given))
        self.params: dict[str, Any] = found.validated_parameters
        self.no_log_values: set[str] = found._no_log_values
        if found.error_messages:
            self.fail_json("; ".join(found.error_messages))

    def exit_json(self, **result: Any) -> None:
        """Raises `Ended` with the result as JSON would have it, texts of no_log options blanked out."""
        raise Ended(json.loads(json.dumps(remove_values(result, self.no_log_values))))

    def fail_json(self, msg: str, **result: Any) -> None:
        """The same for a failure and its sentence."""
        self.exit_json(**result, failed=True, msg=msg)


class ControllerAction(NormalAction):
    """The action of a module whose `main` takes what makes an AnsibleModule."""

    main: ClassVar[Main]

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if not is_here(self, task_vars or {}):
            result: dict[str, Any] = super().run(tmp, task_vars)
            return result
        return run_here(self, type(self).main, self._task.args)


def is_here(action: ActionBase, task_vars: Mapping[str, Any]) -> bool:
    """Whether Ansible would run the module on this machine, by this Python, as this user, in this environment."""
    task, connection = action._task, action._connection
    elsewhere = task.delegate_to or task.async_val or any(task.environment or ())
    # The connection knows of `become` from the task and of ansible_become from the inventory.
    if elsewhere or connection.transport != "local" or connection.become:
        return False
    return bool(action._templar.template(task_vars.get("ansible_python_interpreter", "")) == sys.executable)


def run_here(action: ActionBase, main: Main, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the module returns for the arguments."""
    make = partial(ModuleHere, canonical.plain(dict(arguments)), bool(action._task.check_mode))
    try:
        main(make)
    except Ended as ended:
        return ended.result
    return {"failed": True, "msg": f"{action._task.action} ended without a result"}


def execute(
    action: ActionBase, main: Main, name: str, arguments: Mapping[str, Any], task_vars: dict[str, Any]
) -> dict[str, Any]:
    """The result of the collection's module of that name, for an action that has more to do than to run it."""
    if is_here(action, task_vars):
        return run_here(action, main, arguments)
    result: dict[str, Any] = action._execute_module(
        module_name=f"aiops.kubernetes.{name}", module_args=dict(arguments), task_vars=task_vars
    )
    return result
