#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: security_audit_info
short_description: Audit a cluster's security, with attack paths
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Judges pods by the Pod Security Standards, permissions by what bindings effectively grant, network policies by pod
    and direction, and looks at Secrets, tokens, images, exposed Services, namespaces, admission and versions.
  - Finds the shortest path from each workload that the outside reaches to a node and to the whole cluster.
  - Reads only. Values of Secrets are not asked for, except certificates of type C(kubernetes.io/tls).
    What these credentials may not read is named in RV(not_assessed) and is never counted as passed.
  - Changes that would help are sent as a server-side dry run, which writes nothing; O(dry_runs=0) sends none.
options:
  namespace:
    description:
      - Look at one namespace alone, and at what has no namespace. All namespaces if not set.
      - What is in other namespaces is not read then, so nothing is said about it; RV(not_assessed) says so.
    type: str
  trivy_files:
    description: JSON files of C(trivy image) or C(trivy k8s). Reports of trivy-operator are read from the cluster.
    type: list
    elements: path
    default: []
  epss_file:
    description: EPSS scores as CSV (V(epss_scores-current.csv.gz)). Without it the likelihood of use is unknown.
    type: path
  kev_file:
    description: CISA's catalogue of known exploited vulnerabilities, JSON or CSV.
    type: path
  exceptions_file:
    description: YAML or JSON file of accepted findings, each with code, reason, owner and until.
    type: path
  allowed_registries:
    description: Where images may come from, such as V(registry.example.com). Empty for anywhere.
    type: list
    elements: str
    default: []
  secret_max_age_days:
    description: Age in days from which on a Secret is told as old.
    type: float
    default: 365
  certificate_days:
    description: How many days before its end a certificate is told.
    type: float
    default: 30
  system_namespaces:
    description: Namespaces of the cluster's own components, whose pods are counted and not told one by one.
    type: list
    elements: str
    default: [kube-system, kube-public, kube-node-lease]
  dry_runs:
    description: For how many findings the change that would help is sent as a server-side dry run.
    type: int
    default: 20
  within_seconds:
    description: Deadline for everything. Lists that are not read by then are named in RV(not_assessed).
    type: float
    default: 60.0
extends_documentation_fragment:
  - aiops.kubernetes.auth
  - aiops.kubernetes.advisors
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Audit the cluster
  aiops.kubernetes.security_audit_info:
    allowed_registries: [registry.example.com]
    exceptions_file: security-exceptions.yml
  register: audit

- name: Write the report
  aiops.kubernetes.report_write:
    report: "{{ audit }}"
    forms: [sarif]
"""

RETURN = r"""
story:
  description: Always V(security).
  returned: success
  type: str
cluster:
  description: Name of the cluster.
  returned: success
  type: str
generated_at:
  description: When the cluster was read.
  returned: success
  type: str
findings:
  description:
    - The worst first, each with code, severity, kind, namespace, name, part, message, evidence, why, fix, controls
      (check ids of the Pod Security Standards, CIS, NSA/CISA, MITRE ATT&CK), factors and rank.
    - The rank is the severity's weight times the factors.
  returned: success
  type: list
  elements: dict
attack_paths:
  description: From each exposed workload the shortest path, with from, exposed_by, goal, length, steps and text.
  returned: success
  type: list
  elements: dict
choke_points:
  description: What most paths lead through, with what, frees and of.
  returned: success
  type: list
  elements: dict
exceptions:
  description: Findings that are accepted, with reason, owner and until.
  returned: success
  type: list
  elements: dict
summary:
  description: Grade, number of objects, findings by severity, and the three most important.
  returned: success
  type: dict
sources:
  description: What was read where, and how many objects.
  returned: success
  type: list
  elements: dict
not_assessed:
  description: What could not be looked at, why, how to change that, and which codes are unknown for it.
  returned: success
  type: list
  elements: dict
figures:
  description: Numbers that trends are drawn of.
  returned: success
  type: dict
sections:
  description: Tables and charts of the report.
  returned: success
  type: list
  elements: dict
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
from pathlib import Path
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
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.advice import with_advice
from ansible_collections.aiops.kubernetes.plugins.module_utils.security import audit
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import SYSTEM_NAMESPACES, Settings


def argument_spec() -> dict[str, Any]:
    """The module's own options and those of authentication."""
    return {
        **auth_argument_spec(),
        **advisor_argument_spec(),
        "namespace": {"type": "str"},
        "trivy_files": {"type": "list", "elements": "path", "default": []},
        "epss_file": {"type": "path"},
        "kev_file": {"type": "path"},
        "exceptions_file": {"type": "path"},
        "allowed_registries": {"type": "list", "elements": "str", "default": []},
        "secret_max_age_days": {"type": "float", "default": 365, "no_log": False},
        "certificate_days": {"type": "float", "default": 30},
        "system_namespaces": {"type": "list", "elements": "str", "default": list(SYSTEM_NAMESPACES)},
        "dry_runs": {"type": "int", "default": 20},
        "within_seconds": {"type": "float", "default": 60.0},
    }


def asked(params: dict[str, Any]) -> audit.Asked:
    """The module's options in the engine's words."""
    settings = Settings(
        allowed_registries=tuple(params["allowed_registries"]),
        secret_max_age_days=params["secret_max_age_days"],
        certificate_days=params["certificate_days"],
        system_namespaces=tuple(params["system_namespaces"]),
    )

    def path(name: str) -> Path | None:
        return Path(params[name]) if params[name] else None

    return audit.Asked(
        settings,
        namespace=params["namespace"] or "",
        trivy_files=tuple(Path(item) for item in params["trivy_files"]),
        epss_file=path("epss_file"),
        kev_file=path("kev_file"),
        exceptions_file=path("exceptions_file"),
        dry_runs=params["dry_runs"],
    )


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(argument_spec=argument_spec(), supports_check_mode=True)

    def run(client: Client) -> dict[str, Any]:
        advisors = advisor_settings(module.params, os.environ)
        # What is wrong with the settings is said before anything is read.
        asking.whom_to_ask(advisors, client)
        deadline = Deadline.after(module.params["within_seconds"])
        return with_advice(audit.run(client, asked(module.params), deadline=deadline), advisors, client)

    try:
        run_and_exit(module, run)
    except (BadInput, BadAdvisors) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
