#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: change_rollback
short_description: Restore the fields that a plan wrote
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Restores the fields that were written, and no other, to what they were when the plan was made.
  - A field that somebody else changed in the meantime is left alone, and the task fails.
  - A field that already is what it was is not written, so the module can be run again after an interruption.
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: Sends the writes as a server-side dry run.
    support: full
options:
  plan:
    description: The plan that was applied.
    type: dict
    required: true
  written:
    description:
      - What M(aiops.kubernetes.change_apply) returned as written.
      - Without it, every field of the plan is looked at, as after a run that was killed.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- name: Roll back
  aiops.kubernetes.change_rollback:
    plan: "{{ change.plan }}"
    written: "{{ application.written }}"
  when: application.rollback_needed
"""

RETURN = r"""
restored:
  description: The writes that were made; none where every field was what it had been.
  returned: always
  type: list
  elements: dict
steps:
  description: The plan's rollback in words, which says what is left to do by hand.
  returned: always
  type: str
aiops_events:
  description: Events for the journal, C(rolled-back) or C(failed).
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
            "written": {"type": "list", "elements": "dict"},
        },
        supports_check_mode=True,
    )
    results.exit_with(module, partial(results.rolled_back, dry_run=module.check_mode))


if __name__ == "__main__":
    main()
