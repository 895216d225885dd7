#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: change_validate
short_description: Wait until a change that was applied holds, or fails
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Looks every second whether every pod is of the new template and available, no container waits in an error state, and
    restarts stay where they are. The task succeeds when all that held for a while.
  - Fails as soon as failure is certain (killed for memory again, CrashLoopBackOff again), at the latest when
    the time is up.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Reads only, so it does the same in check mode.
    support: full
options:
  plan:
    description: The plan that was applied.
    type: dict
    required: true
  before:
    description: RV(ignore:metrics) of M(aiops.kubernetes.change_observe) from before the change.
    type: dict
  within_seconds:
    description: Within how many seconds the change has to hold. By default as the plan says.
    type: int
  settle_seconds:
    description: How long it has to hold without a restart. By default as the plan says.
    type: int
"""

EXAMPLES = r"""
- name: Validate
  aiops.kubernetes.change_validate:
    plan: "{{ change.plan }}"
    before: "{{ before.metrics }}"
  register: validation
"""

RETURN = r"""
valid:
  description: Whether the change holds. The task fails where it does not.
  returned: always
  type: bool
seen:
  description: What decided it, in one sentence.
  returned: always
  type: str
  sample: container app of pod checkout-7d9c restarted (1 times, 0 before) - OOMKilled (exit code 137)
metrics:
  description: Figures before and after.
  returned: always
  type: dict
  sample: {before: {restarts: 7, ready: 0}, after: {restarts: 0, ready: 1}}
progress:
  description: What was seen on the way, each once.
  returned: always
  type: list
  elements: str
aiops_events:
  description: Events for the journal, C(validated).
  returned: always
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
            "plan": {"type": "dict", "required": True},
            "before": {"type": "dict"},
            "within_seconds": {"type": "int"},
            "settle_seconds": {"type": "int"},
        },
        supports_check_mode=True,
    )
    results.exit_with(module, results.validated)


if __name__ == "__main__":
    main()
