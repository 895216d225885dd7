# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way to the API: what to ask of it, in Kubernetes' words. How it travels is the business of the files beside.

A Client is thread-safe. Every method takes a deadline, by default timeout_seconds from now, that covers all of its
requests, retries and waits, and raises ClusterError (errors.py) and nothing else for what goes wrong on the way.
"""

from __future__ import annotations

from builtins import list as list_of
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster import decoding, discovery
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import TlsNotTrusted, Unreachable
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import Resource, built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.listing import list_all
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.requests import (
    Request,
    encode_query,
    of_collection,
    of_object,
    with_body,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.session import Session
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.transport import Stream
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.watching import Source, WatchEvent, events

PAGE_SIZE = 500
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
PATCH_TYPES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}

__all__ = ["Client", "ObjectRef", "WatchEvent", "ref_of"]


@dataclass(frozen=True)
class ObjectRef:
    """Names one object. namespace is empty for what has none; uid is empty where any object of that name will do."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""


def ref_of(manifest: Mapping[str, Any]) -> ObjectRef:
    """The reference of an object as the API writes it."""
    metadata = manifest.get("metadata") or {}
    return ObjectRef(
        api_version=manifest.get("apiVersion") or "",
        kind=manifest.get("kind") or "",
        name=metadata.get("name") or "",
        namespace=metadata.get("namespace") or "",
        uid=metadata.get("uid") or "",
    )


class Client:
    """A connection to one cluster."""

    def __init__(
        self,
        connection: Connection,
        *,
        run_id: str = "",
        timeout_seconds: float = 10.0,
        retries: int = 4,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Loads the credentials (an exec plugin is run) and sends nothing. NotSent where that fails."""
        decoding.require()
        self._session = Session(
            connection, run_id=run_id, timeout_seconds=timeout_seconds, retries=retries, clock=clock
        )
        self._run_id = run_id
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._clock = clock
        self._discovered: dict[str, dict[str, Resource]] = {}

    @property
    def cluster(self) -> str:
        """What people call this cluster: the kubeconfig's name of it, else its address."""
        return self._session.cluster

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, repeated ones included."""
        return self._session.requests

    def require_server(self) -> None:
        """Raises Unreachable or TlsNotTrusted where requests were sent and none has ever reached the server."""
        why = self._session.unanswered
        if isinstance(why, (Unreachable, TlsNotTrusted)) and not self._session.answered:
            raise why

    def with_token(self, token: str) -> Client:
        """A client of the same cluster that is whoever the token is."""
        return Client(
            self._session.connection_with(token),
            run_id=self._run_id,
            timeout_seconds=self._timeout_seconds,
            retries=self._retries,
            clock=self._clock,
        )

    def let_go(self) -> None:
        """Make new connections from now on: for a process that was forked, whose parent goes on with the old ones."""
        self._session.let_go()

    def _deadline(self, deadline: Deadline | None) -> Deadline:
        return deadline or Deadline.after(self._timeout_seconds, self._clock)

    def resource(self, api_version: str, kind: str, *, deadline: Deadline | None = None) -> Resource:
        """How REST serves a kind: from the table, else as the cluster says (asked once). NotFound names a near kind."""
        known = built_in(api_version, kind)
        if known is not None:
            return known
        if api_version not in self._discovered:
            listed = decoding.decode(self.get_raw(discovery.discovery_path(api_version), deadline=deadline))
            self._discovered[api_version] = discovery.resources_of(api_version, listed)
        return discovery.pick(api_version, kind, self._discovered[api_version])

    # Reading

    def get_raw(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        deadline: Deadline | None = None,
        accept: str = "application/json",
        limit_bytes: int | None = None,
        once: bool = False,
    ) -> bytes:
        """The body of any path (/version, /metrics, /api/v1/nodes/n/proxy/stats/summary), cut at limit_bytes.

        once: an answer that tells an error is final, for who counts errors; otherwise it is asked again.
        """
        request = Request("GET", path, encode_query(query), accept=accept, verb="get", repeatable=not once)
        return self._session.body(request, self._deadline(deadline), limit_bytes)

    def get(self, ref: ObjectRef, shape: type | None = None, *, deadline: Deadline | None = None) -> Any:
        """One object as a dict, or as a shape of shapes.py. NotFound where there is none; ref.uid is not compared."""
        deadline = self._deadline(deadline)
        resource = self.resource(ref.api_version, ref.kind, deadline=deadline)
        request = of_object("GET", "get", resource, ref.name, ref.namespace)
        return decoding.decode(self._session.body(request, deadline), shape)

    def list(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str = "",
        shape: type | None = None,
        label_selector: str = "",
        field_selector: str = "",
        page_size: int = PAGE_SIZE,
        metadata_only: bool = False,
        fold: Callable[[list_of[Any]], list_of[Any]] | None = None,
        deadline: Deadline | None = None,
    ) -> list_of[Any]:
        """All objects of a kind, in a namespace or in all, page by page, as dicts or shapes.

        metadata_only: the server sends no more than metadata (of Secrets, no values). fold: makes less of each page
        before the next is fetched, so that memory holds one page and what is left of the others.
        """
        deadline = self._deadline(deadline)
        resource = self.resource(api_version, kind, deadline=deadline)
        query = {"labelSelector": label_selector, "fieldSelector": field_selector, "limit": page_size}
        return self._list(resource, namespace, query, shape, deadline, METADATA if metadata_only else "", fold).items

    def _list(
        self,
        resource: Resource,
        namespace: str,
        query: dict[str, Any],
        shape: type | None,
        deadline: Deadline,
        accept: str = "",
        fold: Callable[[list_of[Any]], list_of[Any]] | None = None,
    ) -> decoding.Page:
        request = of_collection(resource, "list", namespace, {})
        request = replace(request, accept=accept) if accept else request
        return list_all(lambda page: self._session.body(page, deadline), request, query, shape, fold)

    def logs(
        self,
        namespace: str,
        pod: str,
        container: str,
        *,
        previous: bool = False,
        tail_lines: int | None = None,
        limit_bytes: int | None = None,
        since_seconds: int | None = None,
        timestamps: bool = True,
        deadline: Deadline | None = None,
    ) -> bytes:
        """A container's log as bytes (it may hold anything). limit_bytes cuts its end off, as the API has it."""
        query = {
            "container": container,
            "previous": previous or None,
            "tailLines": tail_lines,
            "limitBytes": limit_bytes,
            "sinceSeconds": since_seconds,
            "timestamps": timestamps,
        }
        request = of_object("GET", "get", self.resource("v1", "Pod"), pod, namespace, "log")
        # A log is text; its errors come as JSON whatever is accepted.
        request = replace(request, query=encode_query(query), accept="*/*")
        return self._session.body(request, self._deadline(deadline), limit_bytes)

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
        """Changes until the deadline, as watching.events() tells them. metadata.name=NAME selects one object."""
        resource = self.resource(api_version, kind, deadline=deadline)
        selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}

        def list_now(until: Deadline) -> decoding.Page:
            return self._list(resource, namespace, {**selectors, "limit": PAGE_SIZE}, shape, until)

        def open_watch(version: str, seconds: int, until: Deadline) -> Stream:
            position = {"resourceVersion": version, "timeoutSeconds": seconds}
            query = {**selectors, **position, "watch": True, "allowWatchBookmarks": True}
            return self._session.stream(of_collection(resource, "watch", namespace, query), until)

        return events(Source(list_now, open_watch, shape), resource_version, deadline, self._retries)

    def can_i(
        self,
        verb: str,
        resource: str,
        *,
        group: str = "",
        namespace: str = "",
        name: str = "",
        subresource: str = "",
        deadline: Deadline | None = None,
    ) -> bool:
        """Whether these credentials may do it (SelfSubjectAccessReview). resource is the plural: pods."""
        asked = {"verb": verb, "resource": resource, "group": group, "namespace": namespace, "name": name}
        attributes = {key: value for key, value in {**asked, "subresource": subresource}.items() if value}
        review = self.resource("authorization.k8s.io/v1", "SelfSubjectAccessReview")
        body = {"apiVersion": review.api_version, "kind": review.kind, "spec": {"resourceAttributes": attributes}}
        request = with_body(of_object("POST", "create", review, ""), body, dry_run=False)
        # It creates nothing, so it may be asked again.
        answer = decoding.decode(self._session.body(replace(request, repeatable=True), self._deadline(deadline)))
        return bool((answer.get("status") or {}).get("allowed"))

    # Writing. What was sent and not answered is never sent again: the error says so (outcome_unknown).

    def create(
        self, manifest: Mapping[str, Any], *, dry_run: bool = False, deadline: Deadline | None = None
    ) -> dict[str, Any]:
        """Creates an object; Conflict where it exists."""
        return self._write("POST", "create", ref_of(manifest), manifest, dry_run, deadline)

    def replace(
        self, manifest: Mapping[str, Any], *, dry_run: bool = False, deadline: Deadline | None = None
    ) -> dict[str, Any]:
        """Writes a whole object; Conflict where its metadata.resourceVersion is not the current one."""
        return self._write("PUT", "update", ref_of(manifest), manifest, dry_run, deadline)

    def patch(
        self,
        ref: ObjectRef,
        body: Any,
        *,
        patch_type: str = "strategic",
        dry_run: bool = False,
        deadline: Deadline | None = None,
        subresource: str = "",
    ) -> dict[str, Any]:
        """Changes parts of an object. patch_type json, merge or strategic; Invalid where a json test does not hold."""
        return self._write("PATCH", "patch", ref, body, dry_run, deadline, subresource, PATCH_TYPES[patch_type])

    def delete(
        self,
        ref: ObjectRef,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "Background",
        grace_period_seconds: int | None = None,
        dry_run: bool = False,
        deadline: Deadline | None = None,
    ) -> dict[str, Any]:
        """Deletes an object; Conflict where uid (or ref.uid) or resource_version is given and not the object's."""
        preconditions = {"uid": uid or ref.uid, "resourceVersion": resource_version}
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if any(preconditions.values()):
            options["preconditions"] = {key: value for key, value in preconditions.items() if value}
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        if dry_run:
            # The API server reads a DELETE's options from its body alone: dryRun in the query would really delete.
            options["dryRun"] = ["All"]
        return self._write("DELETE", "delete", ref, options, dry_run, deadline)

    def evict(self, ref: ObjectRef, *, dry_run: bool = False, deadline: Deadline | None = None) -> None:
        """Evicts a pod. TooManyRequests (DisruptionBudget) where a budget forbids it; Conflict on another uid."""
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": ref.name, "namespace": ref.namespace},
            "deleteOptions": {
                **({"preconditions": {"uid": ref.uid}} if ref.uid else {}),
                **({"dryRun": ["All"]} if dry_run else {}),
            },
        }
        pod = replace(ref, api_version="v1", kind="Pod")
        self._write("POST", "create", pod, body, dry_run, deadline, "eviction")

    def request_token(self, account: ObjectRef, *, seconds: int, deadline: Deadline | None = None) -> str:
        """A token of a ServiceAccount that ends by itself; the API server gives 600 seconds at least (TokenRequest)."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        answer = self._write("POST", "create", account, body, False, deadline, "token")
        return str((answer.get("status") or {}).get("token") or "")

    def _write(
        self,
        method: str,
        verb: str,
        ref: ObjectRef,
        body: Any,
        dry_run: bool,
        deadline: Deadline | None,
        subresource: str = "",
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        deadline = self._deadline(deadline)
        resource = self.resource(ref.api_version, ref.kind, deadline=deadline)
        request = of_object(method, verb, resource, ref.name, ref.namespace, subresource)
        if method == "POST" and not subresource:
            # A new object is posted to its collection.
            request = replace(request, path=resource.path(ref.namespace))
        request = with_body(request, body, dry_run=dry_run, content_type=content_type)
        written: dict[str, Any] = decoding.decode(self._session.body(request, deadline))
        return written
