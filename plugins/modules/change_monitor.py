#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: change_monitor
short_description: Watches a change for a while and shows how it does
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Runs M(aiops.kubernetes.change_observe) again and again, and shows a line each time with readiness, restarts, CPU
    and memory. A regression ends it at once.
  - Ctrl-C at the terminal ends it without a failure, RV(outcome) is then V(interrupted).
  - A cluster that does not answer at the end is V(unknown), never V(steady).
extends_documentation_fragment:
  - aiops.kubernetes.auth
options:
  plan:
    description: The plan that was applied, whose workload is watched.
    type: dict
    required: true
  baseline:
    description: RV(ignore:metrics) of M(aiops.kubernetes.change_observe) that later figures are compared with.
    type: dict
    required: true
  seconds:
    description: For how long.
    type: float
    default: 3600
  interval_seconds:
    description: How long from one look to the next.
    type: float
    default: 60
attributes:
  check_mode:
    description: It only reads.
    support: full
"""

EXAMPLES = r"""
- name: Watch the change for ten minutes
  aiops.kubernetes.change_monitor:
    plan: "{{ change.plan }}"
    baseline: "{{ validation.metrics.after }}"
    seconds: 600
  register: watched
"""

RETURN = r"""
outcome:
  description:
    - V(steady), V(regression), V(unknown) or V(interrupted).
    - V(unmet) where it holds, and what a scaling is for (such as CPU under 70 % of the requests) is not so yet.
  returned: success
  type: str
seen:
  description: What decided it, in one sentence.
  returned: success
  type: str
samples:
  description: The last lines that were shown.
  returned: success
  type: list
  elements: str
metrics:
  description: The last figures.
  returned: success
  type: dict
looks:
  description: How often the cluster answered.
  returned: success
  type: int
aiops_events:
  description: Events for the journal.
  returned: success
  type: list
  elements: dict
"""
