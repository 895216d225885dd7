# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given two states of an object: the smallest operations between them, and the way back."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import changes, paths, restore

CONTAINERS = ["spec", "template", "spec", "containers"]
NAMES = st.sampled_from(["app", "proxy", "log", "init"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b~c", "d/e", ""])


def named(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    items = st.dictionaries(st.sampled_from(["image", "limits", "x/y", "z~"]), values, max_size=3)
    return st.lists(st.tuples(NAMES, items), max_size=3, unique_by=lambda pair: pair[0]).map(
        lambda pairs: [{**item, "name": name} for name, item in pairs]
    )


VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.sampled_from(["a", "b/c", "d~e", "name2"]), inner, max_size=3)
        | st.lists(inner, max_size=3)
        | named(inner)
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from(["p", "q/r", "s~t"]), VALUES, max_size=3)


def carried_out(document: Any, operations: list[changes.Operation]) -> Any:
    """What the API server makes of the JSON patch, by RFC 6902."""
    document = copy.deepcopy(document)
    for operation in operations:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        parent = document
        for part in parts[:-1]:
            parent = parent[int(part) if isinstance(parent, list) else part]
        key: Any = int(parts[-1]) if isinstance(parent, list) else parts[-1]
        if operation["op"] == "test":
            assert parent[key] == operation["value"]
        elif operation["op"] == "remove":
            del parent[key]
        else:
            assert operation["op"] == "add" or key in parent
            parent[key] = copy.deepcopy(operation["value"])
    return document


def living(spec: Any) -> dict[str, Any]:
    return {"metadata": {"uid": "u", "resourceVersion": "7"}, "spec": spec}


@settings(max_examples=150, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_operations_lead_there_and_their_inverse_back(before: Any, after: Any) -> None:
    old, new = living(before), living(after)
    operations = changes.differences(old, new)
    assert carried_out(old, changes.json_patch(old, operations)) == new
    assert carried_out(new, changes.json_patch(new, changes.inverse(operations, old))) == old
    assert changes.in_place(new, operations)
    memory = copy.deepcopy(old)
    for operation in operations:
        restore.put(memory, operation)
    assert memory == new


def workload(*containers: dict[str, Any]) -> dict[str, Any]:
    return {
        "metadata": {"uid": "u", "resourceVersion": "7"},
        "spec": {"template": {"spec": {"containers": list(containers)}}},
    }


def test_a_field_is_written_alone() -> None:
    before = workload({"name": "app", "image": "a:1", "command": ["x"]}, {"name": "proxy", "image": "p:1"})
    after = workload({"name": "app", "image": "a:2", "command": ["x"]}, {"name": "proxy", "image": "p:1"})
    assert changes.differences(before, after) == [
        {"op": "replace", "path": [*CONTAINERS, {"name": "app"}, "image"], "value": "a:2"}
    ]


def test_an_absent_parent_is_added_whole_and_removed_whole() -> None:
    before = workload({"name": "app", "resources": {}})
    after = workload({"name": "app", "resources": {"limits": {"memory": "1Gi"}}})
    operations = changes.differences(before, after)
    path = [*CONTAINERS, {"name": "app"}, "resources", "limits"]
    assert operations == [{"op": "add", "path": path, "value": {"memory": "1Gi"}}]
    assert changes.inverse(operations, before) == [{"op": "remove", "path": path}]
    assert changes.written_leaves(operations) == [[*path, "memory"]]


def test_containers_may_change_places_between_plan_and_apply() -> None:
    operations = [{"op": "replace", "path": [*CONTAINERS, {"name": "app"}, "image"], "value": "a:2"}]
    moved = workload({"name": "proxy", "image": "p:1"}, {"name": "app", "image": "a:1"})
    patch = changes.json_patch(moved, operations)
    assert patch[2] == {"op": "test", "path": "/spec/template/spec/containers/1/name", "value": "app"}
    assert patch[3]["path"] == "/spec/template/spec/containers/1/image"


def test_a_container_that_is_gone_is_an_error() -> None:
    operations = [{"op": "replace", "path": [*CONTAINERS, {"name": "app"}, "image"], "value": "a:2"}]
    with pytest.raises(KeyError):
        changes.json_patch(workload({"name": "proxy"}), operations)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (["spec", "replicas"], "spec.replicas"),
        ([*CONTAINERS, {"name": "app"}, "image"], "spec.template.spec.containers[app].image"),
        (["metadata", "annotations", "a.b/c"], 'metadata.annotations["a.b/c"]'),
    ],
)
def test_paths_in_words(path: list[Any], words: str) -> None:
    assert paths.text(path) == words
