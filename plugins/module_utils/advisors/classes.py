# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The failure classes in the words that an advisor is given: a class names the cause that a person would fix.

`not-found` is not among them: only who asked the API server can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CAUSES: Final[Mapping[str, str]] = {
    "healthy": "nothing is wrong with the target",
    "unknown": "failing, and the evidence does not tell why",
    "image-not-found": "tag or repository does not exist",
    "image-auth": "registry refuses: credentials missing or wrong",
    "image-registry-unreachable": "registry host cannot be reached",
    "image-name-invalid": "not a valid reference",
    "image-never-pulled": "imagePullPolicy Never and not on the node",
    "bad-command": "the executable does not exist or cannot run",
    "missing-env": "the program stops because a variable is not set",
    "config-invalid": "the program rejects its configuration or arguments",
    "missing-configmap": "a referenced ConfigMap does not exist",
    "missing-secret": "a referenced Secret does not exist",
    "missing-config-key": "the object exists, the key does not",
    "security-context-violation": "runAsNonRoot against a root image, denied capability, admission by pod security",
    "file-permission-denied": "the process may not read or write a path",
    "service-account-missing": "the ServiceAccount does not exist",
    "init-container-failed": "an init container fails and no finer cause is known",
    "post-start-hook-failed": "a lifecycle hook fails",
    "app-crash": "the program ends with an error of its own (exception, panic, assertion)",
    "app-exits": "the program ends with 0 though it should keep running",
    "oom-killed": "over its memory limit",
    "memory-leak": "memory climbs steadily until it is killed",
    "cpu-throttled": "starved by its CPU limit, so slow or failing probes",
    "liveness-probe-wrong": "the probe asks for what the program does not serve (port, path, scheme, command)",
    "readiness-probe-wrong": "likewise the readiness probe: the container runs and never gets ready",
    "startup-too-slow": "the program needs longer than the probe allows",
    "dependency-unavailable": "something that it calls is down or refuses",
    "dns-failure": "a name does not resolve",
    "network-policy-blocked": "a NetworkPolicy denies the traffic",
    "rbac-denied": "the program's ServiceAccount may not do what it tries",
    "disk-full": "a volume or the node's ephemeral storage is full",
    "port-conflict": "the port is taken, in the pod or on the host",
    "unschedulable-resources": "no node has the CPU, memory or extended resource asked for",
    "unschedulable-selector": "nodeSelector or node affinity matches no node",
    "unschedulable-affinity": "pod (anti-)affinity or topology spread cannot be met",
    "unschedulable-taint": "taints not tolerated, cordoned nodes included",
    "scheduling-gated": "a scheduling gate is still set",
    "quota-exceeded": "a ResourceQuota forbids the pod, or demands limits that it lacks",
    "limit-range-violation": "a LimitRange forbids it",
    "admission-denied": "a webhook or policy refuses it, or cannot be reached",
    "priority-preempted": "removed for a pod of higher priority",
    "pvc-missing": "the claim does not exist",
    "pvc-unbound": "the claim cannot bind: class missing, no volume fits, provisioner absent",
    "volume-mount-failed": "mount or attach fails for another reason",
    "node-not-ready": "its node is gone or NotReady",
    "node-pressure-evicted": "evicted for memory, disk or PID pressure",
    "sandbox-failed": "the runtime cannot create the pod sandbox (CNI, runtime)",
    "rollout-stuck": "a rollout makes no progress and no finer cause is known",
    "job-failed": "a Job ran out of retries or time and no finer cause is known",
    "service-selector-mismatch": "a Service selects no pod",
    "service-port-mismatch": "targetPort is not a port that the pods serve",
    "ingress-backend-missing": "an Ingress names a Service, port or class that does not exist",
    "hpa-metrics-missing": "an HPA cannot compute: no requests set, or no metrics",
}
