# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Two reports a week apart with everything on the page that a page can have, for looking at it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.report import Report
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import (
    Finding,
    Fix,
    NotAssessed,
    Section,
    Source,
    Table,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Meta
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import Published, publish

MONDAY, NEXT_MONDAY = "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"
SERVICES = ("shop/checkout", "shop/cart", "shop/catalogue", "shop/payment")


def finding(code: str, kind: str, name: str, told: str, namespace: str = "shop") -> Finding:
    """A finding of the catalogue with a command to paste."""
    fix = Fix(
        "Let the diagnosis find the cause and propose.",
        f"ansible-playbook playbooks/diagnose_pod.yml -e target={kind.lower()}/{name} -e namespace={namespace}",
    )
    evidence = [
        f"status of the {kind}: {told}",
        "root cause by rules: killed at its memory limit (oom-killed, 99% sure)",
    ]
    return found(code, kind, Meta(name, namespace), told, evidence, fix)


def sections() -> list[Section]:
    """A table with a chart of each kind."""
    latency = (1.84, 0.42, 0.31, 0.12)
    rows = tuple((name, 1200.0, f"{value:.2%}", value) for name, value in zip(SERVICES, latency, strict=True))
    bars = [{"label": name, "value": value, "limit": 1.0} for name, value in zip(SERVICES, latency, strict=True)]
    path = [
        {"kind": "Service", "label": "shop/checkout (internet)"},
        {"kind": "Pod", "label": "shop/checkout", "through": "selects"},
        {"kind": "ServiceAccount", "label": "shop/checkout", "through": "mounts its token"},
        {"kind": "cluster-admin", "label": "", "through": "ClusterRoleBinding checkout-admin"},
    ]
    return [
        Section(
            "Services",
            "Requests of 60 minutes; p99 drawn, the mark is 1 s.",
            Table(("Service", "requests", "errors", "p99, s"), rows),
            {"type": "bars", "unit": " s", "bars": bars},
        ),
        Section("A path", "From a Service to all of the cluster.", None, {"type": "paths", "paths": [path]}),
    ]


def report(at: str, findings: list[Finding], **figures: float) -> dict[str, Any]:
    """A report as the module returns it."""
    blind = NotAssessed("secrets", "cannot list secrets: forbidden", "grant list on secrets", ("H802", "H805"))
    sources = [
        Source("pods", "Kubernetes API", 412),
        Source("latency", "Prometheus (service monitoring/prometheus)", 4),
    ]
    return Report("health", "production", at, 900, findings, sources, [blind], figures, sections()).to_json()


def publish_two(folder: Path) -> Published:
    """The second one; both lie in the folder."""
    stays = finding("H103", "Deployment", "checkout", "2 of 2 pods, container app: OOMKilled, restarted 41 times")
    node = finding("H201", "Node", "node-7", "Ready is Unknown, NodeStatusUnknown: the kubelet stopped posting", "")
    small = [
        finding("H414", "Deployment", name, "2 replicas")
        for name in ("cart", "catalogue", "payment", "search", "users")
    ]
    gone = finding("H601", "Service", "legacy", "app=legacy")
    publish(report(MONDAY, [stays, gone, *small], Restarts=17, **{"CPU requested, %": 61.0}), folder)
    more = [node, stays, finding("H302", "StatefulSet", "payment", "1 of 3 available"), *small[:4]]
    return publish(report(NEXT_MONDAY, more, Restarts=58, **{"CPU requested, %": 74.0}), folder)
