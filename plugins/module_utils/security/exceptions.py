# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings that somebody accepted: with a reason, an owner and an end date, after which they come back.

A file is YAML or JSON: {exceptions: [{code, kind, namespace, name, part, reason, owner, until}]}. kind, namespace, name
and part may hold * and are * where they are missing; code, reason, owner and until (2026-12-31) have to be there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.all import CATALOGUE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

try:
    import yaml
except ImportError as missing:
    MISSING: str | None = str(missing)
else:
    MISSING = None

_NEEDED = ("code", "reason", "owner", "until")
_PATTERNS = ("kind", "namespace", "name", "part")
_KNOWN = frozenset((*_NEEDED, *_PATTERNS))


@dataclass(frozen=True)
class Accepted:
    """One entry; until is its last day."""

    code: str
    reason: str
    owner: str
    until: datetime.date
    kind: str = "*"
    namespace: str = "*"
    name: str = "*"
    part: str = "*"

    def covers(self, fault: Fault) -> bool:
        """Whether it is about this fault, whatever the day."""
        return fnmatchcase(fault.code, self.code) and all(
            fnmatchcase(getattr(fault, word), getattr(self, word)) for word in _PATTERNS
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        words = {word: getattr(self, word) for word in ("code", *_PATTERNS, "reason", "owner")}
        return {**words, "until": self.until.isoformat()}


@dataclass(frozen=True)
class Sifted:
    """open: what is told. accepted: what is not, with the entry. expired: entries that would have covered something."""

    open: list[Fault]
    accepted: list[tuple[Fault, Accepted]]
    expired: list[tuple[Fault, Accepted]]


def read_file(path: Path) -> list[Accepted]:
    """The entries of a file. Raises BadInput that names the entry."""
    if MISSING:
        raise BadInput(f"the Python package PyYAML is missing ({MISSING}), which reads {path}: pip install pyyaml")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the exceptions file {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise BadInput(f"the exceptions file {path} is not YAML: {' '.join(str(error).split())}") from error
    entries = content.get("exceptions") if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise BadInput(f"{path} has no list exceptions: write exceptions: [{{code, reason, owner, until}}]")
    return [_entry(entry, f"entry {number} of {path}") for number, entry in enumerate(entries, start=1)]


def _entry(entry: Any, where: str) -> Accepted:
    if not isinstance(entry, Mapping):
        raise BadInput(f"{where} is no map with code, reason, owner and until")
    missing = [word for word in _NEEDED if not entry.get(word)]
    unknown = sorted(set(map(str, entry)) - _KNOWN)
    if missing or unknown:
        problem = f"has no {', '.join(missing)}" if missing else f"has {', '.join(unknown)}, which nobody knows"
        raise BadInput(f"{where} {problem}: it takes {', '.join((*_NEEDED, *_PATTERNS))}")
    code = str(entry["code"])
    if not any(fnmatchcase(known, code) for known in CATALOGUE):
        raise BadInput(
            f"{where} is about {code}, which the audit cannot find: docs/security-findings.md lists the codes"
        )
    try:
        # YAML makes a date of it by itself.
        until = datetime.date.fromisoformat(str(entry["until"]))
    except ValueError as error:
        raise BadInput(f"{where} has until {entry['until']!r}: write a day as 2026-12-31") from error
    texts = {word: str(entry.get(word) or "*") for word in _PATTERNS}
    return Accepted(code, str(entry["reason"]), str(entry["owner"]), until, **texts)


def sift(faults: Iterable[Fault], exceptions: Sequence[Accepted], today: datetime.date) -> Sifted:
    """What is told, and what an entry covers. An entry that has ended covers nothing, and is told."""
    sifted = Sifted([], [], [])
    for fault in faults:
        covering = [item for item in exceptions if item.covers(fault)]
        valid = next((item for item in covering if item.until >= today), None)
        if valid is not None:
            sifted.accepted.append((fault, valid))
            continue
        sifted.open.append(fault)
        sifted.expired.extend((fault, item) for item in covering[:1])
    return sifted
