#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_push
short_description: Pushes the records that wait to their Git repository
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Pushes what runs could not push when they ended. Fails where something still waits.
  - The repository is the one of the callback P(aiops.kubernetes.phr#callback).
  - Runs on the controller.
options: {}
attributes:
  check_mode:
    description: Says how many records wait.
    support: full
"""

EXAMPLES = r"""
- name: Push what waits
  aiops.kubernetes.record_push:
"""

RETURN = r"""
waiting:
  description: Journals that still wait.
  type: list
  elements: str
  returned: always
pushed:
  description: Where each journal lies in the repository.
  type: dict
  returned: when something was pushed
"""
