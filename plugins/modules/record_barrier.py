#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_barrier
short_description: Confirms that a plan and its approval are on disk before anything is written
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Fails unless the journal of this run is there, intact and writable, holds exactly this plan as its last one, and
    holds an approval of exactly this plan's digest that has not ended, by as many people, of the roles and proved as
    its tier and the options demand. A plan of tier 1 needs no approval.
  - Then puts C(applying) into the journal, on disk, under the same lock. So a plan is applied once, by one run.
  - Put it right before the task that writes.
extends_documentation_fragment:
  - aiops.kubernetes.approvers
options:
  plan:
    description: The exact plan that is about to be applied.
    type: dict
    required: true
attributes:
  check_mode:
    description: In check mode everything is checked and C(applying) is not written.
    support: full
"""

EXAMPLES = r"""
- name: Make sure that the approval is on disk
  aiops.kubernetes.record_barrier:
    plan: "{{ planned.plan }}"
"""

RETURN = r"""
digest:
  description: The digest of the plan that may now be applied.
  type: str
  returned: success
decision:
  description: The approval in the journal; empty for tier 1.
  type: dict
  returned: success
journal:
  description: Path of the journal.
  type: str
  returned: success
record:
  description: Path of the record.
  type: str
  returned: success
run_id:
  description: Id of the run.
  type: str
  returned: success
"""
