# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folds events of one or more objects over time: what was said, how often, from when to when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Event
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

MESSAGE_CHARACTERS = 1000
KEPT_EVENTS = 30
_FIGURES = re.compile(r"\d+")
_CONTAINER = re.compile(r"spec\.(?:containers|initContainers|ephemeralContainers)\{([^}]+)\}")


def folded(events: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Events (with count or series) by object, reason and wording; oldest first, warnings kept before the rest."""
    groups: dict[tuple[str, str, str, str], Event] = {}
    for event in sorted((_event(e) for e in events), key=lambda e: e.last):
        key = (event.subject, event.reason, event.container, _FIGURES.sub("#", event.message))
        known = groups.get(key)
        if known is None:
            groups[key] = event
        else:
            known.count += event.count
            known.first = min(filter(None, (known.first, event.first)), default="")
            known.last, known.message = max(known.last, event.last), event.message
    by_weight = sorted(groups.values(), key=lambda e: (e.type == "Warning", e.last), reverse=True)
    return sorted(by_weight[:KEPT_EVENTS], key=lambda e: (e.first, e.last, e.reason))


def _event(event: Mapping[str, Any]) -> Event:
    about = event.get("involvedObject") or event.get("regarding") or {}
    series = event.get("series") or {}
    made = event.get("eventTime") or event["metadata"].get("creationTimestamp") or ""
    first = event.get("firstTimestamp") or made
    last = event.get("lastTimestamp") or series.get("lastObservedTime") or made
    container = _CONTAINER.search(about.get("fieldPath") or "")
    return Event(
        f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}",
        event.get("type") or "Normal",
        event.get("reason") or "",
        one_line(event.get("message") or event.get("note") or "", MESSAGE_CHARACTERS),
        int(event.get("count") or series.get("count") or 1),
        _seconds(first),
        _seconds(last),
        container[1] if container else "",
    )


def _seconds(time: str) -> str:
    """RFC 3339 without fractions, so that times compare as text."""
    return re.sub(r"\.\d+", "", time)
