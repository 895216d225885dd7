# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the API's own list of what it serves to resources, for kinds that are not in the table."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import Resource


def discovery_path(api_version: str) -> str:
    """Where a group version lists its resources."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def resources_of(api_version: str, listed: Mapping[str, Any]) -> dict[str, Resource]:
    """An APIResourceList as resources by kind; subresources are passed over."""
    found: dict[str, Resource] = {}
    for item in listed.get("resources") or ():
        kind, plural = item.get("kind") or "", item.get("name") or ""
        if kind and plural and "/" not in plural:
            found[kind] = Resource(api_version, kind, plural, bool(item.get("namespaced")))
    return found


def pick(api_version: str, kind: str, found: Mapping[str, Resource]) -> Resource:
    """The resource of a kind; NotFound names the nearest one."""
    if kind in found:
        return found[kind]
    near = difflib.get_close_matches(kind, list(found), n=1)
    hint = f": did you mean {near[0]}?" if near else ""
    raise NotFound(f"the cluster has no kind {kind} in {api_version}{hint}", status=404)
