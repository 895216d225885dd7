# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts lines on the screen in one piece, so that those of several clusters do not get mixed."""

from __future__ import annotations

from collections.abc import Iterable

from ansible.utils.color import stringc
from ansible.utils.display import Display

Line = tuple[str, str | None]

display = Display()


def show(lines: Iterable[Line]) -> None:
    """Lines of text, each with the name of its colour or None."""
    painted = [stringc(text, colour) if colour else text for text, colour in lines]
    if painted:
        display.display("\n".join(painted))
