# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every check, what it has to read, and which codes it can find: where a list is missing, these are not assessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks import (
    admission,
    certificates,
    control_plane,
    hardening,
    images,
    literals,
    namespaces,
    network,
    permissions,
    pod_controls,
    publishing,
    secrets,
    tokens,
    versions,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

_CONTROLLERS = ("deployments", "statefulsets", "daemonsets", "jobs", "cronjobs")
_RBAC = ("roles", "clusterroles", "rolebindings", "clusterrolebindings")


@dataclass(frozen=True)
class Check:
    """needs: lists without any of which it says nothing. uses: lists without which it sees less."""

    run: Callable[[Facts], Iterator[Fault]]
    codes: tuple[str, ...]
    needs: tuple[str, ...]
    uses: tuple[str, ...] = ()


CHECKS = (
    Check(pod_controls.check, pod_controls.CODES, ("pods",), _CONTROLLERS),
    Check(hardening.check, hardening.CODES, ("pods",), _CONTROLLERS),
    Check(tokens.check, tokens.CODES, ("pods", "serviceaccounts", *_RBAC), _CONTROLLERS),
    Check(images.check, images.CODES, ("pods",), _CONTROLLERS),
    Check(literals.check, literals.CODES, ("pods",), _CONTROLLERS),
    Check(literals.check_config_maps, literals.CONFIG_MAP_CODES, ("configmaps",)),
    Check(permissions.check, permissions.CODES, _RBAC),
    Check(permissions.check_accounts, permissions.ACCOUNT_CODES, ("serviceaccounts", *_RBAC)),
    # Whether a policy selects nothing takes every template.
    Check(network.check, network.CODES, ("pods", "networkpolicies", *_CONTROLLERS)),
    Check(network.check_policies, network.POLICY_CODES, ("networkpolicies",)),
    Check(publishing.check_services, publishing.SERVICE_CODES, ("services",)),
    Check(publishing.check_ingresses, publishing.INGRESS_CODES, ("ingresses",)),
    Check(secrets.check, secrets.CODES, ("secrets",)),
    # Somebody who is not seen may use it: all who could have to be.
    Check(
        secrets.check_unused,
        secrets.UNUSED_CODES,
        ("secrets", "pods", "serviceaccounts", "ingresses", *_CONTROLLERS),
    ),
    Check(certificates.check, certificates.CODES, ("certificates",)),
    Check(namespaces.check, namespaces.CODES, ("namespaces",)),
    Check(admission.check, admission.CODES, ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")),
    Check(
        admission.check_services,
        admission.SERVICE_CODES,
        ("services", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
    ),
    Check(
        admission.check_policies,
        admission.POLICY_CODES,
        ("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
    ),
    Check(versions.check, versions.CODES, ("version",)),
    Check(versions.check_nodes, versions.NODE_CODES, ("nodes",)),
    Check(control_plane.check, control_plane.CODES, ("pods",)),
)
