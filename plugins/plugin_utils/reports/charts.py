# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Charts as inline SVG (pure): no script, no address, colours from the page's own, sized for a phone and up.

What goes in is the `chart` of a section (module_utils/findings/shapes.py). Every number is in the table beneath, so
a chart is there to be glanced at. The width of all drawings is 360: at 375 px a letter is as tall as the page's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.markdown import readable

WIDTH = 360
ROW = 20
LABEL = 128
FIGURE = 52
HEIGHT = 150
MOST_BARS = 20
MOST_PATHS = 10
MOST_LINES = 6
LETTERS_A_LINE = 20


def draw(chart: Mapping[str, Any] | None, title: str) -> str:
    """The SVG of a chart; empty for none, for one of an unknown type, and for one without a single value."""
    way = _WAYS.get(str((chart or {}).get("type")))
    return way(chart or {}, readable(title)) if way else ""


def bars(chart: Mapping[str, Any], title: str) -> str:
    """One bar a row, {label, value, limit}: the limit is a mark that the value should not pass."""
    rows = [row for row in chart.get("bars") or () if _is_number(row.get("value"))][:MOST_BARS]
    if not rows:
        return ""
    unit = str(chart.get("unit") or "")
    room = WIDTH - LABEL - FIGURE
    most = (
        max([0.0, *(float(row[key]) for row in rows for key in ("value", "limit") if _is_number(row.get(key)))]) or 1.0
    )
    drawn = []
    for number, row in enumerate(rows):
        top, value, limit = number * ROW, float(row["value"]), row.get("limit")
        over = " over" if _is_number(limit) and value > float(limit) else ""
        length = room * max(0.0, value / most)
        drawn += [
            _text(LABEL - 6, top + 14, _short(row.get("label")), "end"),
            f'<rect class="bar{over}" x="{LABEL}" y="{top + 4}" width="{_px(length)}" height="12"/>',
            _text(LABEL + length + 4, top + 14, f"{figure(value)}{unit}"),
        ]
        if _is_number(limit):
            x = _px(LABEL + room * (float(limit) / most))
            drawn.append(f'<line class="limit" x1="{x}" x2="{x}" y1="{top + 1}" y2="{top + 19}"/>')
    return _svg(title, len(rows) * ROW + 4, drawn)


def lines(chart: Mapping[str, Any], title: str) -> str:
    """Lines over time, {label, values}; a missing value breaks its line, since nobody knows what was there."""
    drawn_lines = [line for line in chart.get("lines") or () if any(map(_is_number, line["values"]))][:MOST_LINES]
    times = list(chart.get("times") or ())
    if not drawn_lines or not times:
        return ""
    values = [float(value) for line in drawn_lines for value in line["values"] if _is_number(value)]
    most = max([*values, 0.0]) or 1.0
    left, bottom, step = 44, HEIGHT - 22, (WIDTH - 44 - 10) / max(1, len(times) - 1)
    drawn = [f'<line class="axis" x1="{left}" x2="{WIDTH - 10}" y1="{bottom}" y2="{bottom}"/>']
    drawn += [
        _text(left - 4, bottom, "0", "end"),
        _text(left - 4, 14, figure(most) + str(chart.get("unit") or ""), "end"),
        _text(left, HEIGHT - 6, str(times[0])[:10]),
        _text(WIDTH - 10, HEIGHT - 6, str(times[-1])[:10] if len(times) > 1 else "", "end"),
    ]
    for number, line in enumerate(drawn_lines):
        points = [
            (left + step * at, bottom - (bottom - 10) * max(0.0, float(value) / most)) if _is_number(value) else None
            for at, value in enumerate(line["values"])
        ]
        drawn += _pieces(points, f"line line-{number}")
        drawn.append(
            f'<text class="legend line-{number}" x="{8 + number % 2 * 180}" y="{HEIGHT + 14 + number // 2 * 16}">'
            f"– {escape(_short(line.get('label')))}</text>"
        )
    return _svg(title, HEIGHT + 8 + math.ceil(len(drawn_lines) / 2) * 16, drawn)


def _pieces(points: Sequence[tuple[float, float] | None], style: str) -> list[str]:
    drawn: list[str] = []
    piece: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            piece.append(point)
            drawn.append(f'<circle class="{style}" cx="{_px(point[0])}" cy="{_px(point[1])}" r="2.5"/>')
        elif piece:
            path = " ".join(f"{_px(x)},{_px(y)}" for x, y in piece)
            drawn.append(f'<polyline class="{style}" points="{path}"/>')
            piece = []
    return drawn


def paths(chart: Mapping[str, Any], title: str) -> str:
    """Each path as boxes from top to bottom, joined by arrows with the text of how one leads to the next."""
    drawn: list[str] = []
    top = 0
    for path in [item for item in chart.get("paths") or () if item][:MOST_PATHS]:
        for number, step in enumerate(path):
            if number:
                drawn.append(f'<path class="arrow" d="M24 {top} v18 m-4 -6 l4 6 l4 -6"/>')
                drawn.append(_text(36, top + 13, _short(step.get("through"), 52)))
                top += 20
            box = "box last" if number == len(path) - 1 else "box"
            drawn.append(f'<rect class="{box}" x="2" y="{top}" width="{WIDTH - 4}" height="20" rx="4"/>')
            drawn.append(_text(10, top + 14, _short(f"{step.get('kind', '')} {step.get('label', '')}", 56)))
            top += 20
        top += 14
    return _svg(title, top, drawn) if drawn else ""


_WAYS: dict[str, Callable[[Mapping[str, Any], str], str]] = {"bars": bars, "lines": lines, "paths": paths}


def figure(value: float) -> str:
    """A number for a reader: at most three digits that matter, thousands as k, M, G."""
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if suffix == 'k' else size):.3g}{suffix}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _svg(title: str, height: float, drawn: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {_px(height)}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(drawn)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{_px(x)}" y="{_px(y)}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(text: Any, letters: int = LETTERS_A_LINE) -> str:
    line = " ".join(readable(str(text or "")).split())
    return line if len(line) <= letters else line[: letters - 1] + "…"


def _px(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
