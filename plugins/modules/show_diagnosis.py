#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show_diagnosis
short_description: Shows a person what was found and what is proposed
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Prints, for 80 columns, the target, the verdict and root cause, the evidence that carries it with ids and times,
    contributing causes, and the proposed change with its diff, tier, expected outcome and reversal.
  - Text from the cluster is redacted and freed of control characters.
options:
  report:
    description: What M(aiops.kubernetes.pod_diagnosis_info) returned. Empty to show the plan alone.
    type: dict
    default: {}
  plan:
    description: The plan as M(aiops.kubernetes.change_plan) returned it. Empty to show the diagnosis alone.
    type: dict
    default: {}
  checks:
    description: RV(ignore:checks) of M(aiops.kubernetes.setup_info) and its like, to be shown as a table.
    type: list
    elements: dict
    default: []
  figures:
    description: Named lines to begin with, such as a ranking, each with C(name) and C(text).
    type: list
    elements: dict
    default: []
  said:
    description: Sentences to end with.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: It only shows.
    support: full
"""

EXAMPLES = r"""
- name: Show what was found
  aiops.kubernetes.show_diagnosis:
    report: "{{ checkout }}"
"""

RETURN = r"""
"""
