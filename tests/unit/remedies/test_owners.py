# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who owns an object, and what that means for writing it."""

from __future__ import annotations

from typing import Any

import pytest
from remedies_objects import Document, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import owners

IMAGE = ["spec", "template", "spec", "containers", {"name": "app"}, "image"]
HELM = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "shop"},
}
FLUX_HELM = {"labels": {**HELM["labels"], "helm.toolkit.fluxcd.io/name": "shop"}, "annotations": HELM["annotations"]}


def fields(manager: str, owned: Any = None, **more: Any) -> list[Document]:
    return [{"manager": manager, "operation": "Update", "fieldsV1": owned or {}, **more}]


def reference(api_version: str, controller: bool = True) -> list[Document]:
    return [{"apiVersion": api_version, "kind": "Shop", "name": "eu", "uid": "u", "controller": controller}]


TABLE = [
    ("nobody", {}, "none", "", True),
    ("kubectl", {"managedFields": fields("kubectl-client-side-apply")}, "none", "", True),
    ("Argo CD by label", {"labels": {"argocd.argoproj.io/instance": "shop"}}, "argocd", "shop", False),
    (
        "Argo CD by annotation",
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}},
        "argocd",
        "shop",
        False,
    ),
    (
        "Argo CD by writer",
        {"labels": {"app.kubernetes.io/instance": "shop"}, "managedFields": fields("argocd-controller")},
        "argocd",
        "shop",
        False,
    ),
    ("the label alone", {"labels": {"app.kubernetes.io/instance": "shop"}}, "none", "", True),
    ("Argo CD wrote the status only", {"managedFields": fields("argocd", subresource="status")}, "none", "", True),
    ("Argo CD without a name", {"managedFields": fields("argocd-application-controller")}, "argocd", "", False),
    (
        "Flux",
        {
            "labels": {
                "kustomize.toolkit.fluxcd.io/name": "apps",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
            }
        },
        "flux",
        "flux-system/apps",
        False,
    ),
    ("Flux through Helm", FLUX_HELM, "flux", "shop", False),
    ("Flux by writer", {"managedFields": fields("kustomize-controller")}, "flux", "", False),
    ("an operator", {"ownerReferences": reference("example.org/v1")}, "operator", "Shop/eu", False),
    ("an owner that is no controller", {"ownerReferences": reference("example.org/v1", False)}, "none", "", True),
    ("a built-in controller", {"ownerReferences": reference("apps/v1")}, "none", "", True),
    ("Helm", HELM, "helm", "shop", True),
    ("Helm's label alone", {"labels": HELM["labels"]}, "none", "", True),
    (
        "an operator of a Helm release",
        {**HELM, "ownerReferences": reference("example.org/v1")},
        "operator",
        "Shop/eu",
        False,
    ),
]


def owned(metadata: Document) -> Document:
    document = workload()
    document["metadata"].update(metadata)
    return document


@pytest.mark.parametrize(("words", "metadata", "kind", "name", "writable"), TABLE, ids=[row[0] for row in TABLE])
def test_owner(words: str, metadata: Document, kind: str, name: str, writable: bool) -> None:
    owner = owners.owner_of(owned(metadata))
    assert (owner.kind, owner.name, owner.writable) == (kind, name, writable)
    assert bool(owner.note) is (kind != "none")
    assert owners.owner_of(owned(metadata), write_owned=True).writable


@pytest.mark.parametrize(
    ("manager", "warned"),
    [("vpa-updater", ["vpa-updater"]), ("kubectl-edit", []), ("helm", []), ("kube-controller-manager", [])],
)
def test_a_program_that_owns_the_field_is_named(manager: str, warned: list[str]) -> None:
    field = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}}}}
    document = owned({"managedFields": fields(manager, field)})
    image, other = ([{"op": "replace", "path": [*IMAGE[:-1], name], "value": "x"}] for name in ("image", "command"))
    assert owners.other_writers(document, image) == warned
    assert owners.other_writers(document, other) == []


def test_the_change_for_the_source_holds_the_changed_fields_only() -> None:
    operations = [
        {"op": "replace", "path": IMAGE, "value": "shop/web:2"},
        {"op": "remove", "path": [*IMAGE[:-1], "livenessProbe"]},
    ]
    assert owners.source_snippet(workload(), operations) == (
        "# remove spec.template.spec.containers[app].livenessProbe\n"
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata:\n"
        "  name: web\n"
        "  namespace: shop\n"
        "spec:\n"
        "  template:\n"
        "    spec:\n"
        "      containers:\n"
        "      - name: app\n"
        "        image: shop/web:2\n"
    )
