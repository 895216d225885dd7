# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Builds a component once per user and version, and finds it again in the cache."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.components import Component
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.locks import locked
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import environment, run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.toolchain import find_go

# What compiling Kubernetes takes: module downloads, Go's build cache, the programs.
BUILD_BYTES = 8 * 1024**3

_STAMP = "complete.json"
_GO_ENVIRONMENT = {
    "CGO_ENABLED": "0",
    "GOTOOLCHAIN": "local",
    "GOFLAGS": "-mod=readonly -buildvcs=false",
    "GOWORK": "off",
    # Compilers that collect garbage only from 1 GiB on take a sixth less CPU.
    "GOGC": "off",
    "GOMEMLIMIT": "1GiB",
}


def built(component: Component, assets: Path, cache: Path) -> Path:
    """Where the component's programs lie (or would lie) in the cache."""
    return cache / "programs" / component.key(assets)


def condition(folder: Path) -> str:
    """'complete', 'absent' or 'damaged': a folder whose files are not those that its stamp lists."""
    if not folder.exists():
        return "absent"
    try:
        sizes = json.loads((folder / _STAMP).read_text())
    except (OSError, ValueError):
        return "damaged"
    found = {path.name: path.stat().st_size for path in folder.iterdir() if path.name != _STAMP}
    return "complete" if found == sizes else "damaged"


def ensure_built(components: Sequence[Component], assets: Path, cache: Path, progress: Progress) -> bool:
    """Builds what the cache lacks, one component after the other; returns whether anything was built."""
    with locked(cache / "programs.lock", lambda: progress.still("cache", "another run is building, waiting for it")):
        missing = [component for component in components if _missing(component, assets, cache, progress)]
        if not missing:
            return False
        _check_disk(cache)
        go = find_go([component.sources(assets) for component in missing], cache, progress)
        # Two at a time: the end of each build is one linker on one core.
        with ThreadPoolExecutor(max_workers=2) as pool:
            builds = [
                pool.submit(_build, component, assets, built(component, assets, cache), go, progress)
                for component in missing
            ]
            for build in builds:
                build.result()
    return True


def _missing(component: Component, assets: Path, cache: Path, progress: Progress) -> bool:
    folder = built(component, assets, cache)
    found = condition(folder)
    if found == "damaged":
        progress.step(component.name, f"the cached {folder} is half-built or damaged; it is removed and built again")
        shutil.rmtree(folder)
    return found != "complete"


def _check_disk(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < BUILD_BYTES:
        raise EmbeddedClusterError(
            f"Not enough disk to build: {cache} has {free / 1024**3:.1f} GiB free and building takes "
            f"{BUILD_BYTES / 1024**3:.0f} GiB; free some, or set local_cluster_cache to a larger disk."
        )


def _build(component: Component, assets: Path, folder: Path, go: Path, progress: Progress) -> None:
    version = component.version(assets)
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    sources = component.sources(assets)
    progress.step(component.name, f"fetching the modules of {version}")
    _go_mod_download(component, sources, go)
    progress.step(component.name, f"compiling {', '.join(component.programs)} {version}")
    flags = ["-trimpath", "-ldflags", component.linker_flags(assets)]
    # Several programs go into a folder under their packages' names; a single one under the name that it shall have.
    output = part if len(component.programs) > 1 else part / next(iter(component.programs))
    command = [str(go), "build", "-v", *flags, "-o", f"{output}{'/' if output == part else ''}"]
    _compile([*command, *component.programs.values()], sources, component.name, progress)
    _copy_files(component, sources, part, go)
    sizes = {path.name: path.stat().st_size for path in part.iterdir()}
    (part / _STAMP).write_text(json.dumps(sizes, indent=1))
    part.rename(folder)


def _go_mod_download(component: Component, sources: Path, go: Path) -> None:
    try:
        run([go, "mod", "download"], what="fetch", cwd=sources, timeout_seconds=900, extra_environment=_GO_ENVIRONMENT)
    except EmbeddedClusterError as error:
        raise EmbeddedClusterError(
            f"The Go modules of {component.name} could not be fetched, so there is no network to build with: "
            f"connect it, or set GOPROXY to a proxy that answers ({str(error).removeprefix('Could not fetch: ')})."
        ) from error


def _compile(command: list[str], sources: Path, name: str, progress: Progress) -> None:
    """Runs `go build -v`, which names each package as it is compiled."""
    packages = 0
    last: list[str] = []
    process = subprocess.Popen(
        command,
        cwd=sources,
        env=environment(_GO_ENVIRONMENT),
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    with process:
        for line in process.stderr or ():
            packages += 1
            last = [*last[-4:], line.strip()]
            progress.still(name, f"compiling, {packages} packages so far")
    if process.returncode != 0:
        raise EmbeddedClusterError(f"Building {name} failed with exit {process.returncode}: {' | '.join(last)}")


def _copy_files(component: Component, sources: Path, part: Path, go: Path) -> None:
    if not component.files:
        return
    command = [str(go), "list", "-m", "-f", "{{.Dir}}", component.module]
    listed = run(command, what=f"find the module of {component.name}", cwd=sources, extra_environment=_GO_ENVIRONMENT)
    for name, path in component.files.items():
        # The module cache is read-only; copies are not.
        shutil.copyfile(Path(listed.strip()) / path, part / name)
