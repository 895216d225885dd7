# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was used, of which pods, over which time: the one shape that every source of metrics answers in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Selection:
    """Pods of one namespace; `pods` is a regular expression over their whole names, empty for all."""

    namespace: str
    pods: str = ""


@dataclass(frozen=True)
class Window:
    """A time that ends at `end` (Unix seconds) and is `seconds` long.

    Usage is looked at every `step_seconds`; CPU is the average over the `rate_seconds` before. `points` is how many
    points a curve over the window has at most.
    """

    end: float
    seconds: float
    step_seconds: int = 300
    rate_seconds: int = 300
    points: int = 168

    @property
    def point_seconds(self) -> int:
        """The distance of two points of a curve: whole steps."""
        steps = max(1, round(self.seconds / self.points / self.step_seconds))
        return steps * self.step_seconds


@dataclass(frozen=True)
class Figures:
    """Percentiles over the window, and the greatest value: CPU in millicores, memory in bytes."""

    p50: float
    p95: float
    p99: float
    max: float


@dataclass
class ContainerUsage:
    """One container of one pod. `cpu` and `memory` are None where the source knows nothing of them.

    `samples` counts the steps that had a value; a point of a curve is the greatest value since the point before;
    `copies` is how often the source has the same container (scraped twice: 2); `impossible` is a figure that no
    container can have, such as `1e+300m CPU`: then there are no others.
    """

    pod: str
    container: str
    cpu: Figures | None = None
    memory: Figures | None = None
    samples: int = 0
    cpu_points: Points = field(default_factory=list)
    memory_points: Points = field(default_factory=list)
    copies: int = 1
    impossible: str = ""


@dataclass
class Usage:
    """What a source knows of a selection over a window. `seconds` is what the source took to answer."""

    source: str
    window: Window
    containers: list[ContainerUsage]
    queries: int = 0
    seconds: float = 0.0


class Source(Protocol):
    """A source of usage. Raises `MetricsError` where it gives no answer; an empty answer is an answer."""

    name: str

    def usage(self, target: Selection, window: Window, deadline: Deadline) -> Usage:
        """Usage of every container of the selected pods, those that are gone by now included."""
