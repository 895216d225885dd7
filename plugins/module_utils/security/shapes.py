# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of Kubernetes objects that the security audit looks at; what is not named here is skipped while decoding.

As in cluster/shapes.py fields are called as Kubernetes calls them, and absent means the default. Values of Secrets are
not among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict


@dataclass(slots=True)
class Owner:
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


@dataclass(slots=True)
class Meta:
    name: str = ""
    namespace: str = ""
    uid: str = ""
    creationTimestamp: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    ownerReferences: list[Owner] = field(default_factory=list)


@dataclass(slots=True)
class Named:
    """Whatever has a name and nothing else that matters: a sysctl, a reference to a Secret."""

    name: str = ""


# Pods


@dataclass(slots=True)
class SeLinuxOptions:
    type: str = ""
    user: str = ""
    role: str = ""


@dataclass(slots=True)
class Profile:
    """A seccomp or AppArmor profile."""

    type: str = ""


@dataclass(slots=True)
class Capabilities:
    add: list[str] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)


@dataclass(slots=True)
class WindowsOptions:
    hostProcess: bool = False


@dataclass(slots=True)
class SecurityContext:
    """Of a container or a pod: the fields of both, since most are the same."""

    privileged: bool = False
    allowPrivilegeEscalation: bool | None = None
    readOnlyRootFilesystem: bool = False
    runAsNonRoot: bool | None = None
    runAsUser: int | None = None
    procMount: str = ""
    capabilities: Capabilities | None = None
    seLinuxOptions: SeLinuxOptions | None = None
    seccompProfile: Profile | None = None
    appArmorProfile: Profile | None = None
    windowsOptions: WindowsOptions | None = None
    sysctls: list[Named] = field(default_factory=list)


@dataclass(slots=True)
class Host:
    host: str = ""


@dataclass(slots=True)
class Handler:
    """A probe or a lifecycle handler: only where it connects to."""

    httpGet: Host | None = None
    tcpSocket: Host | None = None


@dataclass(slots=True)
class Lifecycle:
    postStart: Handler | None = None
    preStop: Handler | None = None


@dataclass(slots=True)
class Port:
    containerPort: int = 0
    hostPort: int = 0
    hostIP: str = ""
    name: str = ""


@dataclass(slots=True)
class KeyRef:
    name: str = ""
    key: str = ""


@dataclass(slots=True)
class ValueFrom:
    secretKeyRef: KeyRef | None = None


@dataclass(slots=True)
class EnvVar:
    name: str = ""
    value: str = ""
    valueFrom: ValueFrom | None = None


@dataclass(slots=True)
class EnvFrom:
    secretRef: Named | None = None


@dataclass(slots=True)
class Mount:
    name: str = ""
    mountPath: str = ""
    readOnly: bool = False


@dataclass(slots=True)
class Container:
    name: str = ""
    image: str = ""
    command: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    env: list[EnvVar] = field(default_factory=list)
    envFrom: list[EnvFrom] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    volumeMounts: list[Mount] = field(default_factory=list)
    livenessProbe: Handler | None = None
    readinessProbe: Handler | None = None
    startupProbe: Handler | None = None
    lifecycle: Lifecycle | None = None
    securityContext: SecurityContext | None = None


@dataclass(slots=True)
class Toleration:
    key: str = ""
    operator: str = ""


@dataclass(slots=True)
class PodSpec:
    """volumes are as the API has them: the kind of a volume is the name of its only other key."""

    nodeName: str = ""
    serviceAccountName: str = ""
    automountServiceAccountToken: bool | None = None
    hostNetwork: bool = False
    hostPID: bool = False
    hostIPC: bool = False
    hostUsers: bool | None = None
    shareProcessNamespace: bool = False
    os: Named | None = None
    securityContext: SecurityContext | None = None
    containers: list[Container] = field(default_factory=list)
    initContainers: list[Container] = field(default_factory=list)
    ephemeralContainers: list[Container] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)
    imagePullSecrets: list[Named] = field(default_factory=list)
    tolerations: list[Toleration] = field(default_factory=list)


@dataclass(slots=True)
class PodStatus:
    phase: str = ""


@dataclass(slots=True)
class Pod:
    metadata: Meta = field(default_factory=Meta)
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)


# Controllers


@dataclass(slots=True)
class TemplateMeta:
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Template:
    metadata: TemplateMeta = field(default_factory=TemplateMeta)
    spec: PodSpec = field(default_factory=PodSpec)


@dataclass(slots=True)
class JobSpec:
    template: Template = field(default_factory=Template)


@dataclass(slots=True)
class JobTemplate:
    spec: JobSpec = field(default_factory=JobSpec)


@dataclass(slots=True)
class ControllerSpec:
    template: Template = field(default_factory=Template)
    jobTemplate: JobTemplate | None = None


@dataclass(slots=True)
class Controller:
    """Deployment, StatefulSet, DaemonSet, Job, CronJob."""

    kind: str = ""
    apiVersion: str = ""
    metadata: Meta = field(default_factory=Meta)
    spec: ControllerSpec = field(default_factory=ControllerSpec)


# Permissions


@dataclass(slots=True)
class Rule:
    verbs: list[str] = field(default_factory=list)
    apiGroups: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    resourceNames: list[str] = field(default_factory=list)
    nonResourceURLs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Requirement:
    key: str = ""
    operator: str = ""
    values: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Selector:
    matchLabels: dict[str, str] = field(default_factory=dict)
    matchExpressions: list[Requirement] = field(default_factory=list)


@dataclass(slots=True)
class AggregationRule:
    clusterRoleSelectors: list[Selector] = field(default_factory=list)


@dataclass(slots=True)
class Role:
    """Role or ClusterRole."""

    kind: str = ""
    apiVersion: str = ""
    metadata: Meta = field(default_factory=Meta)
    rules: list[Rule] = field(default_factory=list)
    aggregationRule: AggregationRule | None = None


@dataclass(slots=True)
class Subject:
    kind: str = ""
    name: str = ""
    namespace: str = ""


@dataclass(slots=True)
class RoleRef:
    kind: str = ""
    name: str = ""


@dataclass(slots=True)
class Binding:
    """RoleBinding or ClusterRoleBinding."""

    kind: str = ""
    apiVersion: str = ""
    metadata: Meta = field(default_factory=Meta)
    roleRef: RoleRef = field(default_factory=RoleRef)
    subjects: list[Subject] = field(default_factory=list)


@dataclass(slots=True)
class ServiceAccount:
    metadata: Meta = field(default_factory=Meta)
    automountServiceAccountToken: bool | None = None
    secrets: list[Named] = field(default_factory=list)
    imagePullSecrets: list[Named] = field(default_factory=list)


# Network


@dataclass(slots=True)
class PolicySpec:
    """ingress and egress are as the API has them, since their key "from" cannot be a field. None: not there at all."""

    podSelector: Selector = field(default_factory=Selector)
    policyTypes: list[str] = field(default_factory=list)
    ingress: list[dict[str, Any]] | None = None
    egress: list[dict[str, Any]] | None = None


@dataclass(slots=True)
class NetworkPolicy:
    metadata: Meta = field(default_factory=Meta)
    spec: PolicySpec = field(default_factory=PolicySpec)


@dataclass(slots=True)
class ServicePort:
    port: int = 0
    targetPort: int | str = ""
    nodePort: int = 0
    name: str = ""


@dataclass(slots=True)
class ServiceSpec:
    type: str = ""
    externalName: str = ""
    selector: dict[str, str] = field(default_factory=dict)
    externalIPs: list[str] = field(default_factory=list)
    loadBalancerSourceRanges: list[str] = field(default_factory=list)
    ports: list[ServicePort] = field(default_factory=list)


@dataclass(slots=True)
class Service:
    metadata: Meta = field(default_factory=Meta)
    spec: ServiceSpec = field(default_factory=ServiceSpec)


@dataclass(slots=True)
class Backend:
    service: Named | None = None


@dataclass(slots=True)
class IngressPath:
    backend: Backend = field(default_factory=Backend)


@dataclass(slots=True)
class IngressHttp:
    paths: list[IngressPath] = field(default_factory=list)


@dataclass(slots=True)
class IngressHost:
    host: str = ""
    http: IngressHttp | None = None


@dataclass(slots=True)
class IngressTls:
    hosts: list[str] = field(default_factory=list)
    secretName: str = ""


@dataclass(slots=True)
class IngressSpec:
    rules: list[IngressHost] = field(default_factory=list)
    tls: list[IngressTls] = field(default_factory=list)
    defaultBackend: Backend | None = None


@dataclass(slots=True)
class Ingress:
    metadata: Meta = field(default_factory=Meta)
    spec: IngressSpec = field(default_factory=IngressSpec)


@dataclass(slots=True)
class RouteParent:
    kind: str = "Gateway"


@dataclass(slots=True)
class RouteBackend:
    """namespace is empty where it is the route's own."""

    kind: str = "Service"
    namespace: str = ""
    name: str = ""


@dataclass(slots=True)
class RouteRule:
    backendRefs: list[RouteBackend] = field(default_factory=list)


@dataclass(slots=True)
class RouteSpec:
    parentRefs: list[RouteParent] = field(default_factory=list)
    rules: list[RouteRule] = field(default_factory=list)


@dataclass(slots=True)
class HttpRoute:
    """Of the Gateway API: https://gateway-api.sigs.k8s.io/reference/spec/"""

    metadata: Meta = field(default_factory=Meta)
    spec: RouteSpec = field(default_factory=RouteSpec)


# Secrets, ConfigMaps, Namespaces


@dataclass(slots=True)
class SecretMeta:
    """A Secret without its values. type tells tokens and certificates."""

    metadata: Meta = field(default_factory=Meta)
    type: str = ""


# The certificate of a TLS Secret; its private key is skipped while decoding and never becomes a value.
Certificate = TypedDict("Certificate", {"tls.crt": str}, total=False)


@dataclass(slots=True)
class TlsSecret:
    """A Secret of type kubernetes.io/tls."""

    metadata: Meta = field(default_factory=Meta)
    data: Certificate = field(default_factory=Certificate)


@dataclass(slots=True)
class ConfigMap:
    metadata: Meta = field(default_factory=Meta)
    data: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Namespace:
    metadata: Meta = field(default_factory=Meta)


# Admission and nodes


@dataclass(slots=True)
class WebhookService:
    name: str = ""
    namespace: str = ""


@dataclass(slots=True)
class ClientConfig:
    url: str = ""
    service: WebhookService | None = None


@dataclass(slots=True)
class WebhookRule:
    operations: list[str] = field(default_factory=list)
    apiGroups: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Webhook:
    name: str = ""
    failurePolicy: str = ""
    clientConfig: ClientConfig = field(default_factory=ClientConfig)
    rules: list[WebhookRule] = field(default_factory=list)


@dataclass(slots=True)
class WebhookConfiguration:
    kind: str = ""
    apiVersion: str = ""
    metadata: Meta = field(default_factory=Meta)
    webhooks: list[Webhook] = field(default_factory=list)


@dataclass(slots=True)
class AdmissionPolicySpec:
    failurePolicy: str = ""


@dataclass(slots=True)
class AdmissionPolicy:
    metadata: Meta = field(default_factory=Meta)
    spec: AdmissionPolicySpec = field(default_factory=AdmissionPolicySpec)


@dataclass(slots=True)
class AdmissionPolicyBindingSpec:
    policyName: str = ""
    validationActions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AdmissionPolicyBinding:
    metadata: Meta = field(default_factory=Meta)
    spec: AdmissionPolicyBindingSpec = field(default_factory=AdmissionPolicyBindingSpec)


@dataclass(slots=True)
class NodeInfo:
    kubeletVersion: str = ""
    containerRuntimeVersion: str = ""


@dataclass(slots=True)
class NodeStatus:
    nodeInfo: NodeInfo = field(default_factory=NodeInfo)


@dataclass(slots=True)
class Node:
    metadata: Meta = field(default_factory=Meta)
    status: NodeStatus = field(default_factory=NodeStatus)
