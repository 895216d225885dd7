# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given the API's JSON, which shapes and dictionaries come out."""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster import shapes
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import (
    decode,
    decode_page,
    decode_watch_line,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import NodeShape, PodShape, WorkloadShape

COLLECTIONS = Path(__file__).parents[3] / "playbooks" / "collections"

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-1",
        "namespace": "shop",
        "uid": "u",
        "resourceVersion": "7",
        "creationTimestamp": "2026-11-20T12:00:00Z",
        "labels": {"app": "web"},
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "r", "controller": True}
        ],
        "managedFields": [{"manager": "x", "fieldsV1": {"f:metadata": {}}}],
    },
    "spec": {
        "nodeName": "node-1",
        "containers": [
            {
                "name": "app",
                "image": "web:1",
                "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
                "ports": [{"containerPort": 8080, "name": "http"}],
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                ],
                "envFrom": [{"configMapRef": {"name": "c"}}],
                "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 5},
                "readinessProbe": {"tcpSocket": {"port": 8080}},
            }
        ],
    },
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
        "containerStatuses": [
            {
                "name": "app",
                "ready": False,
                "restartCount": 4,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                "lastState": {
                    "terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-11-20T12:01:00Z"}
                },
            }
        ],
    },
}


def test_a_pod_as_the_engine_sees_it() -> None:
    pod = decode(json.dumps(POD).encode(), PodShape)
    container = pod.spec.containers[0]
    status = pod.status.containerStatuses[0]
    assert pod.metadata.ownerReferences[0].controller is True
    assert container.resources.limits == {"memory": "64Mi"}
    assert (container.livenessProbe.httpGet.port, container.readinessProbe.tcpSocket.port) == ("http", 8080)
    assert container.env[1].valueFrom.secretKeyRef.key == "k"
    assert container.startupProbe is None
    assert status.state.waiting.reason == "CrashLoopBackOff"
    assert (status.lastState.terminated.exitCode, status.lastState.running) == (137, None)


def test_what_is_absent_is_empty() -> None:
    pod = decode(b"{}", PodShape)
    assert (pod.metadata.labels, pod.spec.containers, pod.status.phase) == ({}, [], "")
    assert pod == PodShape()


def test_null_is_as_good_as_absent() -> None:
    body = {
        "metadata": {"name": "a", "labels": None, "creationTimestamp": None},
        "spec": None,
        "status": {"phase": None},
    }
    pod = decode(json.dumps(body).encode(), PodShape)
    assert (pod.metadata.name, pod.metadata.labels, pod.spec.containers, pod.status.phase) == ("a", {}, [], "")
    assert decode(json.dumps(body).encode())["spec"] is None


def test_what_has_another_type_is_an_error_with_its_path() -> None:
    with pytest.raises(ClusterError, match=r"expected fields: .*metadata.labels"):
        decode(b'{"metadata": {"labels": [1]}}', PodShape)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe"])
def test_what_is_not_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ClusterError, match="is not JSON"):
        decode(body)


def test_a_page() -> None:
    body = {
        "kind": "DeploymentList",
        "apiVersion": "apps/v1",
        "metadata": {"resourceVersion": "9", "continue": "more", "remainingItemCount": 3},
        "items": [{"metadata": {"name": "a"}, "spec": {"replicas": 0}}],
    }
    raw = json.dumps(body).encode()
    plain, shaped = decode_page(raw), decode_page(raw, WorkloadShape)
    assert (plain.next, plain.resource_version) == ("more", "9")
    assert plain.items == [{**body["items"][0], "apiVersion": "apps/v1", "kind": "Deployment"}]
    assert (shaped.items[0].kind, shaped.items[0].apiVersion, shaped.items[0].spec.replicas) == (
        "Deployment",
        "apps/v1",
        0,
    )


def test_an_empty_page() -> None:
    assert decode_page(b'{"metadata": {}, "items": null}', NodeShape).items == []


def test_garbage_collection_is_on_again_after_a_page() -> None:
    decode_page(b'{"items": []}')
    assert gc.isenabled()
    with pytest.raises(ClusterError):
        decode_page(b"{")
    assert gc.isenabled()


def test_a_watch_line() -> None:
    line = decode_watch_line(json.dumps({"type": "MODIFIED", "object": POD}).encode(), PodShape)
    assert (line.type, line.object.metadata.name, line.resource_version) == ("MODIFIED", "web-1", "7")
    error = decode_watch_line(b'{"type": "ERROR", "object": {"code": 410, "metadata": {}}}', PodShape)
    assert (error.type, error.object["code"], error.resource_version) == ("ERROR", 410, "")


def test_shapes_are_standard_dataclasses_with_slots() -> None:
    found = [
        value for value in vars(shapes).values() if isinstance(value, type) and value.__module__ == shapes.__name__
    ]
    assert len(found) > 30
    for shape in found:
        assert dataclasses.is_dataclass(shape)
        assert hasattr(shape, "__slots__"), shape


@pytest.mark.parametrize("package", ["msgspec", "kubernetes"])
def test_a_missing_package_is_one_sentence(package: str) -> None:
    program = f"""
import sys
sys.modules[{package!r}] = None
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotSent
try:
    Client(Connection(host="http://127.0.0.1:1", api_key="x"))
except NotSent as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    assert ran.stdout.startswith(f"the Python package {package} is missing for {sys.executable} (")
    assert ran.stdout.endswith(f"): pip install {package}\n")


# In a process of its own, since it would take the tests with it; a thread switch every microsecond makes it likely.
_MANY_THREADS = """
import sys, threading
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import LISTS
sys.setswitchinterval(1e-6)
start = threading.Barrier(8)
def work(number):
    start.wait()
    for listed in LISTS[number::8]:
        decode_page(b'{"items": [{"metadata": {"name": "x", "ownerReferences": [{"kind": "y"}]}}]}', listed.shape)
threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_may_meet_a_shape_for_the_first_time_at_once() -> None:
    root = Path(__file__).resolve().parents[3] / "playbooks" / "collections"
    for _attempt in range(4):
        finished = subprocess.run(
            [sys.executable, "-c", _MANY_THREADS],
            env={**os.environ, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert finished.returncode == 0, finished.stderr
