# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The role local_cluster: idempotence, drivers, several clusters side by side."""

from __future__ import annotations

import json
import re
import socket
import stat
from pathlib import Path

import pytest
from support.cluster import Cluster, embedded, remove, run_embedded
from support.playbook import Playbook, clean_environment

MINIKUBE = """#!/bin/sh
# Stands in for minikube, which cannot run without an image registry: keeps one profile, and notes how it was called.
echo "$KUBECONFIG $*" >> "$MINIKUBE_LOG"
case "$1" in
version) echo v1.37.0 ;;
status) test -e "$MINIKUBE_LOG.started" || exit 85 ;;
start) touch "$MINIKUBE_LOG.started" ;;
delete) rm "$MINIKUBE_LOG.started" ;;
esac
"""


def test_a_second_run_changes_nothing(cluster: Cluster) -> None:
    options = {"prometheus": True, "registry": True, "simulated_nodes": 3, "simulated_pods": 30}
    again = run_embedded("e2e", **options)
    assert (again.code, again.changed) == (0, 0), again.output
    assert f"export KUBECONFIG={cluster.kubeconfig}" in again.output


def test_the_kubeconfig_is_its_own_and_private(cluster: Cluster) -> None:
    assert stat.S_IMODE(Path(cluster.kubeconfig).stat().st_mode) == 0o600
    assert not str(cluster.kubeconfig).startswith(str(Path.home() / ".kube"))


@pytest.mark.xdist_group("second")
def test_clusters_lie_side_by_side_and_ports_of_the_host_do_not_matter(cluster: Cluster) -> None:
    with socket.create_server(("0.0.0.0", 6443)):
        try:
            second = embedded("e2e-two", helm=False)
            assert second.facts["node_address"] != cluster.facts["node_address"]
            for one in (cluster, second):
                assert one.kubectl("get", "nodes", one.facts["node"], "--no-headers").split()[1] == "Ready"
        finally:
            removed = remove("e2e-two")
    assert removed.code == 0, removed.output
    assert cluster.kubectl("get", "--raw", "/readyz") == "ok"


def test_an_existing_cluster_is_checked_and_left_alone(cluster: Cluster, playbook: Playbook) -> None:
    named = {"local_cluster_kubeconfig": cluster.kubeconfig, "local_cluster_context": cluster.facts["context"]}
    finished = playbook("local_cluster.yml", **named)
    assert (finished.code, finished.changed) == (0, 0), finished.output
    assert playbook("local_cluster.yml", local_cluster_state="absent", **named).code == 0
    assert cluster.kubectl("get", "--raw", "/readyz") == "ok"


def test_an_existing_cluster_must_be_named_in_full(cluster: Cluster) -> None:
    # The environment names a cluster, and that must not matter.
    tempting = Playbook(environment={"KUBECONFIG": cluster.kubeconfig, "K8S_AUTH_KUBECONFIG": cluster.kubeconfig})
    finished = tempting("local_cluster.yml", local_cluster_driver="existing")
    assert finished.code == 2
    assert "needs local_cluster_kubeconfig and local_cluster_context" in finished.output


def minikube_stand_in(tmp_path: Path) -> tuple[Playbook, Path]:
    (tmp_path / "minikube").write_text(MINIKUBE)
    (tmp_path / "minikube").chmod(0o755)
    log = tmp_path / "calls"
    path = f"{tmp_path}:{clean_environment()['PATH']}"
    return Playbook(environment={"PATH": path, "MINIKUBE_LOG": str(log), "XDG_CACHE_HOME": str(tmp_path)}), log


def test_minikube_is_picked_where_it_is_and_keeps_a_profile_of_its_own(tmp_path: Path) -> None:
    playbook, log = minikube_stand_in(tmp_path)
    first = playbook("local_cluster.yml", local_cluster_name="lab", local_cluster_minikube_arguments=["--driver=kvm2"])
    again = playbook("local_cluster.yml", local_cluster_name="lab")
    gone = playbook("local_cluster.yml", local_cluster_name="lab", local_cluster_state="absent")
    gone_again = playbook("local_cluster.yml", local_cluster_name="lab", local_cluster_state="absent")
    assert [run.code for run in (first, again, gone, gone_again)] == [0, 0, 0, 0], first.output
    assert [run.changed for run in (first, again, gone, gone_again)] == [1, 0, 1, 0]
    own = f"{tmp_path}/aiops-kubernetes/minikube/lab/kubeconfig"
    calls = log.read_text().splitlines()
    start = "start --profile=aiops-lab --addons=metrics-server --keep-context=false --embed-certs=true"
    assert f"{own} {start} --interactive=false --driver=kvm2" in calls
    assert f"{own} delete --profile=aiops-lab" in calls
    assert all(call.startswith(own) for call in calls if not call.endswith("version --short"))
    assert re.search(rf"export KUBECONFIG={re.escape(own)}", first.output)


def test_check_mode_touches_nothing(cluster: Cluster, playbook: Playbook) -> None:
    there = playbook("local_cluster.yml", "--check", local_cluster_driver="embedded", local_cluster_name="e2e")
    other = playbook("local_cluster.yml", "--check", local_cluster_driver="embedded", local_cluster_name="e2e-none")
    assert [(run.code, run.changed) for run in (there, other)] == [(0, 0), (0, 1)], other.output
    assert not (cluster.folder.parent / "e2e-none").exists()


def test_facts_are_what_the_module_returns(cluster: Cluster) -> None:
    assert json.loads((cluster.folder / "facts.json").read_text())["context"] == "aiops-e2e"
