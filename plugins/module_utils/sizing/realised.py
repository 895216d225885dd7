# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change of requests really saved, from what its record says was requested before and what is requested now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.amounts import cost_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import Prices
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import (
    format_bytes,
    format_millicores,
    millicores_or_none,
    whole_or_none,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import observing, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.advice import current_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.workload_advice import Savings
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

MIB = 1 << 20


class NoSuchRecord(ValueError):
    """The record holds no analysis of the workload; the message says so."""


def realised(client: Client, observed: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """The figures, a sentence, and a table for the record. Raises `ClusterError` and `NoSuchRecord`."""
    recorded = _of(observed.get("containers") or [], target)
    planned = _of(observed.get("workloads") or [], target)[0]["savings"]["cost"]
    document = workloads.read(client, target.ref)
    pods = workloads.pods_of(client, document)
    replicas = workloads.desired_replicas(document)
    before = _amounts([item["current"]["requests"] for item in recorded])
    now = _amounts([_requests(document, item["name"], pods) for item in recorded])
    prices = _prices(observed["prices"])
    cpu, memory = ((old - new) * replicas for old, new in zip(before, now, strict=True))
    shares = [round((old - new) / old * 100, 1) if old else None for old, new in zip(before, now, strict=True)]
    saved = Savings(cpu, memory, shares[0], shares[1], cost_of(cpu, memory, prices))
    used = _used(client, target, pods)
    figures = {
        **saved.to_json(),
        "replicas": replicas,
        "planned_per_month": planned["per_month"],
        "requested_now": {"cpu_millicores": now[0] * replicas, "memory_bytes": now[1] * replicas},
        **used,
    }
    money = f"{saved.cost.words()}; planned were {planned['per_month']:.2f}"
    return {
        "realised": figures,
        "sentence": f"Realised: {_words(saved)}, {money}. {_headroom(figures)}",
        "tables": [_table(figures)],
    }


def _of(items: Sequence[Mapping[str, Any]], target: Target) -> list[Mapping[str, Any]]:
    wanted = (target.kind, target.namespace, target.name)
    found = [item for item in items if tuple(item["workload"][key] for key in ("kind", "namespace", "name")) == wanted]
    if not found:
        raise NoSuchRecord(f"the record holds no analysis of {target.kind} {target.namespace}/{target.name}")
    return found


def _requests(document: Mapping[str, Any], name: str, pods: list[workloads.Document]) -> Mapping[str, str]:
    known = workloads.containers(document)
    return current_of(known[name][1], pods).to_json()["requests"] if name in known else {}


def _amounts(requests: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    cpu = sum(millicores_or_none(item.get("cpu")) or 0 for item in requests)
    return cpu, sum(whole_or_none(item.get("memory")) or 0 for item in requests)


def _prices(given: Mapping[str, Any]) -> Prices:
    """Those that the plan was made with, so that planned and realised compare."""
    cpu, memory = (Decimal(str(given[name])) for name in ("cpu_core_hour", "memory_gib_hour"))
    return Prices(cpu, memory, given["currency"], given["source"], bool(given["is_default"]))


def _used(client: Client, target: Target, pods: list[workloads.Document]) -> dict[str, Any]:
    cpu, memory, counted, why = observing.usage(client, target.namespace, pods)
    return {"used_now": {"cpu_millicores": cpu, "memory_bytes": memory, "pods": counted, "unavailable": why}}


def _words(saved: Savings) -> str:
    cpu = f"{format_millicores(saved.cpu_millicores)} CPU{_share(saved.cpu_percent)}"
    memory = f"{format_bytes(saved.memory_bytes) if saved.memory_bytes else '0'} memory{_share(saved.memory_percent)}"
    return f"{cpu} and {memory} of requests are freed"


def _share(percent: float | None) -> str:
    return f" ({percent:g}%)" if percent is not None else ""


def _headroom(figures: Mapping[str, Any]) -> str:
    used, asked = figures["used_now"], figures["requested_now"]
    if used["cpu_millicores"] is None:
        return f"What it uses now is not known: {used['unavailable']}."
    return (
        f"It uses {format_millicores(used['cpu_millicores'])} of {format_millicores(asked['cpu_millicores'])} CPU and"
        f" {used['memory_bytes'] / MIB:.0f}Mi of {asked['memory_bytes'] / MIB:.0f}Mi memory that it requests."
    )


def _table(figures: Mapping[str, Any]) -> dict[str, Any]:
    cost = figures["cost"]
    rows = [
        ["CPU requests freed", format_millicores(figures["cpu_millicores"]), f"{figures['cpu_percent']}%"],
        ["memory requests freed", f"{figures['memory_bytes'] / MIB:.0f}Mi", f"{figures['memory_percent']}%"],
        [f"{cost['currency']} a month", f"{cost['per_month']:.2f}", f"planned {figures['planned_per_month']:.2f}"],
        ["replicas", str(figures["replicas"]), ""],
    ]
    return {"title": "Realised savings", "columns": ["what", "realised", ""], "rows": rows}
