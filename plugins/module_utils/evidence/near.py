# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names near one that does not exist, for the sentence that says so."""

from __future__ import annotations

import difflib
import json

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME, Kind

NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
READ_NAMES = 1000
KEPT_NAMES = 5
_OTHER_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


def names_of(client: Client, kind: Kind, namespace: str, deadline: Deadline) -> list[str]:
    """Up to READ_NAMES names of a kind in a namespace; metadata only. Raises ClusterError."""
    group = f"/apis/{kind.api_version}" if "/" in kind.api_version else f"/api/{kind.api_version}"
    path = f"{group}/namespaces/{namespace}/{kind.plural}"
    raw = client.get_raw(path, {"limit": READ_NAMES}, deadline=deadline, accept=NAMES_ONLY)
    return [item["metadata"]["name"] for item in json.loads(raw).get("items") or []]


def nearest(name: str, names: list[str]) -> list[str]:
    """The names that most resemble `name`: those that begin like it (pods of a workload), then close spellings."""
    begin = sorted(n for n in names if n.startswith((f"{name}-", name)) or name.startswith(f"{n}-"))
    # A pod's name ends in what its controller made up; people mistake, or keep an old, such ending.
    stem = name.rsplit("-", 1)[0]
    siblings = sorted(n for n in names if "-" in name and n.startswith(f"{stem}-"))
    close = difflib.get_close_matches(name, names, n=KEPT_NAMES, cutoff=0.6)
    return list(dict.fromkeys([*begin, *siblings, *close]))[:KEPT_NAMES]


def near_matches(client: Client, kind: Kind, namespace: str, name: str, deadline: Deadline) -> list[str]:
    """KIND/NAME of what the person may have meant: near names of the kind, or other kinds; empty where unreadable."""
    found: list[str] = []
    for other in dict.fromkeys([kind.name, *_OTHER_KINDS]):
        try:
            names = names_of(client, BY_NAME[other], namespace, deadline)
        except ClusterError:
            continue
        found += [f"{other.lower()}/{near}" for near in nearest(name, names)]
    return found[:KEPT_NAMES]
