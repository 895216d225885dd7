# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a diagnosis, a plan and a record are about."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef


@dataclass(frozen=True)
class Target:
    """One object in one cluster (the cluster's name as `Client.cluster` has it); what does not apply is empty."""

    cluster: str
    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str

    @property
    def ref(self) -> ObjectRef:
        """The same object as the API client takes it."""
        return ObjectRef(self.api_version, self.kind, self.name, self.namespace, self.uid)
