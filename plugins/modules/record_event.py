#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_event
short_description: Puts an event into the journal of this run
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Hands an event to the callback P(aiops.kubernetes.phr#callback), which appends it to the journal.
  - Returns the status that the run would end with now.
options:
  event:
    description: What happened.
    type: str
    required: true
    choices:
      - observed
      - diagnosed
      - recommended
      - planned
      - applied
      - validated
      - monitored
      - rolling-back
      - rolled-back
      - refused
      - note
      - verified
  body:
    description:
      - What there is to know about it. For C(planned) the exact plan.
      - C(status) sets the status of the run, C(metrics) with C(before) and C(after) goes into the record's table.
    type: dict
    default: {}
attributes:
  check_mode:
    description: The journal is kept in check mode too.
    support: full
"""

EXAMPLES = r"""
- name: Record the plan
  aiops.kubernetes.record_event:
    event: planned
    body: "{{ planned.plan }}"

- name: Record that the change belongs to somebody else's source
  aiops.kubernetes.record_event:
    event: note
    body:
      text: Argo CD owns the Deployment
      status: held
"""

RETURN = r"""
status:
  description: The status that the run would end with now.
  type: str
  returned: success
record:
  description: Path of the record, empty where none is open.
  type: str
  returned: success
journal:
  description: Path of the journal, empty where none is open.
  type: str
  returned: success
run_id:
  description: Id of the run.
  type: str
  returned: when a journal is open
problem:
  description: Why no journal is open.
  type: str
  returned: when none is open
"""
