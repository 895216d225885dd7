# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Kubernetes objects for planting: sound in every respect that a health report judges, until a fault changes them."""

from __future__ import annotations

import copy
from typing import Any

Object = dict[str, Any]
BUSYBOX = "localhost/aiops/busybox:1.35"
# What the API demands beside the kubelet's version.
_NODE_INFO = (
    *("machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion"),
    *("kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"),
)
SIMULATED = {"type": "kwok"}
TOLERATIONS = [{"key": "kwok.x-k8s.io/node", "operator": "Exists"}, {"key": "planted", "operator": "Exists"}]


def merged(base: Object, changes: Object) -> Object:
    """Maps are merged, None takes a key away, everything else replaces."""
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def container(**changes: Any) -> Object:
    sound = {
        "name": "app",
        "image": "registry.invalid/planted/app:1.4",
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": "1m", "memory": "4Mi"}, "limits": {"memory": "32Mi"}},
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "failureThreshold": 6},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    }
    return merged(sound, changes)


def real_container(script: str = "exec sleep 1000000", **changes: Any) -> Object:
    """One that the kubelet really runs."""
    probe = {"httpGet": None, "exec": {"command": ["true"]}, "periodSeconds": 60}
    real = {"image": BUSYBOX, "command": ["sh", "-c", script], "livenessProbe": probe, "readinessProbe": None}
    return container(**{**real, **changes})


def pod_spec(*containers: Object, real: bool = False, **changes: Any) -> Object:
    """Simulated unless real: kwok makes the pod ready and leaves its status alone from then on."""
    place = {} if real else {"nodeSelector": SIMULATED, "tolerations": TOLERATIONS}
    chosen = containers or ((real_container() if real else container()),)
    spec = {"terminationGracePeriodSeconds": 0, "containers": list(chosen), **place}
    return merged(spec, changes)


def workload(
    name: str, spec: Object | None = None, kind: str = "Deployment", replicas: int = 1, **changes: Any
) -> Object:
    labels = {"app": name}
    sound = {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec or pod_spec()},
        },
    }
    return merged(sound, {"spec": changes})


def bare_pod(name: str, spec: Object | None = None, **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": spec or pod_spec()}


def service(name: str, app: str = "", **changes: Any) -> Object:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    spec = {"selector": {"app": app or name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": merged(spec, changes)}


def budget(name: str, app: str, **spec: Any) -> Object:
    selector = {"matchLabels": {"app": app}}
    return other("policy/v1", "PodDisruptionBudget", name, selector=selector, **(spec or {"maxUnavailable": 1}))


def autoscaler(name: str, target: str, least: int = 1, most: int = 3) -> Object:
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    bounds = {"minReplicas": least, "maxReplicas": most}
    return other(
        "autoscaling/v2", "HorizontalPodAutoscaler", name, scaleTargetRef=reference, metrics=[metric], **bounds
    )


def ingress(name: str, backend: str, port: int = 80, host: str = "", **spec: Any) -> Object:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}
    rules = [{"host": host or f"{name}.example", "http": {"paths": [path]}}]
    return other("networking.k8s.io/v1", "Ingress", name, rules=rules, **spec)


def job(name: str, spec: Object, **changes: Any) -> Object:
    return other(
        "batch/v1", "Job", name, backoffLimit=0, template={"spec": {"restartPolicy": "Never", **spec}}, **changes
    )


def cron_job(name: str, spec: Object, **changes: Any) -> Object:
    run = {"spec": {"backoffLimit": 0, "template": {"spec": {"restartPolicy": "Never", **spec}}}}
    return other("batch/v1", "CronJob", name, schedule="0 0 1 1 *", jobTemplate=run, **changes)


def claim(name: str, **spec: Any) -> Object:
    sound = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    return other("v1", "PersistentVolumeClaim", name, **sound, **spec)


def volume(name: str, **spec: Any) -> Object:
    sound = {"capacity": {"storage": "1Mi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": f"/tmp/{name}"}}
    return other("v1", "PersistentVolume", name, **{**sound, "persistentVolumeReclaimPolicy": "Retain", **spec})


def node(name: str, **allocatable: str) -> Object:
    """A node that no kubelet speaks for, and that takes only what is bound to it by name."""
    room = {"cpu": "4", "memory": "8Gi", "pods": "110", **allocatable}
    taints = [{"key": "planted", "effect": "NoSchedule"}, {"key": "planted", "effect": "NoExecute"}]
    return {
        **other("v1", "Node", name, taints=taints),
        "status": {
            "capacity": room,
            "allocatable": room,
            "conditions": [{"type": "Ready", "status": "True", "reason": "Planted"}],
            "nodeInfo": {**dict.fromkeys(_NODE_INFO, "planted"), "kubeletVersion": "v1.34.4"},
        },
    }


def other(api_version: str, kind: str, name: str, **spec: Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **({"spec": spec} if spec else {})}
