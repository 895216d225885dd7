# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the API's JSON to dictionaries or shapes. The only file that imports msgspec.

Shapes are standard dataclasses: fields that they do not name are skipped while parsing, which is what makes a list of
10,000 pods cheaper to decode than json.loads.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import threading
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.collecting import no_collection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotSent

try:
    import msgspec
except ImportError as missing:
    MISSING: str | None = str(missing)
else:
    MISSING = None


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. next is the token for the page after it, empty on the last."""

    items: list[Any]
    resource_version: str
    next: str


@dataclasses.dataclass(frozen=True, slots=True)
class WatchLine:
    """One line of a watch. object is a dict or shape; the dict of a Status where type is ERROR."""

    type: str
    object: Any
    resource_version: str


def require() -> None:
    """NotSent where msgspec is missing: better before the first request than after it."""
    if MISSING:
        raise NotSent(f"the Python package msgspec is missing for {sys.executable} ({MISSING}): pip install msgspec")


def decode(body: bytes, shape: type | None = None) -> Any:
    """One object as a dict or shape."""
    require()
    return _decode(body, shape if shape is not None else Any)


def decode_page(body: bytes, shape: type | None = None) -> Page:
    """One page of a list. Dicts get the apiVersion and kind that the API leaves out of a list's items."""
    require()
    with no_collection():
        page = _decode(body, _page_type(shape))
    items = page.items if page.items is not None else []
    _name_items(items, shape, page.kind.removesuffix("List"), page.apiVersion)
    return Page(items, page.metadata.resourceVersion, page.metadata.next)


def decode_watch_line(line: bytes, shape: type | None = None) -> WatchLine:
    """One line of a watch."""
    require()
    event = _decode(line, _line_type())
    raw = bytes(event.object)
    plain = shape is None or event.type in ("ERROR", "BOOKMARK")
    version = _decode(raw, _versioned_type()).metadata.resourceVersion
    return WatchLine(event.type, _decode(raw, Any if plain else shape), version)


def _decode(body: bytes, wanted: Any) -> Any:
    try:
        return _decoder(wanted).decode(body)
    except msgspec.ValidationError:
        return _decode_leniently(body, wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        start = body[:80].decode("utf-8", "replace")
        raise ClusterError(
            f"the answer is not JSON ({error}); it begins with {start!r}: is this address a Kubernetes API server?",
            reason="NotJSON",
        ) from error


def _decode_leniently(body: bytes, wanted: Any) -> Any:
    """Objects that write null for what is absent (some operators' do) are rare, so only they pay for a second pass."""
    try:
        return msgspec.convert(_without_nulls(msgspec.json.decode(body)), wanted, strict=False)
    except msgspec.ValidationError as error:
        raise ClusterError(f"the answer does not have the expected fields: {error}", reason="NotExpected") from error


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


# msgspec writes what it learns of a dataclass into the class before it is complete: a second thread that makes a
# decoder of a type which has the same part in it reads that half, and the process dies.
_making = threading.Lock()


@functools.cache
def _decoder(wanted: Any) -> Any:
    with _making:
        return msgspec.json.Decoder(wanted)


@functools.cache
def _page_type(shape: type | None) -> type:
    # "continue" is a keyword, so no dataclass can have a field of that name.
    meta = msgspec.defstruct("ListMeta", [("resourceVersion", str, ""), ("next", str, "")], rename={"next": "continue"})
    item: Any = dict[str, Any] if shape is None else shape
    fields: list[Any] = [
        ("kind", str, ""),
        ("apiVersion", str, ""),
        ("metadata", meta, msgspec.field(default_factory=meta)),
        ("items", list[item] | None, None),
    ]
    return msgspec.defstruct("ListOf", fields)


@functools.cache
def _line_type() -> type:
    return msgspec.defstruct("WatchedLine", [("type", str), ("object", msgspec.Raw)])


@functools.cache
def _versioned_type() -> type:
    meta = msgspec.defstruct("Versioned", [("resourceVersion", str, "")])
    return msgspec.defstruct("VersionedObject", [("metadata", meta, msgspec.field(default_factory=meta))])


def _name_items(items: list[Any], shape: type | None, kind: str, api_version: str) -> None:
    if shape is None:
        for item in items:
            item.setdefault("apiVersion", api_version)
            item.setdefault("kind", kind)
    elif {"kind", "apiVersion"} <= {field.name for field in dataclasses.fields(shape)}:
        for item in items:
            item.kind, item.apiVersion = item.kind or kind, item.apiVersion or api_version
