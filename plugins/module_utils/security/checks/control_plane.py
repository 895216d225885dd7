# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options of the control plane, where its components are pods of kube-system that can be read (kubeadm and the like).

A managed control plane, one that runs outside of pods, and one that a shell or an environment gives its options cannot
be seen: that is "not assessed", never "pass".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

Flags = Mapping[str, str]
_NEEDED = {"NamespaceLifecycle", "ServiceAccount", "PodSecurity"}
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
# (component, code, whether the flags are bad, what is then said)
_CHECKS: tuple[tuple[str, str, Callable[[Flags], bool], str], ...] = (
    (
        "kube-apiserver",
        "apiserver-anonymous",
        lambda flags: flags.get("anonymous-auth") != "false" and "authentication-config" not in flags,
        "requests without a login are accepted",
    ),
    (
        "kube-apiserver",
        "apiserver-authorization",
        lambda flags: (
            "AlwaysAllow" in flags.get("authorization-mode", "AlwaysAllow").split(",")
            and "authorization-config" not in flags
        ),
        "--authorization-mode contains AlwaysAllow",
    ),
    (
        "kube-apiserver",
        "apiserver-token-file",
        lambda flags: "token-auth-file" in flags,
        "--token-auth-file is set",
    ),
    (
        "kube-apiserver",
        "apiserver-no-audit",
        lambda flags: "audit-log-path" not in flags and "audit-webhook-config-file" not in flags,
        "nothing is written to an audit log",
    ),
    (
        "kube-apiserver",
        "apiserver-no-encryption",
        lambda flags: "encryption-provider-config" not in flags,
        "Secrets are not encrypted in etcd",
    ),
    (
        "kube-apiserver",
        "apiserver-profiling",
        lambda flags: flags.get("profiling") != "false",
        "profiling is on",
    ),
    (
        "kube-apiserver",
        "apiserver-admission",
        lambda flags: "NodeRestriction" not in flags.get("enable-admission-plugins", "").split(","),
        "the admission plugin NodeRestriction is off",
    ),
    (
        "kube-apiserver",
        "apiserver-admission-off",
        lambda flags: bool(_NEEDED & set(flags.get("disable-admission-plugins", "").split(","))),
        "an admission plugin is off without which labels of namespaces and ServiceAccounts protect nothing",
    ),
    (
        "kube-apiserver",
        "apiserver-kubelet-authority",
        lambda flags: "kubelet-certificate-authority" not in flags,
        "certificates of kubelets are not checked",
    ),
    (
        "etcd",
        "etcd-no-client-certificates",
        lambda flags: flags.get("client-cert-auth", "false") == "false",
        "etcd asks for no client certificate",
    ),
    (
        "etcd",
        "etcd-no-peer-certificates",
        lambda flags: flags.get("peer-client-cert-auth", "false") == "false",
        "etcd asks its peers for no certificate",
    ),
    (
        "etcd",
        "etcd-self-signed",
        lambda flags: "true" in (flags.get("auto-tls"), flags.get("peer-auto-tls")),
        "etcd makes its certificates by itself, which anybody can",
    ),
    (
        "kube-controller-manager",
        "controller-manager-one-account",
        lambda flags: flags.get("use-service-account-credentials") != "true",
        "all controllers share one account",
    ),
    (
        "kube-controller-manager",
        "controller-manager-profiling",
        lambda flags: flags.get("profiling") != "false",
        "profiling is on",
    ),
    ("kube-scheduler", "scheduler-profiling", lambda flags: flags.get("profiling") != "false", "profiling is on"),
)
CODES = tuple(code for _component, code, _bad, _message in _CHECKS)


def codes_of(component: str) -> tuple[str, ...]:
    """The codes that this component's options are looked at for."""
    return tuple(code for name, code, _bad, _message in _CHECKS if name == component)


def seen(facts: Facts) -> dict[str, list[tuple[Workload, dict[str, str]]]]:
    """The components that run as pods, with their flags."""
    found: dict[str, list[tuple[Workload, dict[str, str]]]] = {}
    for workload in facts.workloads:
        component = workload.labels.get("component") or workload.labels.get("k8s-app") or ""
        if workload.namespace == "kube-system" and component in COMPONENTS and workload.spec.containers:
            container = workload.spec.containers[0]
            if flags := _flags([*container.command, *container.args]):
                found.setdefault(component, []).append((workload, flags))
    return found


def check(facts: Facts) -> Iterator[Fault]:
    """Each component that can be seen."""
    visible = seen(facts)
    for component, code, bad, message in _CHECKS:
        for workload, flags in visible.get(component, ()):
            if bad(flags):
                yield Fault(code, *workload.key, message, pods=workload.pods)


def _flags(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], "--"], strict=True):
        if word.startswith("--"):
            name, equals, value = word.removeprefix("--").partition("=")
            found[name] = value if equals else "true" if following.startswith("-") else following
    return found
