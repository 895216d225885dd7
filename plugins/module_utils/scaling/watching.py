# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the source of metrics: for the minutes that the rule is about, and for the days that the policy is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.choosing import choose
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import MetricsError, NoSource
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.prometheus_usage import PrometheusUsage
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.sampled import from_metrics_api
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.shapes import Selection, Source, Usage, Window
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import demand
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.demand import Moment, Sustained
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import Seen
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject

STEP_SECONDS: Final = 15
# A rate needs two samples, and many a Prometheus scrapes every 30 or 60 seconds.
RATE_SECONDS: Final = 120
HISTORY_STEP_SECONDS: Final = 300
# Prometheus refuses a curve of more than 11,000 points.
MOST_POINTS: Final = 10_000


@dataclass(frozen=True)
class Rule:
    """What "sustained" means, and how many days of demand the policy is made from where a source has them."""

    window_seconds: float = demand.WINDOW_SECONDS
    threshold_percent: int = demand.OVER_PERCENT
    present_percent: int = demand.PRESENT_PERCENT
    history_days: float = 7.0


def watch(client: Client, subject: Subject, rule: Rule, given: Mapping[str, Any], deadline: Deadline) -> Seen:
    """What the source shows. No answer is no failure of the analysis: `problem` then says why nothing is known."""
    minutes = rule.window_seconds / 60
    # A Prometheus that hangs must not take the time that sampling needs.
    soon = deadline.sooner(float(given["within_seconds"]))
    try:
        chosen = choose(client, given["source"], given.get("prometheus"), minutes, soon)
        asks_prometheus = isinstance(chosen.source, PrometheusUsage)
        found = seen_by(chosen.source, subject, rule, soon if asks_prometheus else deadline)
    except MetricsError as failed:
        found = Seen(_sustained([], rule), problem=str(failed))
        if given["source"] != "auto" or isinstance(failed, NoSource):
            return found
    if not found.problem or given["source"] != "auto":
        return found
    # A Prometheus that does not answer, or does not scrape the kubelets, is no reason to know nothing.
    return _sampled(client, subject, rule, deadline, found.problem)


def _sampled(client: Client, subject: Subject, rule: Rule, deadline: Deadline, why: str) -> Seen:
    try:
        found = seen_by(from_metrics_api(client), subject, rule, deadline)
    except MetricsError as failed:
        return Seen(_sustained([], rule), problem=f"{why}; {failed}")
    if found.problem:
        return replace(found, problem=f"{why}; {found.problem}")
    return replace(found, notes=[*found.notes, f"{_capital(why)}, so the metrics API was sampled."])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def seen_by(source: Source, subject: Subject, rule: Rule, deadline: Deadline) -> Seen:
    """The same of one source. Raises `MetricsError`."""
    selection = Selection(subject.target.namespace, subject.pod_names)
    end = deadline.clock.now().timestamp()
    samples = round(rule.window_seconds / STEP_SECONDS) + 1
    window = Window(end, rule.window_seconds, STEP_SECONDS, RATE_SECONDS, samples)
    usage = source.usage(selection, window, deadline)
    usage = _of_subject(usage, subject)
    if wrong := next((item for item in usage.containers if item.impossible), None):
        said = f"{usage.source} says that container {wrong.container} of pod {wrong.pod} used {wrong.impossible}"
        return Seen(_sustained([], rule), source=usage.source, problem=f"{said}, which no container can")
    recent = _moments(usage, subject)
    found = _sustained(recent, rule)
    if not usage.containers:
        return Seen(found, source=usage.source, problem=f"{usage.source} has no figures of its pods")
    unmeasured = subject.containers - {item.container for item in usage.containers if item.cpu_points}
    if unmeasured and found.verdict != "yes":
        # What they use comes on top, so that nothing can be called within the requests.
        names = ", ".join(sorted(unmeasured))
        return Seen(found, source=usage.source, problem=f"{usage.source} has no CPU figures of container {names}")
    notes = _notes(usage, recent, rule)
    measured = {item.pod for item in usage.containers if item.cpu_points} & set(subject.requests)
    if len(measured) < len(subject.pods):
        notes.append(f"Of its {len(subject.pods)} pods {len(measured)} were measured.")
    history, step_seconds = _history(source, selection, subject, rule, end, deadline, notes)
    if history:
        seconds = history[-1].time - history[0].time + step_seconds
        return Seen(found, history, seconds, step_seconds, usage.source, "", notes)
    return Seen(found, recent, rule.window_seconds, STEP_SECONDS, usage.source, "", notes)


def _of_subject(usage: Usage, subject: Subject) -> Usage:
    """Without the pods of others whose names look like the workload's, such as those of a DaemonSet `web-agent`."""
    others = subject.other_pods
    return replace(usage, containers=[item for item in usage.containers if item.pod not in others])


def _moments(usage: Usage, subject: Subject) -> list[Moment]:
    points = [(item.pod, item.cpu_points) for item in usage.containers]
    return demand.moments_of(points, subject.requests, subject.request)


def _sustained(moments: list[Moment], rule: Rule) -> Sustained:
    return demand.sustained(
        moments,
        window_seconds=rule.window_seconds,
        step_seconds=STEP_SECONDS,
        threshold_percent=rule.threshold_percent,
        present_percent=rule.present_percent,
    )


def _history(
    source: Source,
    selection: Selection,
    subject: Subject,
    rule: Rule,
    end: float,
    deadline: Deadline,
    notes: list[str],
) -> tuple[list[Moment], float]:
    """The demand of the past days and the seconds from one to the next; none where only the present is known."""
    seconds = rule.history_days * 86_400
    if not isinstance(source, PrometheusUsage) or seconds <= rule.window_seconds:
        return [], 0.0
    points = min(MOST_POINTS, max(1, round(seconds / HISTORY_STEP_SECONDS)))
    window = Window(end, seconds, HISTORY_STEP_SECONDS, HISTORY_STEP_SECONDS, points)
    try:
        usage = _of_subject(source.usage(selection, window, deadline), subject)
        if any(item.impossible for item in usage.containers):
            notes.append(f"{usage.source} has figures of the past days that no container can have: they are left out.")
            return [], 0.0
        moments = _moments(usage, subject)
    except MetricsError as failed:
        notes.append(f"The demand of the past {rule.history_days:g} days could not be read: {failed}.")
        return [], 0.0
    if not moments or moments[-1].time - moments[0].time <= rule.window_seconds:
        return [], 0.0
    return moments, float(window.point_seconds)


def _notes(usage: Usage, moments: list[Moment], rule: Rule) -> list[str]:
    found = []
    copies = max((item.copies for item in usage.containers), default=1)
    if copies > 1:
        found.append(f"{usage.source} has each container {copies} times (scraped more than once); it is counted once.")
    expected = max(1, int(rule.window_seconds // STEP_SECONDS))
    if len(moments) < expected:
        found.append(f"{expected - len(moments)} of {expected} samples are missing.")
    sizes = Counter(moment.pods for moment in moments)
    if len(sizes) > 1:
        found.append(f"Between {min(sizes)} and {max(sizes)} pods were measured at a time.")
    return found
