# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of Kubernetes objects that the engine works on.

Standard dataclasses; what is not named here is skipped while decoding, never built. Fields are called as Kubernetes
calls them (camelCase), so that no table of names stands between the API reference and the code, and the decoder needs
none. Absent (or null) means the default: "" for text and times (RFC 3339), 0 for numbers, an empty list or dict, None
for a part that is not there at all. A field that has to tell absent from zero is typed `| None`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class OwnerReference:
    kind: str = ""
    name: str = ""
    uid: str = ""
    apiVersion: str = ""
    controller: bool = False


@dataclass(slots=True)
class Metadata:
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resourceVersion: str = ""
    generation: int = 0
    creationTimestamp: str = ""
    deletionTimestamp: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    ownerReferences: list[OwnerReference] = field(default_factory=list)


@dataclass(slots=True)
class Condition:
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    lastTransitionTime: str = ""


@dataclass(slots=True)
class ResourceRequirements:
    """Quantities as written ("250m", "64Mi"); see module_utils/quantities.py."""

    requests: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ContainerPort:
    containerPort: int = 0
    name: str = ""
    hostPort: int = 0
    protocol: str = "TCP"


@dataclass(slots=True)
class HttpGetAction:
    port: int | str = ""
    path: str = ""
    scheme: str = ""
    host: str = ""


@dataclass(slots=True)
class TcpSocketAction:
    port: int | str = ""
    host: str = ""


@dataclass(slots=True)
class GrpcAction:
    port: int = 0
    service: str | None = None


@dataclass(slots=True)
class ExecAction:
    command: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Probe:
    httpGet: HttpGetAction | None = None
    tcpSocket: TcpSocketAction | None = None
    grpc: GrpcAction | None = None
    exec: ExecAction | None = None
    initialDelaySeconds: int = 0
    periodSeconds: int = 0
    timeoutSeconds: int = 0
    failureThreshold: int = 0
    successThreshold: int = 0


@dataclass(slots=True)
class KeyReference:
    """A key of a ConfigMap or Secret, or (name only) all of it."""

    name: str = ""
    key: str = ""
    optional: bool = False


@dataclass(slots=True)
class FieldReference:
    fieldPath: str = ""


@dataclass(slots=True)
class EnvSource:
    configMapKeyRef: KeyReference | None = None
    secretKeyRef: KeyReference | None = None
    fieldRef: FieldReference | None = None


@dataclass(slots=True)
class EnvVar:
    name: str = ""
    value: str = ""
    valueFrom: EnvSource | None = None


@dataclass(slots=True)
class EnvFromSource:
    prefix: str = ""
    configMapRef: KeyReference | None = None
    secretRef: KeyReference | None = None


@dataclass(slots=True)
class VolumeMount:
    name: str = ""
    mountPath: str = ""
    subPath: str = ""
    readOnly: bool = False


@dataclass(slots=True)
class Container:
    name: str = ""
    image: str = ""
    imagePullPolicy: str = ""
    command: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    env: list[EnvVar] = field(default_factory=list)
    envFrom: list[EnvFromSource] = field(default_factory=list)
    ports: list[ContainerPort] = field(default_factory=list)
    volumeMounts: list[VolumeMount] = field(default_factory=list)
    resources: ResourceRequirements = field(default_factory=ResourceRequirements)
    livenessProbe: Probe | None = None
    readinessProbe: Probe | None = None
    startupProbe: Probe | None = None
    restartPolicy: str = ""
    securityContext: dict[str, Any] | None = None
    lifecycle: dict[str, Any] | None = None


@dataclass(slots=True)
class PodSpec:
    """volumes, affinity and the rest are as the API has them: read by few, so left untyped."""

    nodeName: str = ""
    containers: list[Container] = field(default_factory=list)
    initContainers: list[Container] = field(default_factory=list)
    restartPolicy: str = ""
    serviceAccountName: str = ""
    priorityClassName: str = ""
    hostNetwork: bool = False
    nodeSelector: dict[str, str] = field(default_factory=dict)
    imagePullSecrets: list[KeyReference] = field(default_factory=list)
    schedulingGates: list[KeyReference] = field(default_factory=list)
    volumes: list[dict[str, Any]] = field(default_factory=list)
    affinity: dict[str, Any] | None = None
    topologySpreadConstraints: list[dict[str, Any]] = field(default_factory=list)
    securityContext: dict[str, Any] | None = None


@dataclass(slots=True)
class StateWaiting:
    reason: str = ""
    message: str = ""


@dataclass(slots=True)
class StateRunning:
    startedAt: str = ""


@dataclass(slots=True)
class StateTerminated:
    exitCode: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    startedAt: str = ""
    finishedAt: str = ""


@dataclass(slots=True)
class ContainerState:
    waiting: StateWaiting | None = None
    running: StateRunning | None = None
    terminated: StateTerminated | None = None


@dataclass(slots=True)
class ContainerStatus:
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restartCount: int = 0
    image: str = ""
    imageID: str = ""
    state: ContainerState = field(default_factory=ContainerState)
    lastState: ContainerState = field(default_factory=ContainerState)


@dataclass(slots=True)
class PodStatus:
    phase: str = ""
    reason: str = ""
    message: str = ""
    qosClass: str = ""
    podIP: str = ""
    hostIP: str = ""
    startTime: str = ""
    conditions: list[Condition] = field(default_factory=list)
    containerStatuses: list[ContainerStatus] = field(default_factory=list)
    initContainerStatuses: list[ContainerStatus] = field(default_factory=list)


@dataclass(slots=True)
class PodShape:
    metadata: Metadata = field(default_factory=Metadata)
    spec: PodSpec = field(default_factory=PodSpec)
    status: PodStatus = field(default_factory=PodStatus)


@dataclass(slots=True)
class Taint:
    key: str = ""
    value: str = ""
    effect: str = ""


@dataclass(slots=True)
class NodeSpec:
    unschedulable: bool = False
    taints: list[Taint] = field(default_factory=list)


@dataclass(slots=True)
class NodeInfo:
    kubeletVersion: str = ""


@dataclass(slots=True)
class NodeStatus:
    capacity: dict[str, str] = field(default_factory=dict)
    allocatable: dict[str, str] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    nodeInfo: NodeInfo = field(default_factory=NodeInfo)


@dataclass(slots=True)
class NodeShape:
    metadata: Metadata = field(default_factory=Metadata)
    spec: NodeSpec = field(default_factory=NodeSpec)
    status: NodeStatus = field(default_factory=NodeStatus)


@dataclass(slots=True)
class LabelRequirement:
    key: str = ""
    operator: str = ""
    values: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LabelSelector:
    matchLabels: dict[str, str] = field(default_factory=dict)
    matchExpressions: list[LabelRequirement] = field(default_factory=list)


@dataclass(slots=True)
class PodTemplate:
    metadata: Metadata = field(default_factory=Metadata)
    spec: PodSpec = field(default_factory=PodSpec)


@dataclass(slots=True)
class WorkloadSpec:
    """replicas is None where the API has none (DaemonSet, Job); the API server's default for the others is 1."""

    replicas: int | None = None
    paused: bool = False
    selector: LabelSelector = field(default_factory=LabelSelector)
    template: PodTemplate = field(default_factory=PodTemplate)
    minReadySeconds: int = 0
    revisionHistoryLimit: int | None = None
    progressDeadlineSeconds: int | None = None
    completions: int | None = None
    parallelism: int | None = None
    backoffLimit: int | None = None


@dataclass(slots=True)
class WorkloadStatus:
    """Counters of Deployment, StatefulSet and ReplicaSet, then those of DaemonSet and Job."""

    observedGeneration: int = 0
    replicas: int = 0
    readyReplicas: int = 0
    availableReplicas: int = 0
    updatedReplicas: int = 0
    unavailableReplicas: int = 0
    currentRevision: str = ""
    updateRevision: str = ""
    desiredNumberScheduled: int = 0
    numberReady: int = 0
    numberAvailable: int = 0
    updatedNumberScheduled: int = 0
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class WorkloadShape:
    """Deployment, StatefulSet, DaemonSet, ReplicaSet, Job: what has a pod template and a selector."""

    kind: str = ""
    apiVersion: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    spec: WorkloadSpec = field(default_factory=WorkloadSpec)
    status: WorkloadStatus = field(default_factory=WorkloadStatus)
