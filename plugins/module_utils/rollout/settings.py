# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be set about a gate: the rule, where figures come from, and how long to wait. Part of the approved plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming, series
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Rule

SOURCES: Final = ("metrics", "query", "probe", "logs")
_MAPS: Final[Mapping[str, tuple[str, ...]]] = {
    "series": ("total", "label", "errors", "durations"),
    "query": ("url", "total", "errors"),
    "probe": ("path", "port", "per_second"),
    "logs": ("container", "errors"),
}
_NUMBERS: Final[Mapping[str, int | float]] = {"port": 0, "per_second": 1.0}
_MOST_PORT: Final = 65_535
# Prometheus makes a rate of counters, and the gate subtracts counters by itself.
_RATE: Final = re.compile(r"\b(?:i?rate|increase)\s*\(")


@dataclass(frozen=True)
class GateSettings:
    """Durations are seconds. `port` 0 and `path` empty: as the pod's annotations or ports say."""

    rule: Rule = field(default_factory=Rule)
    first_pods: int = 3
    source: str = "metrics"
    port: int = 0
    path: str = ""
    series: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    probe: Mapping[str, Any] = field(default_factory=dict)
    logs: Mapping[str, Any] = field(default_factory=dict)
    look_every_seconds: float = 2.0
    look_within_seconds: float = 1.5
    complete_within_seconds: float = 600.0
    guard_seconds: float = 1800.0

    def to_json(self) -> dict[str, Any]:
        """One flat map, as `from_json` takes it."""
        found = asdict(self)
        return {**found.pop("rule"), **found}


def from_json(given: Mapping[str, Any]) -> GateSettings:
    """Settings from a map; absent and null ones as they are by default. `RemedyError` for a wrong one."""
    own, of_rule = ({item.name: item.default for item in fields(shape)} for shape in (GateSettings, Rule))
    present = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(set(present) - set(own) - set(of_rule) | set(present) & {"rule"})
    if unknown:
        known = ", ".join(sorted({*own, *of_rule} - {"rule"}))
        raise RemedyError(f"the gate has no setting {unknown[0]}; it has: {known}")
    made: dict[str, Any] = {}
    for name, value in present.items():
        made[name] = _map(name, value) if name in _MAPS else _plain(name, value, (own | of_rule)[name])
    rule = Rule(**{name: value for name, value in made.items() if name in of_rule})
    settings = GateSettings(rule=rule, **{name: value for name, value in made.items() if name in own})
    _check(settings)
    return settings


def _plain(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, str):
        return str(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise RemedyError(f"the gate's {name} must be a number, not {value!r}") from None
    if isinstance(value, bool) or not 0 <= number < 1e7 or isinstance(default, int) and number != int(number):
        raise RemedyError(f"the gate's {name} must be a {'whole ' if isinstance(default, int) else ''}number from 0")
    return int(number) if isinstance(default, int) else number


def _map(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or set(value) - set(_MAPS[name]):
        raise RemedyError(f"the gate's {name} must be a map of {', '.join(_MAPS[name])}")
    return {
        key: _plain(f"{name}.{key}", entry, _NUMBERS[key]) if key in _NUMBERS else entry
        for key, entry in value.items()
        if entry is not None
    }


def _check(settings: GateSettings) -> None:
    if settings.source not in SOURCES:
        raise RemedyError(f"the gate's source must be one of {', '.join(SOURCES)}, not {settings.source!r}")
    if not 1 <= settings.first_pods <= 100:
        raise RemedyError("the gate's first_pods must be from 1 to 100")
    if settings.rule.max_error_rate >= 1 or not 0 < settings.rule.latency_percentile < 1:
        raise RemedyError("the gate's max_error_rate and latency_percentile are shares such as 0.05 and 0.95")
    if settings.look_every_seconds < 0.5 or settings.look_within_seconds <= 0:
        raise RemedyError("the gate looks at most every 0.5 s, and look_within_seconds is more than 0")
    if max(settings.port, settings.probe.get("port", 0)) > _MOST_PORT:
        raise RemedyError(f"the gate's port is from 0 to {_MOST_PORT}")
    if settings.rule.watch_seconds + settings.rule.ready_within_seconds >= arming.HELD_SECONDS:
        raise RemedyError(
            f"the first pods are held for {arming.HELD_SECONDS} s: the gate's watch_seconds and ready_within_seconds "
            "have to come to less"
        )
    if any(_RATE.search(str(settings.query.get(name, ""))) for name in ("total", "errors")):
        raise RemedyError("the gate's query has to give raw counters, without rate(), irate() or increase()")
    needed = {"query": ("url", "total", "errors"), "probe": ("path",), "logs": ("errors",)}.get(settings.source, ())
    missing = [name for name in needed if not getattr(settings, settings.source).get(name)]
    if missing:
        raise RemedyError(f"the gate's source {settings.source} needs {settings.source}.{missing[0]}")
    try:
        if settings.series:
            series.given(settings.series)
        re.compile(str(settings.logs.get("errors", "")))
    except (ValueError, re.error) as wrong:
        raise RemedyError(f"the gate's settings cannot be used: {wrong}") from None
