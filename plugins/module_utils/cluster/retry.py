# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a request that failed is sent again, and after how long. Pure: no clock, no network."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    TooManyRequests,
    Unreachable,
)

FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
RETRIED_STATUSES = frozenset({500, 502, 503, 504})


def wait_before_retry(error: ClusterError, attempt: int, *, repeatable: bool, chance: float) -> float | None:
    """Seconds to wait before attempt + 1 (attempt counts from 0), or None where the error is final.

    A write is repeated only when the server said that it did not take it (429) or it never left; a disruption budget is
    an answer, not a busy server. chance in [0, 1) is the jitter. Retry-After is kept to at the least.
    """
    if not _retriable(error, repeatable):
        return None
    backoff = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempt) * (0.5 + chance / 2)
    if error.retry_after_seconds is None:
        return backoff
    return error.retry_after_seconds + backoff


def _retriable(error: ClusterError, repeatable: bool) -> bool:
    if isinstance(error, TooManyRequests):
        return error.reason != "DisruptionBudget"
    if isinstance(error, Unreachable):
        return not error.outcome_unknown
    return repeatable and error.status in RETRIED_STATUSES
