# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods against the Pod Security Standards of the cluster's own version."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.pods import CODE_OF_CONTROL
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks import host_paths
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    NEWEST_MINOR,
    Subject,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.policy import violations
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

CODES = (*dict.fromkeys(CODE_OF_CONTROL.values()), "pod-host-path-sensitive", "pod-runtime-socket")


def check(facts: Facts) -> Iterator[Fault]:
    """One fault for each control that a workload breaks."""
    minor = min(facts.minor or NEWEST_MINOR, NEWEST_MINOR)
    for workload in facts.workloads:
        subject = Subject(workload.spec, workload.annotations, minor)
        for broken in violations(subject):
            if broken.control == "hostPathVolumes":
                yield from _host_paths(workload, broken.message)
            else:
                yield _fault(workload, CODE_OF_CONTROL[broken.control], broken.message)


def _host_paths(workload: Workload, message: str) -> Iterator[Fault]:
    """The worst that each mounted folder of the node means, told once."""
    told = {code for code, _text in host_paths.judged(workload.spec)}
    for code in sorted(told):
        yield _fault(workload, code, "; ".join(text for item, text in host_paths.judged(workload.spec) if item == code))
    if not told:
        yield _fault(workload, "pod-host-path", message)


def _fault(workload: Workload, code: str, message: str) -> Fault:
    return Fault(code, *workload.key, message, pods=workload.pods)
