# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Removing leaves nothing of ours on the host, whatever was killed before. Runs alone: it compares the whole host."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cluster import CACHE, Cluster, embedded, eventually, remove, run_embedded
from support.playbook import BIN, ROOT, clean_environment

NAME = "e2e-gone"
FOLDER = CACHE / "clusters" / NAME
COMPONENTS = [
    "supervisord",
    "etcd",
    "containerd",
    "containerd-shim-runc-v2",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "coredns",
    "metrics-server",
]
CONTAINER = {"name": "c", "image": "localhost/aiops/busybox:1.35", "command": ["sleep", "9999"]}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [CONTAINER]}}


def text_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def processes() -> set[str]:
    """Command lines of everything that names the cluster's folder or lives in its control group: programs and pods."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(FOLDER) in command or f"/aiops-{NAME}-" in (entry / "cgroup").read_text():
                    found.add(command)
    return found


def traces() -> dict[str, set[str]]:
    """What a cluster could leave on the host, thing by thing."""
    cgroups = [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/aiops-{NAME}*")]
    return {
        "processes": processes(),
        "mounts": {line.split()[1] for line in Path("/proc/mounts").read_text().splitlines() if NAME in line},
        "interfaces": {link["ifname"] for link in json.loads(text_of("ip", "-json", "link"))},
        "addresses": set(text_of("ip", "-oneline", "address").splitlines()),
        "routes": set(text_of("ip", "route", "show", "table", "all").splitlines()),
        "chains": {line for line in text_of("iptables-save").splitlines() if line.startswith(":")},
        "cgroups": set(cgroups),
        "folders": {str(path) for path in (FOLDER, Path("/run/netns") / NAME) if path.exists()},
    }


@pytest.fixture
def before() -> Iterator[dict[str, set[str]]]:
    remove(NAME)
    yield traces()
    remove(NAME)


@pytest.fixture
def victim(before: dict[str, set[str]]) -> Cluster:
    return with_a_pod()


def with_a_pod() -> Cluster:
    cluster = embedded(NAME, helm=False)
    cluster.apply("default", json.dumps(POD))
    cluster.kubectl("wait", "pod/p", "--for=condition=Ready", "--timeout=60s")
    return cluster


def pids_of(component: str) -> list[int]:
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                arguments = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            ours = any(argument.find(str(FOLDER)) >= 0 for argument in arguments)
            names = {Path(argument).name.removeprefix("supervisor.") for argument in arguments[:4]}
            if ours and component in names:
                pids.append(int(entry.name))
    return pids


def test_nothing_is_left_of_a_cluster(before: dict[str, set[str]], victim: Cluster) -> None:
    assert traces() != before
    removed = remove(NAME)
    assert (removed.code, removed.changed) == (0, 1), removed.output
    assert traces() == before
    again = remove(NAME)
    assert (again.code, again.changed) == (0, 0)


def test_nothing_is_left_after_any_component_was_killed(before: dict[str, set[str]], victim: Cluster) -> None:
    for component in COMPONENTS:
        if not FOLDER.exists():
            with_a_pod()
        # What was killed before comes back by itself, and this one may need it.
        pids = eventually(lambda component=component: pids_of(component), timeout_seconds=30)
        assert pids, f"no process of {component}"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        if component in ("supervisord", "kubelet", "containerd-shim-runc-v2"):
            removed = remove(NAME)
            assert removed.code == 0, removed.output
            assert traces() == before, component
    removed = remove(NAME)
    assert removed.code == 0, removed.output
    assert traces() == before


def test_a_component_that_was_killed_comes_back(victim: Cluster) -> None:
    [pid] = pids_of("kube-scheduler")
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: pids_of("kube-scheduler") not in ([], [pid]), timeout_seconds=20)


def test_a_component_that_cannot_start_is_reported_with_its_last_words(victim: Cluster) -> None:
    (FOLDER / "configuration" / "Corefile").write_text("nonsense {\n")
    for pid in pids_of("coredns"):
        os.kill(pid, signal.SIGKILL)
    failed = run_embedded(NAME, helm=False)
    assert failed.code == 2, failed.output
    assert "coredns died" in failed.output and "Corefile" in failed.output


@pytest.mark.parametrize("seconds", [1.0, 2.0, 4.0])
def test_a_start_that_was_killed_can_be_started_again_or_removed(before: dict[str, set[str]], seconds: float) -> None:
    variables = {"local_cluster_driver": "embedded", "local_cluster_name": NAME, "local_cluster_helm": False}
    command = [str(BIN / "ansible-playbook"), "playbooks/local_cluster.yml", "-e", json.dumps(variables)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    for follow_up in ("again", "remove"):
        start = subprocess.Popen(command, cwd=ROOT, env=clean_environment(), **quiet)
        time.sleep(seconds)
        os.killpg(start.pid, signal.SIGKILL)
        start.wait()
        if follow_up == "again":
            again = run_embedded(NAME, helm=False)
            assert again.code == 0, again.output
        removed = remove(NAME)
        assert removed.code == 0, removed.output
        assert traces() == before
