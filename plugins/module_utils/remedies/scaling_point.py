# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moves an autoscaler's target with the requests, so that it scales at the same use of CPU or memory as before (pure).

A HorizontalPodAutoscaler compares use with a percentage of the requests (of all containers of a pod for a `Resource`
metric, of one for a `ContainerResource` metric). With requests of half the size the same percentage would be reached at
half the use: target' = target × request before ÷ request after.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import (
    format_bytes,
    format_millicores,
    number_or_none,
)

Document = Mapping[str, Any]


def moved(autoscaler: Document, before: Document, after: Document) -> tuple[dict[str, Any], list[str]]:
    """The autoscaler as it should be for the pod spec `after`, and a sentence for each target (moved or not)."""
    desired = copy.deepcopy(dict(autoscaler))
    sentences: list[str] = []
    for metric in desired["spec"].get("metrics") or []:
        source = metric.get("resource") or metric.get("containerResource") or {}
        if (source.get("target") or {}).get("type") == "Utilization":
            sentences += _move(autoscaler["metadata"]["name"], source, before, after)
    return desired, sentences


def _move(name: str, source: dict[str, Any], before: Document, after: Document) -> Iterator[str]:
    resource, container = str(source.get("name")), str(source.get("container") or "")
    old, new = (_requested(spec, resource, container) for spec in (before, after))
    if not old or not new:
        what = f"container {container}" if container else "each container"
        yield f"HorizontalPodAutoscaler {name} cannot work by {resource}: it needs a {resource} request of {what}."
        return
    target = int(source["target"]["averageUtilization"])
    wanted = max(1, int((Decimal(target) * old / new).to_integral_value(ROUND_HALF_UP)))
    if wanted != target:
        source["target"]["averageUtilization"] = wanted
        point = Decimal(target) * old / 100
        words = format_millicores(round(point * 1000)) if resource == "cpu" else format_bytes(_whole_mebibytes(point))
        yield (
            f"HorizontalPodAutoscaler {name} scales at the same {words} {resource} a pod as before:"
            f" its target moves from {target}% to {wanted}%."
        )


def _requested(spec: Document, resource: str, container: str) -> Decimal | None:
    """Sum of the requests that the metric counts, None where one is missing: then the autoscaler gives no number."""
    counted = [*(spec.get("containers") or [])]
    counted += [item for item in spec.get("initContainers") or [] if item.get("restartPolicy") == "Always"]
    if container:
        counted = [item for item in counted if item.get("name") == container]
    amounts = [_request(item, resource) for item in counted]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(amounts) else None


def _request(container: Document, resource: str) -> Decimal | None:
    """A container's request; one that has a limit only requests as much."""
    resources = container.get("resources") or {}
    for room in ("requests", "limits"):
        amount = number_or_none((resources.get(room) or {}).get(resource))
        if amount is not None:
            return amount
    return None


def _whole_mebibytes(amount: Decimal) -> int:
    return round(amount / 2**20) * 2**20
