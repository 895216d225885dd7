# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of objects in commands that a person pastes, and in sentences that a person reads.

RBAC's names may hold anything but / and %: quotes, substitutions, escape sequences, letters that nobody sees.
"""

from __future__ import annotations

import shlex


def is_plain(name: str) -> bool:
    """Whether everything in it can be seen and told apart."""
    return name.isascii() and name.isprintable()


def visible(name: str) -> str:
    r"""The name; where letters of it cannot be seen or only look like others, with those as \x1b or \u200b."""
    return name if is_plain(name) else name.encode("unicode_escape").decode()


def command(*words: str) -> str:
    """Words as one line for a shell that takes each as it is. One that cannot be seen is written as bash's $'…'."""
    return " ".join(shlex.quote(word) if is_plain(word) else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(letter if is_plain(letter) else f"\\U{ord(letter):08x}" for letter in escaped) + "'"
