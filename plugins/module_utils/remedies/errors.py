# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong with a plan: every error is one sentence that a person can act on."""

from __future__ import annotations

from typing import Any


class RemedyError(Exception):
    """A remedy cannot be planned or written; the text says what is wrong and what to do."""


class PlanInvalid(RemedyError):
    """A plan's JSON is not a plan, or is not the plan that its digest names."""


class NotWritable(RemedyError):
    """The object belongs to GitOps or an operator: the change is made at its source."""


class NothingToChange(RemedyError):
    """The object already is as the recommendation wants it."""


class PreconditionChanged(RemedyError):
    """Something that the plan relies on is no longer as it was planned.

    `field` is the path in words, `planned` and `now` the two values (`None` where absent).
    """

    def __init__(self, where: str, field: str, planned: Any, now: Any) -> None:
        self.where, self.field, self.planned, self.now = where, field, planned, now
        super().__init__(
            f"{where} changed since the plan was made: {field} was {_shown(planned)}, now it is {_shown(now)}; "
            "nothing was written, make a new plan"
        )


class ApplyFailed(RemedyError):
    """A write was refused after others had been made; `written` lists those, for the rollback."""

    def __init__(self, message: str, written: list[Any]) -> None:
        self.written = written
        super().__init__(message)


def _shown(value: Any) -> str:
    if value is None:
        return "absent"
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "..."
