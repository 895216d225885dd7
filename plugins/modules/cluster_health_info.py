#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: cluster_health_info
short_description: Report what is unhealthy in a cluster, worst first
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads pods, nodes, workloads, autoscalers, storage, network, jobs, configuration and the control plane by a fixed
    number of list calls, and Prometheus where there is one.
  - Each finding has a stable code, a severity, evidence, why it matters, and how to fix it.
  - What could not be read is named in RV(not_assessed), with the codes that are unknown for it. It is never healthy.
  - Values of Secrets and ConfigMaps are not read, but for the certificate of TLS Secrets.
options:
  namespaces:
    description:
      - Report about objects of these namespaces, and about what has none. Everything if empty.
    type: list
    elements: str
    default: []
    aliases: [namespace]
  prometheus_url:
    description: Address of Prometheus, or what speaks its API. Without it the cluster's own is looked for.
    type: str
  prometheus_token:
    description: Bearer token for it.
    type: str
  prometheus_ca_cert:
    description: File of the CA that issued its certificate.
    type: path
  within_seconds:
    description: Deadline for everything. What is not read by then is named in RV(not_assessed).
    type: float
    default: 30.0
  settings:
    description:
      - From which figure on something is a finding, such as C(restarts), C(settled_seconds) or C(certificate_days).
        The names and defaults are in the documentation of the health report.
    type: dict
    default: {}
extends_documentation_fragment:
  - aiops.kubernetes.auth
  - aiops.kubernetes.advisors
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Report on the whole cluster
  aiops.kubernetes.cluster_health_info:
  register: health

- name: Report on one namespace, with other bounds
  aiops.kubernetes.cluster_health_info:
    namespaces: [shop]
    settings: {restarts: 3, certificate_days: 14}
"""

RETURN = r"""
findings:
  description:
    - The findings, worst first, each with code, severity, kind, namespace, name, part, message, evidence, why, fix
      (text, command, remedy), factors and rank.
  returned: success
  type: list
  elements: dict
summary:
  description: The grade (letter, points, sentence), the number of objects, findings by severity, and the top three.
  returned: success
  type: dict
sources:
  description: Where it looked, each with what, where and objects.
  returned: success
  type: list
  elements: dict
not_assessed:
  description: What could not be looked at, each with what, why, how to change that, and the codes that are unknown.
  returned: success
  type: list
  elements: dict
figures:
  description: Numbers that a trend is drawn of.
  returned: success
  type: dict
sections:
  description: Tables and charts of the report, such as latency by Service and room by node.
  returned: success
  type: list
  elements: dict
story:
  description: Always C(health).
  returned: success
  type: str
cluster:
  description: What people call the cluster.
  returned: success
  type: str
generated_at:
  description: When it was looked at, RFC 3339 in UTC.
  returned: success
  type: str
namespaces:
  description: Namespaces that it is about, empty for all. Only reports about the same ones are compared.
  returned: success
  type: list
  elements: str
subject:
  description: What advisors are asked about the report.
  returned: success
  type: str
advice:
  description: What the advisors that are set up say of it, each with advisor and text.
  returned: success
  type: list
  elements: dict
aiops_events:
  description: What advisors were asked and said, for the journal.
  returned: success
  type: list
  elements: dict
duration_seconds:
  description: Time that it took, in seconds.
  returned: success
  type: float
requests:
  description: Number of requests sent to the cluster.
  returned: success
  type: int
"""

import os
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.options import (
    advisor_argument_spec,
    advisor_settings,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import BadSettings as BadAdvisors
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.advice import with_advice
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import BadSettings, settings_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.http_get import Endpoint


def argument_spec() -> dict[str, Any]:
    """The module's own options and those of authentication."""
    return {
        **auth_argument_spec(),
        **advisor_argument_spec(),
        "namespaces": {"type": "list", "elements": "str", "default": [], "aliases": ["namespace"]},
        "prometheus_url": {"type": "str"},
        "prometheus_token": {"type": "str", "no_log": True},
        "prometheus_ca_cert": {"type": "path"},
        "within_seconds": {"type": "float", "default": 30.0},
        "settings": {"type": "dict", "default": {}},
    }


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(argument_spec=argument_spec(), supports_check_mode=True)
    given = module.params
    endpoint = None
    if given["prometheus_url"]:
        endpoint = Endpoint(
            given["prometheus_url"],
            bearer_token=given["prometheus_token"] or "",
            ca_cert=given["prometheus_ca_cert"] or "",
        )

    def run(client: Client) -> dict[str, Any]:
        advisors = advisor_settings(given, os.environ)
        # What is wrong with the settings is said before anything is read.
        asking.whom_to_ask(advisors, client)
        report = look(
            client,
            settings_of(given["settings"]),
            namespaces=given["namespaces"],
            prometheus=endpoint,
            within_seconds=given["within_seconds"],
        ).to_json()
        return with_advice(report, advisors, client)

    try:
        run_and_exit(module, run)
    except (BadSettings, BadAdvisors) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
