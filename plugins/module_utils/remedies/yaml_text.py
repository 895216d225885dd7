# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON values as YAML lines for people, each line knowing which field it belongs to.

The engine imports nothing outside the standard library, and all that is needed is block style for JSON values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths

_PLAIN: Final = re.compile(
    r"[A-Za-z_/][A-Za-z0-9_./@%+=,-]*(?::[A-Za-z0-9_./@%+=,-]+)*|\d+(?:\.\d+)?(?:[numkMGT]|[KMGTPE]i)"
)
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class Line(NamedTuple):
    """One line of YAML and the path of the field that it shows."""

    text: str
    path: tuple[Any, ...]


def dump(value: Any) -> str:
    """YAML text, keys in the order of the mapping."""
    return "\n".join(line.text for line in lines(value, ordered=False)) + "\n"


def lines(value: Any, path: tuple[Any, ...] = (), indent: int = 0, *, ordered: bool = True) -> Iterator[Line]:
    """Lines of a mapping or list; `ordered` sorts keys, `name` first, so that two states compare line by line."""
    if isinstance(value, Mapping):
        for key in sorted(value, key=lambda word: (word != "name", word)) if ordered else value:
            yield from _entry(f"{' ' * indent}{scalar(key)}:", value[key], (*path, key), indent, ordered)
    else:
        for item in value:
            step = {"name": item["name"]} if isinstance(item, Mapping) and isinstance(item.get("name"), str) else ""
            yield from _item(item, (*path, step) if step else path, indent, ordered)


def _entry(head: str, value: Any, path: tuple[Any, ...], indent: int, ordered: bool) -> Iterator[Line]:
    if isinstance(value, str) and _fits_a_block(value):
        yield from _block(head, value, path, indent)
    elif isinstance(value, (Mapping, list)) and value:
        yield Line(head, path)
        deeper = indent if isinstance(value, list) else indent + 2
        yield from lines(value, path, deeper, ordered=ordered)
    else:
        yield Line(f"{head} {scalar(value)}", path)


def _fits_a_block(value: str) -> bool:
    return "\n" in value and not value.startswith((" ", "\n")) and value.replace("\n", "").isprintable()


def _item(item: Any, path: tuple[Any, ...], indent: int, ordered: bool) -> Iterator[Line]:
    if isinstance(item, (Mapping, list)) and item:
        first, *rest = lines(item, path, indent + 2, ordered=ordered)
        yield Line(f"{' ' * indent}- {first.text[indent + 2 :]}", first.path)
        yield from rest
    else:
        yield from _entry(f"{' ' * indent}-", item, path, indent, ordered)


def _block(head: str, value: str, path: tuple[Any, ...], indent: int) -> Iterator[Line]:
    body = value.split("\n")
    chomp = "-"
    if body[-1] == "":
        body.pop()
        chomp = "" if body and body[-1] else "+"
    yield Line(f"{head} |{chomp}", path)
    for text in body:
        yield Line(f"{' ' * (indent + 2)}{text}" if text else "", path)


def scalar(value: Any) -> str:
    """A scalar on one line, quoted where YAML would otherwise read another type; what does not print is escaped."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return "".join(letter if letter.isprintable() else f"\\U{ord(letter):08x}" for letter in _quoted(value))


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def section(path: tuple[Any, ...]) -> str:
    """The part of an object that a changed line lies in: its field without the last name."""
    return paths.text(path[:-1]) or paths.text(path)
