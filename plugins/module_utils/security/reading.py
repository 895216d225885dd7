# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what the audit needs: one list a kind, side by side, and notes what these credentials may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import Gathering
from ansible_collections.aiops.kubernetes.plugins.module_utils.security import shapes
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.secrets import TOKEN
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.ends_of_life import minor_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts, Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import account_of_user
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.running import Sharing
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.selecting import keys_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities import trivy
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import (
    VulnerabilityReport,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import fold

# Little of each object is decoded, so pages may be large.
PAGE_SIZE = 2500
CONTROLLERS = ("deployments", "statefulsets", "daemonsets", "jobs", "cronjobs")
ACCOUNT_OF_TOKEN = "kubernetes.io/service-account.name"


@dataclass(frozen=True)
class Listed:
    """One list: what it is called in the report and in a ClusterRole's resources."""

    what: str
    api_version: str
    kind: str
    shape: type
    metadata_only: bool = False
    field_selector: str = ""


GATEWAY_API = "gateway.networking.k8s.io"
_RBAC = "rbac.authorization.k8s.io/v1"
_ADMISSION = "admissionregistration.k8s.io/v1"
LISTS = (
    Listed("pods", "v1", "Pod", shapes.Pod),
    Listed("deployments", "apps/v1", "Deployment", shapes.Controller),
    Listed("statefulsets", "apps/v1", "StatefulSet", shapes.Controller),
    Listed("daemonsets", "apps/v1", "DaemonSet", shapes.Controller),
    Listed("jobs", "batch/v1", "Job", shapes.Controller),
    Listed("cronjobs", "batch/v1", "CronJob", shapes.Controller),
    Listed("namespaces", "v1", "Namespace", shapes.Namespace, metadata_only=True),
    Listed("nodes", "v1", "Node", shapes.Node),
    Listed("serviceaccounts", "v1", "ServiceAccount", shapes.ServiceAccount),
    Listed("roles", _RBAC, "Role", shapes.Role),
    Listed("clusterroles", _RBAC, "ClusterRole", shapes.Role),
    Listed("rolebindings", _RBAC, "RoleBinding", shapes.Binding),
    Listed("clusterrolebindings", _RBAC, "ClusterRoleBinding", shapes.Binding),
    Listed("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", shapes.NetworkPolicy),
    Listed("services", "v1", "Service", shapes.Service),
    Listed("ingresses", "networking.k8s.io/v1", "Ingress", shapes.Ingress),
    Listed("httproutes", f"{GATEWAY_API}/v1", "HTTPRoute", shapes.HttpRoute),
    # Without values: they never leave the API server.
    Listed("secrets", "v1", "Secret", shapes.SecretMeta, metadata_only=True),
    Listed("certificates", "v1", "Secret", shapes.TlsSecret, field_selector="type=kubernetes.io/tls"),
    Listed("configmaps", "v1", "ConfigMap", shapes.ConfigMap),
    Listed(
        "validatingwebhookconfigurations", _ADMISSION, "ValidatingWebhookConfiguration", shapes.WebhookConfiguration
    ),
    Listed("mutatingwebhookconfigurations", _ADMISSION, "MutatingWebhookConfiguration", shapes.WebhookConfiguration),
    Listed("validatingadmissionpolicies", _ADMISSION, "ValidatingAdmissionPolicy", shapes.AdmissionPolicy),
    Listed(
        "validatingadmissionpolicybindings",
        _ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        shapes.AdmissionPolicyBinding,
    ),
)
REPORTS = "vulnerabilityreports"
# By group: what not every cluster serves. Where it is not served, there is none of it.
OPTIONAL = {trivy.API_VERSION.partition("/")[0]: REPORTS, GATEWAY_API: "httproutes"}
API_GROUPS = "API groups"


@dataclass
class Reading:
    """facts; reports: trivy-operator's, None where it is not installed or they cannot be read; counts by list."""

    facts: Facts
    reports: list[VulnerabilityReport] | None
    counts: dict[str, int]


def read(
    client: Client, settings: Settings, *, namespace: str = "", deadline: Deadline, clock: Clock = SYSTEM_CLOCK
) -> Reading:
    """Everything, or of what has a namespace that one only. What cannot be read is in facts.unread, with why."""
    gathering = Gathering(client, deadline)
    jobs: dict[str, Callable[[], Any]] = {item.what: _job(client, item, namespace, deadline) for item in LISTS}
    jobs["version"] = lambda: decode(client.get_raw("/version", deadline=deadline))
    jobs[API_GROUPS] = lambda: decode(client.get_raw("/apis", deadline=deadline))
    jobs[REPORTS] = lambda: client.list(
        trivy.API_VERSION, trivy.KIND, namespace=namespace, shape=VulnerabilityReport, deadline=deadline
    )
    try:
        answers = gathering.together(jobs)
    finally:
        gathering.close()
    facts = _facts(answers, settings, clock)
    unread = {item.what: item.why for item in gathering.unavailable}
    gone = [what for what in gathering.gone if what not in OPTIONAL.values()]
    unread |= dict.fromkeys(gone, "the cluster does not serve this kind")
    if facts.api_groups and GATEWAY_API not in facts.api_groups:
        # The API server refuses what one may not list before it looks whether it serves it.
        unread.pop("httproutes", None)
    facts.unread, facts.namespace = unread, namespace
    counts = {what: len(items) for what, items in answers.items() if isinstance(items, list)}
    return Reading(facts, answers.get(REPORTS), counts)


def _job(client: Client, item: Listed, namespace: str, deadline: Deadline) -> Callable[[], list[Any]]:
    resource = built_in(item.api_version, item.kind)
    place = namespace if resource is None or resource.namespaced else ""
    return lambda: client.list(
        item.api_version,
        item.kind,
        namespace=place,
        shape=item.shape,
        field_selector=item.field_selector,
        page_size=PAGE_SIZE,
        metadata_only=item.metadata_only,
        # One for each list: it belongs to this run.
        fold=Sharing().page if item.what == "pods" else None,
        deadline=deadline,
    )


def _facts(answers: dict[str, Any], settings: Settings, clock: Clock) -> Facts:
    def listed(*names: str) -> list[Any]:
        return [item for name in names for item in answers.get(name) or ()]

    version = str((answers.get("version") or {}).get("gitVersion") or "")
    facts = Facts(
        now=clock.now(),
        version=version,
        minor=minor_of(version),
        settings=settings,
        namespaces=listed("namespaces"),
        nodes=listed("nodes"),
        service_accounts=listed("serviceaccounts"),
        roles=listed("roles", "clusterroles"),
        bindings=[_with_accounts(item) for item in listed("rolebindings", "clusterrolebindings")],
        network_policies=listed("networkpolicies"),
        services=listed("services"),
        ingresses=listed("ingresses"),
        http_routes=listed("httproutes"),
        secrets=[_with_type(item) for item in listed("secrets")],
        tls_secrets=listed("certificates"),
        config_maps=listed("configmaps"),
        webhooks=listed("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
        policies=listed("validatingadmissionpolicies"),
        policy_bindings=listed("validatingadmissionpolicybindings"),
    )
    groups = (answers.get(API_GROUPS) or {}).get("groups") or ()
    facts.api_groups = frozenset(item["name"] for item in groups)
    facts.workloads = fold(listed("pods"), listed(*CONTROLLERS), _selected_keys(facts))
    return facts


def _selected_keys(facts: Facts) -> set[str]:
    """The label keys that decide to which pods a policy or a Service belongs."""
    found = {key for policy in facts.network_policies for key in keys_of(policy.spec.podSelector)}
    return found | {key for service in facts.services for key in service.spec.selector} | {"component", "k8s-app"}


def _with_accounts(binding: shapes.Binding) -> shapes.Binding:
    """A binding may name a ServiceAccount or its user: to RBAC they are the same."""
    for subject in binding.subjects:
        if subject.kind == "User" and (account := account_of_user(subject.name)):
            subject.kind, (subject.namespace, subject.name) = "ServiceAccount", account
    return binding


def _with_type(secret: shapes.SecretMeta) -> shapes.SecretMeta:
    """Metadata alone has no type; those whose type matters carry it in what their makers write there."""
    meta = secret.metadata
    if ACCOUNT_OF_TOKEN in meta.annotations:
        secret.type = TOKEN
    elif meta.name.startswith("bootstrap-token-") and meta.namespace == "kube-system":
        secret.type = "bootstrap.kubernetes.io/token"
    elif meta.labels.get("owner") == "helm":
        secret.type = "helm.sh/release.v1"
    return secret


def permissions() -> list[tuple[str, Iterable[str]]]:
    """API group and resources that a ClusterRole for the audit lists."""
    found: dict[str, list[str]] = {}
    for item in LISTS:
        resource = built_in(item.api_version, item.kind)
        if resource is not None and resource.plural not in found.setdefault(resource.group, []):
            found[resource.group].append(resource.plural)
    return sorted([*found.items(), *((group, [what]) for group, what in OPTIONAL.items())])
