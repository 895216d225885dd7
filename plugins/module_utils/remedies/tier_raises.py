# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tiers that the settings raise for a cluster, a namespace or a label; nothing here ever lowers one (pure).

A raise is `{cluster, namespace, labels, tier, why}`. What it names has to match, all of it: names and values of labels
by patterns as of a shell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import tiers
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Tier

_KEYS: Final = frozenset({"cluster", "namespace", "labels", "tier", "why"})


def fault_of(raises: Any) -> str:
    """What is wrong with the setting in one sentence, "" if nothing."""
    if not isinstance(raises, Sequence) or isinstance(raises, str):
        return "settings.tier_raises must be a list"
    for number, item in enumerate(raises, start=1):
        where = f"settings.tier_raises, entry {number}"
        if not isinstance(item, Mapping) or set(item) - _KEYS:
            return f"{where} must be a map with {', '.join(sorted(_KEYS))}"
        if isinstance(item.get("tier"), bool) or str(item.get("tier")) not in ("2", "3", "4"):
            return f"{where} must have a tier from 2 to 4, not {item.get('tier')!r}"
        labels = item.get("labels") or {}
        if not isinstance(labels, Mapping) or not (item.get("cluster") or item.get("namespace") or labels):
            return f"{where} must name a cluster, a namespace or labels (a map)"
    return ""


def applied(
    tier: Tier, raises: Iterable[Mapping[str, Any]], cluster: str, documents: Sequence[Mapping[str, Any]]
) -> Tier:
    """The tier of a change to the first of the objects; labels may be those of any of them."""
    namespace = str(documents[0]["metadata"].get("namespace") or "")
    labels = [item["metadata"].get("labels") or {} for item in documents]
    fitting = [item for item in raises if _fits(item, cluster, namespace, labels)]
    for item in sorted(fitting, key=lambda found: int(found["tier"])):
        tier = tiers.raised(tier, int(item["tier"]), f"raised by the settings for {_words(item)}")
    return tier


def _fits(item: Mapping[str, Any], cluster: str, namespace: str, labels: Sequence[Mapping[str, Any]]) -> bool:
    if item.get("cluster") and not fnmatchcase(cluster, str(item["cluster"])):
        return False
    if item.get("namespace") and not fnmatchcase(namespace, str(item["namespace"])):
        return False
    wanted = item.get("labels") or {}
    return not wanted or any(
        all(key in found and fnmatchcase(str(found[key]), str(value)) for key, value in wanted.items())
        for found in labels
    )


def _words(item: Mapping[str, Any]) -> str:
    named = [f"{key} {item[key]}" for key in ("cluster", "namespace") if item.get(key)]
    named += [f"label {key}={value}" for key, value in (item.get("labels") or {}).items()]
    return ", ".join(named) + (f" ({item['why']})" if item.get("why") else "")
