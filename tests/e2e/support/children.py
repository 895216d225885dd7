# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Programs in sessions of their own that still end with the tests that started them, even where those are killed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

# Of util-linux. Its process becomes the program, so the id stays; the kernel sends the signal when the parent is gone.
_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")


def ends_with_parent(command: Sequence[str]) -> list[str]:
    """The command, so that it gets a SIGTERM when the thread that starts it ends; unchanged without setpriv."""
    return [*(_WITH_PARENT if shutil.which(_WITH_PARENT[0]) else ()), *command]
