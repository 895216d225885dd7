# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AI advisors say beside the rules, as lines for a screen (pure). `joined`: see `advisors/joining.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval_text
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown

_SUMMARY_CHARACTERS = 240
Line = tuple[str, str | None]


def contradiction(joined: dict[str, Any]) -> Iterator[Line]:
    """Who disagrees with the rules, and how: for the top, since it is what a person has to weigh."""
    for entry in _entries(joined, "disagree"):
        text = f"{_who(entry)} disagrees with the rules: {_opinion(entry)}{_proposal(entry)}"
        yield from approval_text.field("Disagree", text, "yellow")
        yield from _marks(entry)


def rest(joined: dict[str, Any]) -> Iterator[Line]:
    """Who agrees, adds, cannot tell, or said nothing usable."""
    for entry in _entries(joined, "agree"):
        yield from approval_text.field("Agrees", f"{_who(entry)}{_also(entry)}{_proposal(entry)}", "green")
        yield from _marks(entry)
    for entry in _entries(joined, "added"):
        yield from approval_text.field("Adds", f"{_who(entry)}: {_opinion(entry)}{_proposal(entry)}")
        yield from _marks(entry)
    for entry in _entries(joined, "unsure"):
        yield from approval_text.field("Unsure", f"{_who(entry)} cannot tell: {_opinion(entry)}")
    for entry in _entries(joined, "silent"):
        yield from approval_text.field("No advice", f"of {entry.get('name')}: {entry.get('reason')}", "yellow")
    if joined.get("added") and joined.get("advisor") == "rules":
        yield from approval_text.field("Advice", "is not followed: it is contradicted, or marked as above", "yellow")


def _entries(joined: dict[str, Any], group: str) -> list[dict[str, Any]]:
    found = joined.get(group)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _who(entry: dict[str, Any]) -> str:
    return f"{entry.get('name')} ({entry['model']})" if entry.get("model") else str(entry.get("name"))


def _opinion(entry: dict[str, Any]) -> str:
    sure = entry.get("confidence")
    percent = f", {sure:.0%} sure" if isinstance(sure, (int, float)) else ""
    evidence = ", ".join(str(item) for item in entry.get("evidence") or [])
    summary = markdown.one_line(entry.get("summary"), _SUMMARY_CHARACTERS)
    return f"{summary} ({entry.get('class')}{percent}{f'; {evidence}' if evidence else ''})"


def _also(entry: dict[str, Any]) -> str:
    others = ", ".join(str(item) for item in entry.get("contributing") or [])
    return f"; it sees {others} too" if others else ""


def _proposal(entry: dict[str, Any]) -> str:
    advised = entry.get("recommendation")
    if not isinstance(advised, dict):
        return ""
    return f"; it would {advised.get('remedy')} {json.dumps(advised.get('parameters') or {}, ensure_ascii=False)}"


def _marks(entry: dict[str, Any]) -> Iterator[Line]:
    for flag in entry.get("flags") or []:
        yield from approval_text.field("Beware", f"{entry.get('name')} {flag}", "bright purple")
