# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Workloads of simulated pods whose usage a real Prometheus knows, though nothing runs in them."""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.cluster import Cluster, eventually
from support.history import DAY, MIB, Series, Shape, prometheus, write_blocks

NOWHERE = float("nan")
# A history that goes on for an hour, so that "now" is in it while the tests run.
AHEAD_SECONDS = 3600


def flat(value: float) -> Shape:
    return lambda _age: value


def gap(shape: Shape, begin: float, end: float) -> Shape:
    """No samples between these ages, in days."""
    return lambda age: NOWHERE if begin * DAY <= age < end * DAY else shape(age)


def recent(shape: Shape, days: float) -> Shape:
    return gap(shape, days, 1000)


@dataclass(frozen=True)
class Usage:
    """CPU in cores and memory in bytes, what is requested, and a sentence that has to be said."""

    cpu: Shape
    memory: Shape
    requests: dict[str, str]
    said: str = ""
    jobs: tuple[str, ...] = ("cadvisor",)


def simulated(name: str, requests: Mapping[str, str], kind: str = "Deployment", replicas: int = 1) -> dict[str, Any]:
    """A Deployment or StatefulSet on the simulated nodes."""
    container = {"name": "app", "image": "registry.invalid/app:1", "resources": {"requests": dict(requests)}}
    pod = {
        "nodeSelector": {"type": "kwok"},
        "tolerations": [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}],
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
            **({"serviceName": name} if kind == "StatefulSet" else {}),
        },
    }


def pod_names(cluster: Cluster, namespace: str) -> dict[str, str]:
    """One pod of each workload, by its label `app`."""
    pods = cluster.get("pods", "--namespace", namespace)["items"]
    return {pod["metadata"]["labels"]["app"]: pod["metadata"]["name"] for pod in pods}


def series_of(cluster: Cluster, namespace: str, usages: Mapping[str, Usage]) -> dict[str, Series]:
    """What Prometheus is to know of each workload's pod."""
    names = pod_names(cluster, namespace)
    return {
        name: Series(namespace, names[name], "app", usage.cpu, usage.memory, usage.jobs)
        for name, usage in usages.items()
    }


@dataclass(frozen=True)
class Shop:
    """A namespace, and the Prometheus that knows it."""

    cluster: Cluster
    namespace: str
    url: str


@contextlib.contextmanager
def measured(
    cluster: Cluster,
    folder: Path,
    manifests: Sequence[Mapping[str, Any]],
    hours: Mapping[str, Shape],
    days: Mapping[str, Shape],
    jobs: Mapping[str, tuple[str, ...]] | None = None,
    unseen: Mapping[str, Callable[[float], bool]] | None = None,
) -> Iterator[Shop]:
    """The manifests in a namespace of their own, and what their pods used: CPU in cores by workload, 115Mi of memory.

    `hours` are three hours with a sample every 15 s, as story 2 looks at them; `days` nine days, every 150 s, as story
    3 does. `jobs` are those that scrape a workload, `unseen` is when none does.
    """
    namespace = f"measured-{random.getrandbits(24):06x}"
    cluster.kubectl("create", "namespace", namespace)
    wanted = sum(item["spec"].get("replicas", 0) for item in manifests)
    cluster.apply(namespace, json.dumps({"apiVersion": "v1", "kind": "List", "items": list(manifests)}))
    assert eventually(lambda: len(_pods(cluster, namespace)) == wanted, 60)
    end = int(time.time()) // 300 * 300 + AHEAD_SECONDS
    blocks = folder
    for shapes, length, every in ((hours, 0.125, 15), (days, 9.0, 150)):
        series = [
            Series(
                namespace,
                pod,
                "app",
                shapes[name],
                flat(115 * MIB),
                (jobs or {}).get(name, ("cadvisor",)),
                (unseen or {}).get(name, lambda _age: False),
            )
            for name, pod in _pods(cluster, namespace)
            if name in shapes
        ]
        blocks = write_blocks(series, length, end, folder, every)
    try:
        with prometheus(blocks) as url:
            yield Shop(cluster, namespace, url)
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def _pods(cluster: Cluster, namespace: str) -> list[tuple[str, str]]:
    """(workload, pod) of all that are there."""
    items = cluster.get("pods", "--namespace", namespace)["items"]
    return [(item["metadata"]["labels"]["app"], item["metadata"]["name"]) for item in items]
