#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: scaling_analysis_info
short_description: Say whether a workload is short of CPU, and which autoscaler would help, with advice beside it
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Looks whether the CPU of a workload's pods stayed over a share of their requests, and derives an autoscaler's
    minimum, maximum, target and stabilisation from the demand, with the arithmetic.
  - Checks node by node what the cluster can still take, at the minimum and at the maximum, with taints, affinity,
    spreading, quotas, limit ranges and the pods that a node may hold. The maximum is lowered to what fits.
  - Says what it costs at the minimum, as expected and at the maximum.
  - Nothing is proposed beside KEDA or a VerticalPodAutoscaler, without CPU requests, or without metrics.
  - Without Prometheus it samples the metrics API for as long as the window is.
options:
  kind:
    description: Kind of the target, by any word that kubectl takes, such as V(deployment) or V(sts).
    type: str
  namespace:
    description: Namespace of the target. Without a target, where to look; all namespaces if not set.
    type: str
  name:
    description:
      - Name of the target, or V(KIND/NAME).
      - Without it the workload that uses the highest share of its CPU requests now is taken.
    type: str
    aliases: [target]
  way:
    description:
      - V(hpa) proposes an autoscaler, V(scale) one or two replicas more.
      - V(auto) proposes an autoscaler for a Deployment, replicas for a StatefulSet.
    type: str
    choices: [auto, hpa, scale]
    default: auto
  window_seconds:
    description: For how long CPU has to be over the threshold, in every sample.
    type: float
    default: 300.0
  threshold_percent:
    description: Share of the CPU requests over which a workload is short of CPU.
    type: int
    default: 70
  present_percent:
    description: Share of the window's samples that has to be there.
    type: int
    default: 80
  target_percent:
    description: The autoscaler's target, in percent of the CPU requests; held to 50 to 90.
    type: int
    default: 70
  history_days:
    description: Days of demand that the bounds are made from, where Prometheus has them.
    type: float
    default: 7.0
  price_file:
    description:
      - Prices of CPU and memory, as OpenCost's custom pricing (JSON). Without it default prices are used, and marked.
    type: path
  within_seconds:
    description: How long Prometheus may take, and reading the cluster; sampling takes as long as the window beside it.
    type: float
    default: 60.0
  record:
    description: Also return what a journal shall hold, as RV(aiops_events).
    type: bool
    default: false
extends_documentation_fragment:
  - aiops.kubernetes.advisors
  - aiops.kubernetes.auth
  - aiops.kubernetes.metrics
attributes:
  check_mode: {support: full, description: "Reads only, so it does the same in check mode."}
"""

EXAMPLES = r"""
- name: Whether a Deployment is short of CPU
  aiops.kubernetes.scaling_analysis_info:
    name: deployment/checkout
    namespace: shop
  register: checkout

- name: One or two replicas more, with prices of one's own
  aiops.kubernetes.scaling_analysis_info:
    name: deployment/checkout
    namespace: shop
    way: scale
    price_file: prices.json
"""

RETURN = r"""
sustained:
  description: Verdict (V(yes), V(no) or V(unknown)), sentence, samples, expected, lowest_percent and highest_percent.
  returned: success
  type: dict
policy:
  description: The autoscaler's bounds, target and stabilisation, and the replicas to expect.
  returned: success
  type: dict
  sample: {min_replicas: 2, max_replicas: 6, target_cpu_utilization_percent: 70, expected_replicas: 3}
arithmetic:
  description: How each of them came to be, a step each.
  returned: success
  type: list
  elements: str
capacity:
  description: Whether the minimum and the maximum can be scheduled, what one pod needs, and each node's room.
  returned: success
  type: dict
cost:
  description: Money an hour and a month now, at the minimum, as expected and at the maximum; currency and price source.
  returned: success
  type: dict
diagnosis:
  description: Verdict (V(overloaded), V(steady) or V(unknown)) and root_cause with its class and summary.
  returned: success
  type: dict
evidence:
  description: What was observed, each with id, source, time, subject and text.
  returned: success
  type: list
  elements: dict
recommendations:
  description: One remedy with parameters, reason, expected outcome and advisor; V(none) where nothing is proposed.
  returned: success
  type: list
  elements: dict
figures:
  description: What a person is shown beside it, each with name and text.
  returned: success
  type: list
  elements: dict
notes:
  description: What qualifies the result, a sentence each.
  returned: success
  type: list
  elements: str
source:
  description: Name of the source of metrics.
  returned: success
  type: str
target:
  description: The target with cluster, api_version, kind, namespace, name and uid.
  returned: success
  type: dict
workload:
  description: The same.
  returned: success
  type: dict
subject:
  description: What is asked, as a clause for advisors.
  returned: success
  type: str
advice:
  description: The answer of every advisor that was asked.
  returned: success
  type: list
  elements: dict
joined:
  description: Which advisors agree, disagree, or said nothing and why.
  returned: success
  type: dict
late:
  description: Where answers that come later are kept, for M(aiops.kubernetes.late_advice).
  returned: success
  type: dict
classes:
  description: The classes of causes that an advisor may name, with their meanings.
  returned: success
  type: dict
candidates:
  description: Where no target was named, what is over the threshold now, the highest share first.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.advising import advised
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.analysis import UnusableOption, analysed
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.judging import WAYS


def argument_spec() -> dict[str, Any]:
    """The module's own options, those of the source of metrics, of advisors, and of authentication."""
    source = metrics_argument_spec()
    return {
        **auth_argument_spec(),
        **advisor_argument_spec(),
        "source": source["source"],
        "prometheus": source["prometheus"],
        "kind": {"type": "str"},
        "namespace": {"type": "str"},
        "name": {"type": "str", "aliases": ["target"]},
        "way": {"type": "str", "choices": list(WAYS), "default": "auto"},
        "window_seconds": {"type": "float", "default": 300.0},
        "threshold_percent": {"type": "int", "default": 70},
        "present_percent": {"type": "int", "default": 80},
        "target_percent": {"type": "int", "default": 70},
        "history_days": {"type": "float", "default": 7.0},
        "price_file": {"type": "path"},
        "within_seconds": {"type": "float", "default": 60.0},
        "record": {"type": "bool", "default": False},
    }


def main(make: Callable[..., Any] = AnsibleModule) -> None:
    """Arguments in, one call, JSON out."""
    module = make(argument_spec=argument_spec(), supports_check_mode=True)

    def run(client: Client) -> dict[str, Any]:
        settings = advisor_settings(module.params, os.environ)
        asking.whom_to_ask(settings, client)
        return advised(analysed(client, module.params), settings, client, record=module.params["record"])

    try:
        run_and_exit(module, run)
    except (BadTarget, BadSettings, MetricsError, PriceFileError, UnusableOption) as error:
        module.fail_json(msg=str(error), reason=type(error).__name__)


if __name__ == "__main__":
    main()
