# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a container can have used what a source says: a figure that cannot be is no figure, and is said (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import ContainerUsage, Figures, Points

# Far over the largest machines there are: 10,000 cores and 1 PiB.
MOST_MILLICORES: Final = 10_000_000
MOST_BYTES: Final = 1 << 50


def checked(usage: ContainerUsage) -> ContainerUsage:
    """The usage as it is; without any figures, and with `impossible` set, where one of them cannot be."""
    cpu = _first(_values(usage.cpu, usage.cpu_points), MOST_MILLICORES)
    memory = _first(_values(usage.memory, usage.memory_points), MOST_BYTES)
    if cpu is None and memory is None:
        return usage
    said = f"{cpu:g}m CPU" if cpu is not None else f"{memory:g} bytes of memory"
    return replace(usage, cpu=None, memory=None, cpu_points=[], memory_points=[], impossible=said)


def _values(figures: Figures | None, points: Points) -> Iterator[float]:
    if figures:
        yield from (figures.p50, figures.p95, figures.p99, figures.max)
    yield from (value for _moment, value in points)


def _first(values: Iterator[float], most: float) -> float | None:
    # Written so that NaN cannot be either.
    return next((value for value in values if not 0 <= value <= most), None)
