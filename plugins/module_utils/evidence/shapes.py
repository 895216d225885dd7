# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collector knows about a target: decoded facts, and the evidence that quotes them.

Every fact that a rule may cite carries the id of the evidence that tells it (`id`, empty while not numbered).
All text has been redacted before it gets here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target


@dataclass(frozen=True)
class Evidence:
    """One observation: `time` is RFC 3339 in UTC or empty, `text` is one redacted line."""

    id: str
    source: str
    time: str
    subject: str
    text: str


@dataclass(frozen=True)
class Unavailable:
    """Something that could not be read, and why."""

    what: str
    why: str


@dataclass
class State:
    """A container state as its status tells it; `phase` is waiting, running, terminated, or empty."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    signal: int = 0
    started_at: str = ""
    finished_at: str = ""
    id: str = ""


@dataclass
class Probe:
    """`port` is as written (a number or a name), `port_number` resolved (0: unknown)."""

    kind: str
    handler: str = ""
    port: str = ""
    port_number: int = 0
    path: str = ""
    scheme: str = ""
    command: list[str] = field(default_factory=list)
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3
    id: str = ""


@dataclass
class Port:
    name: str = ""
    number: int = 0
    protocol: str = "TCP"
    host_port: int = 0


@dataclass
class Amounts:
    """Requests, limits, capacities or usage. None: not set, or not known."""

    cpu_millicores: int | None = None
    memory_bytes: int | None = None
    other: dict[str, int] = field(default_factory=dict)


@dataclass
class EnvVar:
    """A variable of a container's spec; a value is never kept. `source`: literal, configmap, secret, field."""

    name: str
    source: str = "literal"
    object: str = ""
    key: str = ""
    optional: bool = False
    empty: bool = False


@dataclass
class Usage:
    """A sample of the metrics API."""

    cpu_millicores: int
    memory_bytes: int
    time: str = ""
    id: str = ""


@dataclass
class Container:
    """One container: spec and status. `role` is main, init, sidecar or ephemeral."""

    name: str
    role: str = "main"
    image: str = ""
    command: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    env: list[EnvVar] = field(default_factory=list)
    env_from: list[EnvVar] = field(default_factory=list)
    requests: Amounts = field(default_factory=Amounts)
    limits: Amounts = field(default_factory=Amounts)
    probes: list[Probe] = field(default_factory=list)
    heap_bytes: int = 0
    heap_setting: str = ""
    run_as_user: int | None = None
    read_only_root: bool = False
    state: State = field(default_factory=State)
    last_state: State = field(default_factory=State)
    ready: bool = False
    started: bool = False
    restarts: int = 0
    usage: Usage | None = None
    id: str = ""


@dataclass
class Condition:
    type: str
    status: str
    reason: str = ""
    message: str = ""
    since: str = ""
    id: str = ""


@dataclass
class Pod:
    name: str
    namespace: str = ""
    uid: str = ""
    phase: str = ""
    reason: str = ""
    message: str = ""
    node: str = ""
    created_at: str = ""
    started_at: str = ""
    deleted_at: str = ""
    restart_policy: str = "Always"
    service_account: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: list[dict[str, str]] = field(default_factory=list)
    scheduling_gates: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    owner_kind: str = ""
    owner_uid: str = ""
    id: str = ""


@dataclass
class PodLine:
    """A pod of the same workload in one line."""

    name: str
    phase: str = ""
    ready: bool = False
    restarts: int = 0
    problem: str = ""
    revision: str = ""
    created_at: str = ""
    memory_limits: dict[str, int] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)


@dataclass
class Event:
    """Events with the same object, reason and message (but for figures), over time."""

    subject: str
    type: str
    reason: str
    message: str
    count: int = 1
    first: str = ""
    last: str = ""
    container: str = ""
    id: str = ""


@dataclass
class LogLine:
    """`count` is how often a line of the same wording was seen; `time` is that of the last."""

    text: str
    time: str = ""
    count: int = 1
    id: str = ""


@dataclass
class Log:
    """The kept lines of one log. `complete`: every line of the log was read."""

    container: str
    previous: bool = False
    lines: list[LogLine] = field(default_factory=list)
    read_bytes: int = 0
    complete: bool = True


@dataclass
class Reference:
    """An object that the pod names. `exists` and `keys` are None where that is not known."""

    kind: str
    name: str
    used_by: str = ""
    optional: bool = False
    exists: bool | None = None
    keys: list[str] | None = None
    facts: dict[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass
class Revision:
    """A revision of the workload's template. `serving`: it has ready pods now."""

    number: int
    name: str = ""
    created_at: str = ""
    ready: int = 0
    desired: int = 0
    current: bool = False


@dataclass
class Change:
    """A field that differs between the revision compared with and the current one; values redacted."""

    path: str
    before: str
    after: str
    id: str = ""


@dataclass
class Workload:
    """The controller that a remedy would change."""

    target: Target
    desired: int = 0
    ready: int = 0
    available: int = 0
    updated: int = 0
    suspended: bool = False
    conditions: list[Condition] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    compared_revision: int = 0
    compared_serving: bool = False
    changes: list[Change] = field(default_factory=list)
    id: str = ""


@dataclass
class Node:
    """`free` is allocatable less the requests of the pods on it; None where that was not read."""

    name: str
    ready: bool | None = None
    reason: str = ""
    unschedulable: bool = False
    pressures: list[str] = field(default_factory=list)
    taints: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    allocatable: Amounts = field(default_factory=Amounts)
    free: Amounts | None = None
    id: str = ""


@dataclass
class Policy:
    """A quota, limit range, network policy or Service of the namespace that concerns the pod, in one line."""

    kind: str
    name: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)
    id: str = ""


@dataclass
class Facts:
    """All that was collected about one target at `now` (RFC 3339, UTC)."""

    target: Target
    now: str = ""
    found: bool = True
    near: list[str] = field(default_factory=list)
    deleted_during: bool = False
    workload: Workload | None = None
    owners: list[Target] = field(default_factory=list)
    pod: Pod | None = None
    pods: list[PodLine] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    unavailable: list[Unavailable] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
