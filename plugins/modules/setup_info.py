#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: setup_info
short_description: Look whether metrics-server, kubectl-ai or kagent is there and works
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Looks at one part and says what works, what does not, and what to do. What does not work is a result, not a failure.
  - An AI advisor is put one made-up question, in which nothing of the cluster is.
extends_documentation_fragment:
  - aiops.kubernetes.auth
  - aiops.kubernetes.advisors
attributes:
  check_mode:
    description: Reads only, so it does the same in check mode.
    support: full
options:
  part:
    description: What to look at.
    type: str
    choices: [metrics_server, kubectl_ai, kagent]
    required: true
  wait_seconds:
    description: For how long to wait until all of it works. C(0) looks once.
    type: float
    default: 0.0
  namespace:
    description: The namespace of kagent, with O(part=kagent).
    type: str
    default: kagent
  agent:
    description: The name of the agent, with O(part=kagent).
    type: str
    default: aiops-analyst
  program:
    description: The program that is looked for where O(kubectl_ai) names no model, with O(part=kubectl_ai).
    type: str
    default: kubectl-ai
"""

EXAMPLES = r"""
- name: Wait for figures
  aiops.kubernetes.setup_info:
    part: metrics_server
    wait_seconds: 120
  register: figures
"""

RETURN = r"""
checks:
  description: What was looked at, each with part, what, state, found and to_do.
  returned: success
  type: list
  elements: dict
  sample:
    - {part: metrics-server, what: API, state: works, found: metrics.k8s.io answers, to_do: ""}
works:
  description: Whether all of it works.
  returned: success
  type: bool
minikube_profile:
  description: The minikube profile that made the nodes, empty where none did.
  returned: with O(part=metrics_server)
  type: str
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.options import (
    advisor_argument_spec,
    kagent_settings,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import checks, kagent, kubectl_ai, metrics_server


def main() -> None:
    module = AnsibleModule(
        auth_argument_spec()
        | advisor_argument_spec()
        | {
            "part": {"type": "str", "choices": list(PARTS), "required": True},
            "wait_seconds": {"type": "float", "default": 0.0},
            "namespace": {"type": "str", "default": "kagent"},
            "agent": {"type": "str", "default": "aiops-analyst"},
            "program": {"type": "str", "default": "kubectl-ai"},
        },
        supports_check_mode=True,
    )
    run_and_exit(module, lambda client: PARTS[module.params["part"]](client, module.params))


def _metrics_server(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    nodes = metrics_server.read_nodes(client, Deadline.after(given["timeout_seconds"]))
    until = Deadline.after(given["wait_seconds"])
    found = checks.look_until_all_work(lambda deadline: metrics_server.look(client, nodes, deadline), until)
    return {**checks.to_json(found), "minikube_profile": nodes.minikube_profile}


def _kagent(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    namespace, agent, until = given["namespace"], given["agent"], Deadline.after(given["wait_seconds"])
    found = checks.look_until_all_work(lambda deadline: kagent.look(client, namespace, agent, deadline), until)
    settings = kagent_settings(given["kagent"] or {}, os.environ)
    return checks.to_json([*found, kagent.ask(settings, Deadline.after(given["advisors_within_seconds"]))])


def _kubectl_ai(client: Client, given: dict[str, Any]) -> dict[str, Any]:
    found = []
    for options in given["kubectl_ai"] or [{"program": given["program"]}]:
        deadline = Deadline.after(given["advisors_within_seconds"])
        found += kubectl_ai.look(options, client, deadline, os.environ)
    return checks.to_json(found)


PARTS = {"metrics_server": _metrics_server, "kubectl_ai": _kubectl_ai, "kagent": _kagent}


if __name__ == "__main__":
    main()
