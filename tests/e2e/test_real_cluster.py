# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded cluster is a real Kubernetes: kernel, kubelet, DNS, metrics, autoscaler, Helm, simulated pods."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from support.cluster import Cluster, eventually

BUSYBOX = "localhost/aiops/busybox:1.35"
PODINFO = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: podinfo}
spec:
  replicas: 1
  selector: {matchLabels: {app: podinfo}}
  template:
    metadata:
      labels: {app: podinfo}
      annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9898"}
    spec:
      containers:
        - name: podinfo
          image: localhost/aiops/podinfo:6
          resources: {requests: {cpu: 20m, memory: 32Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: podinfo}
spec: {selector: {app: podinfo}, ports: [{port: 80, targetPort: 9898}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: podinfo}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
"""


def pod(name: str, script: str, **container: Any) -> str:
    spec = {"containers": [{"name": "main", "image": BUSYBOX, "command": ["sh", "-c", script], **container}]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def container_status(cluster: Cluster, namespace: str, name: str) -> dict[str, Any]:
    statuses = cluster.get("pod", name, "-n", namespace)["status"].get("containerStatuses", [{}])
    return dict(statuses[0])


def test_a_failing_program_ends_in_a_crash_loop(cluster: Cluster, namespace: str) -> None:
    cluster.apply(namespace, pod("crash", "echo about to fail; exit 3"))

    def waiting() -> bool:
        state = container_status(cluster, namespace, "crash").get("state", {})
        return bool(state.get("waiting", {}).get("reason") == "CrashLoopBackOff")

    assert eventually(waiting)

    def told() -> bool:
        # Between two runs the kubelet may have removed the container whose log it names.
        return "about to fail" in cluster.kubectl("logs", "-n", namespace, "crash", "--previous")

    assert eventually(told)


def test_the_kernel_kills_what_goes_over_its_memory_limit(cluster: Cluster, namespace: str) -> None:
    limits = {"limits": {"memory": "32Mi"}}
    cluster.apply(namespace, pod("oom", "x=a; while :; do x=$x$x; done", resources=limits))

    def reason() -> Any:
        status = container_status(cluster, namespace, "oom")
        ended = [status.get(key, {}).get("terminated") for key in ("state", "lastState")]
        return next((end for end in ended if end), None)

    ended = eventually(reason)
    assert (ended["reason"], ended["exitCode"]) == ("OOMKilled", 137)


def test_service_dns_metrics_and_autoscaler(cluster: Cluster, namespace: str) -> None:
    cluster.apply(namespace, PODINFO)
    cluster.kubectl("rollout", "status", "deployment/podinfo", "-n", namespace, "--timeout=60s")
    url = f"http://podinfo.{namespace}.svc.cluster.local/version"
    cluster.apply(namespace, pod("client", f"until wget -qO- {url}; do sleep 1; done; sleep 600"))
    assert eventually(lambda: "version" in cluster.kubectl("logs", "client", "-n", namespace, check=False))

    def top() -> list[str]:
        listed = cluster.kubectl("top", "pods", "-n", namespace, "--no-headers", check=False)
        return [line for line in listed.splitlines() if line.startswith("podinfo")]

    _name, cpu, memory = eventually(top, timeout_seconds=90)[0].split()
    assert cpu.endswith("m") and int(memory.removesuffix("Mi")) > 1

    def current() -> Any:
        status = cluster.get("hpa", "podinfo", "-n", namespace)["status"]
        return [metric["resource"]["current"] for metric in status.get("currentMetrics") or [] if "resource" in metric]

    assert "averageUtilization" in eventually(current, timeout_seconds=90)[0]


def test_prometheus_scrapes_kubelet_api_server_and_annotated_pods(cluster: Cluster, namespace: str) -> None:
    cluster.apply(namespace, PODINFO)

    def up(query: str) -> list[Any]:
        url = f"{cluster.facts['prometheus']}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return list(json.load(answer)["data"]["result"])

    for job in ("kubelet", "cadvisor", "apiserver"):
        assert eventually(lambda job=job: up(f'up{{job="{job}"}} == 1')), job
    assert eventually(lambda: up(f'up{{job="pods",namespace="{namespace}"}} == 1'))


def test_exec_and_the_way_to_the_registry(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    archive = tmp_path / "empty.tar"
    subprocess.run(["tar", "--create", f"--file={archive}", "--files-from=/dev/null"], check=True)
    registry = cluster.facts["registry"]
    append = [cluster.program("crane"), "append", "--insecure", "-f", str(archive), "-t", f"{registry}/shop/empty:1"]
    subprocess.run(append, check=True, capture_output=True)
    cluster.apply(namespace, pod("shell", "sleep 600"))
    cluster.kubectl("wait", "pod/shell", "-n", namespace, "--for=condition=Ready", "--timeout=60s")
    assert "uid=0" in cluster.kubectl("exec", "shell", "-n", namespace, "--", "id")
    missing = json.loads(pod("missing", "true"))
    missing["spec"]["containers"][0]["image"] = "localhost:5000/shop/empty:2"
    cluster.apply(namespace, json.dumps(missing))

    def events() -> str:
        return cluster.kubectl("get", "events", "-n", namespace, "--field-selector=involvedObject.name=missing")

    assert eventually(lambda: "not found" in events()), events()


def test_a_helm_release(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    helm = [cluster.program("helm"), "--kubeconfig", cluster.kubeconfig, "--namespace", namespace]
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 0.1.0\n")
    (chart / "templates" / "map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\ndata: {a: {{ .Values.a | quote }}}\n"
    )
    subprocess.run([*helm, "install", "shop", str(chart), "--set", "a=b", "--wait"], check=True, capture_output=True)
    assert cluster.get("configmap", "shop", "-n", namespace)["data"] == {"a": "b"}
    listed = subprocess.run([*helm, "list", "-o", "json"], check=True, capture_output=True, text=True).stdout
    assert [(release["name"], release["status"]) for release in json.loads(listed)] == [("shop", "deployed")]


def test_simulated_pods_run_and_take_no_real_pod(cluster: Cluster, namespace: str) -> None:
    pods = cluster.get("pods", "-n", "simulated")["items"]
    assert [item["status"]["phase"] for item in pods] == ["Running"] * 30
    assert all(item["spec"]["nodeName"].startswith("simulated-") for item in pods)
    cluster.apply(namespace, pod("real", "sleep 600"))
    cluster.kubectl("wait", "pod/real", "-n", namespace, "--for=condition=Ready", "--timeout=60s")
    assert cluster.get("pod", "real", "-n", namespace)["spec"]["nodeName"] == cluster.facts["node"]


def test_the_audit_log_sees_who_wrote_what(cluster: Cluster, namespace: str) -> None:
    cluster.kubectl("create", "configmap", "witness", "-n", namespace, "--from-literal=a=b")

    def written() -> list[dict[str, Any]]:
        lines = Path(cluster.facts["audit_log"]).read_text().splitlines()
        events = [json.loads(line) for line in lines if '"witness"' in line and namespace in line]
        return [event for event in events if event["verb"] == "create"]

    [event] = eventually(written)
    assert (event["user"]["username"], event["requestObject"]["data"]) == ("aiops-admin", {"a": "b"})
