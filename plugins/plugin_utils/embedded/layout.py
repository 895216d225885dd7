# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Everything about one cluster that its parts have to agree on: settings, addresses, where each program lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.addresses import Addresses
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.settings import Settings

API_PORT = 6443
# Not 8080: pods on the host's network want that one.
COREDNS_HEALTH_PORT = 18080
ETCD_HEALTH_PORT = 2381
KUBELET_HEALTH_PORT = 10248
KUBELET_PORT = 10250
METRICS_SERVER_PORT = 4443
PROMETHEUS_PORT = 9090
REGISTRY_PORT = 5000


@dataclass(frozen=True)
class Layout:
    """programs: {name: path} of every program that the cluster may start."""

    settings: Settings
    addresses: Addresses
    programs: dict[str, Path]

    @property
    def certificates(self) -> Path:
        return self.settings.folder / "certificates"

    @property
    def configuration(self) -> Path:
        return self.settings.folder / "configuration"

    @property
    def containerd_socket(self) -> Path:
        return self.settings.folder / "containerd.sock"

    @property
    def server(self) -> str:
        return f"https://{self.addresses.node}:{API_PORT}"

    @property
    def cluster_name(self) -> str:
        return f"aiops-{self.settings.name}"

    def program(self, name: str) -> str:
        return str(self.programs[name])

    def certificate(self, name: str) -> str:
        return str(self.certificates / f"{name}.crt")

    def key(self, name: str) -> str:
        return str(self.certificates / f"{name}.key")

    def kubeconfig(self, user: str) -> str:
        return str(self.configuration / f"{user}.kubeconfig")
