# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A notice for a program of the user's: JSON on its standard input."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import NotDelivered, Notice


def name(settings: Mapping[str, Any]) -> str:
    """The channel by its program."""
    return f"command {next(iter(settings.get('argv') or []), '')}"


def send(settings: Mapping[str, Any], notice: Notice, timeout_seconds: float) -> None:
    """Run `argv` (no shell, so nothing of the notice is ever a command); another exit code than 0 is `NotDelivered`."""
    argv = settings.get("argv")
    if not isinstance(argv, list) or not argv:
        raise NotDelivered("a command needs argv, the program and its arguments as a list")
    document = {"subject": notice.subject, "text": notice.text, "details": dict(notice.details)}
    try:
        finished = subprocess.run(
            [str(item) for item in argv],
            input=json.dumps(document).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as failed:
        raise NotDelivered(f"it could not be run: {type(failed).__name__}") from None
    if finished.returncode:
        raise NotDelivered(f"it ended with exit code {finished.returncode}")
