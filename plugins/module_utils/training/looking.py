# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at the objects that conditions are about, once or until they all hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.training.conditions import Condition, Judged, judge

EVERY_SECONDS = 1.0


def look(
    client: Client,
    namespace: str,
    conditions: Sequence[Condition],
    *,
    within_seconds: float = 0.0,
    clock: Clock = SYSTEM_CLOCK,
) -> list[Judged]:
    """What holds, at the latest when the time is over. Raises ClusterError."""
    deadline = Deadline.after(within_seconds, clock)
    while True:
        judged = [judge(condition, _found(client, namespace, condition)) for condition in conditions]
        if all(item.holds for item in judged) or deadline.remaining() <= EVERY_SECONDS:
            return judged
        clock.sleep(EVERY_SECONDS)


def _found(client: Client, namespace: str, condition: Condition) -> Any:
    try:
        if condition.labels:
            listed = client.list(
                condition.api_version, condition.kind, namespace=namespace, label_selector=condition.labels
            )
            return {"items": list(listed)}
        return client.get(ObjectRef(condition.api_version, condition.kind, condition.name, namespace))
    except NotFound:
        return {"items": []} if condition.labels else None
