# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where images come from and whether anybody can tell which they are."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

CODES = ("image-latest", "image-no-digest", "image-registry", "image-registry-frozen")
_FROZEN = ("k8s.gcr.io", "gcr.io/google_containers", "gcr.io/google-containers")


def parse(image: str) -> tuple[str, str, str]:
    """Registry with repository, tag and digest, as the runtime reads them: busybox is docker.io/library/busybox."""
    rest, _at, digest = image.partition("@")
    head, colon, tag = rest.rpartition(":")
    name, tag = (head, tag) if colon and "/" not in tag else (rest, "")
    first, slash, path = name.partition("/")
    if first in ("docker.io", "index.docker.io") and slash:
        name, first, slash = path, *path.partition("/")[:2]
    elif slash and ("." in first or ":" in first or first == "localhost"):
        return name, tag, digest
    name = f"docker.io/{name}" if slash else f"docker.io/library/{name}"
    return name, tag, digest


def check(facts: Facts) -> Iterator[Fault]:
    """At most one fault of each code for each container."""
    allowed = tuple(item.rstrip("/") for item in facts.settings.allowed_registries)
    for workload in facts.workloads:
        for container in workload.containers():
            name, tag, digest = parse(container.image)
            for code, message in _judge(container.image, name, tag, digest, allowed):
                yield Fault(code, *workload.key, message, part=f"container {container.name}", pods=workload.pods)


def _judge(image: str, name: str, tag: str, digest: str, allowed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not digest and tag in ("", "latest"):
        yield "image-latest", f"the image {image} is whatever was pushed last"
    elif not digest:
        yield "image-no-digest", f"the image {image} has no digest"
    if any(_from(name, registry) for registry in _FROZEN):
        yield "image-registry-frozen", f"the image {image} comes from a registry that is no longer updated"
    if allowed and not any(_from(name, registry) for registry in allowed):
        yield "image-registry", f"the image {image} comes from {name.split('/')[0]}, which is not on the list"


def _from(name: str, registry: str) -> bool:
    return name == registry or name.startswith(f"{registry}/")
