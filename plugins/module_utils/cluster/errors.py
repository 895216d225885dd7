# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong on the way to the API. str(error) is one sentence for a person: what, where, what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldCause:
    """One complaint of the API server about one field of an object."""

    field: str
    reason: str
    message: str


class ClusterError(Exception):
    """Anything that the API or the way to it refused. Caught by modules; never shown as a traceback.

    status: HTTP status, 0 where there was no answer. reason: Kubernetes' own word (NotFound, Forbidden, ...) or ours.
    outcome_unknown: True where a write was sent and nobody can tell whether the server carried it out.
    retry_after_seconds: how long the server asks to wait, None where it does not.
    """

    default_reason = "Unknown"

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        outcome_unknown: bool = False,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason or self.default_reason
        self.outcome_unknown = outcome_unknown
        self.retry_after_seconds = retry_after_seconds


class NotSent(ClusterError):
    """Nothing was sent: connection settings, credentials or a library are missing or unusable."""

    default_reason = "NotSent"


class Unreachable(ClusterError):
    """No answer from the address, or the connection dropped."""

    default_reason = "Unreachable"


class TlsNotTrusted(ClusterError):
    """The server's certificate is not one that this connection trusts."""

    default_reason = "TlsNotTrusted"


class TimedOut(ClusterError):
    """The deadline passed before the answer was complete."""

    default_reason = "TimedOut"


class Unauthorized(ClusterError):
    """401: the server does not know who is asking."""

    default_reason = "Unauthorized"


class Forbidden(ClusterError):
    """403: the one who asks may not, or admission refuses the object."""

    default_reason = "Forbidden"

    def __init__(
        self,
        message: str,
        *,
        verb: str = "",
        resource: str = "",
        namespace: str = "",
        user: str = "",
        status: int = 403,
        reason: str = "",
    ) -> None:
        super().__init__(message, status=status, reason=reason)
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.user = user


class NotFound(ClusterError):
    """404: no such object, or no such API."""

    default_reason = "NotFound"


class Conflict(ClusterError):
    """409: the object changed since it was read, exists already, or a precondition (uid) does not hold."""

    default_reason = "Conflict"


class Gone(ClusterError):
    """410: the resource version or continue token is too old. List and watch handle it themselves."""

    default_reason = "Expired"


class Invalid(ClusterError):
    """422: the object or patch is not valid. causes: one FieldCause for each field."""

    default_reason = "Invalid"

    def __init__(
        self, message: str, *, causes: tuple[FieldCause, ...] = (), status: int = 422, reason: str = ""
    ) -> None:
        super().__init__(message, status=status, reason=reason)
        self.causes = causes


class TooManyRequests(ClusterError):
    """429: the server is busy, or a disruption budget forbids an eviction (reason DisruptionBudget)."""

    default_reason = "TooManyRequests"
