# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From which figure on something is a finding. Ages are in seconds, shares between 0 and 1."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class BadSettings(ValueError):
    """One sentence: which setting is wrong, and what there is."""


@dataclass(frozen=True)
class Settings:
    """Defaults are those of the field: what pages people elsewhere (kube-prometheus' rules, Popeye) is kept here."""

    # Younger than this is still starting and not judged.
    settled_seconds: float = 600
    restarts: int = 5
    unused_seconds: float = 86400
    job_running_seconds: float = 86400
    finished_jobs: int = 25
    node_share: float = 0.9
    cluster_share: float = 0.85
    overcommit_share: float = 2.0
    pods_share: float = 0.9
    quota_share: float = 0.9
    volume_share: float = 0.85
    volume_days: float = 7
    capacity_days: float = 30
    usage_over_share: float = 1.5
    usage_under_share: float = 0.1
    memory_share: float = 0.9
    certificate_days: float = 30
    lease_seconds: float = 60
    error_share: float = 0.05
    latency_seconds: float = 1.0
    least_requests: float = 20
    objective_share: float = 0.999
    traffic_minutes: float = 60
    budget_days: float = 30
    root_causes: int = 5
    root_cause_seconds: float = 1.0


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Settings with what was given in place of the defaults. Raises BadSettings."""
    known = {field.name: field for field in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise BadSettings(f"settings has no {name!r}: there are {', '.join(known)}")
        try:
            values[name] = int(value) if known[name].type == "int" else float(value)
        except (TypeError, ValueError):
            raise BadSettings(f"settings.{name} is {value!r}: give a number") from None
        if values[name] < 0:
            raise BadSettings(f"settings.{name} is {value!r}: give a number of 0 or more")
    return Settings(**values)
