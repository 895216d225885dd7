#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: notify
short_description: Tells people who are not at the terminal
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Sends a notice through webhooks, e-mail and programs, and notes in the record which of them took it.
  - A channel that cannot be reached does not fail the task, RV(deliveries) says so.
  - Runs on the controller.
options:
  channels:
    description:
      - One map for each channel, with one key.
      - C(webhook) with C(url) and C(headers) gets a JSON document by POST, with C(subject), C(text) and C(details).
      - C(email) with C(host), C(port), C(security) (C(starttls), the default, C(tls) or C(none)), C(username),
        C(password), C(sender) and C(to).
      - C(command) with C(argv) gets the same JSON document on its standard input.
    type: list
    elements: dict
    required: true
  subject:
    description: One line.
    type: str
    required: true
  text:
    description: What happened and what to do.
    type: str
    required: true
  details:
    description: The same for programs.
    type: dict
    default: {}
  timeout_seconds:
    description: For how long each channel may take.
    type: float
    default: 10
attributes:
  check_mode:
    description: Sends nothing.
    support: full
"""

EXAMPLES = r"""
- name: Tell the architect
  aiops.kubernetes.notify:
    channels:
      - webhook:
          url: "{{ lookup('ansible.builtin.env', 'AIOPS_WEBHOOK') }}"
      - email:
          host: smtp.example.org
          sender: aiops@example.org
          to: [architect@example.org]
      - command:
          argv: [/usr/local/bin/page, --priority=high]
    subject: The rollout of shop/checkout is halted
    text: 9 of 120 requests to the new pods failed.
"""

RETURN = r"""
deliveries:
  description: What became of the notice on each channel, with C(channel), C(ok) and C(message).
  returned: success
  type: list
  elements: dict
delivered:
  description: Whether every channel took it.
  returned: success
  type: bool
said:
  description: The same in one sentence.
  returned: success
  type: str
aiops_events:
  description: A note for the journal.
  returned: success
  type: list
  elements: dict
"""
