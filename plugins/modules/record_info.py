#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_info
short_description: Finds a record and returns what its journal holds
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads a journal, verifies its chain and returns its plan, its decision and where it stands. Fails for a damaged one.
options:
  record:
    description: Path of the record or its journal, number or run id. Empty for the run that is under way.
    type: str
    default: ""
  folder:
    description: Folder of the records. Empty for the one that the callback uses.
    type: path
    default: ""
  target:
    description:
      - A target (C(cluster), C(kind), C(namespace), C(name)) whose half-done changes are looked for among all records.
    type: dict
    default: {}
  packed:
    description: Whether to return the whole journal as one word, to be handed to a job on another machine.
    type: bool
    default: false
attributes:
  check_mode:
    description: It only reads.
    support: full
"""

EXAMPLES = r"""
- name: Read the plan that waits for a decision
  aiops.kubernetes.record_info:
    record: "{{ record }}"
  register: earlier
"""

RETURN = r"""
journal:
  description: Path of the journal.
  type: str
  returned: success
record:
  description: Path of the record.
  type: str
  returned: success
run_id:
  description: Id of the run that opened it.
  type: str
  returned: success
stage:
  description: The story.
  type: str
  returned: success
status:
  description: Where the run stands; C(interrupted) for one that was killed.
  type: str
  returned: success
ends_as:
  description: The status that the run would end with now.
  type: str
  returned: success
plan:
  description: The last plan, empty if there is none.
  type: dict
  returned: success
decision:
  description: The last decision, empty if there is none.
  type: dict
  returned: success
diagnosis:
  description: The body of the last diagnosis, empty if there is none.
  type: dict
  returned: success
applied:
  description: The body of the last C(applied), empty if there is none.
  type: dict
  returned: success
events:
  description: All events in their order.
  type: list
  elements: dict
  returned: success
half_done:
  description: Run ids of other runs on O(target) that were stopped while writing.
  type: list
  elements: str
  returned: success
restarts:
  description: When pods of O(target) were restarted in the last 10 minutes, as the records tell.
  type: list
  elements: str
  returned: success
packed:
  description: The whole journal as one word.
  type: str
  returned: when O(packed=true)
"""
