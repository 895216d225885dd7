#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awx_take_over
short_description: Takes over the record of an earlier job of AWX
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - A job of AWX has a folder of its own that is thrown away. What it handed over as an artifact is read through AWX's
    API, never from a variable, and the next play goes on in that record with the variable C(aiops_record_taken=true).
  - With O(node) this very job has to be a node of the workflow that its variables name; a job that was launched alone
    or relaunched is refused.
  - The API's address and as whom to ask come from the job's credential (C(CONTROLLER_HOST), C(CONTROLLER_OAUTH_TOKEN)
    or C(CONTROLLER_USERNAME) and C(CONTROLLER_PASSWORD)). Reading is all that is needed.
options:
  node:
    description: Identifier of the node of this workflow whose job handed the record over.
    type: str
    default: ""
  job:
    description: Number of any job in AWX, instead of O(node).
    type: str
    default: ""
attributes:
  check_mode:
    description: It only reads.
    support: full
"""

EXAMPLES = r"""
- name: Take the record over from the plan's job
  aiops.kubernetes.awx_take_over:
    node: plan
"""

RETURN = r"""
aiops_taken:
  description: The journal, for the callback.
  type: str
  returned: success
job:
  description: Number of the job that handed it over.
  type: int
  returned: success
run_id:
  description: Id of the run that opened the journal.
  type: str
  returned: success
applied_at:
  description: When the last change of the journal was made, empty if none was.
  type: str
  returned: success
"""
