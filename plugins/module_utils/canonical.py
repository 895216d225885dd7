# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON without surprises: plain values, and the one form in which plans and events are compared and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The same value as plain JSON types.

    ansible-core 2.19 and later hand out strings, lists and maps of types of their own (tagged data), which YAML dumpers
    refuse. What JSON has no form for (a date, a path, bytes) becomes text; NaN and infinities become text too.
    """
    return json.loads(json.dumps(value, default=_text, skipkeys=False), parse_constant=str)


def _text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value, key=str) if not isinstance(value, tuple) else list(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", errors="replace")
    return str(value)


def encode(value: Any) -> bytes:
    """The one JSON form of a value: keys sorted, no spaces, UTF-8, no NaN."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass")


def sha256(value: Any) -> str:
    """`sha256:<hex>` over the canonical form."""
    return "sha256:" + hashlib.sha256(encode(value)).hexdigest()


def plan_digest(plan: Mapping[str, Any]) -> str:
    """The digest over everything in a plan but the digest itself."""
    return sha256({key: value for key, value in plan.items() if key != "digest"})
