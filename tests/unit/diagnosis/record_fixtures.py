# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records the facts of real failing workloads as fixtures of the rules' tests.

    record_fixtures.py KUBECONFIG [CLASS …]

Applies tests/e2e/workloads/CLASS.before.yaml and CLASS.yaml (all, without names) in namespaces of its own, waits until
they fail, writes fixtures/CLASS.json and deletes the namespaces. Needs kubectl and the demo images on the node.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time
from dataclasses import asdict

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "playbooks" / "collections"))

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import (  # noqa: E402
    connection_from_params,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.collect import collect  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME  # noqa: E402

WORKLOADS = ROOT / "tests" / "e2e" / "workloads"
NAMESPACE = "diag-record"
# A quota holds for its whole namespace.
ALONE = {"quota-exceeded"}
SETTLED_SECONDS = 45


def kubectl(kubeconfig: str, *words: str) -> None:
    """Run kubectl; ends the recording where it fails."""
    subprocess.run(["kubectl", "--kubeconfig", kubeconfig, *words], check=True, stdout=subprocess.DEVNULL)


def apply(kubeconfig: str, names: list[str], ending: str) -> None:
    """Apply the manifests of these classes that have the ending."""
    for name in names:
        path = WORKLOADS / f"{name}{ending}"
        if path.exists():
            kubectl(kubeconfig, "-n", namespace_of(name), "apply", "-f", str(path))


def namespace_of(name: str) -> str:
    """The namespace that a class is recorded in."""
    return f"{NAMESPACE}-{name}" if name in ALONE else NAMESPACE


def record(client: Client, name: str) -> None:
    """Collect the facts of the Deployment that has the class' name, and write them."""
    deadline = Deadline.after(10)
    facts = collect(client, BY_NAME["Deployment"], namespace_of(name), name, deadline=deadline)
    path = HERE / "fixtures" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(asdict(facts), indent=1, ensure_ascii=False) + "\n")
    print(path.relative_to(ROOT))


def main(kubeconfig: str, *chosen: str) -> None:
    """Apply, wait, record, delete."""
    names = list(chosen) or sorted(p.stem for p in WORKLOADS.glob("*.yaml") if "." not in p.stem)
    namespaces = sorted({namespace_of(name) for name in names})
    try:
        for namespace in namespaces:
            kubectl(kubeconfig, "create", "namespace", namespace)
        kubectl(kubeconfig, "-n", NAMESPACE, "apply", "-f", str(WORKLOADS / "support"))
        apply(kubeconfig, names, ".before.yaml")
        # The metrics API has figures of a pod after two scrapes.
        time.sleep(SETTLED_SECONDS)
        apply(kubeconfig, names, ".yaml")
        time.sleep(SETTLED_SECONDS)
        client = Client(connection_from_params({"kubeconfig": kubeconfig}, {}))
        for name in names:
            record(client, name)
    finally:
        kubectl(kubeconfig, "delete", "namespace", "--wait=false", "--ignore-not-found", *namespaces)


if __name__ == "__main__":
    main(*sys.argv[1:])
