# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that modules share: which AI advisors are asked beside the rules, and how to reach them."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of module_utils/advisors/options.py."""

    DOCUMENTATION = r"""
options:
  advisors:
    description:
      - Whom to ask beside the rules, which always answer. V(auto) asks all that are set up, V(rules) nobody.
      - Or the names of those to ask, such as V(kagent).
    type: list
    elements: str
    default: [auto]
  advisors_within_seconds:
    description:
      - How long all of them together may take, asked side by side.
      - A later answer is not waited for; with O(ignore:record) it is kept for M(aiops.kubernetes.late_advice).
    type: float
    default: 20.0
  record_question:
    description: Whether a journal holds the question itself (V(text)) or only its digest (V(digest)).
    type: str
    choices: [text, digest]
    default: text
  kagent:
    description: How to reach an agent of kagent. It is set up where there is O(kagent.controller) or O(kagent.url).
    type: dict
    suboptions:
      controller:
        description: Address of kagent's controller, such as V(http://kagent-controller.kagent:8083).
        type: str
      agent:
        description: The agent to ask there, as NAMESPACE/NAME.
        type: str
        default: kagent/aiops-analyst
      url:
        description: The agent's own address, instead of O(kagent.controller).
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
        description: What is said of the agent's provider in records.
        type: str
      model:
        description: What is said of the agent's model in records; an agent does not tell.
        type: str
      window_bytes:
        description: How long the question may be at most. Evidence that does not fit is left out, and that is said.
        type: int
        default: 32000
  kubectl_ai:
    description: How to run kubectl-ai, once for each model that it shall ask. It is set up where the program is there.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What this one is called.
        type: str
        default: kubectl-ai
      program:
        description: The program, by name or path.
        type: str
        default: kubectl-ai
      provider:
        description: Provider of the model. Its key comes from the environment, or from O(kubectl_ai[].environment).
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
        description: How many rounds of commands the model may have.
        type: int
        default: 4
      tool_use_shim:
        description: For models that cannot call tools by themselves.
        type: bool
        default: false
      window_bytes:
        description: How long the question may be at most.
        type: int
        default: 32000
      sandbox:
        description: What keeps kubectl-ai in.
        type: str
        choices: [auto, bubblewrap, uid]
        default: auto
      service_account:
        description: The ServiceAccount that it reads the cluster as, as NAMESPACE/NAME.
        type: str
        default: aiops-system/aiops-advisor
"""
