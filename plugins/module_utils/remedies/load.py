# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a workload bears its load: CPU against its requests, what its autoscaler wants, and requests that failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores_or_none
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers, served
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.served import Served
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

CPU_PERCENT: Final = 70
ERROR_PERCENT: Final = 5
# Of fewer requests a single failure would already be an error rate.
FEWEST_REQUESTS: Final = 20


@dataclass(frozen=True)
class Load:
    """`cpu_percent` is CPU in use of the requests of the pods that are measured, None where unknown.

    `autoscaler` is its name, empty without one; `wanted`, `least` and `most` are its replicas; `served` the pods' own
    counters of requests.
    """

    cpu_percent: int | None
    autoscaler: str = ""
    wanted: int = 0
    least: int = 0
    most: int = 0
    metrics_arrive: bool = False
    served: Served = field(default_factory=Served)


def from_json(document: Mapping[str, Any] | None) -> Load | None:
    """A load from its JSON; raises `TypeError` where it is none."""
    if document is None:
        return None
    return Load(**{**document, "served": Served(**(document.get("served") or {}))})


def observe(client: Client, workload: Document, pods: Sequence[Document], usage_by_pod: Mapping[str, int]) -> Load:
    """The load now. `usage_by_pod` is millicores by pod name. Raises `ClusterError` where no autoscaler can be read."""
    measured = [pod for pod in pods if pod["metadata"]["name"] in usage_by_pod]
    requested = sum(requested_millicores(pod) for pod in measured)
    used = sum(usage_by_pod[pod["metadata"]["name"]] for pod in measured)
    found = autoscalers.of_workload(client, workload)
    return Load(
        cpu_percent=round(100 * used / requested) if requested else None,
        autoscaler=found["metadata"]["name"] if found else "",
        wanted=int((found.get("status") or {}).get("desiredReplicas") or 0) if found else 0,
        least=int(found["spec"].get("minReplicas", 1)) if found else 0,
        most=int(found["spec"]["maxReplicas"]) if found else 0,
        metrics_arrive=bool(found and autoscalers.current_cpu_percent(found) is not None),
        served=served.read(client, pods),
    )


def requested_millicores(pod: Mapping[str, Any]) -> int:
    """CPU requests of a pod's containers, sidecars (init containers that are restarted) included, as an HPA counts."""
    spec = pod["spec"]
    sidecars = [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    amounts = [
        millicores_or_none(((item.get("resources") or {}).get("requests") or {}).get("cpu"))
        for item in [*spec["containers"], *sidecars]
    ]
    return sum(amount or 0 for amount in amounts)


def words(load: Load, before: Load | None) -> str:
    """`CPU at 64 % of its requests, autoscaler wants 3 (2 to 6), errors 0.2 % of 812 requests`. Pure."""
    parts = ["CPU share unknown" if load.cpu_percent is None else f"CPU at {load.cpu_percent} % of its requests"]
    if load.autoscaler:
        parts.append(f"autoscaler wants {load.wanted} ({load.least} to {load.most})")
    return ", ".join([*parts, errors(load, before)])


def errors(load: Load, before: Load | None) -> str:
    """The error rate since `before` (or since the pods started) in words, or plainly that there is none."""
    if load.served.unavailable:
        return f"no error rate ({load.served.unavailable})"
    total, failed = served.since(before.served if before else Served(), load.served)
    if not total:
        return "no requests, so no error rate"
    return f"errors {100 * failed / total:.1f} % of {round(total)} requests"


def worse(before: Load | None, now: Load | None) -> str:
    """The sentence for an error rate that came with the change, or empty: one that was there before is none of it."""
    if before is None or now is None:
        return ""
    total, failed = served.since(before.served, now.served)
    if total < FEWEST_REQUESTS or 100 * failed < ERROR_PERCENT * total:
        return ""
    total_before, failed_before = served.since(Served(), before.served)
    if total_before and 100 * failed_before >= ERROR_PERCENT * total_before:
        return ""
    share = f"{100 * failed / total:.1f} % of {round(total)} requests"
    return f"{share} failed since the change, {ERROR_PERCENT} % is the bound"


def unmet(load: Load | None, ready: int, desired: int) -> list[str]:
    """What a scaling was for and is not so (yet), each a clause. Pure."""
    if load is None:
        return []
    found = []
    if load.cpu_percent is None:
        found.append("it is not known what share of its requests the CPU in use is")
    elif load.cpu_percent >= CPU_PERCENT:
        found.append(f"CPU is at {load.cpu_percent} % of its requests, not under {CPU_PERCENT} %")
    if load.autoscaler and not load.metrics_arrive:
        found.append(f"no current metrics arrive at HorizontalPodAutoscaler {load.autoscaler}")
    wanted = max(load.wanted, load.least) if load.autoscaler else desired
    if ready < wanted:
        found.append(f"{ready} of {wanted} replicas are ready")
    return found
