#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: change_observe
short_description: A workload's restarts, readiness, CPU and memory now, and whether they got worse
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Takes the figures of a workload before and after a change, and again and again while it is monitored.
  - With O(baseline) it also says whether they got worse. A cluster that does not answer is V(unknown), never steady.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Reads only, so it does the same in check mode.
    support: full
options:
  plan:
    description: A plan, whose workload is observed.
    type: dict
  kind:
    description: Kind of the workload, where there is no plan.
    type: str
  namespace:
    description: Namespace of the workload.
    type: str
    default: default
  name:
    description: Name of the workload.
    type: str
  baseline:
    description: RV(ignore:metrics) of an earlier observation that later ones are compared with.
    type: dict
  unavailable_for_seconds:
    description: For how long too few pods have been available already. From 60 seconds on that is a regression.
    type: float
    default: 0.0
"""

EXAMPLES = r"""
- name: Take the figures before the change
  aiops.kubernetes.change_observe:
    plan: "{{ change.plan }}"
  register: before

- name: Look whether it got worse
  aiops.kubernetes.change_observe:
    plan: "{{ change.plan }}"
    baseline: "{{ validation.metrics.after }}"
  register: look
"""

RETURN = r"""
metrics:
  description: The figures; CPU and memory are null where unknown, and C(usage_unavailable) says why.
  returned: success
  type: dict
  sample:
    {restarts: 0, ready: 2, available: 2, desired: 2, cpu_millicores: 12, memory_bytes: 7340032, usage_pods: 2,
     usage_unavailable: ""}
line:
  description: The figures in one line.
  returned: success
  type: str
  sample: 2 of 2 ready, 0 restarts, CPU 12m, memory 7Mi
outcome:
  description: V(steady), V(regression) or V(unknown).
  returned: with O(baseline)
  type: str
regression:
  description: Whether the figures got worse.
  returned: with O(baseline)
  type: bool
unmet:
  description: What a scaling was for and is not so yet, such as CPU under 70 % of the requests.
  returned: with O(baseline)
  type: list
  elements: str
seen:
  description: What got worse, or the line.
  returned: with O(baseline)
  type: str
aiops_events:
  description: Events for the journal, C(monitored) with O(baseline).
  returned: success
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import results


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    module = make(
        auth_argument_spec()
        | {
            "plan": {"type": "dict"},
            "kind": {"type": "str"},
            "namespace": {"type": "str", "default": "default"},
            "name": {"type": "str"},
            "baseline": {"type": "dict"},
            "unavailable_for_seconds": {"type": "float", "default": 0.0},
        },
        supports_check_mode=True,
        required_one_of=[("plan", "name")],
        required_together=[("kind", "name")],
    )
    results.exit_with(module, results.observed)


if __name__ == "__main__":
    main()
