# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The workload, its ReplicaSets and its pods as the API server last told: three watches, each in a thread."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.owners import controller_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming

SLICE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.3


class Observed:
    """What is known now. Take `changed` before reading; it is notified on every change."""

    def __init__(self, client: Client, workload: Document, clock: Clock = SYSTEM_CLOCK) -> None:
        self.changed = threading.Condition()
        self.workload: Document = workload
        self.gone = ""
        self._client, self._clock = client, clock
        self._ref = workloads.ref_of(workload)
        self._objects: dict[str, dict[str, Document]] = {"Pod": {}, "ReplicaSet": {}}
        self._blind: dict[str, str] = {}
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        selector = workloads.selector_text(self.workload)
        kinds = [("apps/v1", self._ref.kind, "", f"metadata.name={self._ref.name}"), ("v1", "Pod", selector, "")]
        if self._ref.kind == "Deployment":
            kinds.append(("apps/v1", "ReplicaSet", selector, ""))
        for api_version, kind, labels, fields in kinds:
            self._blind[kind] = f"{kind}s have not been read yet"
            arguments = (api_version, kind, labels, fields)
            threading.Thread(target=self._watch, args=arguments, name=f"watch {kind}", daemon=True).start()

    def stop(self) -> None:
        """Let the watches end; they do with their next event or slice of time."""
        self._stopped.set()

    def refreshed(self) -> Document:
        """The workload read anew, after a write of ours."""
        found = workloads.read(self._client, self._ref)
        self._tell(functools.partial(self._take, self._ref.kind, "MODIFIED", found))
        return self.workload

    @property
    def blind(self) -> str:
        """Why the picture may be old, or empty."""
        return next(iter(self._blind.values()), "")

    def pods(self) -> list[Document]:
        """The workload's pods, the oldest first."""
        sets = {item["metadata"]["uid"] for item in self.replica_sets()}
        owners = sets if self._ref.kind == "Deployment" else {self._ref.uid}
        mine = [pod for pod in self._objects["Pod"].values() if (controller_of(pod) or {}).get("uid") in owners]
        return sorted(mine, key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))

    def replica_sets(self) -> list[Document]:
        """The Deployment's ReplicaSets."""
        found = self._objects["ReplicaSet"].values()
        return [item for item in found if (controller_of(item) or {}).get("uid") == self._ref.uid]

    def new_revision(self) -> str:
        """The hash label of the pods of the present template; empty while the controller has made none."""
        if self._ref.kind == "StatefulSet":
            status = self.workload.get("status") or {}
            seen = status.get("observedGeneration", 0) >= self.workload["metadata"].get("generation", 0)
            return str(status.get("updateRevision", "")) if seen else ""
        wanted = arming.without_nulls(self.workload["spec"]["template"])
        for item in self.replica_sets():
            if _template_of(item) == wanted:
                return str((item["metadata"].get("labels") or {}).get("pod-template-hash", ""))
        return ""

    def split(self) -> tuple[list[Document], list[Document]]:
        """The new pods and the old ones."""
        revision, label = self.new_revision(), workloads.HASH_LABEL[self._ref.kind]
        new: list[Document] = []
        old: list[Document] = []
        for pod in self.pods():
            mark = (pod["metadata"].get("labels") or {}).get(label, "")
            (new if revision and mark == revision else old).append(pod)
        return new, old

    def _watch(self, api_version: str, kind: str, labels: str, fields: str) -> None:
        version = ""
        while not self._stopped.is_set():
            try:
                if not version:
                    self._begin_anew(kind)
                for event in self._client.watch(
                    api_version,
                    kind,
                    namespace=self._ref.namespace,
                    label_selector=labels,
                    field_selector=fields,
                    resource_version=version,
                    deadline=Deadline.after(SLICE_SECONDS, self._clock),
                ):
                    if self._stopped.is_set():
                        return
                    version = event.resource_version
                    self._tell(functools.partial(self._take, kind, event.type, event.object))
            except ClusterError as failed:
                version = ""
                self._tell(functools.partial(self._blind.update, {kind: f"{kind}s cannot be watched: {failed}"}))
                self._clock.sleep(PAUSE_SECONDS)

    def _begin_anew(self, kind: str) -> None:
        """Nothing that was known before counts; a workload that went meanwhile would never be heard of."""
        self._tell(functools.partial(self._forget, kind))
        if kind in self._objects:
            return
        try:
            found = workloads.read(self._client, self._ref)
        except NotFound:
            self._tell(functools.partial(self._lose, "was deleted"))
            return
        self._tell(functools.partial(self._take, kind, "ADDED", found))

    def _lose(self, how: str) -> None:
        self.gone = f"{workloads.words(self._ref)} {how}"

    def _tell(self, change: Callable[[], Any]) -> None:
        with self.changed:
            change()
            self.changed.notify_all()

    def _forget(self, kind: str) -> None:
        if kind in self._objects:
            self._objects[kind] = {}

    def _take(self, kind: str, what: str, item: Any) -> None:
        if what == "RELISTED":
            self._forget(kind)
            return
        self._blind.pop(kind, None)
        uid = item["metadata"]["uid"]
        if kind in self._objects:
            if what == "DELETED":
                self._objects[kind].pop(uid, None)
            else:
                self._objects[kind][uid] = item
        elif uid == self._ref.uid:
            self._take_workload(what, item)
        else:
            self._lose("was deleted and made anew")

    def _take_workload(self, what: str, item: Document) -> None:
        if what == "DELETED" or item["metadata"].get("deletionTimestamp"):
            self._lose("was deleted")
            return
        # Events that were on their way tell of a spec from before a write of ours.
        if item["metadata"].get("generation", 0) < self.workload["metadata"].get("generation", 0):
            return
        self.workload = {"apiVersion": self._ref.api_version, "kind": self._ref.kind, **item}


def _template_of(replica_set: Mapping[str, Any]) -> Any:
    template = arming.without_nulls(replica_set["spec"]["template"])
    labels = dict((template.get("metadata") or {}).get("labels") or {})
    labels.pop("pod-template-hash", None)
    return {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}}
