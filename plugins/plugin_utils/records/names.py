# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What records are called: `NNN-slug.jsonl` and `NNN-slug.<stage>.prompt.md`."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

SLUG_LENGTH = 48
STAGES = ("diagnosis", "scaling", "optimization", "rollout", "health", "security", "rollback")
_NUMBERED = re.compile(r"^\.?(\d{3,9})[-.]")


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens, at most 48 of them; `run` where nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text[:400].lower()).strip("-")
    return words[:SLUG_LENGTH].rstrip("-") or "run"


def number_of(name: str) -> int:
    """The number that a file name begins with, 0 where it has none."""
    match = _NUMBERED.match(name)
    return int(match.group(1)) if match else 0


def record_path(journal: Path, stage: str) -> Path:
    """Where the record of a journal lies: beside it."""
    return journal.with_name(f"{journal.stem}.{slug(stage)}.prompt.md")
