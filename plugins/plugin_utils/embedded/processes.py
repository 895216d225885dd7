# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The one place of the embedded cluster that starts short-lived programs and waits for their end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment without what would point a program at a cluster of theirs."""
    kept = {key: text for key, text in os.environ.items() if key != "KUBECONFIG" and not key.startswith("K8S_AUTH_")}
    return {**kept, **(extra or {})}


def run(
    arguments: Sequence[str | Path],
    *,
    what: str,
    timeout_seconds: float = 60,
    cwd: Path | None = None,
    extra_environment: Mapping[str, str] | None = None,
    stdin: str | None = None,
) -> str:
    """Runs a program to its end and returns its standard output; `what` completes "Could not …" in the error."""
    command = [str(argument) for argument in arguments]
    try:
        finished = subprocess.run(
            command,
            cwd=cwd,
            env=environment(extra_environment),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError as error:
        raise EmbeddedClusterError(f"Could not {what}: the program {command[0]} is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise EmbeddedClusterError(f"Could not {what}: no end after {timeout_seconds:.0f} s.") from error
    if finished.returncode != 0:
        told = (finished.stderr.strip() or finished.stdout.strip() or "it said nothing").splitlines()
        raise EmbeddedClusterError(f"Could not {what}: exit {finished.returncode}: {' | '.join(told[-3:])}")
    return finished.stdout
