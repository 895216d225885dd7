#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: training_check_info
short_description: Look whether objects are as a lab of the training wants them
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads objects of a namespace and holds a value in each against a bound.
  - Changes nothing.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Can run in check mode and return what it would return without it.
    support: full
options:
  namespace:
    description: Namespace of the objects.
    type: str
    required: true
  conditions:
    description:
      - What has to hold. Each has C(what) (a sentence), C(kind), C(name) or C(labels) (a selector, for all that carry
        them as C(items)), C(path) (JMESPath), and one of C(equals), C(differs), C(at_least), C(at_most), C(contains),
        C(lacks). C(api_version) is V(v1) if not given. Quantities such as 64Mi compare as amounts.
    type: list
    elements: dict
    required: true
  within_seconds:
    description: How long to wait until everything holds. 0 looks once.
    type: float
    default: 0.0
"""

EXAMPLES = r"""
- name: Look whether the checkout is back
  aiops.kubernetes.training_check_info:
    namespace: training-crashing-checkout
    conditions:
      - what: the checkout runs
        api_version: apps/v1
        kind: Deployment
        name: checkout
        path: status.availableReplicas
        equals: 1
"""

RETURN = r"""
holds:
  description: Whether every condition holds.
  returned: success
  type: bool
conditions:
  description: Each condition with C(what), C(holds) and C(seen).
  returned: success
  type: list
  elements: dict
requests:
  description: How many HTTP requests were sent.
  returned: success
  type: int
duration_seconds:
  description: How long the module took.
  returned: success
  type: float
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.training.conditions import BadCondition, condition_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.training.looking import look


def main() -> None:
    """Arguments in, one call, JSON out."""
    argument_spec = auth_argument_spec()
    argument_spec.update(
        namespace={"type": "str", "required": True},
        conditions={"type": "list", "elements": "dict", "required": True},
        within_seconds={"type": "float", "default": 0.0},
    )
    module = AnsibleModule(argument_spec, supports_check_mode=True)
    given = module.params

    def run(client: Client) -> dict[str, Any]:
        conditions = [condition_of(item) for item in given["conditions"]]
        judged = look(client, given["namespace"], conditions, within_seconds=given["within_seconds"])
        return {"holds": all(item.holds for item in judged), "conditions": [item.to_json() for item in judged]}

    try:
        run_and_exit(module, run)
    except BadCondition as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
