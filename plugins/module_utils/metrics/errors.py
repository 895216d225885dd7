# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong with a source of metrics. Every message is one sentence that says what to do."""

from __future__ import annotations


class MetricsError(Exception):
    """A source of metrics gave no usable answer."""

    reason = "MetricsError"


class NoSource(MetricsError):
    """There is no source of the wanted kind, or the one that was named cannot be used at all."""

    reason = "NoSource"


class SourceUnreachable(MetricsError):
    """No connection, or no trust in the other side's certificate."""

    reason = "Unreachable"


class SourceTimedOut(MetricsError):
    """The answer was not complete within its time."""

    reason = "TimedOut"


class SourceRefused(MetricsError):
    """The source answered with an error of its own: bad credentials, a limit, a query that it cannot do."""

    reason = "Refused"


class SourceMalformed(MetricsError):
    """The answer is not what the source's API promises."""

    reason = "Malformed"
