#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_seal
short_description: Seals the journal of this run before the run ends
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - For a run that ended well and hands its journal over to a run on another machine. What comes after is not recorded.
options: {}
attributes:
  check_mode:
    description: A run in check mode has a journal too.
    support: full
"""

EXAMPLES = r"""
- name: Seal the record
  aiops.kubernetes.record_seal:
  register: sealed
"""

RETURN = r"""
journal:
  description: Path of the journal.
  type: str
  returned: success
"""
