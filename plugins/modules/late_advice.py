#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: late_advice
short_description: Records what advisors say after the deadline
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Returns at once. A process of its own adds late answers to the journal of this run, also when the run has ended
    by then, and ends with the last of them or after O(within_seconds).
  - The answers have to be on the controller, where modules run with the connection C(local).
options:
  folder:
    description: Where the answers will be, as RV(aiops.kubernetes.pod_diagnosis_info#module:late) tells.
    type: path
    required: true
  names:
    description: Who is late, by the number that the file of the answer will have.
    type: dict
    required: true
  within_seconds:
    description: How long to wait for them.
    type: float
    required: true
attributes:
  check_mode:
    description: The journal is kept in check mode too.
    support: full
"""

EXAMPLES = r"""
- name: Record what advisors say later
  aiops.kubernetes.late_advice: "{{ checkout.late }}"
  when: checkout.late | length > 0
"""

RETURN = r"""
"""
