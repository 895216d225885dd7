# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets in a template (a password as a literal in the environment) stay in the cluster, not in a journalled plan.

An operation whose value holds one carries instead where the value is found: `"value_from": {"object", "path",
"sha256"}`, a revision of the workload that the API server keeps, and the digest of that revision's whole template (the
digest of a short secret alone could be guessed). Values are read and checked right before they are written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import REDACTED, redact_value
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import changes, paths, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import PreconditionChanged
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.masking import masked
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan, Write
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

TEMPLATE: Final = ["spec", "template"]
ROOTS: Final = {"ReplicaSet": ["spec", "template"], "ControllerRevision": ["data", "spec", "template"]}
# With fewer old revisions kept, the one that a rollback needs could be gone by then.
REVISIONS_NEEDED: Final = 2


def is_confidential(path: paths.Path, value: Any) -> bool:
    """Whether a field's value holds a secret, as far as its name and shape tell."""
    if value is paths.ABSENT:
        return False
    named = len(path) > 1 and path[-1] == "value" and isinstance(path[-2], Mapping)
    if named and isinstance(value, str):
        return redact_value(str(path[-2].get("name", "")), value) != value
    return bool(masked(value) != value)


def shown(path: paths.Path, value: Any) -> Any:
    """A field's value for a sentence: None where absent, no secret."""
    if value is paths.ABSENT:
        return None
    return REDACTED if is_confidential(path, value) else value


def concealed(client: Client, workload: Document, operations: Sequence[changes.Operation]) -> list[changes.Operation]:
    """The operations with each secret value replaced by where it is found, as far as a kept revision holds it."""
    hidden = [item for item in operations if "value" in item and is_confidential(item["path"], item["value"])]
    limit = workload["spec"].get("revisionHistoryLimit")
    if not hidden or (limit is not None and limit < REVISIONS_NEEDED):
        return list(operations)
    revisions = workloads.revision_objects(client, workload)
    return [_concealed(item, revisions) if item in hidden else item for item in operations]


def _concealed(operation: changes.Operation, revisions: list[Document]) -> changes.Operation:
    for revision in revisions:
        root = ROOTS[revision["kind"]]
        where = [*root, *operation["path"][len(TEMPLATE) :]]
        if operation["path"][: len(TEMPLATE)] == TEMPLATE and paths.read(revision, where) == operation["value"]:
            source = {
                "object": dataclasses.asdict(workloads.ref_of(revision)),
                "path": where,
                "sha256": canonical.sha256(paths.read(revision, root)),
            }
            return {"op": operation["op"], "path": operation["path"], "value_from": source}
    return operation


def revealed(client: Client, plan: Plan) -> Plan:
    """The plan with every value in it, for the moment of writing: never shown, returned or kept.

    Raises `PreconditionChanged` where a revision is gone or another.
    """
    writes = [_revealed(client, write) for write in plan.writes]
    back = [_revealed(client, write) for write in plan.rollback.writes]
    return dataclasses.replace(plan, writes=writes, rollback=dataclasses.replace(plan.rollback, writes=back))


def _revealed(client: Client, write: Write) -> Write:
    if write.verb != "patch":
        return write
    return dataclasses.replace(write, body=[_with_value(client, operation) for operation in write.body])


def _with_value(client: Client, operation: changes.Operation) -> changes.Operation:
    source = operation.get("value_from")
    if source is None:
        return operation
    ref = ObjectRef(**source["object"])
    words = workloads.words(ref)
    try:
        revision = workloads.read(client, ref)
    except NotFound:
        raise PreconditionChanged(words, "the revision", "there", None) from None
    root = paths.read(revision, ROOTS[ref.kind])
    if revision["metadata"]["uid"] != ref.uid or root is paths.ABSENT or canonical.sha256(root) != source["sha256"]:
        raise PreconditionChanged(words, "its template", "as planned", "different")
    return {"op": operation["op"], "path": operation["path"], "value": paths.read(revision, source["path"])}


def is_source(source: Any, namespace: str) -> bool:
    """Whether a `value_from` names a field of a template of a revision in the namespace."""
    if not isinstance(source, Mapping) or set(source) != {"object", "path", "sha256"}:
        return False
    ref, path = source["object"], source["path"]
    names = {item.name for item in dataclasses.fields(ObjectRef)}
    if not isinstance(ref, Mapping) or set(ref) != names or not all(isinstance(ref[name], str) for name in names):
        return False
    root = ROOTS.get(ref["kind"])
    known = root is not None and ref["api_version"] == "apps/v1" and ref["namespace"] == namespace
    return known and isinstance(path, list) and path[: len(root or [])] == root
