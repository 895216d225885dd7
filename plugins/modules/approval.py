#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: approval
short_description: Asks a person whether a plan may be applied
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Shows the plan at a terminal, asks for a phrase that names it (C(approve) and the first eight characters of its
    digest, or C(reject)) and for a justification, and returns the decision.
  - A wrong phrase asks again. Ctrl-C aborts. When the time is over, the decision is C(expired), whatever was half
    typed.
  - Where nobody can be asked (no terminal, closed or piped input, AWX, ansible-runner) the decision is C(unavailable)
    and the task succeeds. A decision other than an approval is not a failure either.
  - A decision can be given as arguments with the digest as printed with the plan. It is refused inside AWX and where
    O(minimum_strength) demands more.
  - A plan of tier 4 takes two people, one of them for security, neither of them the requester; a plan of tier 1 needs
    no decision.
  - With several hosts, put C(throttle=1) on the task.
extends_documentation_fragment:
  - aiops.kubernetes.approvers
options:
  plan:
    description: The exact plan, with its digest.
    type: dict
    required: true
  decision:
    description: An explicit decision, C(approved), C(rejected) or (tier 4, where allowed) C(emergency). Empty to ask.
    type: str
    default: ""
  digest:
    description: The digest of the plan that O(decision) is about, whole.
    type: str
    default: ""
  justification:
    description: Why, for the record. An approval needs one.
    type: str
    default: ""
  signature:
    description:
      - File with a decision that was signed by an SSH key, text and signature, as RV(how_to_decide) tells to make it.
    type: path
    default: ""
  window_seconds:
    description: Shortens the time to decide. The tier's time is never exceeded.
    type: float
  valid_seconds:
    description: Shortens the time within which an approval has to be applied.
    type: float
    default: 900
  show:
    description: Whether to show the plan before the question.
    type: bool
    default: true
  channel:
    description:
      - Who is asked. C(awx) asks AWX's API what the approval nodes of this job's workflow decided, and by whom; nobody
        is asked here.
      - Whatever is not plainly an approval of exactly this plan, in time, by somebody who may, in the workflow that
        this very job is a node of, is refused.
    type: str
    choices: [terminal, awx]
    default: terminal
attributes:
  check_mode:
    description: Asks in check mode too, it changes nothing.
    support: full
"""

EXAMPLES = r"""
- name: Ask whether the change may be made
  aiops.kubernetes.approval:
    plan: "{{ planned.plan }}"
    decision: "{{ decision | default('') }}"
    digest: "{{ digest | default('') }}"
    justification: "{{ justification | default('') }}"
  throttle: 1
  register: answer
"""

RETURN = r"""
approved:
  description: Whether the plan is approved.
  type: bool
  returned: always
needed:
  description: Whether the plan's tier needs a decision at all.
  type: bool
  returned: success
decision:
  description: The decision as it goes into the journal; empty for tier 1.
  type: dict
  returned: success
how_to_decide:
  description: Lines that tell how to decide later.
  type: list
  elements: str
  returned: when nobody decided
"""
