# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the audit knows of a cluster: everything that was read, what could not be read, and the settings."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.security import shapes
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

SYSTEM_NAMESPACES = ("kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True)
class Settings:
    """What may differ from place to place.

    allowed_registries: where images may come from ("registry.example.com", "docker.io/library"); empty: anywhere.
    secret_max_age_days: how old a Secret may be that nobody renewed. certificate_days: how long before its end a
    certificate is told. system_namespaces: their workloads belong to the cluster and are folded, not told one by one.
    """

    allowed_registries: tuple[str, ...] = ()
    secret_max_age_days: float = 365.0
    certificate_days: float = 30.0
    system_namespaces: tuple[str, ...] = SYSTEM_NAMESPACES


@dataclass
class Facts:
    """Lists are empty where they could not be read: unread says which, and why (the checks ask it first).

    minor is that of Kubernetes (34 for 1.34), 0 where the version is unknown. namespace: of what has one, only what is
    in it was read (empty: in all). api_groups: what the cluster serves.
    """

    now: datetime.datetime
    version: str = ""
    minor: int = 0
    settings: Settings = field(default_factory=Settings)
    workloads: list[Workload] = field(default_factory=list)
    namespaces: list[shapes.Namespace] = field(default_factory=list)
    nodes: list[shapes.Node] = field(default_factory=list)
    service_accounts: list[shapes.ServiceAccount] = field(default_factory=list)
    roles: list[shapes.Role] = field(default_factory=list)
    bindings: list[shapes.Binding] = field(default_factory=list)
    network_policies: list[shapes.NetworkPolicy] = field(default_factory=list)
    services: list[shapes.Service] = field(default_factory=list)
    ingresses: list[shapes.Ingress] = field(default_factory=list)
    http_routes: list[shapes.HttpRoute] = field(default_factory=list)
    secrets: list[shapes.SecretMeta] = field(default_factory=list)
    tls_secrets: list[shapes.TlsSecret] = field(default_factory=list)
    config_maps: list[shapes.ConfigMap] = field(default_factory=list)
    webhooks: list[shapes.WebhookConfiguration] = field(default_factory=list)
    policies: list[shapes.AdmissionPolicy] = field(default_factory=list)
    policy_bindings: list[shapes.AdmissionPolicyBinding] = field(default_factory=list)
    api_groups: frozenset[str] = frozenset()
    unread: dict[str, str] = field(default_factory=dict)
    namespace: str = ""

    def sees(self, namespace: str) -> bool:
        """Whether what is in it was read, as far as these credentials may."""
        return self.namespace in ("", namespace)

    def is_system(self, namespace: str) -> bool:
        """Whether what is in it belongs to the cluster itself."""
        return namespace in self.settings.system_namespaces
