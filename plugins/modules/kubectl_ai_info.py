#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: kubectl_ai_info
short_description: Ask kubectl-ai about a report, in a sandbox
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Puts one question with the evidence of a report to kubectl-ai, and returns a typed answer or why there is none.
  - kubectl-ai runs in bubblewrap, else under a uid of its own, else not at all. It sees the cluster through a view
    that only reads, as a ServiceAccount that can read no Secrets, and from which secrets are taken out.
  - The reply is untrusted text. It is checked against a schema and the catalogue of remedies; it never is a command,
    a template or a patch.
options:
  report:
    description:
      - A report with C(target) and C(evidence), as M(aiops.kubernetes.pod_diagnosis_info) returns it. C(subject) says
        in a sentence what is asked.
    type: dict
    required: true
  within_seconds:
    description: How long kubectl-ai may take. Then it is killed with all that it started.
    type: float
    default: 20.0
  program:
    description: The program, by name or path.
    type: str
    default: kubectl-ai
  provider:
    description: Provider of the model. Its key comes from the environment, or from O(environment).
    type: str
    required: true
    choices: [gemini, vertexai, openai, openai-compatible, azopenai, bedrock, grok, ollama, llamacpp]
  model:
    description: The model's name, as the provider has it.
    type: str
    required: true
  environment:
    description: Variables for kubectl-ai beyond those that its provider needs, such as a key out of a vault.
    type: dict
    default: {}
  files:
    description: Files that kubectl-ai may read at their own paths, such as a CA certificate.
    type: list
    elements: path
    default: []
  max_iterations:
    description: How many rounds of commands the model may have. All the evidence is in the question, so few will do.
    type: int
    default: 4
  tool_use_shim:
    description: For models that cannot call tools by themselves.
    type: bool
    default: false
  window_bytes:
    description: How long the question may be at most. Evidence that does not fit is left out, and that is said.
    type: int
    default: 32000
  sandbox:
    description: What keeps kubectl-ai in. V(uid) needs root and hides less than V(bubblewrap).
    type: str
    choices: [auto, bubblewrap, uid]
    default: auto
  service_account:
    description: The ServiceAccount that kubectl-ai reads the cluster as, as NAMESPACE/NAME.
    type: str
    default: aiops-system/aiops-advisor
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Diagnose a Deployment
  aiops.kubernetes.pod_diagnosis_info:
    name: deployment/checkout
    namespace: shop
    advisors: [rules]
  register: checkout

- name: Ask kubectl-ai about the same evidence
  aiops.kubernetes.kubectl_ai_info:
    report: "{{ checkout }}"
    provider: openai
    model: gpt-4.1-mini
    environment:
      OPENAI_API_KEY: "{{ vaulted_key }}"
  register: advice
"""

RETURN = r"""
answer:
  description:
    - What kubectl-ai said. C(status) is V(answered), V(unusable) or V(none), and C(reason) says why where it is not
      V(answered). C(diagnosis) and C(recommendation) are as M(aiops.kubernetes.pod_diagnosis_info) has them.
    - C(flags) are sentences that a person has to see beside it, C(commands) what the model had run, C(raw) its text.
  returned: success
  type: dict
  sample:
    advisor: kubectl_ai
    name: kubectl-ai
    status: none
    reason: kubectl-ai is not installed, or not on the PATH
question:
  description: The question as it was put.
  returned: success
  type: str
duration_seconds:
  description: Time that it took, in seconds.
  returned: success
  type: float
requests:
  description: Number of requests sent to the cluster by the module itself.
  returned: success
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import (
    BadSettings,
    KubectlAiSettings,
    ask_kubectl_ai,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.options import kubectl_ai_options
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import (
    QuestionTooLarge,
    build_question,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec, run_and_exit
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline


def main() -> None:
    """Arguments in, one call, JSON out."""
    spec = {"report": {"type": "dict", "required": True}, "within_seconds": {"type": "float", "default": 20.0}}
    module = AnsibleModule(
        argument_spec={**auth_argument_spec(), **spec, **kubectl_ai_options()}, supports_check_mode=True
    )
    given = module.params

    def run(client: Client) -> dict[str, Any]:
        settings = KubectlAiSettings.from_options({name: given[name] for name in kubectl_ai_options()})
        question = build_question(given["report"], window_bytes=settings.window_bytes)
        answer = ask_kubectl_ai(question, settings, client, Deadline.after(given["within_seconds"]))
        return {"answer": answer.to_json(), "question": question.text}

    try:
        run_and_exit(module, run)
    except (BadSettings, QuestionTooLarge) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
