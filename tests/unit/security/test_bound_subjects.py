# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom Kubernetes itself bound is folded, subject by subject; all others are told, and the change takes only them."""

from __future__ import annotations

from typing import Any

import pytest
from made_up import Object, cluster_of
from support import hardened
from support.hardened import rule

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, change_of, judge
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.sections import sections

MASTERS = hardened.group("system:masters")
NOBODY = hardened.group("system:unauthenticated")
EVERYBODY = hardened.group("system:authenticated")
FRONT = {"kind": "ServiceAccount", "name": "front", "namespace": "shop"}
SCHEDULER = hardened.user("system:kube-scheduler")
SECRETS = rule("list", "secrets")
PODS = rule("get", "pods")


def built_in(name: str, subjects: list[Object], role: str = "") -> Object:
    """As Kubernetes labels its own."""
    made = hardened.binding(name, "ClusterRole", role or name, subjects, cluster=True)
    made["metadata"]["labels"] = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    return made


def role(name: str, *rules: Object) -> Object:
    return {"kind": "ClusterRole", "metadata": {"name": name}, "rules": list(rules)}


def in_system(name: str) -> Object:
    return {"kind": "ServiceAccount", "name": name, "namespace": "kube-system"}


def found(*objects: Object) -> dict[str, str]:
    """Each code with its message, of bindings alone."""
    done = judge(cluster_of([hardened.account("front"), *objects]), Given())
    return {item.code: item.message for item in done.findings if item.code.startswith("rbac-")}


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        ([built_in("cluster-admin", [MASTERS])], set()),
        ([built_in("system:discovery", [EVERYBODY]), role("system:discovery", PODS)], set()),
        ([built_in("system:public-info-viewer", [EVERYBODY, NOBODY]), role("system:public-info-viewer", PODS)], set()),
        ([built_in("system:kube-scheduler", [SCHEDULER]), role("system:kube-scheduler", SECRETS)], set()),
        # The account of a controller that is not run is not made.
        (
            [
                built_in("system:controller:job-controller", [in_system("job-controller")]),
                role("system:controller:job-controller", SECRETS),
            ],
            set(),
        ),
        ([built_in("system:node", []), role("system:node", SECRETS)], set()),
        # Somebody's own binding with the label, or in the place of a built-in one.
        ([built_in("mine", [NOBODY], "cluster-admin")], {"rbac-anonymous", "rbac-cluster-admin"}),
        ([built_in("system:discovery", [EVERYBODY], "view")], {"rbac-everybody"}),
        (
            [built_in("system:mine", [in_system("mine")], "cluster-admin")],
            {"rbac-cluster-admin", "rbac-account-missing"},
        ),
        # Subjects that somebody added.
        ([built_in("cluster-admin", [MASTERS, FRONT])], {"rbac-cluster-admin"}),
        ([built_in("cluster-admin", [MASTERS, hardened.group("system:nodes")])], {"rbac-cluster-admin"}),
        ([built_in("system:discovery", [EVERYBODY, NOBODY]), role("system:discovery", PODS)], {"rbac-anonymous"}),
        (
            [built_in("system:kube-scheduler", [SCHEDULER, FRONT]), role("system:kube-scheduler", SECRETS)],
            {"rbac-secrets"},
        ),
        (
            [
                built_in("system:controller:job-controller", [in_system("r")]),
                role("system:controller:job-controller", SECRETS),
            ],
            {"rbac-secrets", "rbac-account-missing"},
        ),
        # No component does everything.
        (
            [
                hardened.binding(
                    "x", "ClusterRole", "cluster-admin", [hardened.group("system:bootstrappers")], cluster=True
                )
            ],
            {"rbac-cluster-admin"},
        ),
        (hardened.bound("x", [SECRETS], [hardened.group("system:bootstrappers")], cluster=True), set()),
        # kubeadm's, and its name elsewhere.
        (hardened.bound("kubeadm:bootstrap-signer-clusterinfo", [PODS], [NOBODY], cluster=True), {"rbac-anonymous"}),
        # The user of an account is the account.
        (
            [
                hardened.binding(
                    "x", "ClusterRole", "cluster-admin", [hardened.user("system:serviceaccount:shop:front")]
                )
            ],
            {"rbac-namespace-admin"},
        ),
        (hardened.bound("x", [PODS], [hardened.user("system:serviceaccount:shop:gone")]), {"rbac-account-missing"}),
    ],
)
def test_only_whom_kubernetes_bound_is_folded(objects: list[Object], wanted: set[str]) -> None:
    assert set(found(*objects)) == wanted


def test_joining_nodes_may_read_where_the_api_server_is() -> None:
    objects = hardened.bound("kubeadm:bootstrap-signer-clusterinfo", [PODS], [hardened.user("system:anonymous")])
    for item in objects:
        item["metadata"]["namespace"] = "kube-public"
    assert found(*objects) == {}


def test_a_binding_that_somebody_added_to_does_not_count_as_folded() -> None:
    objects = [built_in("cluster-admin", [MASTERS, FRONT]), built_in("system:node", []), role("system:node", SECRETS)]
    done = judge(cluster_of(objects), Given())
    [folded] = [item for item in sections(done.around, done.told) if item.title == "Folded"]
    assert folded.table is not None
    assert ("", "bindings that Kubernetes makes by itself", 1.0) in folded.table.rows


ADMIN = "cluster-admin"
ELSEWHERE = in_system("gone")
WITHOUT_NAMESPACE = {"kind": "ServiceAccount", "name": "front"}


@pytest.mark.parametrize(
    ("objects", "code", "kept"),
    [
        ([built_in(ADMIN, [MASTERS, FRONT, NOBODY])], "rbac-cluster-admin", [MASTERS]),
        ([built_in(ADMIN, [MASTERS, FRONT, NOBODY])], "rbac-anonymous", [MASTERS, FRONT]),
        (
            [built_in("system:kube-scheduler", [SCHEDULER, FRONT]), role("system:kube-scheduler", SECRETS)],
            "rbac-secrets",
            [SCHEDULER],
        ),
        ([hardened.binding("x", "ClusterRole", ADMIN, [FRONT], cluster=True)], "rbac-cluster-admin", None),
        # A user's name may be part of the role's.
        (
            [hardened.binding("x", "ClusterRole", "view", [hardened.user("view"), NOBODY], cluster=True)],
            "rbac-anonymous",
            [hardened.user("view")],
        ),
        # The same name elsewhere is another account.
        (
            [
                *hardened.bound("x", [PODS], [{**FRONT, "name": "gone"}, ELSEWHERE, FRONT]),
                {"kind": "ServiceAccount", "metadata": {"name": "gone", "namespace": "kube-system"}},
            ],
            "rbac-account-missing",
            [ELSEWHERE, FRONT],
        ),
        (hardened.bound("x", [PODS], [WITHOUT_NAMESPACE, NOBODY]), "rbac-anonymous", [FRONT]),
    ],
)
def test_the_change_takes_away_only_whom_it_is_about(
    objects: list[Object], code: str, kept: list[dict[str, Any]] | None
) -> None:
    done = judge(cluster_of([hardened.account("front"), *objects]), Given())
    change = change_of(next(item for item in done.findings if item.code == code), done.around)
    assert change is not None
    assert (change.verb, change.body) == (("patch", {"subjects": kept}) if kept else ("delete", None))
