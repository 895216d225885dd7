#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: change_apply
short_description: Write a plan that was approved
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads the object again, compares its uid, its owner and every field that the plan changes or relies on, and writes
    with the resourceVersion just read. Anything that changed since the plan refuses the write.
  - Writes nothing but the fields of the plan's remedy.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Compares everything and sends the writes as a server-side dry run.
    support: full
options:
  plan:
    description: The plan as M(aiops.kubernetes.change_plan) returned it.
    type: dict
    required: true
  digest:
    description: The digest that was approved; that of the plan itself where its tier needs no decision.
    type: str
    required: true
  expires_at:
    description: When the approval ends (RFC 3339). Later nothing is written.
    type: str
"""

EXAMPLES = r"""
- name: Apply
  aiops.kubernetes.change_apply:
    plan: "{{ change.plan }}"
    digest: "{{ decision.digest }}"
    expires_at: "{{ decision.expires_at }}"
  register: application
"""

RETURN = r"""
written:
  description: The writes that were made, to be handed to M(aiops.kubernetes.change_rollback).
  returned: always
  type: list
  elements: dict
rollback_needed:
  description: Whether anything was, or may have been, written.
  returned: always
  type: bool
reason:
  description: The kind of refusal, such as V(PreconditionChanged), V(NotWritable) or V(PlanInvalid).
  returned: failure
  type: str
aiops_events:
  description: Events for the journal, C(applied), C(refused) or C(failed).
  returned: always
  type: list
  elements: dict
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import results


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    module = make(
        auth_argument_spec()
        | {
            "plan": {"type": "dict", "required": True},
            "digest": {"type": "str", "required": True},
            "expires_at": {"type": "str"},
        },
        supports_check_mode=True,
    )
    results.exit_with(module, partial(results.applied, dry_run=module.check_mode))


if __name__ == "__main__":
    main()
