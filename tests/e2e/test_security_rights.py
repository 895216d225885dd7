# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Each permission taken away in turn is said and never passes; and the runbook's commands, run as they stand there."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import audit, hardened
from support.cluster import Cluster, eventually
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.story import plain

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Asked, run
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.blindness import codes_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import OPTIONAL, permissions

# It gives and takes rights, which the audit of the whole cluster beside it would find.
pytestmark = pytest.mark.xdist_group("security")

RESOURCES = [(group, name) for group, names in permissions() for name in names]
# Lists that are read from a resource under another name.
ALSO = {"secrets": ("secrets", "certificates")}


@pytest.fixture(scope="module")
def readers(cluster: Cluster) -> Iterator[str]:
    """A user for each resource, who may list everything but that; called PREFIX-RESOURCE. One more may list all."""
    prefix = f"reader-{uuid.uuid4().hex[:6]}"
    items = []
    for missing in ["", *(name for _group, name in RESOURCES)]:
        rules = [hardened.rule("list", name, group) for group, name in RESOURCES if name != missing]
        name = f"{prefix}-{missing or 'all'}"
        items += hardened.bound(name, rules, [hardened.user(name)], cluster=True)
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    yield prefix
    for item in items:
        cluster.kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false", check=False)


def report_of(cluster: Cluster, user: str) -> dict[str, object]:
    connection = connection_from_params({"kubeconfig": cluster.kubeconfig, "impersonate_user": user}, {})
    return run(Client(connection), Asked(), deadline=Deadline.after(30))


def test_read_only_rights_suffice(cluster: Cluster, readers: str) -> None:
    report = report_of(cluster, f"{readers}-all")
    assert not [item for item in report["not_assessed"] if "may not list" in item["why"]]
    tried = [item["fix"].get("dry_run", "") for item in report["findings"]]
    assert any(text.startswith("not tried: ") for text in tried)


@pytest.mark.parametrize("resource", [name for _group, name in RESOURCES if name not in OPTIONAL.values()])
def test_a_permission_that_is_missing_is_said(cluster: Cluster, readers: str, resource: str) -> None:
    report = report_of(cluster, f"{readers}-{resource}")
    said = {item["what"]: item for item in report["not_assessed"]}
    for what in ALSO.get(resource, (resource,)):
        assert resource in said[what]["why"], said[what]
        assert said[what]["codes"] == list(codes_of(what))
    assert report["summary"]["grade"]["letter"] != "A"


def test_every_command_of_the_runbook(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    def privileged(template: hardened.Object) -> None:
        template["spec"]["containers"][0]["securityContext"] = {"privileged": True}

    bound = hardened.bound("too-much", [hardened.rule("list", "secrets")], [hardened.user()])
    items = [hardened.deployment("checkout", privileged), *bound]
    placed = [{**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in items]
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": placed}))
    assert eventually(lambda: cluster.get("pods", "-n", namespace)["items"], 30)
    values = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": namespace, "REPORTS": str(tmp_path / "reports")}
    text = (ROOT / "docs" / "runbooks" / "security-remediation.md").read_text()
    shell = Shell(sections(text), tmp_path, environment_of(cluster, tmp_path), values)
    shell.does("Set up")
    said = plain(shell.does("First minute"))
    assert "pod-privileged" in said and "Status: done" in said
    assert not audit.writes(cluster, namespace)
    said = shell.does("What to do, finding by finding")
    assert "critical: pod-privileged Deployment/checkout" in said
    assert "the API server accepted it as a dry run" in said
    assert "successfully rolled out" in shell.does("A privileged container")
    assert "deleted" in shell.does("Permissions that reach too far")
    assert "created" in shell.does("A network without policies")
    assert "labeled" in shell.does("Keep it so")
    said = plain(shell.does("Accept what has to stay"))
    report = json.loads(max((tmp_path / "reports").glob("*/security-*.json")).read_text())
    left = {item["code"] for item in report["findings"] if item["namespace"] == namespace or item["name"] == namespace}
    assert not left & {"pod-privileged", "rbac-secrets", "network-ingress-open", "namespace-not-enforced"}
    assert "pod-writable-root" not in left
    assert shell.ran == {title for title, blocks in shell.blocks.items() if blocks}
