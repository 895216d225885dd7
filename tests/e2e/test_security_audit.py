# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The security audit on a real cluster: every planted fault by its code, nothing on healthy objects, attack paths."""

from __future__ import annotations

import datetime
import json
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import audit, security_faults
from support.cluster import Cluster, eventually
from support.hardened import IMAGE, Object
from support.story import Story

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Asked, run
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Settings

pytestmark = pytest.mark.xdist_group("security")
ENFORCE = "pod-security.kubernetes.io/enforce"
# Of what is planted: kinds that have no namespace.
CLUSTER_KINDS = (
    *("ClusterRole", "ClusterRoleBinding", "Namespace", "ValidatingWebhookConfiguration"),
    *("MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
)
SETTINGS = Settings(allowed_registries=("registry.example.com", "k8s.gcr.io"))


@dataclass(frozen=True)
class Place:
    """Where everything is planted."""

    cluster: Cluster
    namespace: str
    faults: list[security_faults.Planted]
    healthy: list[Object]
    exposed: list[Object]

    def findings(self, report: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
        """The codes that were found on each object that is ours."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for item in report["findings"]:
            if item["namespace"] == self.namespace or item["name"].startswith(self.namespace):
                found[item["kind"], item["name"]].add(item["code"])
        return dict(found)


@pytest.fixture(scope="module")
def place(cluster: Cluster) -> Iterator[Place]:
    namespace = f"test-security-{uuid.uuid4().hex[:6]}"
    now = datetime.datetime.now(datetime.UTC)
    own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {ENFORCE: "privileged"}}}
    found = Place(
        cluster,
        namespace,
        security_faults.all_planted(namespace, now),
        security_faults.healthy(now),
        security_faults.exposed(namespace),
    )
    objects = [item for fault in found.faults for item in (*fault.with_it, fault.object)]
    objects += [*found.healthy, *found.exposed]
    try:
        cluster.kubectl("create", "-f", "-", stdin=json.dumps(own))
        create(cluster, namespace, objects)
        assert eventually(lambda: not waiting(cluster, namespace), 90), waiting(cluster, namespace)
        debug(cluster, namespace)
        yield found
    finally:
        for item in objects:
            if item["kind"] in CLUSTER_KINDS:
                cluster.kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false", check=False)
        cluster.kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def create(cluster: Cluster, namespace: str, objects: list[Object]) -> None:
    """kubectl create, not apply, which would leave copies of Secrets in annotations."""
    items = [_placed(item, namespace) for item in objects]
    cluster.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def _placed(item: Object, namespace: str) -> Object:
    if item["kind"] in CLUSTER_KINDS:
        return item
    return {**item, "metadata": {**item["metadata"], "namespace": namespace}}


def waiting(cluster: Cluster, namespace: str) -> set[str]:
    """Deployments without a pod that runs."""
    wanted = {item["metadata"]["name"] for item in cluster.get("deployments", "--namespace", namespace)["items"]}
    pods = cluster.get("pods", "--namespace", namespace)["items"]
    return wanted - {pod["metadata"]["labels"].get("app") for pod in pods if pod["status"].get("phase") == "Running"}


def debug(cluster: Cluster, namespace: str) -> None:
    """Somebody debugs a pod of the Deployment debugged."""
    [pod] = cluster.get("pods", "--namespace", namespace, "-l", "app=no-seccomp")["items"]
    context = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    pod["spec"]["ephemeralContainers"] = [{"name": "debugger", "image": IMAGE, "securityContext": context}]
    path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}/ephemeralcontainers"
    cluster.kubectl("replace", "--raw", path, "-f", "-", stdin=json.dumps(pod))


def client(cluster: Cluster, **more: Any) -> Client:
    return Client(connection_from_params({"kubeconfig": cluster.kubeconfig, **more}, {}))


@pytest.fixture(scope="module")
def report(place: Place) -> dict[str, Any]:
    return run(client(place.cluster), Asked(SETTINGS), deadline=Deadline.after(60))


def test_every_planted_fault_is_found_with_its_code_and_nothing_else(place: Place, report: dict[str, Any]) -> None:
    wanted = {fault.key: set(fault.codes) for fault in place.faults}
    wanted["Deployment", "no-seccomp"].add("pod-debug-container")
    # The namespace that takes all of them says that it does, and the path needs its binding.
    wanted["Namespace", place.namespace] = {"namespace-privileged"}
    wanted["ClusterRoleBinding", f"{place.namespace}-deployer"] = {"rbac-cluster-admin"}
    assert len(wanted) >= 60
    assert place.findings(report) == wanted


def test_findings_carry_ids_evidence_factors_and_a_fix(place: Place, report: dict[str, Any]) -> None:
    ours = [item for item in report["findings"] if item["namespace"] == place.namespace]
    assert all(item["controls"] and item["why"] and item["fix"]["text"] for item in ours)
    [privileged] = [item for item in ours if (item["name"], item["code"]) == ("privileged", "pod-privileged")]
    assert {"privileged", "CIS 5.2.2", "T1611"} <= set(privileged["controls"])
    # Its node; and everything, where the scheduler put it beside the pod whose account may do everything.
    assert privileged["factors"] in (
        {"exposure cluster": 1.0, "reach cluster-admin": 3.0},
        {"exposure cluster": 1.0, "reach node": 2.0},
    )
    assert privileged["rank"] in (2000.0, 3000.0)
    ranks = [item["rank"] for item in report["findings"]]
    assert ranks == sorted(ranks, reverse=True)


def test_the_exposed_workload_leads_to_everything_through_its_binding(place: Place, report: dict[str, Any]) -> None:
    [path] = [item for item in report["attack_paths"] if item["from"]["name"] == "shopfront"]
    assert path["goal"] == "cluster-admin"
    assert path["exposed_by"] == [f"Service {place.namespace}/shopfront (LoadBalancer)"]
    assert path["text"] == (
        f"Deployment {place.namespace}/shopfront → ServiceAccount {place.namespace}/deployer → the whole cluster"
    )
    binding = f"ClusterRoleBinding {place.namespace}-deployer"
    assert path["steps"][-1]["cut"] == binding
    assert binding in [point["what"] for point in report["choke_points"]]


def test_what_cannot_be_seen_is_said(report: dict[str, Any]) -> None:
    said = {item["what"] for item in report["not_assessed"]}
    assert {"options of kube-apiserver", "options of etcd", "vulnerabilities"} <= said
    assert any(what.startswith("nodes (CIS 4") for what in said)


def test_changes_that_would_help_passed_a_dry_run_and_help(place: Place, report: dict[str, Any]) -> None:
    """Every change is tried; then some of them are really made, and the findings are gone."""
    whole = run(client(place.cluster), Asked(SETTINGS, place.namespace, dry_runs=500), deadline=Deadline.after(60))
    tried = [item for item in whole["findings"] if item["fix"].get("dry_run") and item["namespace"] == place.namespace]
    assert len(tried) > 40
    refused = {(item["code"], item["name"]): item["fix"]["dry_run"] for item in tried}
    refused = {key: text for key, text in refused.items() if text != "the API server accepted it as a dry run"}
    assert refused == {}
    assert not audit.writes(place.cluster, place.namespace)


def test_a_change_takes_its_finding_away(place: Place, report: dict[str, Any]) -> None:
    for name, code in (("writable-root", "pod-writable-root"), ("open-egress", "network-egress-open")):
        [item] = [
            i for i in report["findings"] if (i["namespace"], i["name"], i["code"]) == (place.namespace, name, code)
        ]
        command = item["fix"]["command"]
        assert command, item
        place.cluster.shell(command)

    def left() -> dict[tuple[str, str], set[str]]:
        again = run(client(place.cluster), Asked(SETTINGS, dry_runs=0), deadline=Deadline.after(60))
        found = place.findings(again)
        return {
            key: found[key] for key in (("Deployment", "writable-root"), ("Deployment", "open-egress")) if key in found
        }

    assert eventually(lambda: not left(), 30), left()


@pytest.fixture
def story(cluster: Cluster, place: Place, tmp_path: Path) -> Story:
    return Story(cluster, place.namespace, tmp_path / "records")


def test_the_playbook_writes_every_form_and_a_record(place: Place, story: Story, tmp_path: Path) -> None:
    exceptions = tmp_path / "exceptions.yml"
    accepted = {"code": "pod-privileged", "namespace": place.namespace, "name": "privileged"}
    accepted |= {"reason": "the storage driver needs it", "owner": "storage team", "until": "2099-12-31"}
    ended = {**accepted, "code": "pod-runtime-socket", "name": "runtime-socket", "until": "2020-01-01"}
    exceptions.write_text(yaml.safe_dump({"exceptions": [accepted, ended]}))
    notices = tmp_path / "notice.json"
    notify = [{"command": {"argv": ["sh", "-c", f"cat > {notices}"]}}]
    more = {"reports": str(tmp_path / "reports"), "exceptions": str(exceptions), "security_audit_notify": notify}
    done = story.run("security_audit.yml", **more)
    assert done.code == 0, done.output
    assert "Status: done" in done.output
    [page] = (tmp_path / "reports").glob("*/security-*.html")
    text = page.read_text()
    assert "Attack paths from the outside" in text
    assert "the storage driver needs it" in text
    whole = json.loads(page.with_suffix(".json").read_text())
    codes = {(item["code"], item["name"]) for item in whole["findings"]}
    assert ("pod-privileged", "privileged") not in codes
    [back] = [item for item in whole["findings"] if item["code"] == "pod-runtime-socket"]
    assert any("that day has passed" in sentence for sentence in back["evidence"])
    sarif = json.loads(page.with_suffix(".sarif").read_text())
    assert sarif["version"] == "2.1.0"
    assert len(sarif["runs"][0]["results"]) == len(whole["findings"])
    assert "critical" in json.loads(notices.read_text())["subject"]
    assert story.body("reported")["findings_in_all"] == len(whole["findings"])
    assert "hunter2" not in text + story.record() + done.output
    again = story.run("security_audit.yml", "--check", **more)
    assert again.code == 0, again.output
    assert "0 new" in again.output
