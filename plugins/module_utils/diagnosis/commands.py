# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person would run where no typed remedy fits: a command with `<…>` where only they know, and what it brings."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts

# Class → command and outcome; names in braces are details of the cause, or of the target (`ns`, `on`: KIND/NAME).
_COMMANDS = {
    "oom-killed": (
        "kubectl -n {ns} set resources {on} -c {container} --limits=memory={proposed_limit}",
        "the container runs within its limit",
    ),
    "missing-env": (
        "kubectl -n {ns} set env {on} -c {container} {variable}=<value>",
        "the program finds {variable} and keeps running",
    ),
    "missing-configmap": (
        "kubectl -n {ns} create configmap {configmap} --from-literal=<key>=<value>",
        "the pod finds its ConfigMap and starts by itself",
    ),
    "missing-secret": (
        "kubectl -n {ns} create secret generic {secret} --from-file=<key>=<file>",
        "the pod finds its Secret and starts by itself",
    ),
    "missing-config-key": (
        "kubectl -n {ns} edit {kind} {name}   # add the key {key}",
        "the container finds the key and starts by itself",
    ),
    "bad-command": (
        "kubectl -n {ns} edit {on}   # command of container {container}: {executable}",
        "the container runs an executable that its image has",
    ),
    "image-not-found": (
        "kubectl -n {ns} set image {on} {container}=<image that exists>",
        "the image is pulled and the container starts",
    ),
    "image-name-invalid": (
        "kubectl -n {ns} set image {on} {container}=<valid image>",
        "the image is pulled and the container starts",
    ),
    "image-auth": (
        (
            "kubectl -n {ns} create secret docker-registry <name> --docker-server={registry} "
            "--docker-username=<user> --docker-password=<password>   # and name it in imagePullSecrets"
        ),
        "the registry gives the image and the container starts",
    ),
    "image-registry-unreachable": (
        "kubectl -n {ns} get pods -o wide   # then, on the node: curl -v https://{registry}/v2/",
        "the registry answers from the node, and the kubelet pulls the image at its next try",
    ),
    "image-never-pulled": (
        "kubectl -n {ns} edit {on}   # imagePullPolicy: IfNotPresent",
        "the node pulls the image and the container starts",
    ),
    "liveness-probe-wrong": (
        "kubectl -n {ns} edit {on}   # {probe}Probe of container {container}",
        "the probe asks for what the program serves",
    ),
    "readiness-probe-wrong": (
        "kubectl -n {ns} edit {on}   # {probe}Probe of container {container}",
        "the probe asks for what the program serves",
    ),
    "rbac-denied": (
        (
            "kubectl -n {ns} create role {account}-{resource} --verb={verb} --resource={resource}   # and bind "
            "it to ServiceAccount {account}"
        ),
        "the program may {verb} {resource}, and no more",
    ),
    "service-account-missing": (
        "kubectl -n {ns} create serviceaccount {service_account}",
        "the controller creates the pods at its next try",
    ),
    "quota-exceeded": (
        "kubectl -n {ns} describe quota {quota}",
        "room in the quota lets the controller create the pods",
    ),
    "unschedulable-resources": (
        "kubectl describe nodes   # then lower the requests of {on}, or add a node",
        "the scheduler finds a node with room",
    ),
    "unschedulable-selector": (
        "kubectl get nodes --show-labels   # then label a node, or change the selector of {on}",
        "the scheduler finds a node that matches",
    ),
    "unschedulable-taint": (
        "kubectl describe nodes   # then tolerate the taint, remove it, or kubectl uncordon <node>",
        "the scheduler finds a node that the pod tolerates",
    ),
    "pvc-missing": (
        "kubectl -n {ns} get pvc   # then create {claim}, or name another",
        "the claim binds and the pod is scheduled",
    ),
    "pvc-unbound": (
        "kubectl -n {ns} describe pvc {claim}; kubectl get storageclass",
        "the claim binds and the pod is scheduled",
    ),
    "dependency-unavailable": (
        "kubectl -n {ns} get services,endpointslices   # who serves {peer}?",
        "{peer} answers and the program gets ready by itself",
    ),
    "dns-failure": (
        "kubectl -n {ns} get services   # is there one that {host} names?",
        "the name resolves and the program gets ready by itself",
    ),
    "node-not-ready": ("kubectl describe node {node}", "the node recovers, or its pods are moved by draining it"),
    "app-crash": (
        "kubectl -n {ns} logs {on} -c {container} --previous",
        "the author of the program sees where it ends, and a new image does not",
    ),
    "app-exits": (
        "kubectl -n {ns} edit {on}   # a command for container {container} that keeps running, or make it a Job",
        "the container keeps running",
    ),
    "config-invalid": (
        "kubectl -n {ns} edit {on}   # arguments and configuration of container {container}",
        "the program accepts its configuration and keeps running",
    ),
    "file-permission-denied": (
        "kubectl -n {ns} edit {on}   # fsGroup, readOnly or a writable volume for {path}",
        "container {container} may use {path}",
    ),
    "disk-full": (
        "kubectl -n {ns} edit {on}   # sizeLimit or the claim's size, or clean up",
        "container {container} finds space",
    ),
    "port-conflict": (
        "kubectl -n {ns} edit {on}   # another port for container {container}",
        "every container has a port of its own",
    ),
    "security-context-violation": (
        (
            "kubectl -n {ns} edit {on}   # securityContext: runAsUser of container {container}, or an image that "
            "does not run as root"
        ),
        "the kubelet lets the container start",
    ),
    "init-container-failed": (
        "kubectl -n {ns} logs {on} -c {container} --previous",
        "the init container ends with 0 and the pod starts",
    ),
    "scheduling-gated": (
        "kubectl -n {ns} get pod -o yaml   # who owns the gates?",
        "the gate's owner removes it and the pod is scheduled",
    ),
}


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def command_for(facts: Facts, cause: Cause) -> tuple[str, str]:
    """The command that a person would begin with, and the expected outcome in one sentence."""
    about = facts.workload.target if facts.workload else facts.target
    on = f"{about.kind.lower()}/{about.name}"
    command, outcome = _COMMANDS.get(
        cause.class_, ("kubectl -n {ns} describe {on}", "the cause is removed and the pods of {on} get ready")
    )
    known = _Known({k: v for k, v in cause.details.items() if v not in ("", None)}, ns=about.namespace, on=on)
    if about.kind in ("Pod", "Job") and any(word in command for word in (" set ", " edit {on}")):
        command += f"   # a {about.kind} cannot be changed so: change its manifest, delete it and create it again"
    return command.format_map(known), outcome.format_map(known)
