# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an advisor is asked and what comes of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

RAW_CHARACTERS = 8000
ANSWERED, UNUSABLE, NONE = "answered", "unusable", "none"


class BadSettings(ValueError):
    """An advisor's settings cannot be used; str() says which and what to do."""


@dataclass(frozen=True)
class Question:
    """One question. `digest` is over the text; what an answer may say without a mark or at all is in the rest.

    `target` is the report's; `about` are all objects that an answer may be about (the target, its workload, its pod),
    as (kind, namespace, name); `evidence_ids` and `classes` are those that the text holds.
    """

    text: str
    digest: str
    target: dict[str, Any]
    evidence_ids: tuple[str, ...]
    classes: tuple[str, ...]
    about: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Answer:
    """What one advisor said.

    `advisor` is kubectl_ai or kagent, `name` the one that the settings give it. `status` is answered, unusable (it
    spoke, and `reason` says in a sentence why nothing can be made of it) or none (`reason` says why). `diagnosis` and
    `recommendation` are in the interface's form, the recommendation out of the catalogue. `flags` are sentences that a
    person has to see beside the answer. `raw` and `commands` are redacted and bounded. `tokens` are prompt and
    completion, None where not told. `contained_by` says what kept it in: bubblewrap, a uid; empty where none ran.
    """

    advisor: str
    name: str
    status: str
    question_digest: str
    provider: str = ""
    model: str = ""
    reason: str = ""
    diagnosis: dict[str, Any] | None = None
    recommendation: dict[str, Any] | None = None
    flags: list[str] = field(default_factory=list)
    raw: str = ""
    commands: list[str] = field(default_factory=list)
    tokens: dict[str, int] | None = None
    duration_seconds: float = 0.0
    contained_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """The interface's form, in JSON's own types."""
        return asdict(self)
