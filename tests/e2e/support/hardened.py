# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Objects with which nothing is wrong, to be spoiled in one respect each. Their pods run on simulated nodes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Object = dict[str, Any]
REGISTRY = "registry.example.com"
DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"{REGISTRY}/app:1.0@{DIGEST}"
# What the policies of a namespace protect: see policies().
PROTECTED = {"ingress": "protected", "egress": "protected"}


def container(name: str = "app", **more: Any) -> Object:
    """Hardened as the level restricted wants it, and more."""
    context = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    return {"name": name, "image": IMAGE, "securityContext": context, **more}


def pod_spec(**more: Any) -> Object:
    """A pod that stays on simulated nodes."""
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "nodeSelector": {"type": "kwok"},
        "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [container()],
        **more,
    }


def template(name: str, spec: Object, labels: Object | None = None) -> Object:
    return {"metadata": {"labels": {"app": name, **PROTECTED, **(labels or {})}}, "spec": spec}


def deployment(name: str, spoil: Callable[[Object], None] | None = None, replicas: int = 1) -> Object:
    """spoil is given the pod template's spec, with the first container as "container" for short."""
    spec = copy.deepcopy(pod_spec())
    whole = template(name, spec)
    if spoil is not None:
        spoil(whole)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": whole},
    }


def policies() -> list[Object]:
    """One for each direction, for pods that carry its label."""
    protected = {
        "ingress": {"matchLabels": {"ingress": "protected"}},
        "egress": {"matchLabels": {"egress": "protected"}},
    }
    dns = {"ports": [{"port": 53, "protocol": "UDP"}]}
    rules = {
        "ingress": {"policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]},
        "egress": {"policyTypes": ["Egress"], "egress": [dns, {"to": [{"podSelector": {}}]}]},
    }
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"protect-{way}"},
            "spec": {"podSelector": protected[way], **rules[way]},
        }
        for way in rules
    ]


def service(name: str, **spec: Any) -> Object:
    ports = [{"port": 80, "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {}},
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def ingress(name: str, annotations: Object | None = None, **spec: Any) -> Object:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "nobody", "port": {"number": 80}}}}
    host = f"{name}.example.com"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {
            "rules": [{"host": host, "http": {"paths": [path]}}],
            "tls": [{"hosts": [host], "secretName": "certificate"}],
            **spec,
        },
    }


def secret(name: str, **more: Any) -> Object:
    metadata = {"name": name, **more.pop("metadata", {})}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "x"}, **more}


def config_map(name: str, data: Object) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def account(name: str, **more: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}, **more}


RBAC = "rbac.authorization.k8s.io/v1"


def bound(name: str, rules: list[Object], subjects: list[Object], *, cluster: bool = False) -> list[Object]:
    """A role and its binding, both of that name."""
    prefix = "Cluster" if cluster else ""
    role = {"apiVersion": RBAC, "kind": f"{prefix}Role", "metadata": {"name": name}, "rules": rules}
    return [role, binding(name, f"{prefix}Role", name, subjects, cluster=cluster)]


def binding(name: str, kind: str, role: str, subjects: list[Object], *, cluster: bool = False) -> Object:
    return {
        "apiVersion": RBAC,
        "kind": "ClusterRoleBinding" if cluster else "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        "subjects": subjects,
    }


def user(name: str = "somebody@example.com") -> Object:
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def group(name: str) -> Object:
    return {"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def rule(verbs: str, resources: str, api_group: str = "", **more: Any) -> Object:
    """Verbs and resources parted by blanks."""
    return {"verbs": verbs.split(), "resources": resources.split(), "apiGroups": [api_group], **more}
