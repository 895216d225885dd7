#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_diagnosis_info
short_description: Diagnose a pod or workload from evidence, by rules and the AI advisors that are set up
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Collects evidence about a pod or workload under one deadline and says what is wrong, why, and what to do.
  - Values of Secrets and ConfigMaps are never read, only whether they exist and the names of their keys.
  - Rules answer first. Advisors are asked with the redacted evidence and shown beside it; only where the rules do not
    know may an answer become the recommendation, marked as theirs.
options:
  kind:
    description: Kind of the target, by any word that kubectl takes, such as V(deployment), V(deploy) or V(po).
    type: str
  namespace:
    description: Namespace of the target. Without a target, where to look for failures; all namespaces if not set.
    type: str
  name:
    description:
      - Name of the target, or V(KIND/NAME). A name without a kind is a pod's.
      - Without it the module looks for what is failing, worst first, and diagnoses the worst.
    type: str
    aliases: [target]
  within_seconds:
    description: Deadline for collecting the evidence. What is not read by then is named in RV(unavailable).
    type: float
    default: 2.0
  failing:
    description:
      - What is known to fail about the target, in one sentence, such as the error rate that a rollout's gate counted.
      - It is evidence for the advisors, and a target that shows nothing else is then not called healthy.
    type: str
    default: ""
  record:
    description: Also return what a journal shall hold, as RV(aiops_events).
    type: bool
    default: false
extends_documentation_fragment:
  - aiops.kubernetes.auth
  - aiops.kubernetes.advisors
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Diagnose a Deployment
  aiops.kubernetes.pod_diagnosis_info:
    name: deployment/checkout
    namespace: shop
  register: checkout

- name: Diagnose the worst failure of a namespace
  aiops.kubernetes.pod_diagnosis_info:
    namespace: shop
"""

RETURN = r"""
diagnosis:
  description: Verdict, root_cause (class, summary, confidence, evidence, details), contributing causes and chain.
  returned: success
  type: dict
evidence:
  description: What was observed, each with id, source, time, subject and text.
  returned: success
  type: list
  elements: dict
recommendations:
  description: Remedies with parameters, reason, expected outcome and advisor, the first to propose first.
  returned: success
  type: list
  elements: dict
unavailable:
  description: What could not be read, each with what and why.
  returned: success
  type: list
  elements: dict
target:
  description: The target with cluster, api_version, kind, namespace, name and uid.
  returned: success
  type: dict
workload:
  description: The same for the controller that a remedy would change; none for a bare pod.
  returned: success
  type: dict
pod:
  description: Name of the pod that was looked at closely, empty if there is none.
  returned: success
  type: str
candidates:
  description: What was found failing where no target was named, worst first.
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
advice:
  description: What each advisor said, or why it said nothing, as M(aiops.kubernetes.kagent_info) returns an answer.
  returned: success
  type: list
  elements: dict
joined:
  description: How the answers stand to the rules (agree, disagree, added, unsure, silent), and a sentence.
  returned: success
  type: dict
late:
  description: Where answers that come late will be, for M(aiops.kubernetes.late_advice); empty where none is to come.
  returned: success
  type: dict
aiops_events:
  description: Events for the journal.
  returned: when O(record=true)
  type: list
  elements: dict
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
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import BadSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.advise import events_of, look_at
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget


def argument_spec() -> dict[str, Any]:
    """The module's own options and those of authentication and advisors."""
    return {
        **auth_argument_spec(),
        **advisor_argument_spec(),
        "kind": {"type": "str"},
        "namespace": {"type": "str"},
        "name": {"type": "str", "aliases": ["target"]},
        "within_seconds": {"type": "float", "default": 2.0},
        "failing": {"type": "str", "default": ""},
        "record": {"type": "bool", "default": False},
    }


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(argument_spec=argument_spec(), supports_check_mode=True)

    def run(client: Client) -> dict[str, Any]:
        settings = advisor_settings(module.params, os.environ)
        asking.whom_to_ask(settings, client)
        report = look_at(
            client,
            kind=module.params["kind"] or "",
            namespace=module.params["namespace"] or "",
            name=module.params["name"] or "",
            within_seconds=module.params["within_seconds"],
            failing=module.params["failing"],
        ).to_json()
        report, consultation = asking.advised(report, settings, client)
        events = [*events_of(report), *asking.events_of(consultation, settings)]
        return {**report, **({"aiops_events": events} if module.params["record"] else {})}

    try:
        run_and_exit(module, run)
    except (BadTarget, BadSettings) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
