# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Prints figures, as ratios within one run; judges nothing. Brings a cluster with simulated pods, and removes it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CLUSTERS = Path.home() / ".cache" / "aiops-kubernetes" / "clusters"
NAME = "bench"


def cluster(**variables: object) -> float:
    """Runs the playbook with these wishes; returns its seconds."""
    wishes = {
        "local_cluster_driver": "embedded",
        "local_cluster_name": NAME,
        "local_cluster_registry": True,
        **variables,
    }
    command = [str(BIN / "ansible-playbook"), "playbooks/local_cluster.yml", "-e", json.dumps(wishes)]
    started = time.monotonic()
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if finished.returncode != 0:
        sys.exit(f"The cluster could not be brought to {wishes}:\n{finished.stdout[-2000:]}")
    return time.monotonic() - started


def lead_far(kubeconfig: str, workloads: int) -> None:
    """Every fifth workload can be reached from outside, and all of them may do everything: attack paths to find."""
    account = {"kind": "ServiceAccount", "name": "default", "namespace": "simulated"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    binding = {"kind": "ClusterRoleBinding", "metadata": {"name": "lead-far"}, "roleRef": role, "subjects": [account]}
    objects: list[dict[str, Any]] = [{"apiVersion": "rbac.authorization.k8s.io/v1", **binding}]
    for number in range(0, workloads, 5):
        name = f"simulated-{number}"
        spec = {"type": "NodePort", "selector": {"app": name}, "ports": [{"port": 80}]}
        metadata = {"name": name, "namespace": "simulated"}
        objects.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    command = [str(CLUSTERS / NAME / "bin" / "kubectl"), f"--kubeconfig={kubeconfig}", "apply", "-f", "-"]
    subprocess.run(command, input=listed, text=True, check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pods", type=int, default=10_000)
    options.add_argument("--keep", action="store_true", help="leave the cluster running")
    wished = options.parse_args()
    nodes = max(1, wished.pods // 50)
    empty = cluster()
    again = cluster()
    print(f"cluster to Ready node, programs cached: {empty:.1f} s with Ansible's own start; a second run {again:.1f} s")
    kubeconfig = str(CLUSTERS / NAME / "kubeconfig")
    # Before the simulated pods, whose load is not what a rollout's lag depends on.
    for script in (["rollout_rules.py"], ["rollout_lag.py", "--kubeconfig", kubeconfig]):
        subprocess.run([sys.executable, str(ROOT / "tests" / "bench" / script[0]), *script[1:]], cwd=ROOT, check=True)
    filled = cluster(local_cluster_simulated_nodes=nodes, local_cluster_simulated_pods=wished.pods)
    print(f"{wished.pods} simulated pods on {nodes} nodes Running: {filled:.0f} s")
    lead_far(kubeconfig, nodes)
    reports = ("health.py", "security_audit.py")
    for script in ("list_pods.py", "diagnose.py", "usage.py", *reports, "report_playbooks.py"):
        command = [sys.executable, str(ROOT / "tests" / "bench" / script), "--kubeconfig", kubeconfig]
        subprocess.run(command, cwd=ROOT, check=True)
    for script in (*reports, "advice.py"):
        subprocess.run([sys.executable, str(ROOT / "tests" / "bench" / script)], cwd=ROOT, check=True)
    # Its clusters are simulated, and the real one is idle meanwhile.
    subprocess.run([sys.executable, str(ROOT / "tests" / "bench" / "fleet.py")], cwd=ROOT, check=True)
    if not wished.keep:
        cluster(local_cluster_state="absent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
