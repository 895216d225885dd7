#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: change_plan
short_description: Make a recommendation exact for one target, without writing anything
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Turns a recommendation into a plan that holds the writes, the diff of a server-side dry run, the tier computed from
    the writes, the rollback, what validates it, who owns the object, and a digest over all of it.
  - Also plans the reversal of a plan that was applied earlier.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Can run in check mode and return what it would return without it.
    support: full
options:
  recommendation:
    description:
      - One recommendation as M(aiops.kubernetes.pod_diagnosis_info) returns it, with RV(ignore:remedy),
        RV(ignore:parameters), RV(ignore:reason), RV(ignore:expected_outcome) and RV(ignore:advisor).
      - A recommendation without an advisor counts as one of an AI, so its tier is at least 2.
    type: dict
  target:
    description:
      - What the change is about, with C(kind), C(namespace), C(name) and C(uid).
      - A pod stands for its workload where the remedy acts on workloads.
    type: dict
  reverse:
    description: A plan that was applied and shall be undone.
    type: dict
  settings:
    description: What may differ from place to place. Tiers are raised only.
    type: dict
    suboptions:
      validate_seconds:
        description: Within how many seconds the change has to hold. By default 120.
        type: int
      settle_seconds:
        description: How long it has to hold without a restart. By default 15.
        type: int
      tier_floor:
        description: The lowest tier of a remedy, or of every remedy by C(*).
        type: dict
      tier_raises:
        description:
          - Raises for places, maps with C(cluster), C(namespace) and C(labels) (patterns as of a shell; all that are
            named have to match), C(tier) and C(why).
        type: list
        elements: dict
      critical_window_seconds:
        description: How long the decision on a critical plan may take, 3600 (the default) to 7200.
        type: int
      write_owned:
        description: Write objects that GitOps or an operator owns all the same.
        type: bool
      recent_restarts:
        description: Times of earlier restarts of the workload's pods without a person, as the records tell.
        type: list
        elements: str
"""

EXAMPLES = r"""
- name: Plan the first recommendation
  aiops.kubernetes.change_plan:
    recommendation: "{{ diagnosis.recommendations[0] }}"
    target: "{{ diagnosis.workload }}"
  register: change

- name: Plan the reversal of an earlier change
  aiops.kubernetes.change_plan:
    reverse: "{{ journalled_plan }}"
  register: change
"""

RETURN = r"""
plan:
  description: The plan; null where there is nothing to do.
  returned: success
  type: dict
  sample:
    remedy: set_resources
    summary: "In container app of Deployment shop/checkout, set the memory limit from 64Mi to 128Mi."
    tier: {level: 3, name: medium, why: changes the limits of a container}
    owner: {kind: none, name: "", writable: true, note: "", snippet: ""}
    digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
nothing_to_do:
  description: Why no plan was made, where the object already is as recommended.
  returned: success
  type: str
aiops_events:
  description: Events for the journal, C(planned) with the exact plan.
  returned: always
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import results

SETTINGS = {
    "validate_seconds": {"type": "int"},
    "settle_seconds": {"type": "int"},
    "tier_floor": {"type": "dict"},
    "tier_raises": {"type": "list", "elements": "dict"},
    "critical_window_seconds": {"type": "int"},
    "write_owned": {"type": "bool"},
    "recent_restarts": {"type": "list", "elements": "str"},
}


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    module = make(
        auth_argument_spec()
        | {
            "recommendation": {"type": "dict"},
            "target": {"type": "dict"},
            "reverse": {"type": "dict"},
            "settings": {"type": "dict", "options": SETTINGS},
        },
        supports_check_mode=True,
        required_one_of=[("recommendation", "reverse")],
        mutually_exclusive=[("recommendation", "reverse")],
        required_together=[("recommendation", "target")],
    )
    results.exit_with(module, results.planned)


if __name__ == "__main__":
    main()
