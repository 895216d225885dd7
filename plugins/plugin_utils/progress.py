# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module that takes minutes, and shows a person meanwhile how far it is."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK

display = Display()
EVERY_SECONDS = 15.0


def with_progress(execute: Callable[[], dict[str, Any]], line: Callable[[float], str]) -> dict[str, Any]:
    """What `execute` returns; every EVERY_SECONDS until then the line for the seconds spent is shown, if any."""
    context, started = contextvars.copy_context(), SYSTEM_CLOCK.monotonic()
    with ThreadPoolExecutor(max_workers=1) as background:
        running = background.submit(context.run, execute)
        while True:
            try:
                return running.result(EVERY_SECONDS)
            except NotYet:
                if told := line(SYSTEM_CLOCK.monotonic() - started):
                    display.display(f"  {told}")


def words(seconds: float) -> str:
    """`4 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
