# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Container images without a registry or a Docker engine: an OCI archive is a tar with one layer."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import tarfile
from dataclasses import dataclass
from pathlib import Path

# The names under which the demo's and the tests' images are imported; no registry knows them.
BUSYBOX = "localhost/aiops/busybox:1.35"
PODINFO = "localhost/aiops/podinfo:6"
PAUSE = "localhost/aiops/pause:1"

# Python's name of the machine -> the image format's.
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_CREATED = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Image:
    """files: {path in the image: path here}; links: {path: target}; folders: {path: mode}; user: a uid or root."""

    reference: str
    files: dict[str, Path]
    links: dict[str, str]
    folders: dict[str, int]
    entrypoint: list[str]
    user: str = ""


def busybox_image(binary: Path, applets: list[str]) -> Image:
    """A static busybox with a link for every applet, and the files that programs look for."""
    links = {f"bin/{applet}": "/bin/busybox" for applet in applets if applet != "busybox"}
    folders = {"tmp": 0o1777, "etc": 0o755, "root": 0o700, "var": 0o755, "proc": 0o755}
    return Image(BUSYBOX, {"bin/busybox": binary}, links, folders, ["/bin/sh"])


def podinfo_image(binary: Path) -> Image:
    return Image(PODINFO, {"podinfo": binary}, {}, {"tmp": 0o1777, "data": 0o777}, ["/podinfo"], user="10001")


def pause_image(binary: Path) -> Image:
    return Image(PAUSE, {"pause": binary}, {}, {}, ["/pause"], user="65535")


def write_archive(image: Image, destination: Path) -> None:
    """Writes the OCI image archive, as `ctr images import` reads it."""
    layer = _layer(image)
    layer_digest = hashlib.sha256(layer).hexdigest()
    settings: dict[str, object] = {
        "Entrypoint": image.entrypoint,
        "Env": ["PATH=/bin:/usr/bin:/sbin"],
        "WorkingDir": "/",
    }
    if image.user:
        settings["User"] = image.user
    config = {
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": _CREATED,
        "config": settings,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
    }
    config_blob = json.dumps(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _descriptor("application/vnd.oci.image.config.v1+json", config_blob),
        "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    }
    manifest_blob = json.dumps(manifest).encode()
    named = _descriptor("application/vnd.oci.image.manifest.v1+json", manifest_blob)
    named["annotations"] = {"io.containerd.image.name": image.reference}
    with tarfile.open(destination, "w") as archive:
        _add(archive, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add(archive, "index.json", json.dumps({"schemaVersion": 2, "manifests": [named]}).encode())
        for blob in (config_blob, manifest_blob, layer):
            _add(archive, f"blobs/sha256/{hashlib.sha256(blob).hexdigest()}", blob)


def _descriptor(media_type: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}", "size": len(blob)}


def _layer(image: Image) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for folder, mode in {"bin": 0o755, **image.folders}.items():
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            layer.addfile(entry)
        for path, source in image.files.items():
            _add(layer, path, source.read_bytes(), mode=0o755)
        for path, target in image.links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
            layer.addfile(entry)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))
