#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show_text
short_description: Shows a person a text
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Prints a text line by line as it is, without control characters and secrets.
options:
  text:
    description: The text.
    type: str
    required: true
attributes:
  check_mode:
    description: Shows the same in check mode.
    support: full
"""

EXAMPLES = r"""
- name: Show the task of a lab
  aiops.kubernetes.show_text:
    text: "{{ lookup('ansible.builtin.file', 'task.md') }}"
"""

RETURN = r"""#"""
