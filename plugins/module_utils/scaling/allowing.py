# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many more pods a namespace's quotas and limit ranges allow (pure).

https://kubernetes.io/docs/concepts/policy/resource-quotas/ and …/limit-range/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, to_bytes
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import fitting
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.placement import matches

Document = Mapping[str, Any]
UNBOUNDED: Final = 1_000_000
# What a quota calls an amount → whether it is of requests or limits, and of what.
_OF: Final = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "requests.ephemeral-storage": ("requests", "ephemeral-storage"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
    "limits.ephemeral-storage": ("limits", "ephemeral-storage"),
}
_COUNTS: Final = ("pods", "count/pods")
_BOTH: Final = (fitting.limits_of, fitting.requests_of)


@dataclass(frozen=True)
class Allowance:
    """How many more pods are allowed, and what bounds them, in a clause; empty where nothing does."""

    pods: int
    why: str = ""


def by_quotas(spec: Document, quotas: Sequence[Document]) -> Allowance:
    """What the quotas leave for pods of this spec (as admitted, defaults filled in)."""
    found = Allowance(UNBOUNDED)
    for quota in quotas:
        if not in_scope(quota, spec):
            continue
        status = quota.get("status") or {}
        hard = status.get("hard") or (quota.get("spec") or {}).get("hard") or {}
        for name, bound in hard.items():
            need = _need(spec, name)
            if need <= 0:
                continue
            used = _amount(name, (status.get("used") or {}).get(name, 0))
            left = max(0, _amount(name, bound) - used) // need
            if left < found.pods:
                of = f"{(status.get('used') or {}).get(name, 0)} of {bound} used"
                found = Allowance(left, f"quota {quota['metadata']['name']} has room for {left} more ({name}: {of})")
    return found


def in_scope(quota: Document, spec: Document) -> bool:
    """Whether a quota counts pods of this spec."""
    wanted = quota.get("spec") or {}
    amounts = [of(item) for of in _BOTH for item in _each(spec)]
    best_effort = not any(asked.get(name) for asked in amounts for name in ("cpu", "memory"))
    terminating = spec.get("activeDeadlineSeconds") is not None
    so = {
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "Terminating": terminating,
        "NotTerminating": not terminating,
        "PriorityClass": bool(spec.get("priorityClassName")),
    }
    if not all(so.get(scope, False) for scope in wanted.get("scopes") or []):
        return False
    for expression in (wanted.get("scopeSelector") or {}).get("matchExpressions") or []:
        name = expression["scopeName"]
        if name == "PriorityClass":
            labels = {"class": spec["priorityClassName"]} if spec.get("priorityClassName") else {}
            if not matches({**expression, "key": "class"}, labels):
                return False
        elif not so.get(name, False):
            return False
    return True


def _need(spec: Document, name: str) -> int:
    if name in _COUNTS:
        return 1
    if name in _OF:
        return _total(spec, *_OF[name])
    return _total(spec, "requests", name.removeprefix("requests.")) if name.startswith("requests.") else 0


def _total(spec: Document, room: str, resource: str) -> int:
    """As a quota counts a pod; its overhead is added to a limit only where there is one."""
    if room == "requests":
        return fitting.need_of(spec).get(resource, 0)
    limit = fitting.of_containers(spec, fitting.limits_of).get(resource, 0)
    return limit + fitting.amounts(spec.get("overhead") or {}).get(resource, 0) if limit else 0


def _each(spec: Document) -> list[Document]:
    return [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]


def _amount(name: str, quantity: Any) -> int:
    return millicores(quantity) if name.rpartition(".")[2] == "cpu" else to_bytes(quantity)


def by_limit_ranges(spec: Document, ranges: Sequence[Document]) -> Allowance:
    """No pod where a limit range forbids what the spec asks for: it may be newer than the pods that run."""
    for document in ranges:
        for item in (document.get("spec") or {}).get("limits") or []:
            why = _forbidden(spec, item)
            if why:
                return Allowance(0, f"limit range {document['metadata']['name']} forbids it: {why}")
    return Allowance(UNBOUNDED)


def _forbidden(spec: Document, item: Document) -> str:
    if item.get("type") == "Container":
        asked = [(f"container {one['name']}", [of(one) for of in _BOTH]) for one in _each(spec)]
    elif item.get("type") == "Pod":
        asked = [("the pod", [fitting.of_containers(spec, of) for of in _BOTH])]
    else:
        return ""
    for who, amounts in asked:
        for resource in {*(item.get("max") or {}), *(item.get("min") or {})}:
            limit, request = (found.get(resource, 0) for found in amounts)
            most, least = (item.get("max") or {}).get(resource), (item.get("min") or {}).get(resource)
            if most is not None and max(limit, request) > _amount(resource, most):
                return f"{who} may have at most {most} {resource}"
            if least is not None and request < _amount(resource, least):
                return f"{who} must request at least {least} {resource}"
    return ""
