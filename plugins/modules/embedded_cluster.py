#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# The documentation of the action plugin of the same name.

from __future__ import annotations

DOCUMENTATION = r"""
module: embedded_cluster
short_description: A throw-away Kubernetes node from packages alone
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Builds Kubernetes from Go modules once, and starts one real node in namespaces of its own in a few seconds.
  - Needs Linux, root, and the Python package supervisor.
  - Usually called by the role P(aiops.kubernetes.local_cluster#role).
  - Refuses, in one sentence, a host that cannot carry it.
options:
  state:
    description: Whether the cluster shall be there.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: Names the cluster, its folder, node and interface; 1 to 10 lower-case letters, digits or dashes.
    type: str
    required: true
  assets:
    description: The folder with the Go modules and manifests, which the role brings.
    type: path
    required: true
  cache:
    description: The folder that keeps the built programs, and below C(clusters) one folder a cluster.
    type: path
    required: true
  slot:
    description: Which addresses to take, 0 to 255; without it the first slot that is free on the host.
    type: int
  simulated_nodes:
    description: How many simulated nodes (kwok) to add beside the real one.
    type: int
    default: 0
  simulated_pods:
    description: How many simulated pods to run on them, in Deployments of 50 in the namespace C(simulated).
    type: int
    default: 0
  prometheus:
    description: Whether to run Prometheus, scraping kubelet, API server and pods annotated C(prometheus.io/scrape).
    type: bool
    default: false
  registry:
    description: Whether to run an image registry, which pods reach as C(localhost:5000).
    type: bool
    default: false
  helm:
    description: Whether to build Helm and put it beside kubectl.
    type: bool
    default: true
  demo_images:
    description: Whether to build and import the images of busybox and podinfo.
    type: bool
    default: true
  start_timeout_seconds:
    description: How long each program, and then the node, may take to become healthy.
    type: int
    default: 120
attributes:
  check_mode:
    description: Says whether the cluster would have to be made or removed; touches nothing.
    support: full
"""

EXAMPLES = r"""
- name: A cluster with Prometheus
  aiops.kubernetes.embedded_cluster:
    name: lab
    assets: "{{ role_path }}/files"
    cache: ~/.cache/aiops-kubernetes
    prometheus: true
"""

RETURN = r"""
cluster:
  description: What a user of the cluster needs.
  returned: when state is present, and not in check mode
  type: dict
  contains:
    kubeconfig: {description: Path of the administrator's kubeconfig., type: str}
    context: {description: Its context., type: str}
    server: {description: The API server's URL., type: str}
    node: {description: The real node's name., type: str}
    node_address: {description: The real node's address., type: str}
    host_address: {description: The host's address on the link to the node., type: str}
    kubernetes_version: {description: Version of every part of Kubernetes., type: str}
    bin: {description: "Folder with kubectl and, where wished for, helm, hey, crane and promtool.", type: str}
    logs: {description: Folder with one log a program., type: str}
    audit_log: {description: The API server's audit log., type: str}
    images: {description: Names of the images that were imported., type: dict}
    prometheus: {description: "Prometheus' URL, or empty.", type: str}
    registry: {description: "The registry's address as the host sees it, or empty.", type: str}
seconds:
  description: How long it took.
  returned: when state is present, and not in check mode
  type: float
"""
