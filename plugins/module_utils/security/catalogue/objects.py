# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings about Secrets, namespaces, admission, and the cluster's versions and control plane."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.entry import Entry

_SECRETS = "NSA encryption"

OBJECTS = {
    "secret-in-environment": Entry(
        "low",
        "environments end up in crash reports, logs and the processes that the program starts",
        "mount the Secret as a file",
        ("CIS 5.4.1", "T1552.007"),
    ),
    "secret-literal": Entry(
        "high",
        "everybody who may read the workload reads the secret, and it lies in Git",
        "put the value into a Secret, refer to it, and change the value: it is known",
        ("CIS 5.4.1", "CIS 5.4.2", _SECRETS, "T1552.007"),
    ),
    "secret-in-command": Entry(
        "high",
        "everybody who may read the workload, or list processes on the node, reads the secret",
        "put the value into a Secret, mount it, and change the value: it is known",
        ("CIS 5.4.1", _SECRETS, "T1552.007"),
    ),
    "secret-in-configmap": Entry(
        "high",
        "ConfigMaps are read by far more people and programs than Secrets, and are not encrypted at rest",
        "move the value to a Secret, and change it: it is known",
        ("CIS 5.4.1", "CIS 5.4.2", _SECRETS, "T1552.007"),
    ),
    "secret-in-annotation": Entry(
        "medium",
        "kubectl apply keeps a copy of the values in an annotation, which tools show and log as metadata",
        "remove the annotation kubectl.kubernetes.io/last-applied-configuration; write Secrets with --server-side",
        ("CIS 5.4.2", "T1552.007"),
    ),
    "secret-unused": Entry(
        "low",
        "nobody misses a forgotten credential when it is stolen",
        "delete the Secret once its owner has agreed",
        ("CIS 5.4.2", "T1552.007"),
    ),
    "secret-old": Entry(
        "low",
        "the longer a credential lives, the more people and backups have it",
        "change the credential",
        ("CIS 5.4.2", _SECRETS, "T1552.007"),
    ),
    "secret-token": Entry(
        "medium",
        "the token never expires and works from everywhere",
        "delete the Secret; pods get tokens that expire by themselves, others by kubectl create token",
        ("CIS 5.1.6", "T1528"),
    ),
    "tls-expired": Entry(
        "high",
        "clients refuse the connection, or have been taught not to check",
        "renew the certificate",
        (_SECRETS, "T1557"),
    ),
    "tls-expiring": Entry("medium", "clients will refuse the connection", "renew the certificate", (_SECRETS,)),
    "namespace-not-enforced": Entry(
        "medium",
        "a pod may be as privileged as whoever creates it likes",
        "set the label pod-security.kubernetes.io/enforce to restricted, or to baseline",
        ("CIS 5.2.1", "NSA pod security", "T1610"),
    ),
    "namespace-privileged": Entry(
        "medium",
        "the namespace says that any pod is welcome, a privileged one too",
        "set the label pod-security.kubernetes.io/enforce to baseline, and move what needs more elsewhere",
        ("CIS 5.2.1", "NSA pod security", "T1610"),
    ),
    "namespace-policy-pinned": Entry(
        "low",
        "controls that were added to the policy since then are not enforced",
        "set the label pod-security.kubernetes.io/enforce-version to latest, or remove it",
        ("CIS 5.2.1", "NSA pod security"),
    ),
    "webhook-fails-open": Entry(
        "medium",
        "while the webhook does not answer, everything that it should stop passes",
        "set failurePolicy: Fail once the webhook runs with two replicas or more",
        ("CIS 5.2.1", "T1562.001"),
    ),
    "webhook-service-missing": Entry(
        "high",
        "the webhook is never asked, and whoever creates a Service of that name is asked instead",
        "delete the configuration, or bring its Service back",
        ("CIS 5.2.1", "T1562.001", "T1556"),
    ),
    "webhook-external": Entry(
        "medium",
        "every object in question, Secrets included, is sent to an address outside of the cluster",
        "run the webhook in the cluster and refer to it by clientConfig.service",
        ("T1556", "T1567"),
    ),
    "policy-fails-open": Entry(
        "medium",
        "where the policy cannot be evaluated, everything that it should stop passes",
        "set failurePolicy: Fail",
        ("CIS 5.2.1", "T1562.001"),
    ),
    "policy-not-enforced": Entry(
        "low",
        "the policy stops nothing: it has no binding, or none that denies",
        "bind it with validationActions: [Deny]",
        ("CIS 5.2.1",),
    ),
    "kubernetes-past-end": Entry(
        "high",
        "faults that are found from now on are no longer repaired",
        "upgrade to a version that is maintained: https://kubernetes.io/releases/",
        ("NSA upgrading", "T1190"),
    ),
    "kubernetes-near-end": Entry(
        "low",
        "after that day faults are no longer repaired",
        "plan the upgrade: https://kubernetes.io/releases/",
        ("NSA upgrading",),
    ),
    "kubelet-past-end": Entry(
        "high",
        "faults of the kubelet that are found from now on are no longer repaired",
        "upgrade the node",
        ("NSA upgrading", "T1611"),
    ),
    "runtime-past-end": Entry(
        "medium",
        "faults of the container runtime that are found from now on are no longer repaired",
        "upgrade the node's container runtime",
        ("NSA upgrading", "T1611"),
    ),
    "apiserver-anonymous": Entry(
        "medium", "requests without a login are accepted", "set --anonymous-auth=false", ("CIS 1.2.1", "T1190")
    ),
    "apiserver-authorization": Entry(
        "critical",
        "everybody may do everything",
        "set --authorization-mode=Node,RBAC",
        ("CIS 1.2.6", "CIS 1.2.8", "T1078"),
    ),
    "apiserver-token-file": Entry(
        "high", "the tokens of that file never expire", "remove --token-auth-file", ("CIS 1.2.2", "T1078")
    ),
    "apiserver-no-audit": Entry(
        "medium",
        "nobody can tell afterwards who did what",
        "set --audit-log-path and --audit-policy-file",
        ("CIS 1.2.16", "CIS 3.2.1", "NSA audit logging", "T1562"),
    ),
    "apiserver-no-encryption": Entry(
        "medium",
        "Secrets lie readable in etcd and its backups",
        "set --encryption-provider-config",
        ("CIS 1.2.27", _SECRETS, "T1552"),
    ),
    "apiserver-profiling": Entry(
        "low", "profiles tell about the inside of the API server", "set --profiling=false", ("CIS 1.2.15",)
    ),
    "apiserver-admission": Entry(
        "medium",
        "kubelets may change the labels of other nodes and pods",
        "add NodeRestriction to --enable-admission-plugins",
        ("CIS 1.2.14", "T1078"),
    ),
    "apiserver-admission-off": Entry(
        "high",
        "pods are neither held to their namespace's Pod Security label nor given an account of their own",
        "take NamespaceLifecycle, ServiceAccount and PodSecurity out of --disable-admission-plugins",
        ("CIS 1.2.11", "CIS 1.2.12", "NSA pod security", "T1610"),
    ),
    "apiserver-kubelet-authority": Entry(
        "medium",
        "whoever answers at a node's address reads the logs, commands and tokens that are sent to its kubelet",
        "set --kubelet-certificate-authority",
        ("CIS 1.2.5", "T1557"),
    ),
    "etcd-no-peer-certificates": Entry(
        "high",
        "whoever reaches etcd's peer port can join it, and has everything",
        "set --peer-client-cert-auth=true",
        ("CIS 2.5", "T1552"),
    ),
    "etcd-self-signed": Entry(
        "high",
        "nobody can tell etcd from what pretends to be it",
        "remove --auto-tls and --peer-auto-tls; give certificates of a CA",
        ("CIS 2.3", "CIS 2.6", "T1557"),
    ),
    "controller-manager-one-account": Entry(
        "medium",
        "a fault in one controller has the permissions of all",
        "set --use-service-account-credentials=true",
        ("CIS 1.3.3", "T1078"),
    ),
    "etcd-no-client-certificates": Entry(
        "critical",
        "whoever reaches etcd reads and writes everything",
        "set --client-cert-auth=true",
        ("CIS 2.2", "T1552"),
    ),
    "controller-manager-profiling": Entry(
        "low", "profiles tell about the inside of the controller manager", "set --profiling=false", ("CIS 1.3.2",)
    ),
    "scheduler-profiling": Entry(
        "low", "profiles tell about the inside of the scheduler", "set --profiling=false", ("CIS 1.4.1",)
    ),
}
