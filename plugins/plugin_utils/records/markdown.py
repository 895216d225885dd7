# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text from outside as Markdown that cannot forge structure, and still reads well unrendered."""

from __future__ import annotations

import re
import unicodedata

_ANSI = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\)?|[@-_])")
_BACKTICKS = re.compile(r"`+")
_SPECIAL = re.compile(r"([\\`*\[\]|#~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#A-Za-z]))")
_LEADING = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+=>]))")
BLOCK_LENGTH = 20000
INLINE_LENGTH = 600


def readable(text: str) -> str:
    """The text without what only a terminal or an attacker needs.

    Escape sequences, control characters, direction marks and other invisible characters go; lines end in a newline.
    """
    text = _ANSI.sub("", str(text)).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(item for item in text if item in "\n\t" or unicodedata.category(item) not in _INVISIBLE)


# Control, format (direction marks, zero width), surrogate, private use, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def one_line(text: object, length: int = INLINE_LENGTH) -> str:
    """The text on one line, at most so many characters."""
    if text is None:
        return ""
    line = " ".join(readable(str(text)[: length * 8]).split())
    return line if len(line) <= length else line[: length - 2].rstrip() + " …"


def inline(text: object, length: int = INLINE_LENGTH) -> str:
    """One line of plain text inside a paragraph, list item or table cell: nothing in it is Markdown or HTML."""
    line = one_line(text, length)
    line = _SPECIAL.sub(r"\\\1", line).replace("<", "&lt;")
    return _LEADING.sub(r"\1\\", line)


def code(text: object, length: int = INLINE_LENGTH) -> str:
    """One line as code, for names, digests and times; the ticks outnumber those in the text."""
    line = one_line(text, length).replace("|", "¦")
    if not line:
        return "–"
    ticks = "`" * (_longest(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fenced(text: object, language: str = "text", length: int = BLOCK_LENGTH) -> str:
    """A code block whose fence is longer than any run of backticks in the text."""
    body = readable(str(text)).expandtabs(8).strip("\n")
    if len(body) > length:
        body = body[:length] + f"\n… {len(body) - length} more characters are in the journal"
    fence = "`" * max(3, _longest(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
