# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A journal's events, sorted into what the sections of a record show (pure). Nothing here is trusted text yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted

_ROLLBACK = ("rolling-back", "rolled-back", "rollback-requested")
_EXECUTION = ("applying", "applied", "refused", "failed", "note", "resumed", "emergency", "expired")
_VALIDATION = ("validated", "monitored", "verified")


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def view(events: Sequence[Event], status: str) -> dict[str, Any]:
    """What a template gets: every key is always there, empty where the run did not come so far."""
    plain = [{"seq": item.seq, "time": item.time, "event": item.event, "body": redacted(item.body)} for item in events]
    opened = _bodies(plain, "opened")[:1]
    plan = (_bodies(plain, "planned") or [{}])[-1]
    diagnosed = (_bodies(plain, "diagnosed") or [{}])[-1]
    return {
        "status": status,
        "opened": opened[0] if opened else {},
        "opened_at": plain[0]["time"] if plain else "",
        "events": plain,
        "target": _target(plain),
        "diagnosis": _map(diagnosed.get("diagnosis")) or diagnosed,
        "evidence": _evidence(plain),
        "tables": _tables(plain),
        "unavailable": [entry for body in _bodies(plain, "observed") for entry in _list(body.get("unavailable"))],
        "figures": _figures(plain),
        "recommended": _bodies(plain, "recommended"),
        "report": (_bodies(plain, "reported") or [{}])[-1],
        "advised": _bodies(plain, "advised"),
        "plan": plan,
        "earlier_plans": max(0, len(_bodies(plain, "planned")) - 1),
        "tier": _map(plan.get("tier")),
        "rollback_plan": _map(plan.get("rollback")),
        "decisions": _bodies(plain, "decided"),
        "execution": _named(plain, *_EXECUTION),
        "metrics": _metrics(plain),
        "validation": _named(plain, *_VALIDATION),
        "rollback": _named(plain, *_ROLLBACK),
        "refusals": _bodies(plain, "refused"),
        "failures": _bodies(plain, "failed"),
        "notes": _bodies(plain, "note"),
    }


def _named(events: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [item for item in events if item["event"] in names]


def _bodies(events: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [item["body"] for item in _named(events, *names)]


def _evidence(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every item once, by id, the later wins; what is no map is kept as its text."""
    items: dict[str, dict[str, Any]] = {}
    for body in _bodies(events, "observed", "diagnosed"):
        for number, entry in enumerate(_list(body.get("evidence"))):
            item = entry if isinstance(entry, dict) else {"text": entry}
            items[str(item.get("id") or f"?{number}")] = item
    return list(items.values())


def _tables(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tables of the latest look, and those that verifications added."""
    found: list[dict[str, Any]] = []
    for item in events:
        tables = [table for table in _list(item["body"].get("tables")) if isinstance(table, dict)]
        if tables:
            found = [*(found if item["event"] == "verified" else []), *tables]
    return found


def _figures(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Named lines of the last observation that has some."""
    found = [body["figures"] for body in _bodies(events, "observed") if _list(body.get("figures"))]
    return [item for item in found[-1] if isinstance(item, dict)] if found else []


def _target(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The target as the latest event has it: the plan's, else the diagnosis', else what was asked for."""
    for name in ("planned", "diagnosed", "reported", "observed", "opened"):
        for body in reversed(_bodies(events, name)):
            if target := _map(body.get("target")):
                return target
    return {}


def _metrics(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`metrics: {before, after}` of all events, the first `before` and the last `after`."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for body in (_map(item["body"].get("metrics")) for item in events):
        before = before or _map(body.get("before"))
        after = _map(body.get("after")) or after
    return {"before": before, "after": after}


def metric_rows(metrics: dict[str, dict[str, Any]]) -> list[tuple[str, Any, Any]]:
    """`(metric, before, after)` by name. Its parts are rows of their own; lists are left to the front matter."""
    before, after = _scalars(metrics["before"]), _scalars(metrics["after"])
    return [(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]


def _scalars(metrics: dict[str, Any], of: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in metrics.items():
        if isinstance(value, dict):
            found.update(_scalars(value, f"{of}{name}."))
        elif not isinstance(value, list) and value != "":
            found[f"{of}{name}"] = value
    return found


def target_text(target: dict[str, Any]) -> str:
    """`Deployment shop/checkout in production`, as far as known."""
    name = "/".join(str(target[key]) for key in ("namespace", "name") if target.get(key))
    text = " ".join(item for item in (str(target.get("kind") or ""), name) if item)
    cluster = target.get("cluster")
    return f"{text} in {cluster}" if text and cluster else text or (f"cluster {cluster}" if cluster else "")


def as_text(value: Any) -> str:
    """A value for a reader: texts and numbers as they are, anything else as JSON."""
    if isinstance(value, str):
        return value
    return canonical.encode(canonical.plain(value)).decode("utf-8", errors="replace")
