# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every finding that a health report knows: its code, how bad it is, what it is called and why it matters.

Codes are stable: they are neither renumbered nor given to another finding. H1 pods, H2 nodes, H3 workloads, H4
autoscalers and disruption budgets, H5 storage, H6 network, H7 jobs, H8 configuration and API objects, H9 the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding, Fix

_TABLE = """
H101 critical | container keeps crashing | each restart drops what it served; the pauses between them grow to minutes
H102 high | image cannot be pulled | the pod never starts; where an older one still serves, it is the last
H103 high | container was killed for memory | the kernel ended it in the middle of its work, and will again
H104 high | pod cannot be scheduled | what it should do is not done, and no node will take it by itself
H105 high | container cannot be configured | a ConfigMap, Secret or key is not there, so the container is never created
H106 medium | container restarts again and again | it serves in between, so nobody looks; each restart drops requests
H107 high | pod runs and is not ready | it gets no traffic, so the others carry its share
H108 low | failed pod was left behind | it hides newer failures in every list
H109 medium | pod does not end | its node, volume or finalizer holds it; a StatefulSet cannot replace it
H110 medium | pod has no controller | nobody starts it anew when its node goes
H111 high | container cannot be started | its command, mount or runtime is refused, so it never runs
H112 high | init container fails | the pod's own containers never start
H113 high | pod is unknown to its node | nobody can tell whether it still writes to its volume
H114 high | pod hangs in creation | usually a volume that cannot be mounted or a network that cannot be set up
H115 low | pod waits for a scheduling gate | nothing schedules it until somebody lifts the gate
H116 low | pod is without requests or limits | it is the first to be evicted, and may take all of a node
H201 critical | node is not ready | its pods get no traffic and are started elsewhere after five minutes
H202 high | node is short of memory | the kubelet evicts pods from it
H203 high | node is short of disk | the kubelet removes images and evicts pods
H204 high | node is short of process ids | no new process starts on it, whatever it is
H205 high | node's network is not set up | pods on it reach nobody
H206 low | node is cordoned | its room is paid for and not used
H207 high | kubelet's version does not fit the API server's | the pair is unsupported: fields are lost without a word
H208 low | nodes run different versions | an upgrade stopped half-way; a pod behaves by where it lands
H209 medium | node's CPU or memory is promised away | the next pod of an upgrade or a failed node finds no room
H210 low | node's limits exceed what it has | when all use what they may, some are killed
H211 high | node uses nearly all of its CPU or memory | everything on it gets slow, then evicted
H212 medium | node carries nearly as many pods as it may | the next pod does not fit, whatever it needs
H301 critical | workload serves nothing | none of its pods is available
H302 high | workload has fewer pods than it should | the rest carry the load; the next failure is an outage
H303 high | rollout is stuck | old and new version run side by side until somebody decides
H304 medium | rollout is paused | changes to it wait, also urgent ones
H305 high | pods cannot be created | a quota, limit or admission refuses them
H306 low | only one replica behind a Service | a node's restart is an outage
H307 low | workload is scaled to zero behind a Service | who calls the Service gets nothing
H308 medium | no readiness probe behind a Service | traffic arrives before the container can answer it
H309 low | no liveness probe | a container that hangs stays so
H310 low | liveness and readiness probe are the same | a busy container is killed where it should be spared
H311 medium | no CPU request | the scheduler believes that it needs nothing, and an autoscaler cannot work
H312 medium | no memory request | the scheduler fills the node up beyond its memory
H313 medium | no memory limit | a leak takes the node and its neighbours down
H314 medium | image without a fixed tag | nobody can tell what runs, and a restart may bring another version
H315 high | probe asks a port that has no such name | it can only fail
H316 medium | uses far more CPU than requested | it lives on what others have not used yet
H317 high | uses nearly all of its memory limit | the kernel kills it next
H318 low | uses far less than requested | the rest is paid for and blocked
H319 medium | all replicas are on one node | that node's restart is an outage
H320 high | StatefulSet's Service does not exist | its pods have no names to find each other by
H321 low | DaemonSet's pods are where they should not be | labels or taints of nodes changed, the pods stayed
H322 high | ServiceAccount does not exist | new pods are refused
H323 medium | image pull Secret does not exist | it works until the image has to be pulled anew
H324 medium | no revision is kept | a bad release cannot be rolled back
H325 medium | update takes all replicas down at once | each release is an outage
H326 medium | update waits for pods to be deleted by hand | half of the pods run the old version, and nobody sees it
H327 high | two workloads select the same pods | each counts and deletes the other's
H328 medium | variable is set twice | only the last value counts, and whoever edits the first wonders
H329 low | StatefulSet's Service is not headless | its pods have no names of their own to find each other by
H401 high | autoscaler's target does not exist | nothing is scaled
H402 high | autoscaler gets no metrics | the replicas stay as they are, whatever the load
H403 medium | autoscaler is at its maximum | more load is not met by more pods
H404 low | autoscaler has no room | minimum and maximum are the same
H405 high | autoscaler's target requests none of what it is scaled by | utilisation of nothing cannot be computed
H406 medium | autoscaler's maximum does not fit the cluster | under load its pods stay pending
H407 high | two autoscalers scale one workload | they undo each other's work
H408 medium | autoscalers' maxima together do not fit the cluster | under load some of their pods stay pending
H411 medium | disruption budget selects no pod | what it should protect is not protected
H412 medium | disruption budget never allows an eviction | nodes cannot be drained: upgrades hang
H413 high | disruption budget is used up | fewer pods than it demands are healthy; drains hang now
H414 low | no disruption budget | a drain may take all replicas at once
H415 high | two disruption budgets select one pod | every eviction of it is refused
H416 low | disruption budget demands nothing | a drain may take all that it selects at once
H501 high | claim is not bound | pods that use it do not start
H502 critical | claim lost its volume | what was on it is out of reach
H503 high | volume is nearly full | writes fail next
H504 medium | volume fills up soon | at the pace of the last days
H505 low | claim is used by no pod | it is paid for
H506 low | volume was released and kept | it is paid for, and nothing can bind to it
H507 high | volume failed | it could not be reclaimed
H508 low | volume is used by no claim | it is paid for
H509 medium | more than one default storage class | which one a claim gets is a matter of age
H510 high | storage class does not exist | the claim is never bound
H511 high | claim does not exist | the workload's new pods do not start
H601 high | Service selects no pod | who calls it gets no answer
H602 high | Service has no ready endpoint | who calls it gets no answer
H603 high | Service's target port is no port of its pods | connections are refused
H604 medium | Service has neither selector nor endpoints | who calls it gets no answer
H605 high | load balancer has no address | nobody outside reaches it
H607 high | ingress names a Service that does not exist | visitors get an error
H608 high | ingress names a port that its Service does not have | visitors get an error
H609 medium | ingress class does not exist | no controller serves it
H610 high | ingress names a TLS Secret that does not exist | visitors get a wrong certificate
H612 medium | two ingresses claim the same host and path | which one serves is a matter of luck
H614 low | network policy selects no pod | what it should protect is not protected
H615 low | network policy's rule matches nobody | who should be let through is not
H701 high | Job failed | its work was not done
H702 low | CronJob is suspended | its work is not done until somebody remembers
H703 high | CronJob's last run failed | its work was not done
H704 high | CronJob missed its time | its work was not done
H705 medium | Job runs and does not end | it hangs, or holds a lock
H706 low | finished Jobs heap up | they fill etcd and every list
H707 medium | CronJob's runs pile up | each starts while the one before still works
H801 high | ConfigMap does not exist | new pods that need it do not start
H802 high | Secret does not exist | new pods that need it do not start
H804 low | ConfigMap is used by nothing that could be seen | it misleads whoever reads it
H805 low | Secret is used by nothing that could be seen | a credential that nobody needs is only a risk
H806 low | ServiceAccount is used by nothing | its rights are only a risk
H807 high | namespace does not end | a finalizer or a dead API holds it
H808 medium | quota is nearly used up | the next rollout is refused
H810 medium | deprecated API is in use | it goes away with a later version
H821 critical | certificate has expired | clients refuse the connection
H822 high | certificate expires soon | clients will refuse the connection
H824 low | certificate request waits | whoever asked has no certificate
H825 critical | webhook's Service does not exist | every write that it guards is refused
H826 high | API service is not available | its kinds can be neither read nor deleted, and namespaces do not end
H827 medium | custom resource is not served | its objects cannot be used
H901 critical | API server is not ready | the cluster cannot be changed, or soon not be read
H902 critical | control plane component is silent | nothing is scheduled, or nothing is repaired
H905 critical | cluster DNS has no ready endpoint | Services do not find each other
H911 high | Service answers with errors | its callers fail
H912 medium | Service is slow | its callers wait
H913 high | error budget is used up | the promise over the whole period is broken already
H921 medium | cluster's CPU is promised away | the next rollout or failed node finds no room
H922 medium | cluster's memory is promised away | the next rollout or failed node finds no room
H923 medium | the largest node cannot be spared | if it fails, its pods do not fit elsewhere
H924 medium | room is there and in pieces | the largest pod fits nowhere, though the sum would do
H925 medium | cluster fills up soon | at the pace of the last reports
"""


@dataclass(frozen=True)
class Code:
    """One line of the table."""

    code: str
    severity: str
    title: str
    why: str


def _read_table() -> dict[str, Code]:
    rows = {}
    for line in _TABLE.strip().splitlines():
        head, title, why = (part.strip() for part in line.split("|"))
        code, severity = head.split()
        rows[code] = Code(code, severity, title, why)
    return rows


CODES = _read_table()


def found(
    code: str,
    kind: str,
    metadata: Any,
    message: str,
    evidence: Sequence[str],
    fix: Fix,
    *,
    part: str = "",
    severity: str = "",
    factors: dict[str, float] | None = None,
) -> Finding:
    """A finding of the catalogue about an object (anything with namespace and name); severity may only be milder."""
    row = CODES[code]
    return Finding(
        code=code,
        severity=severity or row.severity,
        kind=kind,
        namespace=metadata.namespace,
        name=metadata.name,
        message=f"{row.title}: {message}" if message else row.title,
        evidence=tuple(evidence),
        why=row.why,
        fix=fix,
        part=part,
        title=row.title,
        factors=factors or {},
    )
