# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of objects that the health checks look at, and no more: that is what makes 10,000 pods cheap.

Same rules as cluster/shapes.py: fields are called as Kubernetes calls them, absent means the default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import (
    Condition,
    LabelSelector,
    Probe,
    ResourceRequirements,
)


@dataclass(slots=True)
class Owner:
    kind: str = ""
    name: str = ""
    controller: bool = False


@dataclass(slots=True)
class Meta:
    name: str = ""
    namespace: str = ""
    creationTimestamp: str = ""
    deletionTimestamp: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    ownerReferences: list[Owner] = field(default_factory=list)


@dataclass(slots=True)
class AnnotatedMeta:
    name: str = ""
    namespace: str = ""
    creationTimestamp: str = ""
    deletionTimestamp: str = ""
    generation: int = 0
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    ownerReferences: list[Owner] = field(default_factory=list)
    finalizers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Named:
    """A reference by name; key and optional where the kind of reference has them."""

    name: str = ""
    key: str = ""
    optional: bool = False


@dataclass(slots=True)
class ValueFrom:
    configMapKeyRef: Named | None = None
    secretKeyRef: Named | None = None


@dataclass(slots=True)
class Env:
    name: str = ""
    valueFrom: ValueFrom | None = None


@dataclass(slots=True)
class EnvFrom:
    configMapRef: Named | None = None
    secretRef: Named | None = None


@dataclass(slots=True)
class Port:
    name: str = ""
    containerPort: int = 0


@dataclass(slots=True)
class HealthContainer:
    name: str = ""
    image: str = ""
    restartPolicy: str = ""
    env: list[Env] = field(default_factory=list)
    envFrom: list[EnvFrom] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)
    livenessProbe: Probe | None = None
    readinessProbe: Probe | None = None
    startupProbe: Probe | None = None


@dataclass(slots=True)
class ClaimVolume:
    claimName: str = ""


@dataclass(slots=True)
class SecretVolume:
    secretName: str = ""
    optional: bool = False


@dataclass(slots=True)
class Projection:
    configMap: Named | None = None
    secret: Named | None = None


@dataclass(slots=True)
class Projected:
    sources: list[Projection] = field(default_factory=list)


@dataclass(slots=True)
class Volume:
    persistentVolumeClaim: ClaimVolume | None = None
    configMap: Named | None = None
    secret: SecretVolume | None = None
    projected: Projected | None = None


@dataclass(slots=True)
class HealthPodSpec:
    nodeName: str = ""
    serviceAccountName: str = ""
    restartPolicy: str = ""
    containers: list[HealthContainer] = field(default_factory=list)
    initContainers: list[HealthContainer] = field(default_factory=list)
    imagePullSecrets: list[Named] = field(default_factory=list)
    schedulingGates: list[Named] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)


@dataclass(slots=True)
class Waiting:
    reason: str = ""
    message: str = ""


@dataclass(slots=True)
class Terminated:
    exitCode: int = 0
    reason: str = ""
    finishedAt: str = ""


@dataclass(slots=True)
class Started:
    startedAt: str = ""


@dataclass(slots=True)
class State:
    waiting: Waiting | None = None
    running: Started | None = None
    terminated: Terminated | None = None


@dataclass(slots=True)
class HealthContainerStatus:
    name: str = ""
    ready: bool = False
    restartCount: int = 0
    state: State = field(default_factory=State)
    lastState: State = field(default_factory=State)


@dataclass(slots=True)
class HealthPodStatus:
    phase: str = ""
    reason: str = ""
    message: str = ""
    startTime: str = ""
    conditions: list[Condition] = field(default_factory=list)
    containerStatuses: list[HealthContainerStatus] = field(default_factory=list)
    initContainerStatuses: list[HealthContainerStatus] = field(default_factory=list)


@dataclass(slots=True)
class HealthPod:
    metadata: Meta = field(default_factory=Meta)
    spec: HealthPodSpec = field(default_factory=HealthPodSpec)
    status: HealthPodStatus = field(default_factory=HealthPodStatus)


@dataclass(slots=True)
class Template:
    metadata: Meta = field(default_factory=Meta)
    spec: HealthPodSpec = field(default_factory=HealthPodSpec)


@dataclass(slots=True)
class RollingUpdate:
    maxUnavailable: int | str | None = None
    maxSurge: int | str | None = None


@dataclass(slots=True)
class Strategy:
    type: str = ""
    rollingUpdate: RollingUpdate | None = None


@dataclass(slots=True)
class ClaimTemplate:
    metadata: Meta = field(default_factory=Meta)


@dataclass(slots=True)
class ControllerSpec:
    """Of Deployment, StatefulSet and DaemonSet; strategy is the first's, updateStrategy the others'."""

    replicas: int | None = None
    paused: bool = False
    serviceName: str = ""
    revisionHistoryLimit: int | None = None
    selector: LabelSelector = field(default_factory=LabelSelector)
    strategy: Strategy = field(default_factory=Strategy)
    updateStrategy: Strategy = field(default_factory=Strategy)
    template: Template = field(default_factory=Template)
    volumeClaimTemplates: list[ClaimTemplate] = field(default_factory=list)


@dataclass(slots=True)
class ControllerStatus:
    replicas: int = 0
    readyReplicas: int = 0
    availableReplicas: int = 0
    updatedReplicas: int = 0
    observedGeneration: int = 0
    currentRevision: str = ""
    updateRevision: str = ""
    desiredNumberScheduled: int = 0
    numberAvailable: int = 0
    numberMisscheduled: int = 0
    updatedNumberScheduled: int = 0
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Controller:
    """kind is set after decoding a list."""

    kind: str = ""
    apiVersion: str = ""
    metadata: AnnotatedMeta = field(default_factory=AnnotatedMeta)
    spec: ControllerSpec = field(default_factory=ControllerSpec)
    status: ControllerStatus = field(default_factory=ControllerStatus)


@dataclass(slots=True)
class JobSpec:
    suspend: bool = False
    ttlSecondsAfterFinished: int | None = None
    activeDeadlineSeconds: int | None = None
    template: Template = field(default_factory=Template)


@dataclass(slots=True)
class JobStatus:
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    startTime: str = ""
    completionTime: str = ""
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Job:
    metadata: Meta = field(default_factory=Meta)
    spec: JobSpec = field(default_factory=JobSpec)
    status: JobStatus = field(default_factory=JobStatus)


@dataclass(slots=True)
class JobTemplate:
    spec: JobSpec = field(default_factory=JobSpec)


@dataclass(slots=True)
class CronJobSpec:
    schedule: str = ""
    timeZone: str = ""
    suspend: bool = False
    concurrencyPolicy: str = ""
    jobTemplate: JobTemplate = field(default_factory=JobTemplate)


@dataclass(slots=True)
class CronJobStatus:
    lastScheduleTime: str = ""
    lastSuccessfulTime: str = ""
    active: list[Named] = field(default_factory=list)


@dataclass(slots=True)
class CronJob:
    metadata: Meta = field(default_factory=Meta)
    spec: CronJobSpec = field(default_factory=CronJobSpec)
    status: CronJobStatus = field(default_factory=CronJobStatus)


@dataclass(slots=True)
class NodeTaint:
    key: str = ""
    effect: str = ""


@dataclass(slots=True)
class NodeSpec:
    unschedulable: bool = False
    taints: list[NodeTaint] = field(default_factory=list)


@dataclass(slots=True)
class NodeSystem:
    kubeletVersion: str = ""


@dataclass(slots=True)
class NodeStatus:
    allocatable: dict[str, str] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    nodeInfo: NodeSystem = field(default_factory=NodeSystem)


@dataclass(slots=True)
class HealthNode:
    metadata: Meta = field(default_factory=Meta)
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)


@dataclass(slots=True)
class ScaleTarget:
    kind: str = ""
    name: str = ""
    apiVersion: str = ""


@dataclass(slots=True)
class MetricTarget:
    type: str = ""


@dataclass(slots=True)
class ResourceMetric:
    name: str = ""
    target: MetricTarget = field(default_factory=MetricTarget)


@dataclass(slots=True)
class MetricSpec:
    type: str = ""
    resource: ResourceMetric | None = None


@dataclass(slots=True)
class AutoscalerSpec:
    scaleTargetRef: ScaleTarget = field(default_factory=ScaleTarget)
    minReplicas: int | None = None
    maxReplicas: int = 0
    metrics: list[MetricSpec] = field(default_factory=list)


@dataclass(slots=True)
class AutoscalerStatus:
    currentReplicas: int = 0
    desiredReplicas: int = 0
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Autoscaler:
    metadata: Meta = field(default_factory=Meta)
    spec: AutoscalerSpec = field(default_factory=AutoscalerSpec)
    status: AutoscalerStatus = field(default_factory=AutoscalerStatus)


@dataclass(slots=True)
class BudgetSpec:
    minAvailable: int | str | None = None
    maxUnavailable: int | str | None = None
    selector: LabelSelector | None = None


@dataclass(slots=True)
class BudgetStatus:
    currentHealthy: int = 0
    desiredHealthy: int = 0
    disruptionsAllowed: int = 0
    expectedPods: int = 0


@dataclass(slots=True)
class Budget:
    metadata: Meta = field(default_factory=Meta)
    spec: BudgetSpec = field(default_factory=BudgetSpec)
    status: BudgetStatus = field(default_factory=BudgetStatus)


@dataclass(slots=True)
class ClaimSpec:
    storageClassName: str | None = None
    volumeName: str = ""


@dataclass(slots=True)
class Phase:
    phase: str = ""


@dataclass(slots=True)
class Claim:
    metadata: Meta = field(default_factory=Meta)
    spec: ClaimSpec = field(default_factory=ClaimSpec)
    status: Phase = field(default_factory=Phase)


@dataclass(slots=True)
class ClaimReference:
    namespace: str = ""
    name: str = ""


@dataclass(slots=True)
class PersistentVolumeSpec:
    claimRef: ClaimReference | None = None
    storageClassName: str = ""


@dataclass(slots=True)
class PersistentVolume:
    metadata: Meta = field(default_factory=Meta)
    spec: PersistentVolumeSpec = field(default_factory=PersistentVolumeSpec)
    status: Phase = field(default_factory=Phase)


@dataclass(slots=True)
class StorageClass:
    metadata: AnnotatedMeta = field(default_factory=AnnotatedMeta)
    volumeBindingMode: str = ""


@dataclass(slots=True)
class ServicePort:
    name: str = ""
    port: int = 0
    targetPort: int | str = ""


@dataclass(slots=True)
class ServiceSpec:
    type: str = ""
    clusterIP: str = ""
    selector: dict[str, str] = field(default_factory=dict)
    ports: list[ServicePort] = field(default_factory=list)


@dataclass(slots=True)
class LoadBalancer:
    ingress: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class ServiceStatus:
    loadBalancer: LoadBalancer = field(default_factory=LoadBalancer)


@dataclass(slots=True)
class Service:
    metadata: Meta = field(default_factory=Meta)
    spec: ServiceSpec = field(default_factory=ServiceSpec)
    status: ServiceStatus = field(default_factory=ServiceStatus)


@dataclass(slots=True)
class EndpointConditions:
    ready: bool | None = None


@dataclass(slots=True)
class Endpoint:
    conditions: EndpointConditions = field(default_factory=EndpointConditions)


@dataclass(slots=True)
class EndpointSlice:
    metadata: Meta = field(default_factory=Meta)
    endpoints: list[Endpoint] = field(default_factory=list)


@dataclass(slots=True)
class BackendPort:
    name: str = ""
    number: int = 0


@dataclass(slots=True)
class BackendService:
    name: str = ""
    port: BackendPort = field(default_factory=BackendPort)


@dataclass(slots=True)
class Backend:
    service: BackendService | None = None


@dataclass(slots=True)
class HttpPath:
    path: str = ""
    backend: Backend = field(default_factory=Backend)


@dataclass(slots=True)
class HttpRule:
    paths: list[HttpPath] = field(default_factory=list)


@dataclass(slots=True)
class IngressRule:
    host: str = ""
    http: HttpRule | None = None


@dataclass(slots=True)
class IngressTls:
    secretName: str = ""


@dataclass(slots=True)
class IngressSpec:
    ingressClassName: str = ""
    defaultBackend: Backend | None = None
    rules: list[IngressRule] = field(default_factory=list)
    tls: list[IngressTls] = field(default_factory=list)


@dataclass(slots=True)
class Ingress:
    metadata: AnnotatedMeta = field(default_factory=AnnotatedMeta)
    spec: IngressSpec = field(default_factory=IngressSpec)


@dataclass(slots=True)
class Peer:
    """Whom a rule of a network policy is about; one by addresses has neither selector."""

    podSelector: LabelSelector | None = None
    namespaceSelector: LabelSelector | None = None


# A key that no dataclass can have as a field.
PolicyRule = TypedDict("PolicyRule", {"from": list[Peer], "to": list[Peer]}, total=False)


@dataclass(slots=True)
class PolicySpec:
    podSelector: LabelSelector = field(default_factory=LabelSelector)
    ingress: list[PolicyRule] = field(default_factory=list)
    egress: list[PolicyRule] = field(default_factory=list)


@dataclass(slots=True)
class Policy:
    metadata: Meta = field(default_factory=Meta)
    spec: PolicySpec = field(default_factory=PolicySpec)


@dataclass(slots=True)
class Plain:
    """An object of which only the metadata matters."""

    metadata: AnnotatedMeta = field(default_factory=AnnotatedMeta)


@dataclass(slots=True)
class Namespace:
    metadata: Meta = field(default_factory=Meta)
    status: Phase = field(default_factory=Phase)


@dataclass(slots=True)
class QuotaStatus:
    hard: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Quota:
    metadata: Meta = field(default_factory=Meta)
    status: QuotaStatus = field(default_factory=QuotaStatus)


@dataclass(slots=True)
class Conditions:
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Conditioned:
    """An APIService or CustomResourceDefinition: what its conditions say."""

    metadata: Meta = field(default_factory=Meta)
    status: Conditions = field(default_factory=Conditions)


@dataclass(slots=True)
class WebhookService:
    namespace: str = ""
    name: str = ""


@dataclass(slots=True)
class WebhookClient:
    service: WebhookService | None = None


@dataclass(slots=True)
class Webhook:
    name: str = ""
    failurePolicy: str = ""
    clientConfig: WebhookClient = field(default_factory=WebhookClient)


@dataclass(slots=True)
class WebhookConfiguration:
    kind: str = ""
    apiVersion: str = ""
    metadata: Meta = field(default_factory=Meta)
    webhooks: list[Webhook] = field(default_factory=list)


@dataclass(slots=True)
class SigningStatus:
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class SigningRequest:
    metadata: Meta = field(default_factory=Meta)
    status: SigningStatus = field(default_factory=SigningStatus)


@dataclass(slots=True)
class LeaseSpec:
    renewTime: str = ""
    holderIdentity: str = ""


@dataclass(slots=True)
class Lease:
    metadata: Meta = field(default_factory=Meta)
    spec: LeaseSpec = field(default_factory=LeaseSpec)


@dataclass(slots=True)
class ContainerUsage:
    name: str = ""
    usage: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PodUsage:
    metadata: Meta = field(default_factory=Meta)
    containers: list[ContainerUsage] = field(default_factory=list)


@dataclass(slots=True)
class NodeUsage:
    metadata: Meta = field(default_factory=Meta)
    usage: dict[str, str] = field(default_factory=dict)


# The certificate of a TLS Secret; its key is skipped while parsing and never becomes a value.
TlsCertificate = TypedDict("TlsCertificate", {"tls.crt": str}, total=False)


@dataclass(slots=True)
class TlsSecret:
    metadata: Meta = field(default_factory=Meta)
    data: TlsCertificate = field(default_factory=TlsCertificate)
