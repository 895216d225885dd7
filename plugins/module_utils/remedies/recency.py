# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""At most one restart without a person per workload in 10 minutes: whether there was one lately.

What can be trusted: the times of earlier tier-1 journals (the role hands them in), which only know this controller's
own runs; and what the API server itself wrote and no client can forge: the creation times of the workload's pods (a pod
younger than 10 minutes means that one was replaced, rolled or added) and the DisruptionTarget condition of pods that
are still terminating after an eviction. Events are not asked: they are best effort, expire, and whoever may create
events can write them. A false alarm (the workload was scaled up just now) costs a person's question, no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339

INTERVAL: Final = timedelta(minutes=10)


def recent_replacement(now: datetime, recorded: Sequence[str], pods: Sequence[Mapping[str, Any]]) -> str:
    """What was replaced less than 10 minutes ago, as a clause, or empty. A time that cannot be read counts as now."""
    for text in recorded:
        if _ago(now, text) < INTERVAL:
            return f"a pod of the workload was restarted {_words(_ago(now, text))} ago, by the records"
    for pod in pods:
        name = pod["metadata"]["name"]
        if _ago(now, pod["metadata"].get("creationTimestamp", "")) < INTERVAL:
            return f"pod {name} is only {_words(_ago(now, pod['metadata'].get('creationTimestamp', '')))} old"
        if _evicted_at(pod) is not None and _ago(now, str(_evicted_at(pod))) < INTERVAL:
            return f"pod {name} is being evicted already"
    return ""


def _evicted_at(pod: Mapping[str, Any]) -> str | None:
    for condition in (pod.get("status") or {}).get("conditions") or []:
        if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True":
            return str(condition.get("lastTransitionTime", ""))
    return None


def _ago(now: datetime, text: str) -> timedelta:
    moment = parse_rfc3339(text)
    return timedelta(0) if moment is None else max(now - moment, timedelta(0))


def _words(ago: timedelta) -> str:
    seconds = int(ago.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
