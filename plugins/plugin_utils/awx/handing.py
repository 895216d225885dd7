# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A journal on its way from one job to the next: whole, and as one word of plain letters.

Whatever an artifact holds becomes a variable of the next job: base64 has nothing in it that a template could mean.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import names, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import (
    Event,
    Journal,
    check,
    trusted_events,
)

# The artifact that carries it.
ARTIFACT = "aiops_journal"
# AWX keeps artifacts in its database, and a job's events up to 700,000 characters: more than this is not handed on.
MOST_CHARACTERS = 600_000
_MOST_BYTES = 32 * 1024 * 1024


def pack(journal: Path) -> str:
    """A journal as one word; raises `AwxRefusal` where it is too long to be handed on."""
    content = {"name": journal.name, "lines": journal.read_text()}
    word = base64.b64encode(zlib.compress(json.dumps(content).encode(), 9)).decode()
    if len(word) > MOST_CHARACTERS:
        raise AwxRefusal(f"the journal {journal} is too long to be handed to the next job ({len(word)} characters)")
    return word


def unpack(word: Any) -> tuple[str, bytes]:
    """File name and content of a journal that was packed; raises `AwxRefusal` for anything else."""
    try:
        stream = zlib.decompressobj()
        content = json.loads(stream.decompress(base64.b64decode(str(word), validate=True), _MOST_BYTES))
        name, lines = str(content["name"]), str(content["lines"]).encode()
    except (ValueError, TypeError, KeyError, zlib.error):
        raise AwxRefusal("what the earlier job handed over is no journal") from None
    verification = check(lines)
    if not verification.intact:
        raise AwxRefusal(f"the journal that the earlier job handed over was altered: {verification.problems[0]}")
    if not names.number_of(name) or Path(name).name != name or not name.endswith(".jsonl"):
        raise AwxRefusal("the journal that the earlier job handed over has no name of a journal")
    return name, lines


def events_of(word: Any) -> list[Event]:
    """The events of a packed journal."""
    return check(unpack(word)[1]).events


def take_over(word: Any, folder: Path, feature: str) -> Path:
    """Put a packed journal where this job keeps its records, and return its path.

    Where the folder is shared the journal is there already: then that one is gone on with, if it is the same, or the
    same and longer. Its number may be another one's here; then it gets the next.
    """
    name, lines = unpack(word)
    events = check(lines).events
    run_id = str(events[0].body.get("run_id") or "")
    for path in store.journals(folder):
        if store.run_id_of(path) == run_id:
            return _same(path, events)
    path = _new_journal(folder, feature, name)
    with path.open("r+b") as stream:
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())
    return path.absolute()


def _new_journal(folder: Path, feature: str, name: str) -> Path:
    """An empty journal, under the name that it had where that is free."""
    place = folder / names.slug(feature)
    place.mkdir(parents=True, exist_ok=True)
    if any(names.number_of(item.name) == names.number_of(name) for item in place.iterdir()):
        journal = store.create(folder, feature, name.partition("-")[2].removesuffix(".jsonl"))
    else:
        journal = Journal.create(place / name)
    journal.close()
    return journal.path


def _same(path: Path, events: list[Event]) -> Path:
    there = [item.hash for item in trusted_events(path)]
    if there[: len(events)] != [item.hash for item in events]:
        raise AwxRefusal(f"the journal {path} says something else than what the earlier job handed over")
    return path.absolute()
