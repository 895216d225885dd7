# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shapes of a plan. Everything in them is JSON; `plan_json.py` reads and writes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target


@dataclass(frozen=True)
class Write:
    """One write. `verb` is patch, evict, delete or create; `body` of a patch is a list of operations (`changes.py`).

    Only autoscalers are created; `body` is then the manifest, and of a deletion the manifest that is to be deleted.
    An eviction without a name (only in a rollback) stands for every pod of the target that is not ready and was made
    from another revision than the restored one; `body` says so in words.
    """

    id: str
    verb: str
    object: ObjectRef
    patch_type: str = ""
    body: Any = None


@dataclass(frozen=True)
class FieldValue:
    """A field that must still be so at apply: its value, or absent, or (where it is long) the digest of its value."""

    path: list[Any]
    value: Any = None
    absent: bool = False
    sha256: str = ""


@dataclass(frozen=True)
class Precondition:
    """An object (with its uid) and the fields of it that the plan changes or relies on."""

    object: ObjectRef
    fields: list[FieldValue]


@dataclass(frozen=True)
class Tier:
    """`level` 1 to 4, `name` trivial, low, medium or critical, and `why` in one clause."""

    level: int
    name: str
    why: str


@dataclass(frozen=True)
class Rollback:
    """How the change is reversed, computed before it is made; `within_seconds` 0 means by hand, as `steps` says."""

    automatic: bool
    within_seconds: int
    steps: str
    writes: list[Write] = field(default_factory=list)


@dataclass(frozen=True)
class Validation:
    """What must hold afterwards: within how many seconds, steady for how many, and of which workload."""

    within_seconds: int
    settle_seconds: int
    checks: list[str]
    workload: ObjectRef


@dataclass(frozen=True)
class Owner:
    """Who keeps the object as it is: `kind` none, helm, argocd, flux or operator.

    `snippet` is the change as YAML for the owner's source, where the object itself is not to be written.
    """

    kind: str
    name: str
    writable: bool
    note: str
    snippet: str = ""


@dataclass(frozen=True)
class Plan:
    """A recommendation made exact for one target. Times are RFC 3339 in UTC, `decision_window_seconds` 0 for tier 1."""

    remedy: str
    parameters: dict[str, Any]
    advisor: str
    reason: str
    expected_outcome: str
    summary: str
    target: Target
    writes: list[Write]
    preconditions: list[Precondition]
    diff: str
    tier: Tier
    rollback: Rollback
    validation: Validation
    owner: Owner
    warnings: list[str]
    created_at: str
    expires_at: str
    decision_window_seconds: int
    digest: str = ""


@dataclass(frozen=True)
class Settings:
    """What an operator may choose. Durations are seconds; `tier_floor` raises tiers (a level per remedy, or "*"), so
    does `tier_raises` (by cluster, namespace or labels, see `tier_raises.py`).
    """

    validate_seconds: int = 120
    settle_seconds: int = 15
    tier_floor: dict[str, int] = field(default_factory=dict)
    tier_raises: list[dict[str, Any]] = field(default_factory=list)
    critical_window_seconds: int = 3600
    write_owned: bool = False
    recent_restarts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Draft:
    """What a remedy makes of a recommendation before the API server has seen it.

    `desired` is the whole object as it should be (None where no field of it is written); `relies_on` are paths whose
    present values become preconditions, `relies_on_digest` those of which only the digest is kept. `beside` are other
    objects that have to change with it, each as it is and as it should be. `autoscaler` is the workload's
    HorizontalPodAutoscaler as it should be, `autoscaler_before` as it is (empty where there is none).
    What the same approval covers beside the object: `also_diff`, `also_preconditions`, and `also_tier` (the lowest tier
    and why). `parameters` replace those asked for, where the plan shall hold others.
    """

    summary: str
    desired: dict[str, Any] | None = None
    relies_on: list[list[Any]] = field(default_factory=list)
    relies_on_digest: list[list[Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    rollback_note: str = ""
    beside: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    autoscaler: dict[str, Any] | None = None
    autoscaler_before: dict[str, Any] = field(default_factory=dict)
    also_diff: str = ""
    also_preconditions: list[Precondition] = field(default_factory=list)
    also_tier: tuple[int, str] = (1, "")
    parameters: dict[str, Any] | None = None
