# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads Prometheus text and OpenMetrics text, strictly: one line that is neither makes all of it unreadable.

Grammar: prometheus.io/docs/instrumenting/exposition_formats and OpenMetrics 1.0. Only samples that are wanted are kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 4 * 1024 * 1024
MOST_SAMPLES: Final = 20_000
_LABEL: Final = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*"'
_NUMBER: Final = r"[+-]?(?:[0-9][0-9.eE+-]*|\.[0-9]+|[iI]nf|[nN]a[nN]|NaN|Inf)"
_SAMPLE: Final = re.compile(
    rf"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{(?P<labels>(?:{_LABEL}(?:,\s*{_LABEL})*,?)?)\}})?"
    rf"[ \t]+(?P<value>{_NUMBER})(?:[ \t]+[+-]?[0-9][0-9.eE+-]*)?[ \t]*(?P<exemplar>#.*)?"
)
_PAIR: Final = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "\\": "\\", '"': '"'}


class Unreadable(Exception):
    """What came is no exposition that can be believed; the text says where and why."""


@dataclass(frozen=True)
class Sample:
    """One sample of a series."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(body: bytes, wanted: Collection[str] | None = None, *, most_bytes: int = MOST_BYTES) -> list[Sample]:
    """The samples whose name is `wanted` (None: all). Raises `Unreadable` for anything that is not the format.

    `body` may be one byte longer than `most_bytes`, to tell that it was cut off there.
    """
    if len(body) > most_bytes:
        raise Unreadable(f"it is larger than {most_bytes // 1024} KiB")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"byte {wrong.start} is no UTF-8") from None
    if text and not text.endswith(("\n", "\n# EOF")):
        raise Unreadable("it ends in the middle of a line")
    found: list[Sample] = []
    # Not `splitlines`: a label may hold what Unicode calls the end of a line.
    for number, line in enumerate(text.split("\n"), start=1):
        sample = _sample(line, number, wanted)
        if sample is not None:
            found.append(sample)
        if len(found) > MOST_SAMPLES:
            raise Unreadable(f"it holds more than {MOST_SAMPLES} samples of {sample.name if sample else 'one name'}")
    _refuse_repeated(found)
    return found


def _sample(line: str, number: int, wanted: Collection[str] | None) -> Sample | None:
    stripped = line.strip()
    if not stripped or stripped.startswith("#"):
        return None
    match = _SAMPLE.fullmatch(stripped)
    if match is None:
        raise Unreadable(f"line {number} is no sample: {stripped[:60]!r}")
    name = match["name"]
    if wanted is not None and name not in wanted:
        return None
    try:
        value = float(match["value"])
    except ValueError:
        raise Unreadable(f"line {number} has no number: {stripped[:60]!r}") from None
    labels = {key: _unescaped(text) for key, text in _PAIR.findall(match["labels"] or "")}
    return Sample(name, labels, value)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), text) if "\\" in text else text


def _refuse_repeated(found: list[Sample]) -> None:
    seen = set()
    for sample in found:
        key = (sample.name, tuple(sorted(sample.labels.items())))
        if key in seen:
            raise Unreadable(f"{sample.name} is there twice with the same labels")
        seen.add(key)


def is_count(value: float) -> bool:
    """Whether a counter may have this value."""
    return math.isfinite(value) and value >= 0
