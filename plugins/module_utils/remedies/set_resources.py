# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set CPU and memory requests and limits of one container, or of several of a workload at once.

A limit never ends below its request, and a pod of QoS class Guaranteed stays so: request and limit are then moved
together, which the plan says. With `autoscaler: move` the target of the workload's HorizontalPodAutoscaler moves with
the requests, so that it goes on to scale at the same use.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import parse_quantity
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    autoscalers,
    owners,
    paths,
    scaling_point,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import CONTAINER, Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

Resources = dict[str, dict[str, str]]


def draft(client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The containers with the new amounts; relies on their images, whose need was measured."""
    workloads.refuse_if_held(workload)
    words = workloads.words(workloads.ref_of(workload))
    desired = copy.deepcopy(workload)
    guaranteed = workloads.is_guaranteed(workload)
    changed: dict[str, list[str]] = {}
    moved: list[str] = []
    relies_on: list[list[Any]] = []
    for name, wanted in asked_of(parameters).items():
        path = workloads.container_path(workload, name)
        container = paths.read(desired, path)
        before: Resources = container.get("resources") or {}
        after, along = resources_after(before, wanted, guaranteed, f"container {name} of {words}")
        container["resources"] = {**before, **after}
        changed[name] = _changed(before, after)
        moved += along
        relies_on += [[*path, "image"], [*path, "resources"]]
    if not any(changed.values()):
        which = f"container {next(iter(changed))} of {words}" if len(changed) == 1 else words
        raise NothingToChange(f"{which[0].upper()}{which[1:]} has these requests and limits already")
    warnings = [f"The pod is of QoS class Guaranteed and stays so: {', '.join(moved)} moved along."] if moved else []
    beside, said = _autoscaler(client, workload, desired) if parameters.get("autoscaler") == "move" else ([], [])
    summary = _summary(words, {name: amounts for name, amounts in changed.items() if amounts})
    return Draft(
        summary=" ".join([summary, *said]),
        desired=desired,
        relies_on=relies_on,
        warnings=warnings,
        beside=beside,
    )


def _summary(words: str, changed: dict[str, list[str]]) -> str:
    if len(changed) == 1:
        ((name, amounts),) = changed.items()
        return f"In container {name} of {words}, set {'; '.join(amounts)}."
    parts = [f"in container {name} {', '.join(amounts)}" for name, amounts in changed.items()]
    return f"In {words}, set {'; '.join(parts)}."


def _autoscaler(
    client: Client, workload: Document, desired: Document
) -> tuple[list[tuple[Document, Document]], list[str]]:
    """The workload's autoscaler with its target moved along with the requests, and what is to be said about it."""
    autoscaler = autoscalers.of_workload(client, workload)
    if autoscaler is None:
        return [], []
    specs = (document["spec"]["template"]["spec"] for document in (workload, desired))
    wanted, said = scaling_point.moved(autoscaler, *specs)
    owner = owners.owner_of(autoscaler)
    if wanted["spec"] != autoscaler["spec"] and not owner.writable:
        return [], [*said, f"It is not written here: {owner.note}"]
    return [(autoscaler, wanted)], said


def asked_of(parameters: Mapping[str, Any]) -> dict[str, Resources]:
    """What is asked for each container: of the one that `container` names, or of those in `containers`."""
    if "container" in parameters:
        return {parameters["container"]: asked(parameters)}
    return {name: asked(amounts) for name, amounts in parameters["containers"].items()}


def asked(parameters: Mapping[str, Any]) -> Resources:
    """Requests and limits of the recommendation, each a valid positive quantity; a sentence where one is not."""
    wanted = {room: dict(parameters.get(room) or {}) for room in ("requests", "limits")}
    if not any(wanted.values()):
        raise RemedyError("remedy set_resources needs requests or limits with cpu or memory")
    for room, amounts in wanted.items():
        for resource, amount in amounts.items():
            if _number(amount) <= 0:
                raise RemedyError(
                    f"{room}.{resource} must be a quantity above nothing, such as 250m or 128Mi, not {amount!r}"
                )
    return wanted


def resources_after(before: Resources, wanted: Resources, guaranteed: bool, words: str) -> tuple[Resources, list[str]]:
    """Requests and limits after the change, and what was moved along to stay Guaranteed.

    Raises a sentence where a limit would be below its request.
    """
    after = {room: {**(before.get(room) or {}), **wanted[room]} for room in ("requests", "limits")}
    moved = _kept_equal(after, wanted) if guaranteed else []
    for resource, limit in after["limits"].items():
        request = after["requests"].get(resource)
        if request is not None and _number(limit) < _number(request):
            raise RemedyError(
                f"The {resource} limit {limit} of {words} would be below its request {request}: "
                "give a request no higher than the limit"
            )
    return {room: amounts for room, amounts in after.items() if amounts or room in before}, moved


def _kept_equal(after: Resources, wanted: Resources) -> list[str]:
    moved = []
    for resource in ("cpu", "memory"):
        given = [wanted[room][resource] for room in ("requests", "limits") if resource in wanted[room]]
        if not given:
            continue
        amount = max(given, key=_number)
        for room in ("requests", "limits"):
            stays_default = room == "requests" and resource not in after["requests"]
            if not stays_default and after[room].get(resource) != amount:
                after[room][resource] = amount
                moved.append(f"{room}.{resource}")
    return moved


def _number(quantity: str) -> Decimal:
    try:
        return parse_quantity(quantity)
    except ValueError:
        return Decimal(0)


def _changed(before: Resources, after: Resources) -> list[str]:
    changed = []
    for room, amounts in after.items():
        for resource, amount in amounts.items():
            old = (before.get(room) or {}).get(resource)
            if old is None or _number(old) != _number(amount):
                changed.append(f"the {resource} {room[:-1]} from {old or 'none'} to {amount}")
    return changed


REMEDY = Remedy(
    SIGNATURES["set_resources"],
    ((*CONTAINER, "resources", frozenset({"requests", "limits"}), frozenset({"cpu", "memory"})),),
    draft,
    may_write_beside=(("spec", "metrics"),),
)
