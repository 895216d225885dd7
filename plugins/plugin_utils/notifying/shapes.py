# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told to people who are not at the terminal, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class NotDelivered(Exception):
    """A notice did not reach its channel; the text says why, without the channel's secrets."""


@dataclass(frozen=True)
class Notice:
    """One notice: a subject line, its text, and `details` as plain JSON values for programs that read it."""

    subject: str
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """What became of a notice on one channel: `channel` names it without secrets."""

    channel: str
    ok: bool
    message: str
