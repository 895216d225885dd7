# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tier of a plan, computed from what it writes and never declared by an advisor (table: docs, "Tiers").

Whatever is not in the table by name is critical: an unknown write asks for two people, not for none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import changes, paths
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Settings, Tier, Write

NAMES: Final = {1: "trivial", 2: "low", 3: "medium", 4: "critical"}
WINDOW_SECONDS: Final = {1: 0, 2: 5 * 60, 3: 30 * 60, 4: 60 * 60}
ROLLBACK_SECONDS: Final = {1: 60, 2: 2 * 60, 3: 5 * 60, 4: 0}
TRIVIAL_PLAN_SECONDS: Final = 60
LONGEST_WINDOW_SECONDS: Final = 2 * 60 * 60
RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
GATE: Final = "aiops.kubernetes/rollout-gate"

WORKLOADS: Final = frozenset({("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet")})
AUTOSCALER: Final = ("autoscaling/v2", "HorizontalPodAutoscaler")
_VERBS: Final = {"create": "creates", "patch": "changes", "delete": "deletes"}
_ANNOTATIONS: Final = ["spec", "template", "metadata", "annotations"]


@dataclass(frozen=True)
class TierContext:
    """What the tier depends on beside the writes.

    `replicas` is the number of pods that the workload should have now; `pod_replaced` whether a controller replaces an
    evicted pod; `deletes_claims` whether fewer replicas also delete volume claims; `recent_replacement` says in words
    that a pod of the workload was replaced less than 10 minutes ago, empty when none was.
    """

    advisor: str
    replicas: int = 1
    pod_replaced: bool = False
    deletes_claims: bool = False
    recent_replacement: str = ""


def tier_of(writes: Sequence[Write], context: TierContext, floor: int = 1) -> Tier:
    """The highest tier among the writes, raised by who advised it and by settings (`floor`), never lowered."""
    if not writes:
        return _tier(4, "nothing known is written")
    tier = max((_of_write(write, context) for write in writes), key=lambda found: found.level)
    if tier.level == 1 and len(writes) > 1:
        tier = _tier(2, "restarts more than one pod")
    if tier.level < 2 and context.advisor != "rules":
        tier = _tier(2, f"{tier.why}, advised by {context.advisor} alone")
    if tier.level < 2 and context.recent_replacement:
        tier = _tier(2, f"{tier.why}, but {context.recent_replacement}")
    return raised(tier, floor, "raised by the settings")


def raised(tier: Tier, level: int, why: str) -> Tier:
    """The tier, or `level` with the reason added where that is higher."""
    return tier if level <= tier.level else _tier(min(level, 4), f"{tier.why}; {why}")


def floor_of(settings: Settings, remedy: str) -> int:
    """The lowest tier that the settings allow for a remedy."""
    return max(settings.tier_floor.get("*", 1), settings.tier_floor.get(remedy, 1))


def window_seconds(tier: Tier, settings: Settings) -> int:
    """How long a decision may take; a critical one between 60 and 120 minutes as the settings say."""
    if tier.level < 4:
        return WINDOW_SECONDS[tier.level]
    return min(max(settings.critical_window_seconds, WINDOW_SECONDS[4]), LONGEST_WINDOW_SECONDS)


def _tier(level: int, why: str) -> Tier:
    return Tier(level, NAMES[level], why)


def _of_write(write: Write, context: TierContext) -> Tier:
    kind = (write.object.api_version, write.object.kind)
    if write.verb == "evict" and kind == ("v1", "Pod"):
        return _of_eviction(write, context)
    if write.verb == "delete" and kind == ("v1", "Pod"):
        return _tier(4, "deletes a pod that nothing replaces")
    if kind == AUTOSCALER and write.verb in _VERBS:
        return _of_autoscaler(write, context)
    if write.verb == "patch" and kind in WORKLOADS and isinstance(write.body, list) and write.body:
        return max((_of_operation(item, context) for item in write.body), key=lambda found: found.level)
    return _tier(4, f"{write.verb} of {write.object.kind or 'an unnamed kind'}")


def _of_autoscaler(write: Write, context: TierContext) -> Tier:
    only_target = write.verb == "patch" and all(item.get("path") == ["spec", "metrics"] for item in write.body)
    if context.deletes_claims and not only_target:
        return _tier(4, "lets an autoscaler decide on replicas whose volume claims go with them")
    return _tier(3, f"{_VERBS[write.verb]} an autoscaler")


def _of_eviction(write: Write, context: TierContext) -> Tier:
    if not context.pod_replaced:
        return _tier(4, "evicts a pod that nothing replaces")
    if not write.object.uid:
        return _tier(3, "evicts pods that are not named by uid")
    return _tier(1, "restarts one pod, which its controller replaces")


def _of_operation(operation: Any, context: TierContext) -> Tier:
    if not isinstance(operation, Mapping) or operation.get("op") not in ("add", "replace", "remove"):
        return _tier(4, "an operation that is not known")
    path = list(operation.get("path") or [])
    if path == ["spec", "replicas"]:
        return _of_replicas(operation, context)
    if path == ["metadata", "annotations", GATE]:
        return _tier(3, "gates the rollout")
    if path[:1] != ["spec"] or len(path) < 2:
        return _tier(4, f"writes {paths.text(path) or 'the whole object'}")
    if _only_restarts(operation):
        if context.replicas <= 1:
            return _tier(2, "restarts a rollout of one replica")
        return _tier(3, f"restarts a rollout of {context.replicas} replicas")
    return _tier(3, f"changes {paths.text(path)}")


def _only_restarts(operation: Mapping[str, Any]) -> bool:
    found = changes.written_leaves([dict(operation)])
    return bool(found) and all(leaf == [*_ANNOTATIONS, RESTARTED_AT] for leaf in found)


def _of_replicas(operation: Mapping[str, Any], context: TierContext) -> Tier:
    wanted = 1 if operation["op"] == "remove" else operation.get("value")
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 0:
        return _tier(4, f"sets replicas to {wanted}")
    if wanted == 0:
        return _tier(4, "scales to zero")
    if wanted < context.replicas and context.deletes_claims:
        return _tier(4, "scales down and thereby deletes volume claims")
    step = abs(wanted - context.replicas)
    return _tier(2 if step <= 2 else 3, f"scales from {context.replicas} to {wanted} replicas")
