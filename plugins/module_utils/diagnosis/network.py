# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network and permissions: what the program calls does not answer, is not found, or refuses it."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    containers,
    crashed,
    current_words,
    ended,
    ids,
    is_failing,
    last_words,
    search,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.phrases import DEPENDENCY, DNS, RBAC
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts, LogLine


def _troubled(facts: Facts) -> Iterator[tuple[Container, list[LogLine]]]:
    """Containers that crashed (but not for memory) or are not ready, with what they said last."""
    for container in containers(facts):
        if crashed(facts, container):
            if ended(container).reason != "OOMKilled":
                yield container, last_words(facts, container)
        elif is_failing(facts, container):
            yield container, current_words(facts, container)


def dependency_unavailable(facts: Facts) -> Cause | None:
    """Something that the program calls refuses the connection or does not answer."""
    for container, lines in _troubled(facts):
        told = search(lines, DEPENDENCY)
        if told:
            line, match = told
            peer = match.groupdict().get("peer") or ""
            what = peer or "something that it calls"
            summary = f"container {container.name} cannot reach {what}: {line.text[:160]}"
            details = {"container": container.name, "peer": peer, "message": line.text}
            return Cause(
                "dependency-unavailable", summary, 0.9 if peer else 0.75, ids(line.id, ended(container).id), details
            )
    return None


def dns_failure(facts: Facts) -> Cause | None:
    """A name that the program looks up does not resolve."""
    for container, lines in _troubled(facts):
        told = search(lines, DNS)
        if told:
            line, match = told
            host = match.groupdict().get("host") or ""
            what = f"the name {host}" if host else "a name"
            summary = f"container {container.name} cannot resolve {what}: {line.text[:160]}"
            details = {"container": container.name, "host": host, "message": line.text}
            return Cause("dns-failure", summary, 0.93 if host else 0.8, ids(line.id, ended(container).id), details)
    return None


def rbac_denied(facts: Facts) -> Cause | None:
    """The API server refuses the program's ServiceAccount."""
    for container, lines in _troubled(facts):
        told = search(lines, [RBAC])
        if told:
            line, match = told
            details = {key: match[key] or "" for key in ("namespace", "account", "verb", "resource", "group")}
            summary = (
                f"ServiceAccount {details['account']} may not {details['verb']} {details['resource']}, "
                f"and container {container.name} needs that"
            )
            return Cause(
                "rbac-denied",
                summary,
                0.96,
                ids(line.id, ended(container).id),
                {"container": container.name, **details},
            )
    return None
