# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place that reads the time, waits, and writes or reads a time stamp."""

from __future__ import annotations

import datetime
import time


class Clock:
    """The machine's clocks. A test passes an object with the same three methods."""

    def now(self) -> datetime.datetime:
        """Wall-clock time in UTC, for what is written down."""
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        """Seconds that only ever grow, for durations and deadlines."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits; no time at all for zero or less."""
        if seconds > 0:
            time.sleep(seconds)


SYSTEM_CLOCK = Clock()


def rfc3339(moment: datetime.datetime) -> str:
    """A moment as RFC 3339 in UTC with whole seconds: 2026-11-20T12:00:00Z. A moment without a zone counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_rfc3339(text: str) -> datetime.datetime | None:
    """The moment that Kubernetes wrote (seconds or fractions up to nanoseconds); None for empty or unreadable text."""
    stamp, dot, rest = text.strip().replace("z", "Z").partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        stamp = f"{stamp}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}"
    try:
        moment = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
