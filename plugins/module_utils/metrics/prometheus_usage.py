# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Usage from Prometheus: twelve queries for a namespace, however many pods it has and had.

One query a figure and percentile; a query a pod over weeks has taken a Prometheus down (robusta-dev/krr issues 83 and
332). The same container scraped twice counts once (`max by`). The figures are cAdvisor's, as every kubelet serves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.plausible import checked
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus import Prometheus, Series
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import (
    ContainerUsage,
    Figures,
    Selection,
    Usage,
    Window,
)

CPU: Final = "container_cpu_usage_seconds_total"
MEMORY: Final = "container_memory_working_set_bytes"
SHARES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
# Each may keep Prometheus busy for seconds; more at a time would crowd out its alerts.
AT_A_TIME: Final = 2
Key = tuple[str, str]


class PrometheusUsage:
    """A `Source` over one Prometheus."""

    def __init__(self, prometheus: Prometheus) -> None:
        self.name = prometheus.name
        self._prometheus = prometheus

    def usage(self, target: Selection, window: Window, deadline: Deadline) -> Usage:
        """Usage over the window. Steps lie at multiples of the step, so that the same window gives the same figures."""
        asked, spent = self._prometheus.queries, self._prometheus.seconds
        end = window.end // window.step_seconds * window.step_seconds
        start = end - window.seconds + window.point_seconds

        def now(query: str) -> dict[Key, Series]:
            return _by_container(self._prometheus.instant_query(query, at=end, deadline=deadline))

        def over_time(query: str) -> dict[Key, Series]:
            found = self._prometheus.range_query(
                query, start=start, end=end, step_seconds=window.point_seconds, deadline=deadline
            )
            return _by_container(_within(item, start, end) for item in found)

        jobs = {name: partial(now, query) for name, query in queries(target, window).items()}
        jobs |= {name: partial(over_time, query) for name, query in curves(target, window).items()}
        with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="prometheus") as pool:
            running = {name: pool.submit(job) for name, job in jobs.items()}
            try:
                answers = {name: future.result() for name, future in running.items()}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return Usage(
            self.name,
            window,
            combined(answers),
            self._prometheus.queries - asked,
            round(self._prometheus.seconds - spent, 3),
        )


def selector(target: Selection) -> str:
    """The label matchers of the selected pods' containers: no pod's total, no pause container."""
    matchers = [f'namespace="{_quoted(target.namespace)}"', 'container!=""', 'container!="POD"']
    if target.pods:
        matchers.append(f'pod=~"{_quoted(target.pods)}"')
    return "{" + ",".join(matchers) + "}"


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


def _each(metric: str) -> str:
    return f"max by (namespace, pod, container) ({metric})"


def _cpu(target: Selection, window: Window) -> str:
    return _each(f"rate({CPU}{selector(target)}[{window.rate_seconds}s])")


def _span(window: Window) -> str:
    return f"[{round(window.seconds)}s:{window.step_seconds}s]"


def queries(target: Selection, window: Window) -> dict[str, str]:
    """Name → instant query: the figures, how many samples they stand on, and how often a container is there."""
    cpu, memory, span = _cpu(target, window), _each(MEMORY + selector(target)), _span(window)
    found = {}
    for name, share in SHARES.items():
        found[f"cpu {name}"] = f"quantile_over_time({share}, ({cpu}){span})"
        found[f"memory {name}"] = f"quantile_over_time({share}, ({memory}){span})"
    found["cpu max"] = f"max_over_time(({cpu}){span})"
    # Of the raw samples, so that no peak between two steps is lost.
    found["memory max"] = _each(f"max_over_time({MEMORY}{selector(target)}[{round(window.seconds)}s])")
    found["samples"] = f"count_over_time(({cpu}){span})"
    found["copies"] = f"count by (namespace, pod, container) ({MEMORY}{selector(target)})"
    return found


def curves(target: Selection, window: Window) -> dict[str, str]:
    """Name → range query: the greatest value since the point before, so that a curve shows every peak."""
    cpu, memory = _cpu(target, window), _each(MEMORY + selector(target))
    span = f"[{window.point_seconds}s:{window.step_seconds}s]"
    return {"cpu curve": f"max_over_time(({cpu}){span})", "memory curve": f"max_over_time(({memory}){span})"}


def _within(series: Series, start: float, end: float) -> Series:
    """Without moments that nobody asked for."""
    return Series(series.labels, [point for point in series.points if start - 1 <= point[0] <= end + 1])


def _by_container(found: Iterable[Series]) -> dict[Key, Series]:
    return {(item.labels.get("pod", ""), item.labels.get("container", "")): item for item in found}


def combined(answers: dict[str, dict[Key, Series]]) -> list[ContainerUsage]:
    """The answers put together by pod and container. CPU comes in cores and leaves in millicores. Pure."""
    keys = sorted({key for found in answers.values() for key in found if all(key)})
    usages = []
    for key in keys:
        usage = ContainerUsage(*key, _figures(answers, "cpu", key, 1000.0), _figures(answers, "memory", key, 1.0))
        usage.samples = round(_value(answers["samples"], key))
        usage.copies = max(1, round(_value(answers["copies"], key)))
        if (curve := answers["cpu curve"].get(key)) is not None:
            usage.cpu_points = [(moment, value * 1000.0) for moment, value in curve.points]
        if (curve := answers["memory curve"].get(key)) is not None:
            usage.memory_points = curve.points
        usages.append(checked(usage))
    return usages


def _value(found: dict[Key, Series], key: Key) -> float:
    return found[key].value if key in found else 0.0


def _figures(answers: dict[str, dict[Key, Series]], what: str, key: Key, factor: float) -> Figures | None:
    """All four, or none: a percentile without its peak would pass for more than it is."""
    values = [answers[f"{what} {name}"].get(key) for name in (*SHARES, "max")]
    known = [series.value * factor for series in values if series is not None]
    return Figures(*known) if len(known) == len(values) else None
