# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The image of a server that errs exactly as told, built here and pushed to the cluster's registry."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import Image, write_archive
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.toolchain import find_go
from support.cluster import CACHE, Cluster

SOURCES = Path(__file__).resolve().parents[1] / "workloads" / "errant"
REPOSITORY = "aiops/errant"


def image(cluster: Cluster) -> str:
    """The reference as pods name it; two tags of the same program make two releases."""
    version = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SOURCES.iterdir()))).hexdigest()[:12]
    reference = f"{REPOSITORY}:{version}"
    with tempfile.TemporaryDirectory() as folder:
        archive, layout = Path(folder) / "image.tar", Path(folder) / "layout"
        write_archive(Image(reference, {"errant": _built(version)}, {}, {"tmp": 0o1777}, ["/errant"]), archive)
        with tarfile.open(archive) as content:
            content.extractall(layout, filter="data")
        target = f"{cluster.facts['registry']}/{reference}"
        subprocess.run(
            [cluster.program("crane"), "push", "--insecure", str(layout), target], check=True, capture_output=True
        )
    return f"localhost:5000/{reference}"


def _built(version: str) -> Path:
    binary = CACHE / "tests" / f"errant-{version}"
    if not binary.exists():
        binary.parent.mkdir(parents=True, exist_ok=True)
        part = binary.with_suffix(f".{os.getpid()}")
        go = find_go([SOURCES], CACHE, Progress(print))
        environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
        subprocess.run(
            [go, "build", "-trimpath", "-ldflags=-s -w", "-o", str(part), "."],
            cwd=SOURCES,
            env=environment,
            check=True,
            capture_output=True,
        )
        part.rename(binary)
    return binary
