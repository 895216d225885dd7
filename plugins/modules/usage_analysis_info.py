#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: usage_analysis_info
short_description: Say what workloads used, what they request, and what they should request
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Reads CPU and memory usage of the past weeks from Prometheus, folded to workloads by owner, and sizes requests and
    limits from it, with the arithmetic, the confidence and what it would save.
  - Nothing is recommended where there is too little history, where figures are missing, or where a workload was not
    stable; RV(workloads) says so in a sentence.
options:
  kind:
    description: Kind of the target, by any word that kubectl takes, such as V(deployment), V(sts) or V(ds).
    type: str
  namespace:
    description: Namespace of the target. Without a target, the namespace to analyse; all namespaces if not set.
    type: str
  name:
    description: Name of the target, or V(KIND/NAME). Without it every workload is analysed and ranked by savings.
    type: str
    aliases: [target]
  history_days:
    description: Days of history to look at.
    type: float
    default: 14.0
  minimum_days:
    description: For how many days a workload must be known and stable (no new revision, no restart).
    type: float
    default: 7.0
  margin_percent:
    description: What is added to the 95th percentile, in percent; V(30) is the least. The result is always above it.
    type: int
    default: 30
  cpu_floor:
    description: The least CPU request.
    type: str
    default: 10m
  memory_floor:
    description: The least memory request.
    type: str
    default: 32Mi
  limits:
    description:
      - V(keep) leaves limits as they are, unless they would be below the request or, for memory, below the peak.
      - V(ratio) keeps the proportion of limit to request, V(memory_equals_request) sets memory's limit to its request.
    type: str
    choices: [keep, ratio, memory_equals_request]
    default: keep
  price_file:
    description:
      - Prices of CPU and memory, as OpenCost's custom pricing (JSON). Without it default prices are used, and marked.
    type: path
  within_seconds:
    description: How long all of it may take.
    type: float
    default: 180.0
  record:
    description: Also return what a journal shall hold, as RV(aiops_events).
    type: bool
    default: false
extends_documentation_fragment:
  - aiops.kubernetes.auth
  - aiops.kubernetes.metrics
  - aiops.kubernetes.advisors
  - aiops.kubernetes.metrics.sampling
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: What a Deployment should request
  aiops.kubernetes.usage_analysis_info:
    name: deployment/checkout
    namespace: shop
  register: checkout

- name: Rank a namespace by savings, with prices of one's own
  aiops.kubernetes.usage_analysis_info:
    namespace: shop
    prometheus: {url: "https://prometheus.example", bearer_token: "{{ token }}"}
    price_file: prices.json
"""

RETURN = r"""
containers:
  description:
    - One entry a container with its workload, name, cpu_millicores and memory_bytes (p50, p95, p99 and max), current
      and recommended requests and limits, confidence, samples, history with gaps, arithmetic and notes.
  returned: success
  type: list
  elements: dict
workloads:
  description: The workloads, best savings first, each with verdict, confidence, savings, refusals and notes.
  returned: success
  type: list
  elements: dict
savings:
  description: What all recommended changes free, in millicores, bytes, percent and money, and nodes that could go.
  returned: success
  type: dict
recommendations:
  description: One remedy a workload that should change, the first to propose first, each with its target.
  returned: success
  type: list
  elements: dict
diagnosis:
  description: Verdict, root_cause and contributing causes about the workload to change first.
  returned: success
  type: dict
evidence:
  description: What was observed of that workload, each with id, source, time, subject and text.
  returned: success
  type: list
  elements: dict
source:
  description: Name of the source of metrics, its window, how many queries it answered and in how many seconds.
  returned: success
  type: dict
prices:
  description: Prices of an hour, their currency and where they come from.
  returned: success
  type: dict
target:
  description: The target with cluster, api_version, kind, namespace, name and uid.
  returned: success
  type: dict
workload:
  description: The same for the workload to change first.
  returned: success
  type: dict
ranking:
  description: Where there are several workloads, a line for each and one for all, each with name and text.
  returned: success
  type: list
  elements: dict
figures:
  description: What advisors would set beside the rules, each with name and text.
  returned: when advisors were asked
  type: list
  elements: dict
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
unavailable:
  description: What could not be read, each with what and why.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import PriceFileError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.arguments import metrics_argument_spec
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import MetricsError
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.asking import UnusableOption, analysed
from ansible_collections.aiops.kubernetes.plugins.module_utils.sizing.second_opinion import with_advice


def argument_spec() -> dict[str, Any]:
    """The module's own options, those of the source of metrics, of advisors, and of authentication."""
    return {
        **auth_argument_spec(),
        **advisor_argument_spec(),
        **metrics_argument_spec(),
        "kind": {"type": "str"},
        "namespace": {"type": "str"},
        "name": {"type": "str", "aliases": ["target"]},
        "history_days": {"type": "float", "default": 14.0},
        "minimum_days": {"type": "float", "default": 7.0},
        "margin_percent": {"type": "int", "default": 30},
        "cpu_floor": {"type": "str", "default": "10m"},
        "memory_floor": {"type": "str", "default": "32Mi"},
        "limits": {"type": "str", "choices": ["keep", "ratio", "memory_equals_request"], "default": "keep"},
        "price_file": {"type": "path"},
        "within_seconds": {"type": "float", "default": 180.0},
        "record": {"type": "bool", "default": False},
    }


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(argument_spec=argument_spec(), supports_check_mode=True)

    def run(client: Client) -> dict[str, Any]:
        settings = advisor_settings(module.params, os.environ)
        asking.whom_to_ask(settings, client)
        return with_advice(analysed(client, module.params), settings, client)

    try:
        run_and_exit(module, run)
    except (BadSettings, BadTarget, MetricsError, PriceFileError, UnusableOption) as error:
        module.fail_json(msg=str(error), reason=type(error).__name__)


if __name__ == "__main__":
    main()
