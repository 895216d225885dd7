# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change that would take a finding away, and the command that makes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.pasting import command


@dataclass(frozen=True)
class Change:
    """verb: patch (of type strategic or merge), create (body is the object) or delete (no body)."""

    verb: str
    ref: ObjectRef
    body: dict[str, Any] | None = None
    type: str = ""

    def to_json(self) -> dict[str, Any]:
        """verb, type and body, for Fix.patch."""
        return {"verb": self.verb, "type": self.type, "body": self.body}

    def command(self) -> str:
        """What a person pastes."""
        kubectl = ("kubectl", *(("-n", self.ref.namespace) if self.ref.namespace else ()))
        what = (self.ref.kind.lower(), self.ref.name)
        if self.verb == "patch":
            return command(*kubectl, "patch", *what, "--type", self.type, "-p", _compact(self.body))
        if self.verb == "create":
            return f"{command('printf', '%s', _compact(self.body))} | {command(*kubectl, 'create', '-f', '-')}"
        return command(*kubectl, "delete", *what)


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), sort_keys=True)
