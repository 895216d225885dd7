# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Of namespaces that were not read nothing is told, and no change follows from what was not read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_up import Fixed, Object, cluster_of
from support import hardened
from support.hardened import rule

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import (
    Asked,
    Given,
    change_of,
    judge,
    run,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import CONTROLLERS

ENFORCE = "pod-security.kubernetes.io/enforce"


def namespace(name: str, **labels: str) -> Object:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def placed(item: Object, name: str) -> Object:
    return {**item, "metadata": {**item["metadata"], "namespace": name}}


HOOK = {"name": "hook.example.com", "clientConfig": {"service": {"name": "hook", "namespace": "certificates"}}}
SIGNER = {"kind": "ServiceAccount", "name": "signer", "namespace": "certificates"}
# Nothing is wrong but that two namespaces enforce nothing.
HEALTHY = [
    namespace("shop"),
    namespace("certificates"),
    placed(hardened.service("hook"), "certificates"),
    placed(hardened.account("signer"), "certificates"),
    {"kind": "ValidatingWebhookConfiguration", "metadata": {"name": "hook"}, "webhooks": [HOOK]},
    *hardened.bound("signer", [rule("get", "configmaps")], [SIGNER], cluster=True),
]


class Cluster:
    """As much of a client as the audit asks."""

    cluster = "test"

    def get_raw(self, _path: str, **_more: Any) -> bytes:
        return b'{"gitVersion": "v1.37.1"}'

    def list(self, api_version: str, kind: str, *, namespace: str = "", shape: type, **more: Any) -> list[Any]:
        items = [
            item
            for item in HEALTHY
            if item["kind"] == kind and (not namespace or item["metadata"].get("namespace") == namespace)
        ]
        page = {"kind": f"{kind}List", "apiVersion": api_version, "items": items}
        return decode_page(json.dumps(page).encode(), shape).items


@pytest.mark.parametrize(("asked", "wanted"), [("", {"shop", "certificates"}), ("shop", {"shop"})])
def test_what_other_namespaces_have_is_not_called_missing(asked: str, wanted: set[str]) -> None:
    report = run(Cluster(), Asked(namespace=asked, dry_runs=0), deadline=Deadline.after(20), clock=Fixed())  # type: ignore[arg-type]
    assert {(item["code"], item["name"]) for item in report["findings"]} == {
        ("namespace-not-enforced", name) for name in wanted
    }
    said = [item for item in report["not_assessed"] if item["what"] == "other namespaces"]
    assert [item["codes"] for item in said] == (
        [
            [
                *("namespace-not-enforced", "namespace-privileged", "namespace-policy-pinned"),
                *("rbac-account-missing", "webhook-service-missing"),
            ]
        ]
        if asked
        else []
    )


@pytest.mark.parametrize("unread", ["", "pods", *CONTROLLERS])
def test_a_level_is_proposed_only_where_all_pods_were_seen(unread: str) -> None:
    done = judge(cluster_of([namespace("shop")], unread={unread: "forbidden"} if unread else {}), Given())
    [item] = [item for item in done.findings if item.code == "namespace-not-enforced"]
    assert (change_of(item, done.around) is None) is bool(unread)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("v1.28", True), ("v1.36", False), ("latest", False), ("v1.27.3", False), ("v1.", False), ("1.20", False)],
)
def test_a_policy_is_pinned_by_a_version_that_admission_knows(version: str, wanted: bool) -> None:
    item = namespace("shop", **{ENFORCE: "restricted", f"{ENFORCE}-version": version})
    codes = {finding.code for finding in judge(cluster_of([item]), Given()).findings}
    assert ("namespace-policy-pinned" in codes) is wanted
