# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which series count requests, errors and durations: known conventions, or what the user names."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.exposition import Sample, Unreadable, is_count


@dataclass(frozen=True)
class Convention:
    """`total` counts requests; those are errors whose `label` matches `errors` (a whole-value regular expression).

    `durations` is the name of a histogram in seconds (without `_bucket`), or in milliseconds where `unit` is 0.001.
    `known` matches every value that can be told to be an error or none; `values` says in words what these are.
    """

    total: str
    label: str
    errors: str = r"5\d\d|5[xX]{2}"
    durations: str = ""
    unit: float = 1.0
    known: str = r"0|[1-5](?:\d\d|[xX]{2})"
    values: str = "no HTTP status"

    @property
    def query(self) -> str:
        """What is counted, in words for the record."""
        return f'{self.total}{{{self.label}=~"{self.errors}"}} / {self.total}'


_TRAEFIK: Final = "traefik_service_request_duration_seconds"
# Mesh before ingress before the program's own: the first whose series are there is taken.
CONVENTIONS: Final = (
    Convention("istio_requests_total", "response_code", durations="istio_request_duration_milliseconds", unit=0.001),
    Convention(
        "response_total",
        "classification",
        "failure",
        "response_latency_ms",
        0.001,
        known="success|failure",
        values="neither success nor failure",
    ),
    Convention("nginx_ingress_controller_requests", "status"),
    Convention(f"{_TRAEFIK}_count", "code", durations=_TRAEFIK),
    Convention("http_request_duration_seconds_count", "status", durations="http_request_duration_seconds"),
    Convention("http_request_duration_seconds_count", "code", durations="http_request_duration_seconds"),
    Convention("http_requests_total", "code", durations="http_request_duration_seconds"),
    Convention("http_requests_total", "status", durations="http_request_duration_seconds"),
    Convention("http_server_requests_seconds_count", "status", durations="http_server_requests_seconds"),
    Convention(
        "http_server_request_duration_seconds_count",
        "http_response_status_code",
        durations="http_server_request_duration_seconds",
    ),
)
# Where a program says which path was asked for; probes and scrapes are no requests of users.
PATH_LABELS: Final = ("path", "handler", "route", "uri", "url", "endpoint", "http_route")
# What a mesh's sidecar saw going out is what the pod asked of others, and no request of users.
_OUTGOING: Final = (("reporter", "source"), ("direction", "outbound"))
_SHOWN_ERRORS: Final = 5


@dataclass(frozen=True)
class Count:
    """Raw counters at one moment. `buckets`: upper bound in seconds → requests at most that slow (cumulative)."""

    requests: float = 0.0
    errors: float = 0.0
    buckets: Mapping[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What one scrape of one pod says: the counters, by which convention, and the error series as they were."""

    count: Count
    convention: Convention
    error_series: tuple[str, ...] = ()


def given(settings: Mapping[str, Any]) -> Convention:
    """The user's own series: `total`, `label`, `errors`, `durations`. Raises `ValueError` in one sentence."""
    unknown = sorted(set(settings) - {"total", "label", "errors", "durations"})
    if unknown or not settings.get("total") or not settings.get("label"):
        raise ValueError("series takes total and label, and may take errors and durations")
    texts: dict[str, Any] = {name: str(value) for name, value in settings.items()}
    if "errors" in texts:
        texts["known"] = "(?s).*"
    made = Convention(**texts)
    try:
        re.compile(made.errors)
    except re.error as wrong:
        raise ValueError(f"series.errors is no regular expression: {wrong}") from None
    return made


def names(conventions: Iterable[Convention]) -> set[str]:
    """Every series name that may be needed."""
    found = set()
    for convention in conventions:
        found.add(convention.total)
        if convention.durations:
            found.add(f"{convention.durations}_bucket")
    return found


def read(samples: Sequence[Sample], conventions: Sequence[Convention], ignored_paths: Collection[str] = ()) -> Reading:
    """Counts by the first convention that the samples follow; `Unreadable` where none does or a counter is none."""
    by_name: dict[str, list[Sample]] = {}
    ignored = {_plain(path) for path in ignored_paths}
    for sample in samples:
        if not is_count(sample.value):
            raise Unreadable(f"the counter {sample.name} is {sample.value}")
        if not _is_ignored(sample, ignored):
            by_name.setdefault(sample.name, []).append(sample)
    present = {sample.name for sample in samples}
    for convention in conventions:
        counted = [item for item in by_name.get(convention.total, []) if convention.label in item.labels]
        bare = convention.total in present and not by_name.get(convention.total)
        if counted or bare:
            return _reading(convention, counted, by_name)
    known = ", ".join(dict.fromkeys(convention.total for convention in conventions))
    raise Unreadable(f"it has none of the series {known}")


def _reading(convention: Convention, counted: list[Sample], by_name: Mapping[str, list[Sample]]) -> Reading:
    _refuse_strange(convention, counted)
    wrong = re.compile(convention.errors)
    errors = [item for item in counted if wrong.fullmatch(item.labels[convention.label])]
    count = Count(
        sum(item.value for item in counted),
        sum(item.value for item in errors),
        _buckets(by_name.get(f"{convention.durations}_bucket", []), convention.unit) if convention.durations else {},
    )
    worst = sorted((item for item in errors if item.value), key=lambda item: -item.value)[:_SHOWN_ERRORS]
    return Reading(count, convention, tuple(_shown(item) for item in worst))


def _refuse_strange(convention: Convention, counted: Iterable[Sample]) -> None:
    """A value that is no error by the convention's words need not be a success."""
    known = re.compile(convention.known)
    for item in counted:
        value = item.labels[convention.label]
        if item.value and not known.fullmatch(value):
            raise Unreadable(
                f"{convention.total} has {convention.label}={value[:60]!r}, which is {convention.values}: say with the "
                "gate's series which of its values are errors"
            )


def _buckets(samples: list[Sample], unit: float) -> dict[float, float]:
    found: dict[float, float] = {}
    for sample in samples:
        try:
            bound = float(sample.labels.get("le", ""))
        except ValueError:
            raise Unreadable(f"{sample.name} has a bucket without a bound") from None
        bound = bound if math.isinf(bound) else bound * unit
        found[bound] = found.get(bound, 0.0) + sample.value
    return found


def _is_ignored(sample: Sample, ignored: set[str]) -> bool:
    if any(sample.labels.get(label) == value for label, value in _OUTGOING):
        return True
    return any(_plain(sample.labels[label]) in ignored for label in PATH_LABELS if sample.labels.get(label))


def _plain(path: str) -> str:
    """Programs write a path in many ways: `/healthz`, `healthz`, `_healthz`."""
    return re.sub(r"[^a-z0-9]+", "_", path.lower()).strip("_")


def _shown(sample: Sample) -> str:
    labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()) if key != "le")
    return f"{sample.name}{{{labels}}} {sample.value:g}"[:300]
