#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_info
short_description: Show a cluster's version and nodes, and one workload with its pods
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads the version and the nodes of a cluster, and the replicas, images and pods of a workload where one is named.
  - Changes nothing.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Can run in check mode and return what it would return without it.
    support: full
options:
  kind:
    description: Kind of the workload (C(Deployment), C(StatefulSet), C(DaemonSet), C(ReplicaSet), C(Job) or C(Pod)).
    type: str
  namespace:
    description: Namespace of the workload.
    type: str
    default: default
  name:
    description: Name of the workload. Needs O(kind).
    type: str
"""

EXAMPLES = r"""
- name: Show the cluster that a kubeconfig names
  aiops.kubernetes.cluster_info:
    kubeconfig: ~/.kube/staging
  register: cluster

- name: Say which nodes are not ready
  ansible.builtin.debug:
    msg: "{{ cluster | community.general.json_query('nodes[?!ready].name') }}"

- name: Show a deployment and its pods
  aiops.kubernetes.cluster_info:
    context: staging
    kind: Deployment
    namespace: shop
    name: checkout
"""

RETURN = r"""
cluster:
  description: The kubeconfig's name of the cluster, else its address.
  returned: success
  type: str
server_version:
  description: Version of the API server.
  returned: success
  type: str
  sample: v1.34.4
nodes:
  description: The nodes.
  returned: success
  type: list
  elements: dict
  sample:
    - name: node-1
      ready: true
      roles: [control-plane]
      kubelet_version: v1.34.4
      cpu_allocatable_millicores: 2000
      memory_allocatable_bytes: 8589934592
      unschedulable: false
      simulated: false
workload:
  description: The workload with its pods; null where it does not exist.
  returned: when O(kind) and O(name) are given
  type: dict
  sample:
    desired: 1
    ready: 1
    available: 1
    updated: 1
    images: [registry.example/checkout:1.4]
    pods:
      - {name: checkout-7d9c, phase: Running, ready: true, restarts: 0, node: node-1}
requests:
  description: How many HTTP requests were sent.
  returned: success
  type: int
duration_seconds:
  description: How long the module took, from loading the credentials on.
  returned: success
  type: float
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.overview import overview


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    argument_spec = auth_argument_spec()
    argument_spec.update(
        kind={"type": "str"},
        namespace={"type": "str", "default": "default"},
        name={"type": "str"},
    )
    module = make(argument_spec, supports_check_mode=True, required_together=[("kind", "name")])
    given = module.params
    run_and_exit(
        module,
        lambda client: overview(
            client,
            given["kind"] or "",
            given["namespace"],
            given["name"] or "",
            Deadline.after(given["timeout_seconds"]),
        ),
    )


if __name__ == "__main__":
    main()
