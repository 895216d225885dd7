# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a workload has been the same, and well, for long enough for its usage to mean something (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import parse_rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.scope import Workload

# Set once a rollout is complete, and not touched by scaling (kubernetes: deployment/progress.go).
ROLLED_OUT = "NewReplicaSetAvailable"


@dataclass(frozen=True)
class Stability:
    """Since when it is stable (None: not known), for how many days, and a sentence for each thing that broke it."""

    days: float
    since: datetime | None
    breaks: list[str]


def stability_of(workload: Workload, now: datetime, needed_days: float) -> Stability:
    """`breaks` name what happened within the days that are needed: a new revision, a restart, a kill for memory."""
    events = [(moment, words) for moment, words in _events(workload, now) if moment is not None]
    since = max((moment for moment, _words in events), default=None)
    days = (now - since) / timedelta(days=1) if since else 0.0
    recent = sorted((item for item in events if now - item[0] < timedelta(days=needed_days)), reverse=True)
    return Stability(days, since, [f"{words} {_ago(now - moment)} ago" for moment, words in recent])


def _events(workload: Workload, now: datetime) -> Iterator[tuple[datetime | None, str]]:
    yield changed_at(workload), f"{workload.words} got its present revision"
    for pod in workload.pods:
        for status in _statuses(pod):
            if int(status.get("restartCount", 0)):
                ended = _ended(status)
                what = "was killed for memory" if ended.get("reason") == "OOMKilled" else "restarted"
                # A restart of which nobody knows when it was may have been just now.
                moment = parse_rfc3339(str(ended.get("finishedAt") or "")) or now
                yield moment, f"container {status['name']} of pod {pod['metadata']['name']} {what}"


def _statuses(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """Of containers and sidecars: those that keep running."""
    status, inits = pod.get("status") or {}, pod["spec"].get("initContainers") or []
    sidecars = {item["name"] for item in inits if item.get("restartPolicy") == "Always"}
    beside = [item for item in status.get("initContainerStatuses") or [] if item["name"] in sidecars]
    return [*(status.get("containerStatuses") or []), *beside]


def changed_at(workload: Workload) -> datetime | None:
    """When the pods got the template that they have: the end of the last rollout, as far as its kind tells."""
    document = workload.document
    if document["kind"] == "Deployment":
        for condition in (document.get("status") or {}).get("conditions") or []:
            if condition.get("type") == "Progressing" and condition.get("reason") == ROLLED_OUT:
                return parse_rfc3339(str(condition.get("lastUpdateTime") or ""))
        return _created(workload.revision or document)
    # No condition tells it: a pod of another template was replaced by the newest there is.
    return max((moment for pod in workload.pods if (moment := _created(pod))), default=_created(document))


def _ended(status: dict[str, Any]) -> dict[str, Any]:
    for state in ("lastState", "state"):
        found = (status.get(state) or {}).get("terminated")
        if found:
            return dict(found)
    return {}


def _created(document: dict[str, Any]) -> datetime | None:
    return parse_rfc3339(str(document["metadata"].get("creationTimestamp") or ""))


def _ago(time: timedelta) -> str:
    minutes = max(0, round(time.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes / 60:.0f} hours" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"
