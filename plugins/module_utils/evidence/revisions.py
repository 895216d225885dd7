# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What changed in a workload's template between the revision that worked last, as far as known, and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Change, Revision
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact_value

NUMBER_ANNOTATION = "deployment.kubernetes.io/revision"
KEPT_CHANGES = 20
VALUE_CHARACTERS = 200
ABSENT = "(absent)"
# Written by the controllers themselves, or by kubectl when it restarts a rollout: no change of what runs.
_UNTOLD = (
    "metadata.labels.pod-template-hash",
    "metadata.labels.controller-revision-hash",
    "metadata.creationTimestamp",
)

Json = Mapping[str, Any]


def of_replica_sets(replica_sets: list[Json], deployment_uid: str) -> list[tuple[Revision, Json]]:
    """Revisions of a Deployment, oldest first, with their templates; the highest number is the current one."""
    found = []
    for replica_set in replica_sets:
        meta, status = replica_set["metadata"], replica_set.get("status") or {}
        number = (meta.get("annotations") or {}).get(NUMBER_ANNOTATION, "")
        # Anybody can write an annotation.
        if not number.isdecimal() or len(number) > 18 or not _owned_by(meta, deployment_uid):
            continue
        spec = replica_set["spec"]
        revision = Revision(
            int(number),
            meta["name"],
            meta.get("creationTimestamp") or "",
            status.get("readyReplicas", 0),
            spec.get("replicas", 0),
        )
        found.append((revision, spec.get("template") or {}))
    return _ordered(found)


def of_controller_revisions(
    revisions: list[Json], owner_uid: str, ready: Mapping[str, int]
) -> list[tuple[Revision, Json]]:
    """The same for a StatefulSet or DaemonSet; `ready`: ready pods by `controller-revision-hash`."""
    found = []
    for item in revisions:
        meta = item["metadata"]
        if not _owned_by(meta, owner_uid):
            continue
        pod_hash = (meta.get("labels") or {}).get("controller-revision-hash", meta["name"])
        serving = ready.get(pod_hash, ready.get(meta["name"], 0))
        revision = Revision(int(item.get("revision", 0)), meta["name"], meta.get("creationTimestamp") or "", serving)
        found.append((revision, ((item.get("data") or {}).get("spec") or {}).get("template") or {}))
    return _ordered(found)


def _owned_by(meta: Json, uid: str) -> bool:
    return any(owner.get("uid") == uid for owner in meta.get("ownerReferences") or [])


def _ordered(found: list[tuple[Revision, Json]]) -> list[tuple[Revision, Json]]:
    found.sort(key=lambda pair: pair[0].number)
    if found:
        found[-1][0].current = True
    return found


def compared(revisions: list[Revision]) -> Revision | None:
    """The revision to compare with: the newest older one that serves now, else the one before the current."""
    older = [r for r in revisions if not r.current]
    serving = [r for r in older if r.ready]
    found = serving or older
    return found[-1] if found else None


def changes(before: Json, after: Json) -> list[Change]:
    """The fields that differ between two templates; list items are named, values redacted and bounded."""
    old, new = dict(_leaves(before, "")), dict(_leaves(after, ""))
    paths = [p for p in sorted({**old, **new}) if old.get(p) != new.get(p) and p not in _UNTOLD]
    return [Change(p.removeprefix("spec."), _shown(p, old.get(p)), _shown(p, new.get(p))) for p in paths][:KEPT_CHANGES]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) and "name" in item for item in value):
        for item in value:
            rest = {k: v for k, v in item.items() if k != "name"}
            yield from _leaves(rest or "", f"{path}[{item['name']}]")
    elif value is not None:
        yield path, value


def _shown(path: str, value: Any) -> str:
    if value is None:
        return ABSENT
    text = str(value)
    if ".env[" in path and path.endswith("].value"):
        text = str(redact_value(path.rpartition("env[")[2].removesuffix("].value"), text))
    return one_line(text, VALUE_CHARACTERS)
