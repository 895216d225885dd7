#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollout_gate
short_description: Watches the first new pods of a gated rollout, then releases or pauses it
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Goes on where M(aiops.kubernetes.change_apply) ended with a plan of the remedy C(gated_rollout), and makes that
    plan's further writes, start, pause, release and disarm, and no others.
  - Shows a line for each look. A crash, a missing image, lost readiness or too many errors pause the rollout; too
    little to tell from holds it; otherwise it goes on by itself.
  - Runs on the controller, so that the lines are live.
extends_documentation_fragment:
  - aiops.kubernetes.auth
options:
  plan:
    description: The plan that was applied.
    type: dict
    required: true
  digest:
    description: The digest that was approved.
    type: str
    required: true
  step:
    description: Makes only this step instead of watching.
    type: str
    choices: ["", disarm]
    default: ""
attributes:
  check_mode:
    description: Not supported.
    support: none
"""

EXAMPLES = r"""
- name: Watch the first new pods
  aiops.kubernetes.rollout_gate:
    plan: "{{ change.plan }}"
    digest: "{{ change.plan.digest }}"
  register: watched
"""

RETURN = r"""
outcome:
  description: V(passed), V(halted), V(inconclusive), V(unchanged) or V(gone).
  returned: success
  type: str
why:
  description: What decided it, in one sentence.
  returned: success
  type: str
said:
  description: The same with what became of the rollout.
  returned: success
  type: str
pod:
  description: The new pod that failed, or answered with most errors.
  returned: success
  type: str
figures:
  description: Requests and errors of the new and the old pods, and the interval.
  returned: success
  type: dict
aiops_events:
  description: Events for the journal.
  returned: success
  type: list
  elements: dict
"""
