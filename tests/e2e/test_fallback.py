# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every command of docs/fallback is run as it stands there, and tells or does what the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cluster import Cluster, eventually
from support.images import push
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.workloads import BUSYBOX, deployment

PAGES = ROOT / "docs" / "fallback"
# What a machine without this collection need not have.
MISSED = ("ansible", "helm", "jq", "python", "curl", "kubectl-ai", "kagent")
Read = Callable[..., Shell]


@pytest.fixture
def read(cluster: Cluster, namespace: str, tmp_path: Path) -> Read:
    def page(name: str, **values: Any) -> Shell:
        own = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": namespace, "WORKLOAD": "checkout", "CONTAINER": "app"}
        given = {**own, **{key: str(value) for key, value in values.items()}}
        return Shell(sections((PAGES / f"{name}.md").read_text()), tmp_path, environment_of(cluster, tmp_path), given)

    return page


def all_of(shell: Shell) -> set[str]:
    return {title for title, blocks in shell.blocks.items() if blocks}


def image_of(cluster: Cluster, namespace: str) -> str:
    document = cluster.get("deployment", "checkout", "--namespace", namespace)
    return str(document["spec"]["template"]["spec"]["containers"][0]["image"])


def replicas(cluster: Cluster, namespace: str) -> int:
    return int(cluster.get("deployment", "checkout", "--namespace", namespace)["spec"]["replicas"])


def start(cluster: Cluster, namespace: str, manifest: dict[str, Any]) -> None:
    cluster.apply(namespace, json.dumps(manifest))
    cluster.kubectl("rollout", "status", "deployment/checkout", "--namespace", namespace, "--timeout=60s")


@pytest.fixture
def busy(cluster: Cluster, namespace: str) -> None:
    """A pod that uses all of its 60m of CPU, of which 20m are requested; the cluster tells so after a while."""
    resources = {"requests": {"cpu": "20m", "memory": "16Mi"}, "limits": {"cpu": "60m", "memory": "32Mi"}}
    start(cluster, namespace, deployment(command=["sh", "-c", "while :; do :; done"], resources=resources))

    def told() -> bool:
        figures = cluster.kubectl("top", "pods", "--namespace", namespace, "--no-headers", check=False)
        return bool(re.search(r"\s[4-9]\dm\s", figures))

    assert eventually(told, 120, 2)


def test_the_pages_need_nothing_but_kubectl() -> None:
    for page in PAGES.glob("*.md"):
        for title, blocks in sections(page.read_text()).items():
            words = {word for block in blocks for word in re.findall(r"[\w-]+", block)}
            assert not words & set(MISSED), f"{page.name}: {title}"


def test_the_pages_are_found() -> None:
    pages = {page.name for page in PAGES.glob("*.md")} - {"README.md"}
    assert len(pages) == 6
    assert set(re.findall(r"\(([\w-]+\.md)\)", (PAGES / "README.md").read_text())) == pages


def test_diagnosis(cluster: Cluster, namespace: str, read: Read) -> None:
    start(cluster, namespace, deployment())
    cluster.kubectl("set", "image", "deployment/checkout", "app=localhost/aiops/busybox:none", "--namespace", namespace)
    pull_fails = "ErrImagePull|ImagePullBackOff"
    assert eventually(lambda: re.search(pull_fails, cluster.kubectl("get", "pods", "--namespace", namespace)), 30)
    shell = read("diagnosis")
    shell.does("Set up")
    assert re.search(f"{namespace} +checkout-.* ({pull_fails})", shell.does("What is broken"))
    assert re.search(pull_fails, shell.does("The pod"))
    assert "it has not started" in shell.does("The last words")
    assert "localhost/aiops/busybox:none" in shell.does("Events")
    assert re.search(rf"checkout-\S+ +\S+ +1 +{BUSYBOX}", shell.does("What was changed"))
    assert "MemoryPressure" in shell.does("The node")
    shell.does("Change")
    assert "successfully rolled out" in shell.does("Check")
    assert image_of(cluster, namespace) == BUSYBOX
    shell.does("Take it back")
    assert image_of(cluster, namespace) == "localhost/aiops/busybox:none"
    assert shell.ran == all_of(shell)


@pytest.mark.usefixtures("busy")
def test_scaling(cluster: Cluster, namespace: str, read: Read) -> None:
    shell = read("scaling", PAUSE=1)
    shell.does("Set up")
    assert re.search(r"1 +1 +20m", shell.does("Is it CPU"))
    assert "No resources found" in shell.does("Does an HPA do it already")
    shares = [int(share) for share in re.findall(r"of 20m, that is (\d+) %", shell.does("Does it last"))]
    assert len(shares) == 5 and min(shares) > 70, shares
    wanted = -(-shares[-1] // 70)
    assert f"1 now, {wanted} wanted" in shell.does("How many")
    assert "Allocated resources" in shell.does("Do they fit")
    shell.does("By number")
    assert replicas(cluster, namespace) == wanted
    shell.does("By an HPA")
    [hpa] = cluster.get("hpa", "--namespace", namespace)["items"]
    assert (hpa["spec"]["minReplicas"], hpa["spec"]["maxReplicas"]) == (2, wanted * 6 // 5 + 1)
    assert "successfully rolled out" in shell.does("Check")
    shell.does("Take it back")
    assert replicas(cluster, namespace) == 1
    assert not cluster.get("hpa", "--namespace", namespace)["items"]
    assert shell.ran == all_of(shell)


@pytest.mark.usefixtures("busy")
def test_resource_optimisation(cluster: Cluster, namespace: str, read: Read, tmp_path: Path) -> None:
    def container() -> Any:
        document = cluster.get("deployment", "checkout", "--namespace", namespace)
        return document["spec"]["template"]["spec"]["containers"][0]["resources"]

    before = container()
    shell = read("resources", LOOKS=3, PAUSE=1, SAMPLES=tmp_path / "samples.txt")
    shell.does("Set up")
    assert "cpu:20m" in shell.does("What is asked for").replace('"', "")
    said = shell.does("What is used")
    [cpu] = re.findall(r"looks: 3, CPU p95 (\d+)m, memory peak \d+Mi", said)
    assert 40 <= int(cpu) <= 99
    assert re.search(r"checkout-\S+ +0 +<none>", shell.does("Was it killed, is it starved"))
    shell.does("Decide")
    assert "successfully rolled out" in shell.does("Change")
    millicores = -(-int(cpu) * 131 // 100)
    assert (
        container()
        == {
            "requests": {"cpu": f"{millicores}m", "memory": "32Mi"},
            "limits": {"cpu": "60m", "memory": "32Mi"},
        }
        or millicores > 60
    )
    shell.does("Check")
    shell.does("Take it back")
    assert container() == before
    assert shell.ran == all_of(shell)


@pytest.fixture
def shop(cluster: Cluster, namespace: str) -> None:
    manifest = deployment(image="localhost/aiops/podinfo:6", replicas=2)
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"] = {"httpGet": {"path": "/readyz", "port": 9898}, "periodSeconds": 1}
    start(cluster, namespace, manifest)


def strategy(cluster: Cluster, namespace: str) -> list[Any]:
    spec = cluster.get("deployment", "checkout", "--namespace", namespace)["spec"]
    return [spec.get("minReadySeconds", 0), spec["progressDeadlineSeconds"], spec["strategy"]]


@pytest.mark.usefixtures("shop")
def test_rolling_update_that_is_good(cluster: Cluster, namespace: str, read: Read, tmp_path: Path) -> None:
    good = push(cluster, "podinfo", f"{namespace}/checkout:7", tmp_path)
    before = strategy(cluster, namespace)
    shell = read("rolling-update", IMAGE=good, BATCH=1, PORT=9898)
    shell.does("Set up")
    assert "/readyz" in shell.does("Look")
    shell.does("Arm")
    shell.does("Change")
    said = shell.does("Watch")
    assert len(re.findall(r"^checkout-\S+ +1/1 +Running", said, re.MULTILINE)) == 1
    assert "http_requests_total" in said
    # The one new pod, and both of the old ones.
    assert len(cluster.get("pods", "--namespace", namespace)["items"]) == 3
    assert "successfully rolled out" in shell.does("Go on")
    assert image_of(cluster, namespace) == good
    assert strategy(cluster, namespace) == before
    shell.does("Take it back")
    assert image_of(cluster, namespace) == "localhost/aiops/podinfo:6"
    assert shell.ran | {"Halt"} == all_of(shell)


@pytest.mark.usefixtures("shop")
def test_rolling_update_that_is_halted(cluster: Cluster, namespace: str, read: Read) -> None:
    before = strategy(cluster, namespace)
    shell = read("rolling-update", IMAGE="localhost/aiops/podinfo:none", BATCH=1, PORT=9898)
    for title in ("Set up", "Look", "Arm", "Change"):
        shell.does(title)
    said = shell.does("Watch")
    assert "they have not started" in said and "it tells nothing" in said
    ready = cluster.get("deployment", "checkout", "--namespace", namespace)["status"]["readyReplicas"]
    assert ready == 2
    assert "successfully rolled out" in shell.does("Halt")
    assert image_of(cluster, namespace) == "localhost/aiops/podinfo:6"
    assert strategy(cluster, namespace) == before
    assert shell.ran | {"Go on", "Take it back"} == all_of(shell)


def test_health_report(cluster: Cluster, namespace: str, read: Read) -> None:
    cluster.apply(namespace, json.dumps(deployment(image="localhost/aiops/busybox:none")))
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "none",
    }
    job = {
        "template": {
            "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": BUSYBOX, "command": ["false"]}]}
        }
    }
    for kind, version, spec in (
        ("PersistentVolumeClaim", "v1", claim),
        ("Job", "batch/v1", {"backoffLimit": 0, **job}),
    ):
        cluster.apply(
            namespace, json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": "orders"}, "spec": spec})
        )
    service = {"ports": [{"port": 80}], "selector": {"app": "nobody"}}
    cluster.apply(
        namespace, json.dumps({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "empty"}, "spec": service})
    )

    def broken() -> bool:
        jobs = cluster.get("jobs", "--namespace", namespace)["items"]
        return bool(jobs[0]["status"].get("failed")) and "ErrImagePull" in cluster.kubectl(
            "get", "events", "-n", namespace
        )

    assert eventually(broken, 60)
    shell = read("health")
    shell.does("Set up")
    assert "[+]ping ok" in shell.does("The control plane")
    assert " Ready " in shell.does("Nodes")
    assert re.search(rf"Deployment +{namespace} +checkout +1 +<none>", shell.does("Workloads"))
    assert re.search(rf"{namespace} +checkout-", shell.does("Pods"))
    assert re.search(rf"{namespace} +orders +1", shell.does("Jobs"))
    assert re.search(rf"{namespace} +orders +Pending", shell.does("Storage"))
    assert re.search(rf"{namespace} +empty +<none>", shell.does("Services"))
    shell.does("Autoscalers")
    assert "AVAILABLE" in shell.does("APIs that others serve")
    assert namespace in shell.does("What was just said")
    assert shell.ran == all_of(shell)


@pytest.fixture
def unsafe(cluster: Cluster, namespace: str) -> Iterator[None]:
    manifest = deployment()
    pod = manifest["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "node", "hostPath": {"path": "/etc"}}]
    pod["containers"][0] |= {
        "securityContext": {"privileged": True},
        "env": [{"name": "DB_PASSWORD", "value": "hunter2-hunter2"}],
    }
    start(cluster, namespace, manifest)
    account = f"--serviceaccount={namespace}:default"
    cluster.kubectl("create", "clusterrolebinding", namespace, "--clusterrole=cluster-admin", account)
    cluster.kubectl(
        "create", "rolebinding", "all", "--clusterrole=view", "--group=system:authenticated", "-n", namespace
    )
    cluster.kubectl("create", "role", "reads", "--verb=get", "--resource=secrets", "--namespace", namespace)
    cluster.kubectl("create", "service", "nodeport", "open", "--tcp=80:80", "--namespace", namespace)
    yield
    cluster.kubectl("delete", "clusterrolebinding", namespace)


@pytest.mark.usefixtures("unsafe")
def test_security_audit(cluster: Cluster, namespace: str, read: Read) -> None:
    shell = read("security")
    assert re.search(r"yes\s+yes", shell.does("Set up"))
    said = shell.does("Pods against the Pod Security Standards")
    assert f'existing pods in namespace "{namespace}" violate' in said
    assert re.search(rf"{namespace} +checkout-\S+ +true .* /etc", shell.does("Out of the pod"))
    said = shell.does("Up to administrator")
    assert re.search(rf"{namespace} +cluster-admin +default", said)
    assert re.search(rf"{namespace} +reads +\[secrets\] +\[get\]", said)
    assert re.search(r"\*\.\*.+\[\*\]", said)
    assert re.search(rf"{namespace}|all +view +system:authenticated", shell.does("Everybody"))
    assert re.search(rf"{namespace} +open +NodePort +80", shell.does("The network"))
    said = shell.does("Secrets in the open")
    assert re.search(rf"{namespace} checkout-\S+ DB_PASSWORD", said)
    assert "hunter2" not in said
    assert BUSYBOX in shell.does("Images")
    shell.does("Change")
    assert cluster.get("networkpolicy", "closed", "--namespace", namespace)["spec"]["podSelector"] == {}
    shell.does("Take it back")
    assert not cluster.get("networkpolicies", "--namespace", namespace)["items"]
    assert shell.ran == all_of(shell)
    labels = cluster.get("namespace", namespace)["metadata"]["labels"]
    assert not any("pod-security" in label for label in labels)
