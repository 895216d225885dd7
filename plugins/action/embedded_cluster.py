# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Starts or removes an embedded cluster on the controller, telling what it does while the person waits."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded import cluster
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.settings import Settings

_ARGUMENTS = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str", "required": True},
    "assets": {"type": "path", "required": True},
    "cache": {"type": "path", "required": True},
    "slot": {"type": "int"},
    "simulated_nodes": {"type": "int", "default": 0},
    "simulated_pods": {"type": "int", "default": 0},
    "prometheus": {"type": "bool", "default": False},
    "registry": {"type": "bool", "default": False},
    "helm": {"type": "bool", "default": True},
    "demo_images": {"type": "bool", "default": True},
    "start_timeout_seconds": {"type": "int", "default": 120},
}


class ActionModule(ActionBase):
    """Runs in the controller: the cluster's processes are its neighbours, and the person sits at its terminal."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        _spec, arguments = self.validate_argument_spec(argument_spec=_ARGUMENTS)
        state = arguments.pop("state")
        try:
            settings = _settings(arguments)
            if self._task.check_mode:
                result["changed"] = cluster.exists(settings) != (state == "present")
                return result
            result.update(_bring_about(state, settings))
        except EmbeddedClusterError as error:
            result.update(failed=True, msg=str(error))
        return result


def _settings(arguments: dict[str, Any]) -> Settings:
    if importlib.util.find_spec("supervisor") is None:
        raise EmbeddedClusterError(
            f"The embedded cluster needs the Python package supervisor, and {sys.executable} has none: "
            "pip install supervisor (requirements.txt names the version)."
        )
    assets, cache = Path(arguments.pop("assets")), Path(arguments.pop("cache"))
    return Settings(python=sys.executable, assets=assets, cache=cache, **arguments)


def _bring_about(state: str, settings: Settings) -> dict[str, Any]:
    progress = Progress(Display().display)
    if state == "absent":
        return {"changed": cluster.absent(settings, progress)}
    changed, facts = cluster.present(settings, progress)
    return {"changed": changed, "cluster": facts, "seconds": round(progress.seconds, 1)}
