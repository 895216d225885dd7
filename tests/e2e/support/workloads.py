# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Workloads that fail, and waiting until they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.cluster import Cluster, eventually

FOLDER = Path(__file__).resolve().parents[1] / "workloads"
BUSYBOX = "localhost/aiops/busybox:1.35"
# The buffer of dd is what the container needs, and dd is its first process, so the kernel kills the container.
_HOLD = "mkfifo /tmp/f; sleep 1000000 < /tmp/f & exec dd if=/dev/zero of=/tmp/f bs={}M count=1"


def hungry(name: str = "checkout", needs_mebibytes: int = 16, limit: str = "12Mi") -> dict[str, Any]:
    """A Deployment that needs so much memory and may have less. Doubling 12Mi is enough for 16, not for 60."""
    resources = {"requests": {"cpu": "5m", "memory": limit}, "limits": {"memory": limit}}
    return deployment(name, command=["sh", "-c", _HOLD.format(needs_mebibytes)], resources=resources)


def deployment(
    name: str = "checkout",
    *,
    image: str = BUSYBOX,
    command: list[str] | None = None,
    resources: dict[str, Any] | None = None,
    replicas: int = 1,
) -> dict[str, Any]:
    """A Deployment of one container, app. busybox sleeps where no command is given; other images run their own."""
    container: dict[str, Any] = {"name": "app", "image": image, "resources": resources or {}}
    if command or image == BUSYBOX:
        container["command"] = command or ["sleep", "1000000"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    }


def until_killed(cluster: Cluster, namespace: str, name: str = "checkout") -> None:
    """Wait until the kernel killed the container more than once, and the kubelet holds its next start back.

    containerd misses the reason of some quick kills (`Error`, exit code 137): then the next one is waited for.
    """

    def held_back(status: dict[str, Any]) -> bool:
        waiting, last = status["state"].get("waiting") or {}, status["lastState"].get("terminated") or {}
        return waiting.get("reason") == "CrashLoopBackOff" and last.get("reason") == "OOMKilled"

    def killed() -> bool:
        pods = cluster.get("pods", "--namespace", namespace, "-l", f"app={name}")["items"]
        return any(held_back(status) for pod in pods for status in pod["status"].get("containerStatuses", []))

    assert eventually(killed, 90), cluster.kubectl("describe", "pods", "--namespace", namespace)


def spec(cluster: Cluster, namespace: str, name: str = "checkout") -> dict[str, Any]:
    document: dict[str, Any] = cluster.get("deployment", name, "--namespace", namespace)
    return dict(document["spec"])


def memory_limit(cluster: Cluster, namespace: str, name: str = "checkout") -> str:
    container = spec(cluster, namespace, name)["template"]["spec"]["containers"][0]
    return str(container["resources"]["limits"]["memory"])
