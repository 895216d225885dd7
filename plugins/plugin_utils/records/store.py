# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The folder of records: a new number without races, and finding a record again by path, number or run id."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import names
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import (
    RecordAmbiguous,
    RecordError,
    RecordNotFound,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Journal

DEFAULT_FOLDER = "history/prompts"
DEFAULT_FEATURE = "aiops-operations"
_MOST_TRIES = 1000


def create(folder: Path, feature: str, slug: str, above: int = 0) -> Journal:
    """Create the next journal of a feature, `folder/feature/NNN-slug.jsonl`, its number `above` those known elsewhere.

    Raises `RecordError` where the folder cannot be made or written.
    """
    place = folder / names.slug(feature)
    try:
        place.mkdir(parents=True, exist_ok=True)
        return _create_next(place, names.slug(slug), above)
    except OSError as error:
        raise RecordError(f"no record can be written in {place}: {error.strerror}") from None


def _create_next(place: Path, slug: str, above: int) -> Journal:
    number = max(_highest(place), above) + 1
    for candidate in range(number, number + _MOST_TRIES):
        reservation = place / f".{candidate:03d}.reserved"
        if not _reserve(reservation):
            continue
        try:
            # Another run may have taken this number and given its reservation back since the folder was read.
            if not _taken(place, candidate):
                return Journal.create(place / f"{candidate:03d}-{slug}.jsonl")
        finally:
            reservation.unlink(missing_ok=True)
    raise RecordError(f"no free number for a record in {place}: {_MOST_TRIES} were tried")


def _reserve(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _highest(place: Path) -> int:
    return max((names.number_of(item.name) for item in place.iterdir() if not item.name.startswith(".")), default=0)


def _taken(place: Path, number: int) -> bool:
    return any(names.number_of(item.name) == number for item in place.iterdir() if not item.name.startswith("."))


def journals(folder: Path) -> list[Path]:
    """Every journal in the folder and its features, by feature and number."""
    found = [*folder.glob("*.jsonl"), *folder.glob("*/*.jsonl")]
    return sorted(
        (item for item in found if names.number_of(item.name)), key=lambda item: (str(item.parent), item.name)
    )


def run_id_of(journal: Path) -> str:
    """The run id in a journal's first line, "" where it has none. Nothing else is checked here."""
    try:
        with journal.open("rb") as stream:
            first = json.loads(stream.readline())
        return str(first["body"]["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def find(reference: str, folder: Path) -> Path:
    """The journal that a path (of the journal or the record), a number or a run id names.

    Raises `RecordNotFound` and `RecordAmbiguous` with what to do about it.
    """
    reference = str(reference).strip()
    if not reference:
        raise RecordNotFound("no record was named: give record=<path, number or run id>")
    if "/" in reference or reference.endswith((".jsonl", ".md")):
        return _by_path(reference, folder)
    known = journals(folder)
    if reference.isdecimal():
        matches = [item for item in known if names.number_of(item.name) == int(reference)]
    else:
        matches = [item for item in known if reference in (run_id_of(item), names.id_of(item.name))]
    return _only(matches, reference, folder, len(known))


def _only(matches: list[Path], reference: str, folder: Path, known: int) -> Path:
    if not matches:
        raise RecordNotFound(
            f"no record {reference} in {folder} ({known} journals there): give its path, its number or its run id, "
            "or run in the folder where the record was written"
        )
    if len(matches) > 1:
        raise RecordAmbiguous(
            f"{reference} names {len(matches)} records: give one path of {', '.join(map(str, matches))}"
        )
    return matches[0]


def _by_path(reference: str, folder: Path) -> Path:
    path = Path(reference).expanduser()
    places = [path] if path.is_absolute() else [path, folder / path]
    for place in places:
        journal = _journal_beside(place)
        if journal.is_file():
            return journal.absolute()
    raise RecordNotFound(f"no record at {reference}: neither the file nor its journal (NNN-slug.jsonl) is there")


def _journal_beside(path: Path) -> Path:
    if path.name.endswith(".prompt.md"):
        return path.with_name(path.name.removesuffix(".prompt.md").rpartition(".")[0] + ".jsonl")
    return path
