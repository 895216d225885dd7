#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: report_write
short_description: Writes a health report or security audit in all of its forms
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Compares a report with the one before of the same cluster, and writes one HTML file that needs nothing else, JSON,
    and an index of all reports of the folder.
  - Hands the summary to the record of this run, and prints the three most important findings.
  - Everything is redacted before it is written.
  - Fails where nothing of the cluster could be looked at; then there is no report.
options:
  report:
    description: What M(aiops.kubernetes.cluster_health_info) or the security audit returned.
    type: dict
    required: true
  folder:
    description: Folder of the reports, on the machine that runs the playbook. One folder a cluster is made in it.
    type: path
    default: history/reports
  advice:
    description: What advisors add, each with C(advisor) and C(text).
    type: list
    elements: dict
    default: []
  forms:
    description: Forms beside HTML and JSON. V(sarif) is what code hosts and security dashboards read.
    type: list
    elements: str
    choices: [sarif]
    default: []
  at_most_days:
    description: Say that a scheduled run was missed where the report before is older than this. 0 says nothing.
    type: float
    default: 0.0
  index:
    description:
      - Write the index of all reports too. Where many clusters report at once, M(aiops.kubernetes.fleet_write) does
        that once for all.
    type: bool
    default: true
attributes:
  check_mode:
    description: A report reads the cluster only, so its files are written in check mode too.
    support: full
"""

EXAMPLES = r"""
- name: Write the report
  aiops.kubernetes.report_write:
    report: "{{ health }}"
    folder: /srv/reports
    at_most_days: 8
"""

RETURN = r"""
files:
  description: Absolute paths by form (html, json, index and those of O(forms)).
  returned: success
  type: dict
changes:
  description: Time of the report before (since), and how many findings are new, gone, continuing and unknown.
  returned: success
  type: dict
urgent:
  description: Critical findings that the report before did not have; all of them where there is none before.
  returned: success
  type: list
  elements: dict
urgent_text:
  description: The same as lines for a person.
  returned: success
  type: str
missed:
  description: A sentence where a scheduled run was missed, else empty.
  returned: success
  type: str
"""
