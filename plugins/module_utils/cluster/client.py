# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way to the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline


@dataclass(frozen=True)
class ObjectRef:
    """Names one object. namespace is empty for what has none; uid is empty where any object of that name will do."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""


@dataclass(frozen=True)
class WatchEvent:
    """type: ADDED, MODIFIED, DELETED, or RELISTED (object empty: forget what you knew, ADDED for all there is follows)."""

    type: str
    object: Any
    resource_version: str = ""


class Client:
    """Thread-safe. Raises ClusterError and nothing else for what the cluster or the way to it does."""

    requests: int
    cluster: str

    def __init__(
        self, connection: Connection, *, run_id: str = "", timeout_seconds: float = 10.0, retries: int = 4
    ) -> None:
        raise NotImplementedError

    def get_raw(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        deadline: Deadline | None = None,
        accept: str = "application/json",
        limit_bytes: int | None = None,
    ) -> bytes:
        """The body of any path of the API."""
        raise NotImplementedError

    def get(self, ref: ObjectRef, shape: type | None = None, *, deadline: Deadline | None = None) -> Any:
        """One object as a dict or shape."""
        raise NotImplementedError

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str = "",
        shape: type | None = None,
        label_selector: str = "",
        field_selector: str = "",
        page_size: int = 500,
        deadline: Deadline | None = None,
    ) -> list[Any]:
        """All objects of a kind, every page."""
        raise NotImplementedError

    def watch(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        shape: type | None = None,
        deadline: Deadline,
    ) -> Iterator[WatchEvent]:
        """Events until the deadline."""
        raise NotImplementedError
