# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the audit grows, without a cluster: made-up pages of pods are decoded, folded and judged, attack paths included.

Usage: security_audit.py [PODS…]   (default 10000 100000). Each size runs in a process of its own, for its peak memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "playbooks" / "collections"), str(ROOT / "tests" / "unit" / "security")]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from made_up import BUILT_IN, Fixed  # noqa: E402
from support import hardened  # noqa: E402

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security import shapes  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, judge, to_json  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Settings  # noqa: E402
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import (  # noqa: E402
    LISTS,
    PAGE_SIZE,
    Reading,
    _facts,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.running import Sharing  # noqa: E402

PODS_OF_ONE = 50
NODES_PER_POD = 50
_TOKEN = {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]}


def pod(number: int, nodes: int) -> dict[str, Any]:
    """As the API server has it, managed fields and status left out of what is looked at but not of the page."""
    one = number // PODS_OF_ONE
    name = f"app-{one}"
    spec = hardened.pod_spec(serviceAccountName=f"account-{one}", nodeName=f"node-{number % nodes}")
    spec["volumes"] = [{"name": f"kube-api-access-{number % 100000:05d}", "projected": _TOKEN}]
    if one % 20 == 0:
        spec["containers"][0]["securityContext"] = {"privileged": True}
    owner = {"kind": "ReplicaSet", "name": f"{name}-5d4f8c7b9", "uid": f"uid-{one}", "controller": True}
    fields = {"manager": "kubelet", "fieldsV1": {f"f:{key}": {} for key in "abcdefghijklmnopqrstuvwxyz"}}
    return {
        "metadata": {
            "name": f"{name}-5d4f8c7b9-{number}",
            "namespace": f"team-{one % 40}",
            "labels": {"app": name, "pod-template-hash": "5d4f8c7b9"},
            "ownerReferences": [owner],
            "managedFields": [fields] * 4,
        },
        "spec": spec,
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}] * 4},
    }


def others(workloads: int, nodes: int) -> list[dict[str, Any]]:
    """ServiceAccounts, a binding each (some lead far), Services (some reach the outside), and nodes."""
    made: list[dict[str, Any]] = [*BUILT_IN]
    made += [{"kind": "Node", "metadata": {"name": f"node-{number}"}} for number in range(nodes)]
    for number in range(workloads):
        place = {"namespace": f"team-{number % 40}"}
        subject = [{"kind": "ServiceAccount", "name": f"account-{number}", **place}]
        rules = [hardened.rule("create", "pods") if number % 7 == 0 else hardened.rule("get", "configmaps")]
        kind = "LoadBalancer" if number % 5 == 0 else "ClusterIP"
        group = [
            {"kind": "ServiceAccount", "metadata": {"name": f"account-{number}"}},
            *hardened.bound(f"b-{number}", rules, subject),
            {**hardened.service(f"app-{number}", type=kind)},
        ]
        for item in group:
            item["metadata"] |= place
        made += group
    return made


def measure(pods: int) -> dict[str, float]:
    """Seconds to decode the pods selectively, seconds for everything, peak memory in MiB."""
    nodes = max(3, pods // NODES_PER_POD)
    pages = [
        json.dumps({"kind": "PodList", "items": [pod(n, nodes) for n in range(at, min(at + PAGE_SIZE, pods))]}).encode()
        for at in range(0, pods, PAGE_SIZE)
    ]
    rest = others(pods // PODS_OF_ONE, nodes)
    lists = {
        item.what: json.dumps({"items": [one for one in rest if one["kind"] == item.kind]}).encode() for item in LISTS
    }
    # Processor time, since a busy machine makes seconds of anything; the peak counts from here.
    Path("/proc/self/clear_refs").write_text("5")
    base = _peak_kibibytes()
    started = time.process_time()
    for page in pages:
        decode_page(page, shapes.Pod)
    for item in LISTS:
        decode_page(lists[item.what], item.shape)
    decoded = time.process_time() - started
    started = time.process_time()
    share = Sharing()
    answers: dict[str, Any] = {item.what: decode_page(lists[item.what], item.shape).items for item in LISTS}
    answers["pods"] = [one for page in pages for one in share.page(decode_page(page, shapes.Pod).items)]
    for kind, names in (("Role", "roles"), ("RoleBinding", "rolebindings"), ("ClusterRole", "clusterroles")):
        for one in answers[names]:
            one.kind = kind
    facts = _facts({**answers, "version": {"gitVersion": "v1.37.1"}}, Settings(), Fixed())
    reading = Reading(facts, None, {what: len(items) for what, items in answers.items()})
    done = judge(reading, Given())
    report = to_json(done, "bench", Given())
    whole = time.process_time() - started
    peak = _peak_kibibytes()
    edges = len(report["attack_paths"])
    return {
        "pods": pods,
        "decode_s": decoded,
        "whole_s": whole,
        "more_MiB": (peak - base) / 1024,
        "findings": len(report["findings"]),
        "paths": edges,
    }


def _peak_kibibytes() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def main(sizes: list[int]) -> None:
    print("pods     decode s  decode and judge s  ratio  memory beyond the pages MiB  findings  paths")
    for size in sizes:
        found = subprocess.run(
            [sys.executable, __file__, "--one", str(size)], capture_output=True, text=True, check=True
        )
        one = json.loads(found.stdout)
        ratio = one["whole_s"] / one["decode_s"]
        print(
            f"{size:<8d} {one['decode_s']:8.2f}  {one['whole_s']:18.2f}  {ratio:5.2f}  {one['more_MiB']:27.0f}"
            f"  {one['findings']:8d}  {one['paths']:5d}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
    else:
        main([int(text) for text in sys.argv[1:]] or [10_000, 100_000])
