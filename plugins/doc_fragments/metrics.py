# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that modules share: which source of metrics to ask."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of module_utils/metrics/arguments.py."""

    DOCUMENTATION = r"""
options:
  source:
    description:
      - Where usage comes from. V(auto) is Prometheus (O(prometheus), else the one that is found by the labels of its
        Service and asked through the API server), or the metrics API where there is none and sampling is wanted.
      - V(metrics_api) and V(kubelet) know only the present, and are sampled for some minutes.
    type: str
    choices: [auto, prometheus, metrics_api, kubelet]
    default: auto
  prometheus:
    description: How to reach Prometheus, or what speaks its API (Thanos, Mimir, VictoriaMetrics).
    type: dict
    suboptions:
      url:
        description: Its address, with a path where it has one, such as V(https://mimir.example/prometheus).
        type: str
      bearer_token:
        description: Bearer token.
        type: str
      username:
        description: User name for basic authentication.
        type: str
      password:
        description: Password for basic authentication.
        type: str
      ca_cert:
        description: Path of the CA certificates that its certificate must come from.
        type: path
      client_cert:
        description: Path of a client certificate.
        type: path
      client_key:
        description: Path of the client certificate's key.
        type: path
      validate_certs:
        description: Whether its certificate is checked.
        type: bool
        default: true
      tenant:
        description: Tenant, sent as C(X-Scope-OrgID).
        type: str
      headers:
        description: Further headers.
        type: dict
"""

    SAMPLING = r"""
options:
  sample_minutes:
    description: For how many minutes a source is sampled that knows only the present.
    type: float
    default: 0.0
"""
