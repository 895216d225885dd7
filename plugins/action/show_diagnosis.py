# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows a person what was found and what is proposed."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import checks_text, screen
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.displaying import show


class ActionModule(ActionBase):
    """The action; what is on the screen is `plugin_utils/screen.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "report": {"type": "dict", "default": {}},
                "plan": {"type": "dict", "default": {}},
                "checks": {"type": "list", "elements": "dict", "default": []},
                "figures": {"type": "list", "elements": "dict", "default": []},
                "said": {"type": "list", "elements": "str", "default": []},
            }
        )
        shown = canonical.plain(arguments)
        if shown["checks"]:
            show(checks_text.lines(shown["checks"]))
        show(screen.figures(shown["figures"]))
        show(screen.lines(shown["report"] or {}, shown["plan"] or {}, shown["said"] or []))
        return {**result, "changed": False}
