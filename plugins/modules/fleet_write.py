#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_write
short_description: Writes one page over the reports of many clusters
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads the reports that M(aiops.kubernetes.report_write) wrote in this run, one a host, and writes one HTML file that
    needs nothing else, its JSON, and the index of the folder.
  - Names each cluster's grade and what changed, the worst findings of all, what several clusters have in common, and
    the clusters that did not report, with what was known of them last.
  - Run it once, after all hosts.
options:
  story:
    description: Which report it is about.
    type: str
    choices: [health, security]
    required: true
  hosts:
    description: The hosts of the inventory that the run is about, whether they reported or not.
    type: list
    elements: str
    required: true
  groups:
    description: Groups of each host, by its name.
    type: dict
    default: {}
  reports:
    description: Path of the JSON that each host's run wrote, by its name.
    type: dict
    default: {}
  problems:
    description: Why a host has no report, by its name.
    type: dict
    default: {}
  folder:
    description: Folder of the reports, on the machine that runs the playbook.
    type: path
    default: history/reports
attributes:
  check_mode:
    description: A report reads the clusters only, so its files are written in check mode too.
    support: full
"""

EXAMPLES = r"""
- name: Write one page over all clusters
  aiops.kubernetes.fleet_write:
    story: health
    hosts: "{{ ansible_play_hosts_all }}"
    reports:
      production-eu: /srv/reports/production-eu/health-20261130T000000Z.json
    problems:
      production-us: no answer from https://production-us.example:6443
  run_once: true
"""

RETURN = r"""
files:
  description: Absolute paths of the page (html), of its JSON (json) and of the index.
  returned: success
  type: dict
failed_hosts:
  description: Hosts that did not report.
  returned: success
  type: list
  elements: str
"""
