# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Time stamps as records write them: RFC 3339 in UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, parse_rfc3339


def now() -> datetime:
    """The time now, in UTC."""
    return SYSTEM_CLOCK.now()


def rfc3339(moment: datetime) -> str:
    """`2026-11-20T13:37:00.250Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: object) -> datetime | None:
    """A time stamp as a moment in UTC; None for anything else."""
    return parse_rfc3339(str(text or ""))
