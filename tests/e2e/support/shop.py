# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A shop: podinfo by a Helm chart, people who use it, and its releases."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.cluster import Cluster, eventually
from support.workloads import FOLDER

CHART = FOLDER / "shop-chart"
NAME = "shop"
PODINFO = "localhost/aiops/podinfo:6"


@dataclass
class Shop:
    cluster: Cluster
    namespace: str
    errant: str
    replicas: int = 6
    # Helm 3, as the cluster brings it, where nothing else is said.
    helm_program: str = ""
    most_new: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def helm_path(self) -> str:
        return self.helm_program or self.cluster.program("helm")

    def helm(self, *arguments: str, check: bool = True) -> str:
        command = [self.helm_path, f"--kubeconfig={self.cluster.kubeconfig}", "-n", self.namespace]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def install(self, **values: Any) -> None:
        """Revision 1: podinfo, unless `values` say otherwise."""
        given = json.dumps({"replicas": self.replicas, **values})
        options = ["--set-json", *[f"{key}={json.dumps(value)}" for key, value in json.loads(given).items()]]
        pairs = [part for value in options[1:] for part in ("--set-json", value)]
        self.helm("install", NAME, str(CHART), *pairs)
        self.cluster.kubectl("rollout", "status", f"deployment/{NAME}", "-n", self.namespace, "--timeout=90s")

    def deployment(self) -> Any:
        return self.cluster.get("deployment", NAME, "-n", self.namespace)

    def pods(self) -> list[Any]:
        return list(self.cluster.get("pods", "-n", self.namespace, "-l", f"app={NAME}")["items"])

    def new_pods(self, old_hash: str) -> list[Any]:
        return [pod for pod in self.pods() if pod["metadata"]["labels"]["pod-template-hash"] != old_hash]

    def hash(self) -> str:
        """Of the newest template's pods, as long as nothing is rolled out."""
        return str(self.pods()[0]["metadata"]["labels"]["pod-template-hash"])

    def strategy(self) -> Any:
        spec = self.deployment()["spec"]
        names = ("strategy", "minReadySeconds", "progressDeadlineSeconds", "paused", "template")
        return {name: spec.get(name) for name in names}

    @contextmanager
    def counted(self, old_hash: str) -> Iterator[None]:
        """While it lasts, the most new pods that there ever were are counted."""
        self._stop.clear()

        def count() -> None:
            while not self._stop.wait(0.3):
                self.most_new = max(self.most_new, len(self.new_pods(old_hash)))

        thread = threading.Thread(target=count, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(10)

    @contextmanager
    def used(self, per_second: float = 40) -> Iterator[None]:
        """People use the shop, through its Service."""
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "people"},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "restartPolicy": "Never",
                "containers": [
                    {
                        "name": "people",
                        "image": self.errant,
                        "args": ["load", f"http://{NAME}.{self.namespace}.svc.cluster.local/", str(per_second), "1800"],
                    }
                ],
            },
        }
        self.cluster.apply(self.namespace, json.dumps(pod))
        assert eventually(lambda: self.seen().get("requests", 0) > 20, 60), self.cluster.kubectl(
            "get", "pods", "-n", self.namespace
        )
        yield

    def seen(self) -> dict[str, Any]:
        """What the people counted so far."""
        lines = self.cluster.kubectl("logs", "people", "-n", self.namespace, "--tail=1", check=False).strip()
        return dict(json.loads(lines)) if lines.startswith("{") else {}

    def history(self) -> list[tuple[int, str]]:
        return [(item["revision"], item["status"]) for item in json.loads(self.helm("history", NAME, "-o", "json"))]


def until(ask: Any, seconds: float = 30) -> Any:
    return eventually(ask, seconds, 0.3)


def now_ms() -> int:
    return int(time.time() * 1000)


def chart_with(folder: Path, **values: Any) -> Path:
    """A values file for a release."""
    path = folder / f"values-{len(list(folder.glob('values-*')))}.yaml"
    path.write_text(json.dumps(values))
    return path
