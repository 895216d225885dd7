#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pending_info
short_description: Lists the plans that wait for a decision
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads the folder of records, and nothing else, and shows what waits, worst first - who asked, who has approved, what
    is missing, and the time left.
  - What nobody decided on in time gets an event C(expired) in its journal, once.
extends_documentation_fragment:
  - aiops.kubernetes.approvers
options:
  folder:
    description: Folder of the records. Empty for the one that the callback uses.
    type: path
    default: ""
attributes:
  check_mode:
    description: In check mode no expiry is recorded.
    support: full
"""

EXAMPLES = r"""
- name: Show what waits for a decision
  aiops.kubernetes.pending_info:
  register: waiting
"""

RETURN = r"""
pending:
  description: The plans that wait, the highest tier first, then the least time left.
  type: list
  elements: dict
  returned: success
  sample:
    - run_id: 20261120T120000Z-0a1b2c3d
      target: Deployment shop/checkout in production
      summary: Scale Deployment shop/checkout from 1 to 0 replicas.
      tier: 4
      tier_name: critical
      digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
      requesters: [carol]
      approved: [{by: alice, role: security, at: "2026-11-20T12:03:00.000Z"}]
      missing: a second approver is missing
      expires_at: "2026-11-20T13:00:00.000Z"
      seconds_left: 1234.5
      asked_now: ""
expired:
  description: Run ids of the records whose time was found to be over.
  type: list
  elements: str
  returned: success
unreadable:
  description: What is wrong with journals that cannot be read or trusted, a sentence each.
  type: list
  elements: str
  returned: success
"""
