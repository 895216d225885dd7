# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a cluster is not whole without: DNS, metrics, the right to be scraped, images, simulated nodes and pods."""

from __future__ import annotations

import base64
import json
import string
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import (
    Image,
    busybox_image,
    pause_image,
    podinfo_image,
    write_archive,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.layout import METRICS_SERVER_PORT, Layout
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.waiting import until, until_reached

_SIMULATED_NAMESPACE = "simulated"
# Thousands take a minute or two, one after the other: as long without another one means that none will come.
_NONE_MORE_SECONDS = 120.0
_PODS_PER_DEPLOYMENT = 50
# Hundreds of objects, one request each, on a machine that may be busy with something else.
_BULK_SECONDS = 600


class Kubectl:
    """kubectl as the cluster's administrator."""

    def __init__(self, layout: Layout) -> None:
        self._command = [layout.program("kubectl"), f"--kubeconfig={layout.settings.kubeconfig}"]

    def __call__(self, *arguments: str, what: str, stdin: str | None = None, timeout_seconds: float = 60) -> str:
        return run([*self._command, *arguments], what=what, stdin=stdin, timeout_seconds=timeout_seconds)

    def apply(self, manifests: str, what: str) -> bool:
        """Applies by the server's own merge; returns whether anything changed."""
        command = ("apply", "--server-side", "--field-manager=aiops-local-cluster", "-f", "-")
        before = self._versions(manifests)
        self(*command, what=what, stdin=manifests, timeout_seconds=_BULK_SECONDS)
        return before != self._versions(manifests)

    def _versions(self, manifests: str) -> str:
        path = "-o=jsonpath={range .items[*]}{.kind}{.metadata.name}{.metadata.uid}{.metadata.generation}{'\\n'}{end}"
        return self(
            "get",
            "--ignore-not-found",
            "-f",
            "-",
            path,
            what="read what is there",
            stdin=manifests,
            timeout_seconds=_BULK_SECONDS,
        )


def apply_manifests(layout: Layout, kubectl: Kubectl, timeout_seconds: float = 30) -> None:
    """DNS, metrics-server and Prometheus' rights; tried again while a new API server still refuses."""
    known = {
        "node_address": str(layout.addresses.node),
        "dns_service": str(layout.addresses.dns_service),
        "metrics_server_port": str(METRICS_SERVER_PORT),
        "authority": base64.b64encode(Path(layout.certificate("ca")).read_bytes()).decode(),
    }
    folder = layout.settings.assets / "manifests"
    text = "---\n".join(string.Template(path.read_text()).substitute(known) for path in sorted(folder.glob("*.yaml")))
    deadline = Deadline.after(timeout_seconds)

    def applied() -> bool:
        try:
            kubectl.apply(text, "install the cluster's own objects")
        except EmbeddedClusterError:
            if deadline.expired:
                raise
            return False
        return True

    until(applied, deadline, 0.3)


def wait_for_node(layout: Layout, kubectl: Kubectl, timeout_seconds: float) -> None:
    """Waits until the node is Ready and a pod could be made (the default ServiceAccount is there)."""
    node = f"node/{layout.settings.node_name}"
    deadline = Deadline.after(timeout_seconds)

    def condition(part: str) -> str:
        path = f"-o=jsonpath={{.status.conditions[?(@.type=='Ready')].{part}}}"
        return kubectl("get", "--ignore-not-found", node, path, what="ask for the node")

    if not until(lambda: condition("status") == "True", deadline, 0.1):
        told = condition("message") or "it has not registered"
        raise EmbeddedClusterError(f"The node is not Ready after {timeout_seconds:.0f} s: {told}")
    account = ("get", "--ignore-not-found", "serviceaccount", "default", "-o=name")
    if not until(lambda: bool(kubectl(*account, what="ask for ServiceAccounts")), deadline, 0.1):
        raise EmbeddedClusterError(f"There is no default ServiceAccount after {timeout_seconds:.0f} s.")


def import_images(layout: Layout, progress: Progress) -> None:
    """Imports pause always, busybox and podinfo where wished for."""
    images = [pause_image(layout.programs["pause"])]
    if layout.settings.demo_images:
        busybox = layout.programs["busybox"]
        applets = run([busybox, "--list"], what="list busybox' applets").split()
        images += [busybox_image(busybox, applets), podinfo_image(layout.programs["podinfo"])]
    progress.step("images", f"importing {', '.join(image.reference for image in images)}")
    for image in images:
        _import(layout, image)


def _import(layout: Layout, image: Image) -> None:
    archive = layout.settings.folder / "image.tar"
    write_archive(image, archive)
    ctr = [layout.program("ctr"), "--address", str(layout.containerd_socket), "--namespace", "k8s.io"]
    run([*ctr, "images", "import", archive], what=f"import the image {image.reference}")
    archive.unlink()


def simulate(layout: Layout, kubectl: Kubectl, progress: Progress, timeout_seconds: float = 900) -> bool:
    """Brings simulated nodes and pods to the wished numbers, waits until all run; returns whether changed."""
    settings = layout.settings
    if not settings.simulated_nodes:
        return False
    progress.step("kwok", f"{settings.simulated_nodes} simulated nodes, {settings.simulated_pods} simulated pods")
    changed = kubectl.apply(_list(_simulated_nodes(settings.simulated_nodes)), "create simulated nodes")
    if settings.simulated_pods:
        changed |= kubectl.apply(_list(_simulated_workloads(settings.simulated_pods)), "create simulated pods")

    def running() -> int:
        count = _running_simulated(kubectl)
        progress.still("kwok", f"{count} of {settings.simulated_pods} simulated pods are Running")
        return count

    count = until_reached(running, settings.simulated_pods, Deadline.after(timeout_seconds), _NONE_MORE_SECONDS)
    if count < settings.simulated_pods:
        raise EmbeddedClusterError(
            f"Only {count} of {settings.simulated_pods} simulated pods run, and waiting brings no more:"
            f" {_why_not_running(kubectl)}. Start the cluster again with fewer, or anew (local_cluster_state=absent)."
        )
    return changed


def _running_simulated(kubectl: Kubectl) -> int:
    path = "-o=jsonpath={range .items[*]}{.status.readyReplicas}{'\\n'}{end}"
    listed = kubectl("get", "deployments", "-n", _SIMULATED_NAMESPACE, path, what="count the simulated pods")
    return sum(int(line) for line in listed.split() if line)


def _why_not_running(kubectl: Kubectl) -> str:
    """The first simulated pod that is not Ready, and what its conditions say."""
    condition = "{range .status.conditions[?(@.status=='False')]}{.type} is False {.reason} {.message} {end}"
    path = "-o=jsonpath={range .items[*]}{.metadata.name}{'\\t'}{.status.phase}{'\\t'}" + condition + "{'\\n'}{end}"
    listed = kubectl("get", "pods", "-n", _SIMULATED_NAMESPACE, path, what="ask for the simulated pods")
    for name, phase, told in (line.split("\t") for line in listed.splitlines() if line.count("\t") == 2):
        if phase != "Running" or told:
            return " ".join(f"pod {name} is {phase or 'without a phase'} {told}".split()).rstrip(".")
    return "all that were made do run, so the others could not be made"


def _list(items: list[dict[str, Any]]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def _simulated_nodes(count: int) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": f"simulated-{number}",
                "annotations": {"kwok.x-k8s.io/node": "fake"},
                "labels": {"type": "kwok", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
            },
            # Real pods must not land where nothing runs.
            "spec": {"taints": [{"key": "kwok.x-k8s.io/node", "value": "fake", "effect": "NoSchedule"}]},
        }
        for number in range(count)
    ]


def _simulated_workloads(pods: int) -> list[dict[str, Any]]:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _SIMULATED_NAMESPACE}}
    full, rest = divmod(pods, _PODS_PER_DEPLOYMENT)
    sizes = [_PODS_PER_DEPLOYMENT] * full + [rest] * bool(rest)
    return [namespace, *[_simulated_deployment(number, size) for number, size in enumerate(sizes)]]


def _simulated_deployment(number: int, replicas: int) -> dict[str, Any]:
    labels = {"app": f"simulated-{number}"}
    container = {
        "name": "app",
        "image": f"registry.invalid/simulated/app-{number}:1.0.{number}",
        "ports": [{"containerPort": 8080}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "256Mi"},
        },
    }
    toleration = {"key": "kwok.x-k8s.io/node", "operator": "Exists"}
    pod = {"nodeSelector": {"type": "kwok"}, "tolerations": [toleration], "containers": [container]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": labels["app"], "namespace": _SIMULATED_NAMESPACE, "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
