# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgrade of a Helm release would change: the manifest as the server renders it, against the release's. Pure.

Helm's own release Secret is no part of it. The tier is that of the most critical object that differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import difference_text, paths
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming

Key = tuple[str, str, str, str]
GATED: Final = ("Deployment", "StatefulSet")
# What is in the table by name is of tier 3; whatever else a chart changes is critical.
MEDIUM: Final = frozenset(
    {
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("batch/v1", "Job"),
        ("batch/v1", "CronJob"),
        ("v1", "ConfigMap"),
        ("v1", "Service"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("policy/v1", "PodDisruptionBudget"),
        ("networking.k8s.io/v1", "Ingress"),
    }
)


def local_path(written: str) -> str:
    """A path as people write it, `~` of the user who runs this included."""
    return str(Path(written).expanduser())


def digest_of_files(path: Path) -> str:
    """The digest of a chart (a folder or an archive) or a values file, over names and contents."""
    if not path.exists():
        raise RemedyError(
            f"{path} is not there: a chart is a folder or an archive on this machine (helm pull gets one)"
        )
    digest = hashlib.sha256()
    for file in sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]:
        digest.update(str(file.relative_to(path)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"


def by_key(documents: Iterable[Any], namespace: str) -> dict[Key, Document]:
    """The objects of a manifest by api version, kind, namespace and name; empty documents are none."""
    found: dict[Key, Document] = {}
    for item in documents:
        if not item:
            continue
        metadata = item.get("metadata") or {} if isinstance(item, Mapping) else {}
        if not metadata.get("name"):
            raise RemedyError("the rendered manifest holds something that is no object")
        where = str(metadata.get("namespace") or namespace)
        found[(str(item.get("apiVersion")), str(item.get("kind")), where, str(metadata["name"]))] = dict(item)
    return found


def changes(now: Mapping[Key, Document], then: Mapping[Key, Document]) -> list[tuple[Key, Document, Document]]:
    """Objects that differ, as they are and as they would be; an empty map where there is none."""
    keys = sorted({*now, *then})
    return [(key, now.get(key, {}), then.get(key, {})) for key in keys if now.get(key) != then.get(key)]


def diff(changed: Sequence[tuple[Key, Document, Document]]) -> str:
    """What a person approves, object by object, secrets hidden."""
    text = ""
    for (_api, kind, _namespace, name), before, after in changed:
        text += difference_text.unified(f"{kind.lower()}/{name}", _shown(before), _shown(after))
    return text


def _shown(document: Document) -> Document:
    if document.get("kind") != "Secret":
        return document
    hidden = {}
    for room in ("data", "stringData"):
        if document.get(room):
            hidden[room] = {key: f"hidden ({canonical.sha256(value)[7:15]})" for key, value in document[room].items()}
    return {**document, **hidden}


def tier_of(changed: Sequence[tuple[Key, Document, Document]]) -> tuple[int, str]:
    """The tier of an upgrade and why."""
    for (api_version, kind, _namespace, name), before, after in changed:
        if not after:
            return 4, f"deletes {kind} {name}"
        if (api_version, kind) not in MEDIUM:
            return 4, f"{'changes' if before else 'creates'} {kind} {name}"
        if after.get("spec", {}).get("replicas") == 0 and before.get("spec", {}).get("replicas") != 0:
            return 4, f"scales {kind} {name} to zero"
    return 3, "changes workloads and what belongs to them"


def gated(changed: Sequence[tuple[Key, Document, Document]], kind: str, name: str) -> tuple[Document, list[str]]:
    """The workload that is gated, as it would be, and the others whose pods change ungated.

    `kind` and `name` empty: the only Deployment or StatefulSet whose template changes. `RemedyError` otherwise.
    """
    replaced = [(key, after) for key, before, after in changed if _replaces_pods(key, before, after)]
    wanted = [after for key, after in replaced if (key[1], key[3]) == (kind, name)] if name else []
    if not name:
        wanted = [after for key, after in replaced if key[1] in GATED]
    if len(wanted) != 1:
        names = ", ".join(f"{key[1]} {key[3]}" for key, _after in replaced) or "none"
        asked = f"{kind} {name}" if name else "one Deployment or StatefulSet"
        raise RemedyError(f"the upgrade has to change the pods of {asked}; it changes those of: {names}")
    others = [f"{key[1]} {key[3]}" for key, after in replaced if after is not wanted[0]]
    return wanted[0], others


def _replaces_pods(key: Key, before: Document, after: Document) -> bool:
    template = (after.get("spec") or {}).get("template")
    return bool(before and template and key[0] == "apps/v1" and template != (before.get("spec") or {}).get("template"))


def sets(workload: Document) -> list[str]:
    """Which fields of the gate the chart itself sets. `RemedyError` where that cannot be gated."""
    spec = workload.get("spec") or {}
    if "paused" in spec:
        raise RemedyError("the chart sets spec.paused itself, so the upgrade could not be held: take it out there")
    if (spec.get("strategy") or {}).get("type") == "Recreate":
        raise RemedyError("the chart sets the strategy Recreate, which stops every old pod before the first new one")
    names = arming.field_names(workload["kind"])
    found = [name for name in names if paths.read(workload, name.split(".")) is not paths.ABSENT]
    if found and workload["kind"] == "StatefulSet":
        raise RemedyError(
            "the chart sets the StatefulSet's partition itself, so the upgrade could not be held: take it out there"
        )
    return found
