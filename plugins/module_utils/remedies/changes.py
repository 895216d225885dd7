# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From two states of an object to the smallest list of operations between them, and back.

An operation is `{"op": "add" | "replace" | "remove", "path": [...], "value": ...}`: JSON patch with the paths of
`paths.py`. `add` is made at the highest field that was absent, so that its reversal leaves no empty parents behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.paths import ABSENT

Operation = dict[str, Any]


def differences(before: Any, after: Any, path: paths.Path = ()) -> list[Operation]:
    """Operations that turn `before` into `after`; lists of named elements in the same order are compared by name."""
    if before == after and type(before) is type(after):
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _mapping_differences(before, after, path)
    names = _shared_names(before, after)
    if names is not None:
        found: list[Operation] = []
        for name, old, new in zip(names, before, after, strict=True):
            found += differences(old, new, [*path, {"name": name}])
        return found
    return [{"op": "replace", "path": list(path), "value": after}]


def _mapping_differences(before: Mapping[str, Any], after: Mapping[str, Any], path: paths.Path) -> list[Operation]:
    found: list[Operation] = []
    for key in sorted({*before, *after}):
        where = [*path, key]
        if key not in after:
            found.append({"op": "remove", "path": where})
        elif key not in before:
            found.append({"op": "add", "path": where, "value": after[key]})
        else:
            found += differences(before[key], after[key], where)
    return found


def _shared_names(before: Any, after: Any) -> list[str] | None:
    names = [_names(before), _names(after)]
    return names[0] if names[0] is not None and names[0] == names[1] else None


def _names(value: Any) -> list[str] | None:
    if not isinstance(value, list) or not value:
        return None
    names = [item.get("name") for item in value if isinstance(item, Mapping)]
    if len(names) != len(value) or not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        return None
    return [str(name) for name in names]


def inverse(operations: Sequence[Operation], before: Any) -> list[Operation]:
    """Operations that restore, of the object `before`, exactly the fields that `operations` write."""
    restored: list[Operation] = []
    for operation in operations:
        path, old = operation["path"], paths.read(before, operation["path"])
        if old is ABSENT:
            restored.append({"op": "remove", "path": path})
        else:
            restored.append({"op": "add" if operation["op"] == "remove" else "replace", "path": path, "value": old})
    return restored


def target_value(operation: Operation) -> Any:
    """What the field holds after the operation (`ABSENT` after a removal)."""
    return ABSENT if operation["op"] == "remove" else operation["value"]


def in_place(document: Any, operations: Sequence[Operation]) -> bool:
    """Whether every field already is what the operations make it."""
    return all(paths.read(document, operation["path"]) == target_value(operation) for operation in operations)


def written_leaves(operations: Sequence[Operation]) -> list[list[Any]]:
    """Paths of every single field that the operations set or remove."""
    return [leaf for operation in operations for leaf in paths.leaves(operation["path"], operation.get("value"))]


def json_patch(document: Mapping[str, Any], operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """The RFC 6902 patch for the object just read.

    It holds the object's uid and the names of the list elements by `test`, and sets the resourceVersion just read,
    which makes the API server answer 409 when anything was written in between. `KeyError` when a list element is gone.
    """
    metadata = document["metadata"]
    body: list[dict[str, Any]] = [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
    ]
    for operation in operations:
        body += [test for test in paths.selector_tests(document, operation["path"]) if test not in body]
    for operation in operations:
        body.append({**operation, "path": paths.pointer(document, operation["path"])})
    return body
