# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A gated rollout by the engine alone, without a playbook's seconds: plan, apply, gate, on a real cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import applying, planning
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Plan
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import gate
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.outcome import Outcome
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target
from support.shop import NAME, Shop


def client_of(shop: Shop) -> Client:
    return Client(connection_from_params({"kubeconfig": shop.cluster.kubeconfig}, {}), run_id="gating")


def release(shop: Shop, kind: str = "Deployment", **env: str) -> dict[str, Any]:
    """The workload's manifest with another environment."""
    document = shop.cluster.get(kind, NAME, "-n", shop.namespace)
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["image"] = shop.errant
    container["env"] = [{"name": name, "value": value} for name, value in {"RELEASE": "2", **env}.items()]
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": NAME, "namespace": shop.namespace},
        "spec": {"template": document["spec"]["template"]},
    }


def advised(client: Client, shop: Shop, remedy: str, kind: str = "Deployment", **parameters: Any) -> Plan:
    target = Target(client.cluster, "apps/v1", kind, shop.namespace, NAME, "")
    advice = {"remedy": remedy, "parameters": parameters, "advisor": "rules", "reason": "", "expected_outcome": ""}
    return planning.plan(client, advice, target)


def gated(
    shop: Shop, manifest: dict[str, Any], settings: dict[str, Any], *, meanwhile: Callable[[], Any] | None = None
) -> tuple[Outcome, list[str]]:
    """Roll the manifest out; `meanwhile` happens once three new pods are there and ready."""
    client, lines = client_of(shop), []
    kind = manifest["kind"]
    plan = advised(client, shop, "gated_rollout", kind, change="manifest", manifest=manifest, gate=settings)
    applying.apply(client, plan)
    happened = threading.Event()

    def say(line: str) -> None:
        lines.append(line)
        if meanwhile and "3/3 ready" in line and not happened.is_set():
            happened.set()
            meanwhile()

    return gate.run(client, plan, say), lines


def undone(shop: Shop, kind: str = "Deployment") -> None:
    client = client_of(shop)
    applying.apply(client, advised(client, shop, "undo_rollout", kind))
