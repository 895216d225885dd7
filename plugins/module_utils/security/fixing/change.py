# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change that would take a finding away, and the command that makes it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef


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
        place = f" -n {shlex.quote(self.ref.namespace)}" if self.ref.namespace else ""
        what = f"{self.ref.kind.lower()} {shlex.quote(self.ref.name)}"
        if self.verb == "patch":
            return f"kubectl{place} patch {what} --type {self.type} -p {shlex.quote(_compact(self.body))}"
        if self.verb == "create":
            return f"printf %s {shlex.quote(_compact(self.body))} | kubectl{place} create -f -"
        return f"kubectl{place} delete {what}"


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), sort_keys=True)
