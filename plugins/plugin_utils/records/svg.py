# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A curve over time with level lines, as SVG to be put into a page (pure). All text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 130, 26, 24
# A distance of more than so many usual ones is a gap: nothing was measured there, so nothing is drawn.
GAP = 1.5
ROWS = 4
COLUMNS = 5
LABEL_HEIGHT = 13


def chart(title: str, unit: str, points: Sequence[Sequence[float]], lines: Sequence[dict[str, Any]]) -> str:
    """`points`: (Unix seconds, value) in the order of time; `lines`: levels with `name` and `value`."""
    if not points:
        return ""
    values = [float(value) for _time, value in points] + [float(line["value"]) for line in lines]
    top = (max(values) or 1.0) * 1.08
    start, end = float(points[0][0]), float(points[-1][0])
    span = max(1.0, end - start)

    def across(moment: float) -> float:
        return LEFT + (moment - start) / span * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    label = f"{title}, {unit}"
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">',
        f'<text class="title" x="{LEFT}" y="14">{escape(label)}</text>',
    ]
    for row in range(ROWS + 1):
        value = top * row / ROWS
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}"/>')
        parts.append(f'<text class="y" x="{LEFT - 6}" y="{up(value) + 4:.1f}">{_number(value)}</text>')
    for column in range(COLUMNS):
        moment = start + span * column / (COLUMNS - 1)
        parts.append(f'<text class="x" x="{across(moment):.1f}" y="{HEIGHT - 6}">{_day(moment, span)}</text>')
    for run in _runs(points):
        path = " ".join(f"{across(moment):.1f},{up(value):.1f}" for moment, value in run)
        parts.append(f'<polyline class="use" points="{path}"/>')
    for number, (line, place) in enumerate(
        zip(lines, _label_places([up(line["value"]) for line in lines]), strict=True)
    ):
        height = up(float(line["value"]))
        parts.append(
            f'<line class="level l{number % 4}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>'
        )
        words = escape(f"{line['name']} {_number(float(line['value']))}")
        parts.append(f'<text class="label l{number % 4}" x="{WIDTH - RIGHT + 6}" y="{place + 4:.1f}">{words}</text>')
    return "\n".join([*parts, "</svg>"])


def _runs(points: Sequence[Sequence[float]]) -> Iterator[list[tuple[float, float]]]:
    """The points without the gaps between them; a lone point is drawn as a dash."""
    distances = sorted(later[0] - earlier[0] for earlier, later in zip(points, points[1:], strict=False))
    usual = distances[len(distances) // 2] if distances else 1.0
    run: list[tuple[float, float]] = []
    for moment, value in points:
        if run and moment - run[-1][0] > usual * GAP:
            yield run
            run = []
        run.append((float(moment), float(value)))
    yield run


def _label_places(heights: Sequence[float]) -> list[float]:
    """Where labels stand so that none covers another: moved down as far as need be."""
    places = [0.0] * len(heights)
    lowest: float = TOP - LABEL_HEIGHT
    for index in sorted(range(len(heights)), key=lambda item: heights[item]):
        lowest = places[index] = max(heights[index], lowest + LABEL_HEIGHT)
    return places


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")


def _day(moment: float, span: float) -> str:
    words = "%d %b" if span > 2 * 86_400 else "%H:%M"
    return datetime.fromtimestamp(moment, UTC).strftime(words)
