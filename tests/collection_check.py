# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Builds the collection, installs the archive elsewhere, and has every plugin's documentation read from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNWANTED = (".venv/", ".venv-", ".git/", "playbooks/collections/", "history/", ".cache/", "tests/output/")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        archive = build(Path(folder))
        problems = unwanted(archive)
        installed = Path(folder) / "collections"
        command = ["ansible-galaxy", "collection", "install", "--no-deps", "-p", str(installed), str(archive)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
        problems += undocumented(installed)
    print("\n".join(problems) or "the collection builds, installs and documents itself")
    return 1 if problems else 0


def build(folder: Path) -> Path:
    command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("aiops-kubernetes-*.tar.gz"))


def unwanted(archive: Path) -> list[str]:
    with tarfile.open(archive) as content:
        names = [name for name in content.getnames() if f"{name}/".startswith(UNWANTED)]
    return [f"{name} must not be in the collection" for name in names]


def undocumented(installed: Path) -> list[str]:
    """Every module, callback and role of the installed collection, as ansible-doc reads it."""
    problems = []
    settings = installed.parent / "ansible.cfg"
    settings.touch()
    for kind in ("module", "callback", "role"):
        command = ["ansible-doc", "--type", kind, "--json", "aiops.kubernetes"]
        # Only the installed copy: not the checkout, not the settings that point at it.
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_CONFIG": str(settings)}
        listing = [*command[:3], "--list", *command[3:]]
        listed = subprocess.run(listing, cwd="/", env=environment, capture_output=True, text=True, check=False)
        if listed.returncode != 0 or not json.loads(listed.stdout):
            problems.append(f"ansible-doc lists no {kind}: {listed.stderr.strip()[:300]}")
            continue
        names = list(json.loads(listed.stdout))
        shown = subprocess.run(
            [*command[:-1], *names], cwd="/", env=environment, capture_output=True, text=True, check=False
        )
        if shown.returncode != 0 or set(json.loads(shown.stdout)) != set(names):
            problems.append(f"ansible-doc does not read all of {names}: {shown.stderr.strip()[:500]}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
