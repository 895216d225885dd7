# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Collects the facts about one target: a few waves of reads, each in parallel, all under one deadline."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence import nodes, policies
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.events import folded
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import Gathering
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import Kind
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.logs import read_log
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.near import near_matches
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.numbering import numbered
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.ownership import Ownership, climb
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import conditions_from, pod_from
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.references import look_up, references_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts, Log, Pod
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.usage import read_usage
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.workloads import (
    compare_revisions,
    is_complete,
    news_first,
    pod_line,
    target_of,
    workload_from,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

KEPT_PODS = 20
KEPT_LOGS = 8
# The metrics API is a server of its own; where it hangs, the rest shall not wait.
USAGE_SECONDS = 0.6

Json = Mapping[str, Any]
Jobs = dict[str, Callable[[], Any]]


def collect(
    client: Client, kind: Kind, namespace: str, name: str, *, deadline: Deadline, clock: Clock = SYSTEM_CLOCK
) -> Facts:
    """All that can be read about the target before the deadline; what cannot is in `unavailable`."""
    gathering = Gathering(client, deadline)
    facts = Facts(Target(client.cluster, kind.api_version, kind.name, namespace, name, ""), rfc3339(clock.now()))
    try:
        item, around = _read_target(gathering, facts, kind)
        if item is not None:
            _read_rest(gathering, facts, kind, item, around)
    finally:
        gathering.close()
    facts.unavailable += gathering.unavailable
    facts.evidence = numbered(facts)
    return facts


def _read_target(gathering: Gathering, facts: Facts, kind: Kind) -> tuple[Json | None, dict[str, Any]]:
    """The object itself, and what bounds or serves pods in its namespace."""
    client, target, deadline = gathering.client, facts.target, gathering.deadline
    what = f"{kind.name.lower()}/{target.name}"
    ref = ObjectRef(kind.api_version, kind.name, target.name, target.namespace)

    def listed(api_version: str, item_kind: str) -> Callable[[], Any]:
        return lambda: client.list(api_version, item_kind, namespace=target.namespace, deadline=deadline)

    answers = gathering.together(
        {
            what: lambda: client.get(ref, deadline=deadline),
            "services": listed("v1", "Service"),
            "quotas": listed("v1", "ResourceQuota"),
            "limit ranges": listed("v1", "LimitRange"),
            "network policies": listed("networking.k8s.io/v1", "NetworkPolicy"),
        }
    )
    item = answers.get(what)
    if item is None and what in gathering.gone:
        facts.found = False
        facts.near = near_matches(client, kind, target.namespace, target.name, deadline)
    elif item is not None:
        facts.target = target_of({"apiVersion": kind.api_version, **item}, kind.name, client.cluster)
    return item, answers


def _read_rest(gathering: Gathering, facts: Facts, kind: Kind, item: Json, around: dict[str, Any]) -> None:
    """Owners and pods first where the target is a controller; for a pod everything about it at the same time."""
    client, deadline = gathering.client, gathering.deadline
    owners: Jobs = {"owners": lambda: climb(client, item, kind.name, deadline)}
    if kind.name == "Pod":
        facts.pod = pod_from(item)
        answers = gathering.together({**owners, **_pod_jobs(gathering, facts.pod, item)})
        ownership = answers.get("owners") or Ownership()
        answers |= gathering.together(_workload_jobs(gathering, ownership, facts.pod))
    else:
        ownership = gathering.together(owners).get("owners") or Ownership([(kind.name, item)])
        pod_item = _worst(ownership, facts.now)
        jobs = _workload_jobs(gathering, ownership, None)
        if pod_item is not None:
            facts.pod = pod_from(pod_item)
            jobs |= _pod_jobs(gathering, facts.pod, pod_item)
        answers = gathering.together(jobs)
    gathering.unavailable += ownership.unavailable
    _take(gathering, facts, ownership, answers, around)
    _read_what_that_calls_for(gathering, facts)


def _worst(ownership: Ownership, now: str) -> Json | None:
    """The pod to look at closely: the worst of those that are news."""
    items = {item["metadata"]["name"]: item for item in ownership.pods}
    ordered = _ordered(ownership, now)
    return items[ordered[0].name] if ordered else None


def _ordered(ownership: Ownership, now: str) -> list[Pod]:
    complete = any(kind == "Job" and is_complete(item) for kind, item in ownership.chain)
    return news_first([pod_from(item) for item in ownership.pods], complete=complete, now=now)


def _events(gathering: Gathering, uid: str, namespace: str) -> Callable[[], Any]:
    return lambda: gathering.client.list(
        "v1", "Event", namespace=namespace, field_selector=f"involvedObject.uid={uid}", deadline=gathering.deadline
    )


def _workload_jobs(gathering: Gathering, ownership: Ownership, pod: Pod | None) -> Jobs:
    """Events of every controller in the chain; of a Deployment also of its current ReplicaSet; usage of its pods."""
    jobs: Jobs = {}
    items = {item["metadata"]["uid"]: (kind, item) for kind, item in ownership.chain}
    current = ownership.revisions[-1][0].name if ownership.revisions else ""
    for item in ownership.replica_sets:
        if item["metadata"]["name"] == current:
            items.setdefault(item["metadata"]["uid"], ("ReplicaSet", item))
    for uid, (kind, item) in items.items():
        meta = item["metadata"]
        jobs[f"events of {kind.lower()}/{meta['name']}"] = _events(gathering, uid, meta.get("namespace", ""))
    if ownership.selector and ownership.pods:
        namespace = ownership.chain[-1][1]["metadata"].get("namespace", "")
        jobs["usage"] = _usage(gathering, namespace, ownership.selector, "")
    elif pod is not None and pod.node:
        jobs["usage"] = _usage(gathering, pod.namespace, "", pod.name)
    return jobs


def _usage(gathering: Gathering, namespace: str, selector: str, pod: str) -> Callable[[], Any]:
    def read() -> Any:
        return read_usage(gathering.client, namespace, selector, pod, gathering.deadline.sooner(USAGE_SECONDS))

    return read


def _pod_jobs(gathering: Gathering, pod: Pod, item: Json) -> Jobs:
    """Events and logs of the pod, the objects that it refers to, and its node."""
    client, deadline = gathering.client, gathering.deadline
    jobs: Jobs = {f"events of pod/{pod.name}": _events(gathering, pod.uid, pod.namespace)}
    for container, previous in logs_to_read(pod):
        jobs[log_name(container, previous)] = _log(gathering, pod, container, previous)
    for reference in references_of(item.get("spec") or {}):
        name = f"{reference.kind.lower()}/{reference.name}"
        jobs[name] = functools.partial(look_up, client, pod.namespace, reference, deadline)
    if pod.node:
        jobs[f"node/{pod.node}"] = lambda: nodes.node_from(
            client.get(ObjectRef("v1", "Node", pod.node), deadline=deadline)
        )
    return jobs


def log_name(container: str, previous: bool) -> str:
    """How a log is called, in `unavailable` too."""
    return f"{'previous ' if previous else ''}log of container {container}"


def logs_to_read(pod: Pod) -> list[tuple[str, bool]]:
    """Container and `previous` of each log: of the instance that ended last, and of the one running; failing first."""
    wanted: list[tuple[Container, bool]] = []
    for container in pod.containers:
        if container.state.phase in ("running", "terminated"):
            wanted.append((container, False))
        if container.last_state.phase == "terminated" and container.state.phase in ("waiting", "running"):
            wanted.append((container, True))
    wanted.sort(key=lambda pair: (pair[0].ready, not pair[1]))
    return [(container.name, previous) for container, previous in wanted][:KEPT_LOGS]


def _log(gathering: Gathering, pod: Pod, container: str, previous: bool) -> Callable[[], Any]:
    def read() -> Log:
        return read_log(
            gathering.client, pod.namespace, pod.name, container, previous=previous, deadline=gathering.deadline
        )

    return read


def _take(
    gathering: Gathering, facts: Facts, ownership: Ownership, answers: dict[str, Any], around: dict[str, Any]
) -> None:
    """Put the answers where rules look for them."""
    cluster = gathering.client.cluster
    if ownership.chain:
        kind, top = ownership.chain[-1]
        facts.workload = workload_from(top, kind, cluster)
        if kind == "CronJob" and len(ownership.chain) > 1:
            # Its newest Job tells how the last run ended, also when the pods of it are gone.
            facts.workload.conditions += conditions_from(ownership.chain[-2][1].get("status") or {})
        facts.owners = [target_of(item, kind, cluster) for kind, item in ownership.chain]
        compare_revisions(facts.workload, ownership.revisions)
    facts.pods = [pod_line(pod) for pod in _ordered(ownership, facts.now)][:KEPT_PODS]
    facts.events = folded([e for name, found in answers.items() if name.startswith("events of ") for e in found])
    if facts.pod is None:
        return
    pod = facts.pod
    facts.logs = [log for c, previous in logs_to_read(pod) if (log := answers.get(log_name(c, previous)))]
    facts.references = [r for name, r in answers.items() if getattr(r, "used_by", None) is not None]
    facts.nodes = [answers[name] for name in (f"node/{pod.node}",) if name in answers]
    _take_usage(gathering, facts, answers.get("usage"))
    facts.policies = [
        *policies.services(around.get("services", []), pod.labels),
        *policies.quotas(around.get("quotas", [])),
        *policies.limit_ranges(around.get("limit ranges", [])),
        *policies.network_policies(around.get("network policies", []), pod.labels),
    ]


def _take_usage(gathering: Gathering, facts: Facts, usage: dict[str, Any] | None) -> None:
    pod = facts.pod
    if "usage" in gathering.gone:
        gathering.miss("usage", "the metrics API has no figures (metrics-server absent, or the pod is too young)")
    if usage is None or pod is None:
        return
    for container in pod.containers:
        container.usage = usage.get(pod.name, {}).get(container.name)
    for line in facts.pods:
        line.usage = usage.get(line.name, {})


def _read_what_that_calls_for(gathering: Gathering, facts: Facts) -> None:
    """What only some failures need: room on nodes, events of pending claims, whether the pod is still there."""
    pod = facts.pod
    if pod is None:
        return
    client, deadline = gathering.client, gathering.deadline
    if any(name.endswith((pod.name,)) or "log of container" in name for name in gathering.gone):
        facts.deleted_during = _is_gone(client, pod, deadline)
    jobs: Jobs = {}
    for claim in facts.references:
        if claim.kind == "PersistentVolumeClaim" and claim.exists and claim.facts.get("phase") != "Bound":
            jobs[f"events of claim {claim.name}"] = _events(gathering, claim.facts["uid"], pod.namespace)
    if is_unscheduled(pod):
        jobs["nodes"] = lambda: client.list("v1", "Node", deadline=deadline)
    answers = gathering.together(jobs) if jobs else {}
    extra = [e for name, found in answers.items() if name.startswith("events of claim") for e in found]
    facts.events += folded(extra)
    if "nodes" in answers:
        _count_room(gathering, facts, pod, [nodes.node_from(item) for item in answers["nodes"]])


def is_unscheduled(pod: Pod) -> bool:
    """No node was found for the pod so far."""
    return not pod.node and any(c.type == "PodScheduled" and c.status == "False" for c in pod.conditions)


def _count_room(gathering: Gathering, facts: Facts, pod: Pod, found: list[nodes.Node]) -> None:
    """Free resources of the nodes that could take the pod: only a few are counted, by the pods on each."""
    client, deadline = gathering.client, gathering.deadline
    facts.nodes = (nodes.candidates(found, pod) or found)[: nodes.COUNTED_NODES]

    def listed(node: str) -> Callable[[], Any]:
        return lambda: client.list("v1", "Pod", field_selector=f"spec.nodeName={node}", deadline=deadline)

    answers = gathering.together({f"pods of node {n.name}": listed(n.name) for n in facts.nodes})
    for node in facts.nodes:
        if f"pods of node {node.name}" in answers:
            node.free = nodes.free_on(node, answers[f"pods of node {node.name}"])


def _is_gone(client: Client, pod: Pod, deadline: Deadline) -> bool:
    """The pod of this uid is not there any more."""
    try:
        now = client.get(ObjectRef("v1", "Pod", pod.name, pod.namespace), deadline=deadline)
    except NotFound:
        return True
    except ClusterError:
        return False
    return bool(now["metadata"].get("uid") != pod.uid)
