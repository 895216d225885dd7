# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table that setup ends with: what works, what does not, what to do; plain lines for 80 columns (pure)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown

_WIDTH = 78
_STATE, _WHAT = 9, 18
_COLOURS = {"works": "green", "fails": "red", "missing": "yellow", "unknown": "yellow"}


def lines(checks: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    """The table's lines, each with the colour that helps (or None). `checks` as setup_info returns them."""
    for part, rows in groupby(checks, key=lambda check: str(check.get("part"))):
        yield "", None
        yield part, None
        for row in rows:
            yield from _row(row)
    yield "", None
    working = sum(check.get("state") == "works" for check in checks)
    yield f"{working} of {len(checks)} work.", None


def _row(row: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    state = str(row.get("state"))
    start = f"  {state:<{_STATE}}{row.get('what')!s:<{_WHAT}}"
    texts = [str(row.get("found") or ""), f"To do: {row['to_do']}" if row.get("to_do") else ""]
    for text in filter(None, texts):
        for line in textwrap.wrap(redact(markdown.one_line(text, 1000)), _WIDTH - len(start), break_on_hyphens=False):
            yield start + line, _COLOURS.get(state)
            start = " " * len(start)
