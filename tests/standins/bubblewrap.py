# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real bubblewrap for tests: the machine's, else unpacked from its Debian package. Tests never go without."""

from __future__ import annotations

import shutil
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.debian import ensure_programs
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.locks import locked
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress

CACHE = Path.home() / ".cache" / "aiops-kubernetes"


def folder() -> str:
    """Where `bwrap` is. Raises EmbeddedClusterError with a sentence where it can be had from nowhere."""
    found = shutil.which("bwrap")
    if found:
        return str(Path(found).parent)
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / "bubblewrap.lock", lambda: None):
        return str(ensure_programs(["bwrap"], CACHE, Progress(print))["bwrap"].parent)
