# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a person can choose about an embedded cluster, and where its parts lie on disk."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError

# A Unix socket's path has 108 bytes; the longest that the kubelet makes below the cluster's folder has 47.
_LONGEST_FOLDER = 60


@dataclass(frozen=True)
class Settings:
    """The wishes for one cluster. Paths are absolute.

    name: a DNS label of at most 10 characters; names the folder and the node.
    assets: the role's `files` folder (Go modules, manifests).
    cache: where built binaries and this user's clusters are kept.
    slot: 0..255, which addresses to take; None takes the first free one.
    """

    name: str
    assets: Path
    cache: Path
    python: str
    slot: int | None = None
    simulated_nodes: int = 0
    simulated_pods: int = 0
    prometheus: bool = False
    registry: bool = False
    helm: bool = True
    demo_images: bool = True
    start_timeout_seconds: int = 120

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", self.name):
            raise EmbeddedClusterError(
                f"local_cluster_name '{self.name}' is not usable: give 1 to 10 lower-case letters, digits or '-'."
            )
        if self.slot is not None and not 0 <= self.slot <= 255:
            raise EmbeddedClusterError(f"local_cluster_slot {self.slot} is out of range: give a number from 0 to 255.")
        if len(str(self.folder)) > _LONGEST_FOLDER:
            raise EmbeddedClusterError(
                f"The folder {self.folder} is too long for Unix sockets: set local_cluster_cache to a path so short "
                f"that the whole has at most {_LONGEST_FOLDER} characters."
            )
        if self.simulated_pods and not self.simulated_nodes:
            raise EmbeddedClusterError(
                "local_cluster_simulated_pods needs local_cluster_simulated_nodes: only they carry simulated pods."
            )

    @property
    def folder(self) -> Path:
        return self.cache / "clusters" / self.name

    @property
    def state_file(self) -> Path:
        return self.folder / "cluster.json"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def audit_log(self) -> Path:
        return self.logs / "audit.jsonl"

    @property
    def node_name(self) -> str:
        return f"aiops-{self.name}"

    @property
    def cgroup(self) -> str:
        """Its own among those of the same name that lie in other caches, of other users say."""
        return f"aiops-{self.name}-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"
