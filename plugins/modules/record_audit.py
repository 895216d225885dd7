#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: record_audit
short_description: Audits a folder of records
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Verifies every journal by itself, all of them together and against the ledger, renders each record again and
    compares it, and looks whether every change of tier 2 and up has a decision before its first write, a justification,
    figures before and after, a rollback plan and a validation.
  - Writes one HTML page, JSON and an index, and a file for the node exporter's textfile collector where wished. The
    records are only read. Fails where it finds a breach.
  - Runs on the controller.
options:
  folder:
    description: Folder of the records, or that folder in a clone of their Git repository. Empty for the callback's.
    type: path
    default: ""
  templates:
    description: Folder of templates that replace the collection's. Empty for the callback's.
    type: path
    default: ""
  name:
    description: What the audited records are called in reports. Empty for the path of the folder.
    type: str
    default: ""
  reports_folder:
    description: Folder of the reports. Earlier audits there tell whether the ledger was written anew.
    type: path
    default: history/reports
  metrics_file:
    description: File for the node exporter's textfile collector; its name ends in C(.prom). Empty for none.
    type: path
    default: ""
  fail_on:
    description: The least severity of a breach that fails the task.
    type: str
    choices: [critical, high, medium, none]
    default: medium
attributes:
  check_mode:
    description: It writes its report all the same; records are never written.
    support: full
"""

EXAMPLES = r"""
- name: Audit the records
  aiops.kubernetes.record_audit:
    folder: history/prompts
    metrics_file: /var/lib/prometheus/node-exporter/aiops_records.prom
"""

RETURN = r"""
percent:
  description: Share of changes of tier 2 and up with a complete record, in percent; null where there was none to judge.
  type: float
  returned: always
judged:
  description: How many changes were judged.
  type: int
  returned: always
compliant:
  description: How many of them have a complete record.
  type: int
  returned: always
breaches:
  description: What is wrong, C(code), C(where) (file and line) and C(text) each.
  type: list
  elements: dict
  returned: always
emergencies:
  description: Journals of changes that one person alone approved.
  type: list
  elements: str
  returned: always
files:
  description: Paths by form (C(html), C(json), C(index)).
  type: dict
  returned: always
"""
