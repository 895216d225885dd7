#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: realised_savings_info
short_description: Say what a change of requests really saved
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Compares what a workload requests now with what the record of M(aiops.kubernetes.usage_analysis_info) says that it
    requested before, over the replicas that there are now and at the prices of the record.
options:
  observed:
    description: The body of the record's event C(observed).
    type: dict
    required: true
  workload:
    description: The workload, with C(kind), C(namespace), C(name) and C(uid).
    type: dict
    required: true
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: What the change of a record saved
  aiops.kubernetes.realised_savings_info:
    observed: "{{ record.events[1].body }}"
    workload: "{{ record.plan.target }}"
"""

RETURN = r"""
realised:
  description: Millicores, bytes, percent and money freed, replicas, what is requested and used now.
  returned: success
  type: dict
sentence:
  description: The same for a person.
  returned: success
  type: str
tables:
  description: The same for the record.
  returned: success
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import results
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.realised import NoSuchRecord, realised


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(
        auth_argument_spec()
        | {"observed": {"type": "dict", "required": True}, "workload": {"type": "dict", "required": True}},
        supports_check_mode=True,
    )
    given = module.params
    try:
        run_and_exit(
            module,
            lambda client: realised(client, given["observed"], results.target_of(given["workload"], client.cluster)),
        )
    except (NoSuchRecord, RemedyError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
