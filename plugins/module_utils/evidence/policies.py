# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What in the namespace bounds or serves a pod: quotas, limit ranges, network policies, Services; one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import number_or_none

KEPT_EACH = 8

Json = Mapping[str, Any]


def selects(match_labels: Json | None, labels: Mapping[str, str]) -> bool:
    """Every label of the selector is on the pod; an empty selector selects everything."""
    return all(labels.get(key) == value for key, value in (match_labels or {}).items())


def services(items: list[Json], labels: Mapping[str, str]) -> list[Policy]:
    """The Services that select the pod."""
    found = []
    for item in items:
        spec = item.get("spec") or {}
        if spec.get("selector") and selects(spec["selector"], labels):
            ports = [f"{p.get('port')}→{p.get('targetPort', p.get('port'))}" for p in spec.get("ports") or []]
            facts = {"target_ports": ",".join(str(p.get("targetPort", p.get("port"))) for p in spec.get("ports") or [])}
            name = item["metadata"]["name"]
            found.append(Policy("Service", name, f"selects this pod, ports {', '.join(ports) or 'none'}", facts))
    return found[:KEPT_EACH]


def quotas(items: list[Json]) -> list[Policy]:
    """Each quota with its fullest resource; `tight` names the resources that are used up by 90 % or more."""
    found = []
    for item in items:
        status = item.get("status") or {}
        hard, used = status.get("hard") or {}, status.get("used") or {}
        shown = [f"{name} {used.get(name, '0')} of {limit}" for name, limit in sorted(hard.items())]
        tight = [name for name, limit in hard.items() if _share(used.get(name, "0"), limit) >= 0.9]
        found.append(
            Policy(
                "ResourceQuota",
                item["metadata"]["name"],
                f"used {'; '.join(shown)[:300]}",
                {"tight": ",".join(sorted(tight))},
            )
        )
    return found[:KEPT_EACH]


def _share(used: object, hard: object) -> float:
    limit, amount = number_or_none(hard), number_or_none(used)
    return float(amount / limit) if limit and amount is not None else 0.0


def limit_ranges(items: list[Json]) -> list[Policy]:
    """Each limit range's bounds as written."""
    found = []
    for item in items:
        parts = []
        for limit in (item.get("spec") or {}).get("limits") or []:
            bounds = [
                f"{key} {_pairs(limit[key])}" for key in ("min", "max", "default", "defaultRequest") if limit.get(key)
            ]
            parts.append(f"{limit.get('type')}: {', '.join(bounds)}")
        found.append(Policy("LimitRange", item["metadata"]["name"], "; ".join(parts)[:300]))
    return found[:KEPT_EACH]


def _pairs(quantities: Json) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(quantities.items()))


def network_policies(items: list[Json], labels: Mapping[str, str]) -> list[Policy]:
    """The network policies that select the pod, with how many rules allow something in each direction."""
    found = []
    for item in items:
        spec = item.get("spec") or {}
        selector = spec.get("podSelector") or {}
        if selector.get("matchExpressions") or not selects(selector.get("matchLabels"), labels):
            continue
        types = spec.get("policyTypes") or ["Ingress"]
        told = [f"{t}: {len(spec.get(t.lower()) or [])} rules allow" for t in types]
        found.append(
            Policy(
                "NetworkPolicy",
                item["metadata"]["name"],
                f"selects this pod; {', '.join(told)}",
                {"types": ",".join(types)},
            )
        )
    return found[:KEPT_EACH]
