# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shortest paths from workloads that the outside reaches to a node and to the whole cluster, and where they pinch.

One breadth-first search backwards from each goal finds the next step of every vertex: time grows with the edges.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.graph import (
    ADMIN,
    ANY_NODE,
    Edge,
    Graph,
    Vertex,
)

GOALS = ("cluster-admin", "node")
MOST_CHOKE_POINTS = 10
# Cutting is tried exactly for so many of the most used edges.
_TRIED = 20


@dataclass(frozen=True)
class Path:
    """From a vertex to a goal, step by step."""

    goal: str
    steps: tuple[Edge, ...]

    @property
    def start(self) -> Vertex:
        """Where it begins."""
        return self.steps[0].source


@dataclass(frozen=True)
class ChokePoint:
    """Without cut, so many of the starting points no longer reach a goal that they reach now."""

    cut: str
    freed: int
    of: int


class Reach:
    """For each vertex the next step towards each goal."""

    def __init__(self, graph: Graph) -> None:
        self._backwards: dict[Vertex, list[Edge]] = {}
        for edge in graph.all():
            self._backwards.setdefault(edge.target, []).append(edge)
        nodes = sorted(vertex for vertex in {*self._backwards, *graph.edges} if vertex[0] == "node")
        self._ends: Mapping[str, Sequence[Vertex]] = {"cluster-admin": [ADMIN], "node": [*nodes, ANY_NODE]}
        self.next = {goal: self._search(goal, "") for goal in GOALS}

    def _search(self, goal: str, without: str) -> dict[Vertex, Edge]:
        """Breadth first from the goal's ends, leaving out edges whose cut is `without`."""
        ends = set(self._ends[goal])
        found: dict[Vertex, Edge] = {}
        waiting = deque(self._ends[goal])
        while waiting:
            for edge in self._backwards.get(waiting.popleft(), ()):
                if edge.source not in found and edge.source not in ends and (not without or edge.cut != without):
                    found[edge.source] = edge
                    waiting.append(edge.source)
        return found

    def goals_of(self, vertex: Vertex) -> list[str]:
        """The goals that a vertex reaches."""
        return [goal for goal in GOALS if vertex in self.next[goal]]

    def path(self, start: Vertex, goal: str) -> Path | None:
        """The shortest one; None where there is none."""
        steps: list[Edge] = []
        vertex = start
        while vertex in self.next[goal]:
            steps.append(self.next[goal][vertex])
            vertex = steps[-1].target
        return Path(goal, tuple(steps)) if steps else None

    def paths(self, starts: Iterable[Vertex]) -> list[Path]:
        """To the whole cluster where that can be reached, else to a node; the shortest first."""
        found = [self.path(start, goals[0]) for start in starts if (goals := self.goals_of(start))]
        return sorted(
            (item for item in found if item), key=lambda item: (GOALS.index(item.goal), len(item.steps), item.start)
        )

    def choke_points(self, paths: Sequence[Path]) -> list[ChokePoint]:
        """What most paths lead through, the one whose removal frees most starting points first."""
        used = Counter(cut for path in paths for cut in {edge.cut for edge in path.steps if edge.cut})
        tried = sorted(used, key=lambda cut: (-used[cut], cut))[:_TRIED]
        starts = {path.start for path in paths}
        points = [ChokePoint(cut, self._freed(starts, cut), len(starts)) for cut in tried]
        return sorted((item for item in points if item.freed), key=lambda item: (-item.freed, item.cut))[
            :MOST_CHOKE_POINTS
        ]

    def _freed(self, starts: set[Vertex], cut: str) -> int:
        left = {goal: self._search(goal, cut) for goal in GOALS}
        return sum(any(start in self.next[goal] and start not in left[goal] for goal in GOALS) for start in starts)
