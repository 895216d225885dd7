# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What records are called: `NNN-slug.jsonl` and `NNN-slug.<stage>.prompt.md`.

Where another run took the number in a Git repository, the run's own id stands behind it: `NNN.0a1b2c3d-slug.jsonl`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

SLUG_LENGTH = 48
STAGES = ("diagnosis", "scaling", "optimization", "rollout", "health", "security", "rollback")
_NUMBERED = re.compile(r"^\.?(\d{3,9})[-.]")
_ID = re.compile(r"^\d{3,9}(\.[0-9a-f]{8})?(?=-)")
_OWN = re.compile(r"-([0-9a-f]{8})(?:\.\d+)?$")


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens, at most 48 of them; `run` where nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_text[:400].lower()).strip("-")
    return words[:SLUG_LENGTH].rstrip("-") or "run"


def number_of(name: str) -> int:
    """The number that a file name begins with, 0 where it has none."""
    match = _NUMBERED.match(name)
    return int(match.group(1)) if match else 0


def id_of(name: str) -> str:
    """What a record is known by: its number, with the run's own id where the number was taken; "" where it has none."""
    match = _ID.match(name)
    return match.group() if match else ""


def with_own_id(name: str, run_id: str) -> str:
    """The name with the run's own id behind the number."""
    number, dash, rest = name.partition("-")
    match = _OWN.search(run_id)
    own = match.group(1) if match else hashlib.sha256(run_id.encode()).hexdigest()[:8]
    return f"{number}.{own}{dash}{rest}"


def record_path(journal: Path, stage: str) -> Path:
    """Where the record of a journal lies: beside it."""
    return journal.with_name(f"{journal.stem}.{slug(stage)}.prompt.md")
