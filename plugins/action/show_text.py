# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows a person a text, line by line as it is."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.displaying import show
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import readable


class ActionModule(ActionBase):
    """The action. Control characters and secrets stay out."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec({"text": {"type": "str", "required": True}})
        text = redact(str(canonical.plain(arguments["text"])))
        show([("", None), *((readable(line), None) for line in text.strip("\n").split("\n"))])
        return {**result, "changed": False}
