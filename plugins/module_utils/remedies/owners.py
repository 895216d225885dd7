# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who keeps an object as it is, read from its labels, annotations, managedFields and owner references.

Marks: Argo CD "Resource Tracking", Flux "kustomize-controller / helm-controller labels", Helm's own adoption rule
(label `app.kubernetes.io/managed-by: Helm` with annotation `meta.helm.sh/release-name`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import changes, yaml_text
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.masking import masked
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Owner

NOBODY: Final = Owner("none", "", True, "")
BUILT_IN_GROUPS: Final = frozenset({"", "apps", "batch", "autoscaling", "policy", "extensions"})
_GITOPS_WRITERS: Final = {
    "argocd": "argocd",
    "kustomize-controller": "flux",
    "helm-controller": "flux",
    "flux": "flux",
}
_ORDINARY_WRITERS: Final = (
    "kubectl",
    "kube-",
    "helm",
    "Helm",
    "aiops",
    "OpenAPI-Generator",
    "python",
    "ansible",
    "k9s",
)
_NAMES: Final = {"argocd": "Argo CD", "flux": "Flux"}


def owner_of(document: Mapping[str, Any], *, write_owned: bool = False) -> Owner:
    """The owner of an object; GitOps before an operator before Helm. `write_owned` writes in spite of an owner."""
    owner = _gitops(document) or _operator(document) or _helm(document) or NOBODY
    if write_owned and not owner.writable:
        note = f"{owner.note} It is written all the same, as the settings say; its owner may undo it."
        return dataclasses.replace(owner, writable=True, note=note)
    return owner


def _gitops(document: Mapping[str, Any]) -> Owner | None:
    found = _argocd(document) or _flux(document) or _by_writer(document)
    if found is None:
        return None
    kind, name = found
    label = f"{_NAMES[kind]} ({name})" if name else _NAMES[kind]
    note = f"{label} keeps this object as its source says and would undo a change: make the change in the source."
    return Owner(kind, name, False, note)


def _argocd(document: Mapping[str, Any]) -> tuple[str, str] | None:
    tracking = _annotations(document).get("argocd.argoproj.io/tracking-id", "")
    name = tracking.split(":", 1)[0] or _labels(document).get("argocd.argoproj.io/instance", "")
    if not name and any(writer.startswith("argocd") for writer in writers(document)):
        name = _labels(document).get("app.kubernetes.io/instance", "")
    return ("argocd", name) if name else None


def _flux(document: Mapping[str, Any]) -> tuple[str, str] | None:
    labels = _labels(document)
    for prefix in ("kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"):
        if labels.get(f"{prefix}/name"):
            return "flux", f"{labels.get(f'{prefix}/namespace', '')}/{labels[f'{prefix}/name']}".lstrip("/")
    return None


def _by_writer(document: Mapping[str, Any]) -> tuple[str, str] | None:
    for writer in writers(document):
        for prefix, kind in _GITOPS_WRITERS.items():
            if writer.startswith(prefix):
                return kind, ""
    return None


def _operator(document: Mapping[str, Any]) -> Owner | None:
    reference = controller_of(document)
    if reference is None or is_built_in(reference.get("apiVersion", "")):
        return None
    name = f"{reference.get('kind', '')}/{reference.get('name', '')}"
    note = f"The operator of {name} keeps this object and would undo a change: make the change in {name}."
    return Owner("operator", name, False, note)


def _helm(document: Mapping[str, Any]) -> Owner | None:
    release = _annotations(document).get("meta.helm.sh/release-name", "")
    if _labels(document).get("app.kubernetes.io/managed-by") != "Helm" or not release:
        return None
    note = (
        f"Helm release {release} made this object: its next upgrade overwrites the change unless its values change too."
    )
    return Owner("helm", release, True, note)


def controller_of(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The owner reference with `controller: true`."""
    for reference in document.get("metadata", {}).get("ownerReferences") or []:
        if reference.get("controller"):
            found: Mapping[str, Any] = reference
            return found
    return None


def is_built_in(api_version: str) -> bool:
    """Whether Kubernetes itself serves the group (as opposed to an operator's own kinds)."""
    group = api_version.split("/")[0] if "/" in api_version else ""
    return group in BUILT_IN_GROUPS or group.endswith(".k8s.io")


def writers(document: Mapping[str, Any]) -> list[str]:
    """Field managers of the object itself (not of its status)."""
    entries = document.get("metadata", {}).get("managedFields") or []
    return [entry.get("manager", "") for entry in entries if entry.get("subresource") != "status"]


def other_writers(document: Mapping[str, Any], operations: Sequence[changes.Operation]) -> list[str]:
    """Programs, other than people's usual tools, that own one of the fields to be written: they may write it again."""
    found = set()
    for entry in document.get("metadata", {}).get("managedFields") or []:
        writer = entry.get("manager", "")
        if entry.get("subresource") == "status" or writer.startswith(_ORDINARY_WRITERS):
            continue
        if any(_owns(entry.get("fieldsV1") or {}, path) for path in changes.written_leaves(operations)):
            found.add(writer)
    return sorted(found)


def _owns(fields: Mapping[str, Any], path: Sequence[Any]) -> bool:
    """Whether a fieldsV1 set holds the path (`f:` names, `k:` list keys; a key holds a path when its values match)."""
    if not path:
        return True
    return any(_owns(inner or {}, path[1:]) for inner in _steps(fields, path[0]))


def _steps(fields: Mapping[str, Any], step: Any) -> Iterator[Any]:
    if isinstance(step, str):
        if f"f:{step}" in fields:
            yield fields[f"f:{step}"]
        return
    ((key, wanted),) = step.items()
    for name, inner in fields.items():
        if name.startswith("k:") and f'"{key}":"{wanted}"' in name:
            yield inner


def source_snippet(document: Mapping[str, Any], operations: Sequence[changes.Operation]) -> str:
    """The change as YAML for the object's source: only the changed fields, removals as a comment."""
    metadata = document.get("metadata", {})
    snippet: dict[str, Any] = {
        "apiVersion": document.get("apiVersion", ""),
        "kind": document.get("kind", ""),
        "metadata": {"name": metadata.get("name", ""), "namespace": metadata.get("namespace", "")},
    }
    removed = []
    for operation in operations:
        if operation["op"] == "remove":
            removed.append(f"# remove {changes.paths.text(operation['path'])}")
        else:
            _put(snippet, operation["path"], operation["value"])
    snippet = masked(snippet)
    return "\n".join([*removed, yaml_text.dump(snippet)]) if removed else yaml_text.dump(snippet)


def _put(tree: Any, path: Sequence[Any], value: Any) -> None:
    for step, following in zip(path, [*path[1:], None], strict=True):
        empty: Any = value if following is None else ({} if isinstance(following, str) else [])
        tree = tree.setdefault(step, empty) if isinstance(step, str) else _element(tree, step)


def _element(items: list[Any], selector: Mapping[str, Any]) -> Any:
    for item in items:
        if all(item.get(key) == wanted for key, wanted in selector.items()):
            return item
    items.append(dict(selector))
    return items[-1]


def _labels(document: Mapping[str, Any]) -> Mapping[str, str]:
    return document.get("metadata", {}).get("labels") or {}


def _annotations(document: Mapping[str, Any]) -> Mapping[str, str]:
    return document.get("metadata", {}).get("annotations") or {}
