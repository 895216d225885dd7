# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster that was made up: objects as a person writes them, with the pods that controllers would make of them."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import LISTS, Reading, _facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.running import Sharing

Object = dict[str, Any]
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
# What is in every cluster.
BUILT_IN: list[Object] = [
    {"kind": "ClusterRole", "metadata": {"name": "cluster-admin"}, "rules": [_EVERYTHING]},
    *({"kind": "ClusterRole", "metadata": {"name": name}, "rules": []} for name in ("admin", "edit", "view")),
    {"kind": "ServiceAccount", "metadata": {"name": "default"}},
]
NOW = datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
_PROJECTED = {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]}


class Fixed(Clock):
    """A clock that stands."""

    def __init__(self, now: datetime.datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime.datetime:
        return self._now


def cluster_of(
    objects: list[Object],
    *,
    namespace: str = "shop",
    unread: dict[str, str] | None = None,
    version: str = "v1.37.1",
    settings: Settings | None = None,
    now: datetime.datetime = NOW,
) -> Reading:
    """What reading that cluster gives. unread: lists that are refused, with why."""
    placed = [_placed(item, namespace) for item in [*BUILT_IN, *objects]]
    placed += [pod for item in placed for pod in _pods(item)]
    answers: dict[str, Any] = {}
    for listed in LISTS:
        if listed.what in (unread or {}):
            continue
        kinds = [item for item in placed if item["kind"] == listed.kind]
        if listed.field_selector:
            kinds = [item for item in kinds if item.get("type") == "kubernetes.io/tls"]
        page = {"kind": f"{listed.kind}List", "apiVersion": listed.api_version, "items": kinds}
        answers[listed.what] = decode_page(json.dumps(page).encode(), listed.shape).items
    if "pods" in answers:
        answers["pods"] = Sharing().page(answers["pods"])
    if "version" not in (unread or {}):
        answers["version"] = {"gitVersion": version}
    facts = _facts(answers, settings or Settings(), Fixed(now))
    facts.unread = dict(unread or {})
    counts = {what: len(items) for what, items in answers.items() if isinstance(items, list)}
    return Reading(facts, None, counts)


_CLUSTER = ("Namespace", "Node", "ClusterRole", "ClusterRoleBinding")


def _placed(item: Object, namespace: str) -> Object:
    item = copy.deepcopy(item)
    if item["kind"] not in _CLUSTER and "Webhook" not in item["kind"] and "AdmissionPolicy" not in item["kind"]:
        item["metadata"].setdefault("namespace", namespace)
    return item


def _pods(item: Object) -> list[Object]:
    template = item.get("spec", {}).get("template")
    if not template or item["kind"] == "Job":
        return []
    meta, suffix = item["metadata"], "5d4f8c7b9"
    deployment = item["kind"] == "Deployment"
    owner = f"{meta['name']}-{suffix}" if deployment else meta["name"]
    labels = {**template["metadata"]["labels"], **({"pod-template-hash": suffix} if deployment else {})}
    spec = copy.deepcopy(template["spec"])
    if spec.get("automountServiceAccountToken", True):
        spec.setdefault("volumes", []).append({"name": "kube-api-access-x2v4q", "projected": _PROJECTED})
    kind = "ReplicaSet" if deployment else item["kind"]
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"{owner}-{number}",
                "namespace": meta["namespace"],
                "labels": labels,
                "ownerReferences": [{"kind": kind, "name": owner, "uid": f"uid-{owner}", "controller": True}],
            },
            "spec": {**copy.deepcopy(spec), "nodeName": f"node-{number}"},
            "status": {"phase": "Running"},
        }
        for number in range(item["spec"].get("replicas", 1))
    ]
