# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Images of programs that the tests' cluster was built with, in its own registry."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import Image, write_archive
from support.cluster import CACHE, Cluster


def push(cluster: Cluster, program: str, name: str, folder: Path) -> str:
    """An image that runs `program`, pushed as `name` (shop/checkout:1.5); returns how pods name it."""
    [binary] = CACHE.glob(f"programs/{program}-*[0-9a-f]/{program}")
    image = Image(name, {program: binary}, {}, {"tmp": 0o1777, "data": 0o777}, [f"/{program}"], user="10001")
    archive, unpacked = folder / "image.tar", folder / "image"
    write_archive(image, archive)
    with tarfile.open(archive) as content:
        content.extractall(unpacked, filter="data")
    command = [cluster.program("crane"), "push", "--insecure", str(unpacked), f"{cluster.facts['registry']}/{name}"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return f"localhost:{cluster.facts['registry'].rpartition(':')[2]}/{name}"
