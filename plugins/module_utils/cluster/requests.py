# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of the API, described well enough to send it, to repeat it and to explain its refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import Resource

FIELD_MANAGER = "aiops.kubernetes"


@dataclass(frozen=True)
class Request:
    """One request. repeatable: sending it twice does no more than sending it once (reads and dry runs).

    verb, resource, namespace and name are Kubernetes' words for it (list, deployments.apps, shop, web), for sentences.
    """

    method: str
    path: str
    query: str = ""
    body: bytes | None = None
    content_type: str = ""
    accept: str = "application/json"
    repeatable: bool = True
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        """list deployments.apps in namespace shop; get /version."""
        what = f"{self.resource} {self.name}".strip() or self.path
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.verb or self.method.lower()} {what}{where}"


def encode_query(query: Mapping[str, Any] | None) -> str:
    """Parameters that are None or empty text are left out; true and false as the API writes them."""
    pairs = {
        key: str(value).lower() if isinstance(value, bool) else value
        for key, value in (query or {}).items()
        if value is not None and value != ""
    }
    return urlencode(pairs)


def encode_body(value: Any) -> bytes:
    """JSON as short as it gets."""
    return json.dumps(value, separators=(",", ":")).encode()


def of_collection(resource: Resource, verb: str, namespace: str, query: Mapping[str, Any]) -> Request:
    """list or watch of a kind, in a namespace or in all."""
    return Request(
        "GET",
        resource.path(namespace),
        encode_query(query),
        verb=verb,
        resource=resource.full_name,
        namespace=namespace,
    )


def of_object(
    method: str, verb: str, resource: Resource, name: str, namespace: str = "", subresource: str = ""
) -> Request:
    """One object, or a part of it (log, eviction, status, scale)."""
    part = f"/{subresource}" if subresource else ""
    return Request(
        method,
        resource.path(namespace, name, subresource),
        verb=verb,
        resource=f"{resource.full_name}{part}",
        namespace=namespace if resource.namespaced else "",
        name=name,
    )


def with_body(request: Request, body: Any, *, dry_run: bool, content_type: str = "application/json") -> Request:
    """A write: said to be ours in managedFields, and repeatable only as a dry run."""
    manager = None if request.method == "DELETE" else FIELD_MANAGER
    return replace(
        request,
        query=encode_query({"dryRun": "All" if dry_run else None, "fieldManager": manager}),
        body=encode_body(body),
        content_type=content_type,
        repeatable=dry_run,
    )
