# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes text from a cluster harmless: one line, printable, bounded, redacted."""

from __future__ import annotations

import re
import unicodedata

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact

LINE_CHARACTERS = 400
# A secret is recognised by its whole wording, so redaction sees more of a line than is kept of it.
_REDACTED_CHARACTERS = 4000
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_RUN_OF_GARBAGE = re.compile(r"\ufffd(?:.{0,2}\ufffd)+|\ufffd")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    """`text` without terminal escapes, control and direction characters; runs of binary garbage become one mark."""
    text = _ESCAPES.sub("", text).replace("\t", " ")
    if not text.isprintable():
        text = "".join("\ufffd" if unicodedata.category(c) in _DROPPED else c for c in text)
    return _RUN_OF_GARBAGE.sub("\ufffd", text)


def one_line(text: object, limit: int = LINE_CHARACTERS) -> str:
    """`text` as one redacted, printable line of at most `limit` characters."""
    flat = " ".join(printable(" ".join(str(text)[:_REDACTED_CHARACTERS].split())).split())
    flat = redact(flat)
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
