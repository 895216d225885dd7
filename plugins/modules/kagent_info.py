#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: kagent_info
short_description: Ask an agent of kagent about a report
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Puts one question with the evidence of a report to an agent over A2A, and returns a typed answer or why none.
  - The reply is untrusted text. It is checked against a schema and the catalogue of remedies; it never is a command,
    a template or a patch. A call that the agent wants approved is rejected.
options:
  report:
    description: A report with C(target) and C(evidence), as M(aiops.kubernetes.pod_diagnosis_info) returns it.
    type: dict
    required: true
  within_seconds:
    description: How long the agent may take.
    type: float
    default: 20.0
  controller:
    description: Address of kagent's controller, such as V(http://kagent-controller.kagent:8083).
    type: str
  agent:
    description: The agent to ask there, as NAMESPACE/NAME.
    type: str
    default: kagent/aiops-analyst
  url:
    description: The agent's own address, instead of O(controller).
    type: str
  user:
    description: Whom kagent keeps the session for.
    type: str
    default: aiops
  token:
    description: Bearer token. Can also be given by E(AIOPS_KAGENT_TOKEN).
    type: str
  ca_cert:
    description: File of the CA certificates that the address's certificate must come from. By default the system's.
    type: path
  version:
    description: Version of A2A. V(auto) speaks 0.3, and 1.0 where that is refused.
    type: str
    choices: [auto, "0.3", "1.0"]
    default: auto
  stream:
    description: Whether the answer is taken as a stream, where the agent can stream.
    type: bool
    default: true
  provider:
    description: What is said of the agent's provider.
    type: str
  model:
    description: What is said of the agent's model; an agent does not tell.
    type: str
  window_bytes:
    description: How long the question may be at most. Evidence that does not fit is left out, and that is said.
    type: int
    default: 32000
requirements:
  - msgspec >= 0.18.6
attributes:
  check_mode: {support: full, description: "Asks only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Ask an agent at its own address
  aiops.kubernetes.kagent_info:
    report: "{{ checkout }}"
    url: http://127.0.0.1:8080
  register: asked
"""

RETURN = r"""
answer:
  description:
    - RV(ignore:status) is C(answered), C(unusable) or C(none), the last two with a reason.
    - An answer has diagnosis, recommendation (of the catalogue), flags, raw, commands, tokens, model, duration_seconds.
  returned: success
  type: dict
question:
  description: The question as the agent got it.
  returned: success
  type: str
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import kagent
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.options import kagent_options, kagent_settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import QuestionTooLarge, build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError


def argument_spec() -> dict[str, Any]:
    """The module's own options and those that reach an agent."""
    return {
        **kagent_options(),
        "report": {"type": "dict", "required": True},
        "within_seconds": {"type": "float", "default": 20.0},
    }


def main() -> None:
    """Arguments in, one call, JSON out."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    settings = kagent_settings(module.params, os.environ)
    try:
        if not settings.is_set_up:
            raise kagent.BadSettings(f"kagent cannot be asked: {kagent.NOT_SET_UP}")
        question = build_question(module.params["report"], window_bytes=settings.window_bytes)
        answer = kagent.ask_kagent(question, settings, Deadline.after(module.params["within_seconds"]))
    except (kagent.BadSettings, QuestionTooLarge, ClusterError) as error:
        module.fail_json(msg=str(error))
        return
    module.exit_json(answer=answer.to_json(), question=question.text)


if __name__ == "__main__":
    main()
