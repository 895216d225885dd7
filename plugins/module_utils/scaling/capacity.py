# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the cluster can still take of a workload: nodes, quotas and limit ranges together, at each number asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import allowing, fitting
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.fitting import Amounts, Room

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Cluster:
    """What the check stands on; `unread` are sentences about what could not be read, so that it is not known."""

    nodes: Sequence[Document]
    pods: Sequence[Document]
    quotas: Sequence[Document] = ()
    limit_ranges: Sequence[Document] = ()
    unread: Sequence[str] = ()


@dataclass(frozen=True)
class Level:
    """Whether so many replicas can run: how many of them, and what is in the way."""

    replicas: int
    schedulable: int
    why: str = ""

    @property
    def fits(self) -> bool:
        """Whether all of them can."""
        return self.schedulable >= self.replicas


@dataclass(frozen=True)
class Capacity:
    """The check at the minimum and at the maximum; `need` is one pod's, `nodes` what each takes beside what it has.

    `known` is False where nodes or pods could not be read: then nothing is said to fit.
    """

    known: bool
    minimum: Level
    maximum: Level
    need: Amounts
    nodes: list[Room] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Pods:
    """The workload's pods: `template` is one (metadata and spec) as the API server admits it.

    `there` is how many have a node, `existing` how many there are (a quota counts those that wait for a node too).
    """

    template: Document
    namespace: str
    there: int
    existing: int


def check(pods: Pods, cluster: Cluster, least: int, most: int) -> Capacity:
    """The capacity for `least` and `most` replicas in all. Pure."""
    template, there = pods.template, pods.there
    need = fitting.need_of(template["spec"])
    unread = list(cluster.unread)
    if not cluster.nodes:
        unknown = [Level(number, 0, "the cluster's nodes are not known") for number in (least, most)]
        return Capacity(False, unknown[0], unknown[1], need, [], unread)
    fit = fitting.fit(template, cluster.nodes, cluster.pods, max(0, most - there), pods.namespace)
    levels = [_level(number, pods, cluster, fit) for number in (least, most)]
    return Capacity(True, levels[0], levels[1], need, fit.rooms, unread)


def _level(replicas: int, pods: Pods, cluster: Cluster, fit: fitting.Fit) -> Level:
    spec = pods.template["spec"]
    quotas, ranges = allowing.by_quotas(spec, cluster.quotas), allowing.by_limit_ranges(spec, cluster.limit_ranges)
    bounds = [
        (pods.there + fit.fits, fit.why),
        (pods.existing + quotas.pods, quotas.why),
        (pods.there + ranges.pods, ranges.why),
    ]
    schedulable, why = min(bounds, key=lambda bound: bound[0])
    return Level(replicas, replicas) if schedulable >= replicas else Level(replicas, schedulable, why)
