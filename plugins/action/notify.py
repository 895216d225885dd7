# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells people who are not at the terminal, and the record whom it told."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.sending import notify
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import Notice


class ActionModule(ActionBase):
    """The action; the channels are in `plugin_utils/notifying`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(
            {
                "channels": {"type": "list", "elements": "dict", "required": True},
                "subject": {"type": "str", "required": True},
                "text": {"type": "str", "required": True},
                "details": {"type": "dict", "default": {}},
                "timeout_seconds": {"type": "float", "default": 10.0},
            }
        )
        given = canonical.plain(arguments)
        if self._task.check_mode:
            return {**result, "changed": False, "deliveries": [], "aiops_events": []}
        notice = Notice(given["subject"], given["text"], given["details"])
        deliveries = notify(given["channels"], notice, given["timeout_seconds"])
        told = "; ".join(f"{item.channel}: {item.message}" for item in deliveries)
        text = f"Notified ({given['subject']}): {told}" if deliveries else "Nobody was notified: no channel is set."
        return {
            **result,
            "changed": False,
            "deliveries": [dataclasses.asdict(item) for item in deliveries],
            "delivered": bool(deliveries) and all(item.ok for item in deliveries),
            "said": text,
            "aiops_events": [{"event": "note", "body": {"text": text}}],
        }
