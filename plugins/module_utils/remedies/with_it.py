# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The part of a plan about objects that have to change with its target, such as an autoscaler's target utilization."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Conflict, Invalid
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import (
    changes,
    difference_text,
    paths,
    workloads,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Draft,
    FieldValue,
    Precondition,
    Write,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

ATTEMPTS: Final = 6


@dataclass(frozen=True)
class Others:
    """The writes (and how they are reversed), what must still be so for them, and their difference as text."""

    writes: list[Write] = field(default_factory=list)
    back: list[Write] = field(default_factory=list)
    preconditions: list[Precondition] = field(default_factory=list)
    diff: str = ""


def planned(client: Client, draft: Draft) -> Others:
    """Each object of `draft.beside` by a dry run. Raises `RemedyError` where the API server refuses one."""
    made = Others()
    diffs = []
    for number, (before, desired) in enumerate(draft.beside, start=1):
        operations = changes.differences(before["spec"], desired["spec"], ["spec"])
        if not operations:
            continue
        document = _dry_run(client, before, operations)
        ref, name = workloads.ref_of(document), f"with-{number}"
        made.writes.append(Write(name, "patch", ref, "json", operations))
        made.back.append(Write(name, "patch", ref, "json", changes.inverse(operations, document)))
        fields = [_field(document, operation) for operation in operations]
        made.preconditions.append(Precondition(ref, fields))
        label = f"{ref.kind.lower()}/{ref.name}"
        diffs.append(difference_text.unified(label, document["spec"], desired["spec"]))
    return Others(made.writes, made.back, made.preconditions, "".join(diffs))


def _field(document: Document, operation: changes.Operation) -> FieldValue:
    value = paths.read(document, operation["path"])
    path = list(operation["path"])
    return FieldValue(path, absent=True) if value is paths.ABSENT else FieldValue(path, value)


def _dry_run(client: Client, document: Document, operations: list[changes.Operation]) -> Document:
    """The object as just read; its status is written every few seconds, so a conflict is tried again."""
    words = workloads.words(workloads.ref_of(document))
    for attempt in range(ATTEMPTS):
        try:
            client.patch(
                workloads.ref_of(document), changes.json_patch(document, operations), patch_type="json", dry_run=True
            )
            return document
        except Invalid as refused:
            raise RemedyError(f"The API server refuses the change of {words}: {refused}") from refused
        except Conflict:
            again = workloads.read(client, workloads.ref_of(document))
            if attempt == ATTEMPTS - 1 or again["spec"] != document["spec"]:
                raise
            document = again
    raise AssertionError("unreachable")
