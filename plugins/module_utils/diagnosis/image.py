# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Image: the container cannot start because its image cannot be had."""

from __future__ import annotations

import re

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import change_of, find_events, ids
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts

_PULLING = ("ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable")
_NOT_FOUND = re.compile(r"not found|manifest unknown|name unknown|404 Not Found|no match for platform", re.IGNORECASE)
_AUTH = re.compile(
    r"unauthorized|authentication required|authorization failed|access denied|access forbidden|denied:"
    r"|40[13] (?:Unauthorized|Forbidden)|no basic auth credentials|insufficient_scope",
    re.IGNORECASE,
)
# A registry that says so does not tell a missing repository from a private one (Docker Hub does this).
_EITHER = re.compile(r"does not exist or may require (?:authorization|'docker login')", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"dial tcp|no such host|i/o timeout|connection refused|connection reset|TLS handshake|network is unreachable"
    r"|no route to host|server misbehaving|x509:|server gave HTTP response|context deadline exceeded|\bEOF\b"
    r"|(?:50[0234]|429) [A-Z]|toomanyrequests",
    re.IGNORECASE,
)


def _pull_failure(facts: Facts) -> tuple[Container, str, list[str]] | None:
    """The container whose image cannot be pulled, all that was said about it, and the evidence ids."""
    for container in facts.pod.containers if facts.pod else []:
        state = container.state
        if state.phase != "waiting" or state.reason not in _PULLING:
            continue
        events = [
            e for e in find_events(facts, ("Failed",), r"^Failed to pull image") if e.container in ("", container.name)
        ]
        text = " ".join([state.message, *(e.message for e in events[:2])])
        return container, text, ids(state.id, *(e.id for e in events[:2]))
    return None


def _kind_of_failure(text: str, has_pull_secret: bool) -> tuple[str, float]:
    if _EITHER.search(text):
        return ("image-auth" if has_pull_secret else "image-not-found"), 0.6
    if _AUTH.search(text):
        return "image-auth", 0.95
    if _UNREACHABLE.search(text):
        return "image-registry-unreachable", 0.95
    if _NOT_FOUND.search(text):
        return "image-not-found", 0.95
    return "", 0.0


def _pull_cause(facts: Facts, class_: str, summary: str) -> Cause | None:
    failure = _pull_failure(facts)
    if failure is None:
        return None
    container, text, evidence = failure
    has_pull_secret = any("imagePullSecrets" in r.used_by for r in facts.references)
    found, confidence = _kind_of_failure(text, has_pull_secret)
    if found != class_:
        return None
    details = image_details(facts, container)
    changed = change_of(facts, f"containers[{container.name}].image")
    shown = summary.format(**details)
    if confidence < 0.9:
        shown += "; the registry does not tell a missing image from a private one"
    return Cause(class_, shown, confidence, ids(*evidence, *changed), details)


def image_details(facts: Facts, container: Container) -> dict[str, str]:
    """The image in its parts, and the one that the compared revision had."""
    registry, repository, tag = parts_of(container.image)
    path = f"ontainers[{container.name}].image"
    changes = facts.workload.changes if facts.workload else []
    before = next((c.before for c in changes if c.path.endswith(path)), "")
    return {
        "container": container.name,
        "image": container.image,
        "registry": registry,
        "repository": repository,
        "tag": tag,
        "previous_image": before,
    }


def parts_of(image: str) -> tuple[str, str, str]:
    """Registry, repository and tag or digest, with the defaults that container runtimes add."""
    name, at, digest = image.partition("@")
    first, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, rest) if has_registry else ("docker.io", name)
    repository, colon, tag = path.partition(":")
    return registry, repository, digest if at else tag or "latest"


def image_not_found(facts: Facts) -> Cause | None:
    """The registry answers that it has no such repository or tag."""
    return _pull_cause(
        facts, "image-not-found", "image {image} does not exist: {registry} has no {repository} with tag {tag}"
    )


def image_auth(facts: Facts) -> Cause | None:
    """The registry refuses the pull for lack of (right) credentials."""
    return _pull_cause(
        facts, "image-auth", "registry {registry} refuses to give image {image}: credentials are missing or wrong"
    )


def image_registry_unreachable(facts: Facts) -> Cause | None:
    """No usable answer comes from the registry's address."""
    return _pull_cause(
        facts, "image-registry-unreachable", "registry {registry} cannot be reached from the node to pull {image}"
    )


def image_name_invalid(facts: Facts) -> Cause | None:
    """The image is not a valid reference."""
    for container in facts.pod.containers if facts.pod else []:
        if container.state.reason == "InvalidImageName":
            summary = f"'{container.image}' of container {container.name} is not a valid image name"
            return Cause("image-name-invalid", summary, 0.99, ids(container.state.id), image_details(facts, container))
    return None


def image_never_pulled(facts: Facts) -> Cause | None:
    """The pull policy is Never and the node does not have the image."""
    for container in facts.pod.containers if facts.pod else []:
        if container.state.reason == "ErrImageNeverPull":
            node = facts.pod.node if facts.pod else ""
            summary = f"image {container.image} is not on node {node}, and imagePullPolicy is Never"
            return Cause("image-never-pulled", summary, 0.99, ids(container.state.id), image_details(facts, container))
    return None
