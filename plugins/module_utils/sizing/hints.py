# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person has to know of a container before its amounts change: heaps, runtimes, sidecars, QoS (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import number_or_none

Document = Mapping[str, Any]
JAVA_VARIABLES: Final = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "_JAVA_OPTIONS", "CATALINA_OPTS")
_HEAP: Final = re.compile(r"-Xmx(\d+[kKmMgG]?)\b")
_HEAP_SHARE: Final = re.compile(r"-XX:MaxRAMPercentage=(\d+(?:\.\d+)?)")
_NODE_HEAP: Final = re.compile(r"--max-old-space-size=(\d+)")


def of_container(container: Document) -> Iterator[str]:
    """Sentences about a runtime that has an amount of its own, which does not move with requests and limits."""
    name = container["name"]
    variables = {item["name"]: str(item.get("value") or "") for item in container.get("env") or []}
    words = " ".join([*container.get("command", ()), *container.get("args", ())])
    java = " ".join([words, *(variables.get(variable, "") for variable in JAVA_VARIABLES)])
    if found := _HEAP.search(java):
        yield f"Java in container {name} takes a heap of up to {found[1]} (-Xmx): keep its memory above that."
    elif found := _HEAP_SHARE.search(java):
        yield f"Java in container {name} takes {found[1]}% of its memory limit as heap: another limit is another heap."
    if variables.get("GOMEMLIMIT"):
        amount = variables["GOMEMLIMIT"][:40]
        yield f"Go in container {name} has GOMEMLIMIT={amount}: set it anew when its memory limit changes."
    if found := _NODE_HEAP.search(" ".join([words, variables.get("NODE_OPTIONS", "")])):
        yield f"Node.js in container {name} takes a heap of up to {found[1]} MiB: keep its memory above that."


def of_pod(spec: Document) -> Iterator[str]:
    """Sentences about the pod as a whole: init containers that decide what it requests, sidecars."""
    inits = spec.get("initContainers") or []
    sidecars = [item["name"] for item in inits if item.get("restartPolicy") == "Always"]
    if sidecars:
        yield f"{', '.join(sidecars)} run beside the others as sidecars and are sized like them."
    once = [item for item in inits if item.get("restartPolicy") != "Always"]
    if once:
        names = ", ".join(item["name"] for item in once)
        yield f"Init containers ({names}) run for moments only and are not sized."
    for resource in ("cpu", "memory"):
        rest = sum(_request(item, resource) for item in spec.get("containers") or [])
        for item in once:
            if _request(item, resource) > rest:
                yield (
                    f"Init container {item['name']} requests more {resource} than all others together:"
                    " the pod's own requests stay as high as that."
                )


def _request(container: Document, resource: str) -> Any:
    resources = container.get("resources") or {}
    asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return number_or_none(asked.get(resource)) or 0


def vertical(autoscaler: Document | None) -> tuple[str, bool]:
    """What is to be said of a VerticalPodAutoscaler, and whether it sets the requests itself."""
    if autoscaler is None:
        return "", False
    name = autoscaler["metadata"]["name"]
    mode = (autoscaler["spec"].get("updatePolicy") or {}).get("updateMode", "Auto")
    if mode == "Off":
        return f"VerticalPodAutoscaler {name} recommends too, and writes nothing (updateMode Off).", False
    return f"VerticalPodAutoscaler {name} sets the requests itself (updateMode {mode}): nothing is changed here.", True


def horizontal(autoscaler: Document | None) -> str:
    """What is to be said of a HorizontalPodAutoscaler that can add no more pods."""
    if autoscaler is None:
        return ""
    most, now = autoscaler["spec"]["maxReplicas"], (autoscaler.get("status") or {}).get("currentReplicas", 0)
    if now < most:
        return ""
    return (
        f"HorizontalPodAutoscaler {autoscaler['metadata']['name']} is at its maximum of {most} replicas:"
        " demand is cut off there, so a pod's usage says less than it seems."
    )
