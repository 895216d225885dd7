# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths into an object: `["spec", "template", "spec", "containers", {"name": "app"}, "image"]`.

A list element is named by a key (`{"name": "app"}`), never by its index, so a path keeps its meaning when the order of
containers changes between plan and apply. Indices appear only in the JSON pointer made for an object just read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final

Path = Sequence[Any]


class Absent(Enum):
    """The one value that says "this field is not there" (`None` is a value in JSON)."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


def read(document: Any, path: Path) -> Any:
    """The value at `path`, or `ABSENT`."""
    value = document
    for step in path:
        value = _step(value, step)
        if value is ABSENT:
            return ABSENT
    return value


def _step(value: Any, step: Any) -> Any:
    if isinstance(step, str):
        return value.get(step, ABSENT) if isinstance(value, Mapping) else ABSENT
    index = _index(value, step)
    return ABSENT if index is None else value[index]


def _key_and_value(selector: Mapping[str, Any]) -> tuple[str, Any]:
    return next(iter(selector.items()))


def _index(value: Any, selector: Mapping[str, Any]) -> int | None:
    if not isinstance(value, list):
        return None
    key, wanted = _key_and_value(selector)
    found = [number for number, item in enumerate(value) if isinstance(item, Mapping) and item.get(key) == wanted]
    return found[0] if len(found) == 1 else None


def pointer(document: Any, path: Path) -> str:
    """RFC 6901 pointer of `path` in this very document; `KeyError` when a list element on the way is not there."""
    parts: list[str] = []
    value = document
    for step in path:
        if isinstance(step, str):
            parts.append(step.replace("~", "~0").replace("/", "~1"))
        else:
            index = _index(value, step)
            if index is None:
                raise KeyError(text(path))
            parts.append(str(index))
        value = _step(value, step)
    return "".join(f"/{part}" for part in parts)


def selector_tests(document: Any, path: Path) -> Iterator[dict[str, Any]]:
    """JSON-patch `test` operations that hold every list element of `path` to the one it names."""
    for number, step in enumerate(path):
        if isinstance(step, Mapping):
            key, wanted = _key_and_value(step)
            yield {"op": "test", "path": f"{pointer(document, path[: number + 1])}/{key}", "value": wanted}


def text(path: Path) -> str:
    """`spec.template.spec.containers[app].image`, for people."""
    words = ""
    for step in path:
        if not isinstance(step, str):
            words += f"[{next(iter(step.values()))}]"
        elif "." in step or "/" in step:
            words += f'["{step}"]'
        else:
            words += f".{step}" if words else step
    return words


def leaves(path: Path, value: Any) -> Iterator[list[Any]]:
    """Paths of everything inside `value` that is not itself a mapping with keys (lists count as one leaf)."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from leaves([*path, key], inner)
    else:
        yield list(path)
