# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as the planner hands it over, for the tests of records and approval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times


def make_plan(level: int = 3, now: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """A plan of a tier with its digest."""
    now = now or datetime.now(UTC)
    plan: dict[str, Any] = {
        "remedy": "set_resources",
        "parameters": {"container": "app", "limits": {"memory": "256Mi"}},
        "advisor": "rules",
        "reason": "the container needs 180Mi",
        "expected_outcome": "no more kills",
        "summary": "Raise the memory limit of app from 64Mi to 256Mi",
        "target": {
            "cluster": "production",
            "api_version": "apps/v1",
            "kind": "Deployment",
            "namespace": "shop",
            "name": "checkout",
            "uid": "3b1f0a52-7c1e-4f0e-9d1a-0f6f3f9f7e11",
        },
        "writes": [{"id": "w1", "verb": "patch", "body": [{"path": ["spec"], "value": 0.5}]}],
        "preconditions": [],
        "diff": "--- now\n+++ then\n-  memory: 64Mi\n+  memory: 256Mi",
        "tier": {"level": level, "name": "of a test", "why": "resources of a workload"},
        "rollback": {"automatic": True, "within_seconds": 300, "steps": "Put 64Mi back.", "writes": []},
        "validation": {"within_seconds": 120, "checks": ["the Deployment is available"]},
        "owner": {"kind": "none", "name": "", "writable": True, "note": ""},
        "warnings": ["übergänge – ✓"],
        "created_at": times.rfc3339(now),
        "expires_at": times.rfc3339(now + timedelta(hours=1)),
        "decision_window_seconds": 1800,
        **changes,
    }
    return {**plan, "digest": canonical.plan_digest(plan)}
