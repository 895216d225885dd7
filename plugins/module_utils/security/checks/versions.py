# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Versions that get no fixes any more."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.ends_of_life import (
    end_of_kubernetes,
    end_of_runtime,
    minor_of,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

CODES = ("kubernetes-past-end", "kubernetes-near-end")
NODE_CODES = ("kubelet-past-end", "runtime-past-end")
NEAR_DAYS = 60


def check(facts: Facts) -> Iterator[Fault]:
    """The API server's version."""
    end, today = end_of_kubernetes(facts.minor), facts.now.date()
    if end is None:
        return
    if end < today:
        message = f"Kubernetes {facts.version} gets no fixes since {end}"
        yield Fault("kubernetes-past-end", "Cluster", "", "kubernetes", message)
    elif end - today <= datetime.timedelta(days=NEAR_DAYS):
        message = f"Kubernetes {facts.version} gets no fixes after {end}"
        yield Fault("kubernetes-near-end", "Cluster", "", "kubernetes", message)


def check_nodes(facts: Facts) -> Iterator[Fault]:
    """Kubelet and container runtime of every node. A kubelet of the API server's own version is told there."""
    today = facts.now.date()
    for node in facts.nodes:
        info, name = node.status.nodeInfo, node.metadata.name
        end = end_of_kubernetes(minor_of(info.kubeletVersion))
        if end is not None and end < today and minor_of(info.kubeletVersion) != facts.minor:
            message = f"its kubelet {info.kubeletVersion} gets no fixes since {end}"
            yield Fault("kubelet-past-end", "Node", "", name, message)
        end = end_of_runtime(info.containerRuntimeVersion)
        if end is not None and end < today:
            message = f"its container runtime {info.containerRuntimeVersion} gets no fixes since {end}"
            yield Fault("runtime-past-end", "Node", "", name, message)
