# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings about permissions (RBAC). Of the CIS benchmark's section 5.1; see also
https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.entry import Entry

_NSA = "NSA authentication and authorization"
_NARROW = "remove the binding, or bind a role that names what is really needed, in one namespace"

PERMISSIONS = {
    "rbac-cluster-admin": Entry(
        "critical",
        "whoever is bound, or takes one of their pods, holds the cluster",
        _NARROW,
        ("CIS 5.1.1", _NSA, "T1078.001"),
    ),
    "rbac-namespace-admin": Entry(
        "medium",
        "everything in the namespace may be done: its Secrets read, its pods replaced, its permissions handed on",
        "list the resources and verbs that are needed instead of *",
        ("CIS 5.1.3", _NSA, "T1078"),
    ),
    "rbac-wildcard": Entry(
        "medium",
        "a * also grants what is added to the cluster later, such as a new kind with credentials in it",
        "list the resources and verbs that are needed instead of *",
        ("CIS 5.1.3", _NSA, "T1078"),
    ),
    "rbac-secrets": Entry(
        "high",
        "Secrets hold passwords, keys and tokens of other accounts; list and watch show their values as get does",
        "name the Secrets in resourceNames, or mount them instead of reading them by the API",
        ("CIS 5.1.2", _NSA, "T1552.007"),
    ),
    "rbac-create-pods": Entry(
        "medium",
        "a new pod may use any ServiceAccount and Secret of the namespace, and the node where nothing forbids it",
        _NARROW,
        ("CIS 5.1.4", _NSA, "T1610"),
    ),
    "rbac-exec": Entry(
        "medium", "commands can be run in other pods, with their tokens and data", _NARROW, ("CIS 5.1.4", _NSA, "T1609")
    ),
    "rbac-ephemeral-containers": Entry(
        "medium",
        "a container of one's own can be put into other pods, with their tokens and data",
        _NARROW,
        ("CIS 5.1.4", _NSA, "T1610"),
    ),
    "rbac-port-forward": Entry("low", "ports of pods can be reached past network policies", _NARROW, (_NSA, "T1090")),
    "rbac-default-account": Entry(
        "medium",
        "every pod of the namespace that names no ServiceAccount has these permissions",
        "bind a ServiceAccount that only the workload uses",
        ("CIS 5.1.5", _NSA, "T1528"),
    ),
    "rbac-system-masters": Entry(
        "critical",
        "the group passes every check and cannot be restricted or revoked while a certificate of it is valid",
        "use a ClusterRoleBinding to people or groups that an identity provider manages",
        ("CIS 5.1.7", _NSA, "T1078.001"),
    ),
    "rbac-escalate": Entry(
        "high", "roles can be given permissions that one has not oneself", _NARROW, ("CIS 5.1.8", _NSA, "T1098.006")
    ),
    "rbac-bind": Entry(
        "high",
        "roles that permit more than one may can be bound, to oneself too",
        _NARROW,
        ("CIS 5.1.8", _NSA, "T1098.006"),
    ),
    "rbac-impersonate": Entry(
        "high",
        "one can act as somebody else, the cluster's administrators included",
        _NARROW,
        ("CIS 5.1.8", _NSA, "T1078"),
    ),
    "rbac-persistent-volumes": Entry(
        "high",
        "a PersistentVolume of kind hostPath gives any folder of a node to a pod",
        "let a StorageClass provision volumes instead",
        ("CIS 5.1.9", _NSA, "T1611"),
    ),
    "rbac-nodes-proxy": Entry(
        "high",
        "the kubelet runs commands in every pod of the node, past admission and the audit log",
        _NARROW,
        ("CIS 5.1.10", _NSA, "T1609"),
    ),
    "rbac-approve-certificates": Entry(
        "high",
        "a client certificate for any user, or for any kubelet, can be signed, and certificates are not revoked",
        _NARROW,
        ("CIS 5.1.11", _NSA, "T1098"),
    ),
    "rbac-webhooks": Entry(
        "high",
        "a webhook of one's own reads and changes every object that is written, Secrets and pods included",
        _NARROW,
        ("CIS 5.1.12", _NSA, "T1556"),
    ),
    "rbac-create-tokens": Entry(
        "high",
        "tokens for other ServiceAccounts can be made, with all that they may do",
        "name the ServiceAccount in resourceNames",
        ("CIS 5.1.13", _NSA, "T1528"),
    ),
    "rbac-network": Entry(
        "medium",
        "policies that separate pods can be taken away, and a Service's traffic be led elsewhere, other namespaces too",
        _NARROW,
        (_NSA, "T1557", "T1562"),
    ),
    "rbac-nodes": Entry(
        "medium",
        "labels and taints of nodes decide where pods run, so that they can be drawn to a node that was taken",
        _NARROW,
        (_NSA, "T1578"),
    ),
    "rbac-change-permissions": Entry(
        "medium", "permissions that one has can be handed on unseen", _NARROW, (_NSA, "T1098.006")
    ),
    "rbac-config-of-cluster": Entry(
        "medium",
        "kinds of the API or its extensions can be replaced, and what relies on them with it",
        _NARROW,
        (_NSA, "T1556"),
    ),
    "rbac-anonymous": Entry(
        "critical",
        "nobody needs to log in for it",
        "remove the binding",
        ("CIS 5.1.1", "CIS 1.2.1", _NSA, "T1078.001", "T1190"),
    ),
    "rbac-everybody": Entry(
        "high",
        "every account of the cluster has it, each pod with a token included",
        "bind the accounts that need it",
        ("CIS 5.1.1", _NSA, "T1078"),
    ),
    "rbac-role-missing": Entry(
        "low",
        "whoever creates a role of that name grants it to these subjects",
        "remove the binding",
        (_NSA, "T1098.006"),
    ),
    "rbac-account-missing": Entry(
        "low",
        "whoever creates a ServiceAccount of that name has these permissions",
        "remove the subject from the binding",
        (_NSA, "T1098"),
    ),
}
