# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that modules share: how to reach a cluster, in the words of kubernetes.core."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of module_utils/arguments.py."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file (several, separated by C(:)), or its content as a dictionary.
      - Can also be given by E(K8S_AUTH_KUBECONFIG).
      - Without it and without O(host), the service account of the pod that the module runs in is used, else the file
        named by E(KUBECONFIG), else C(~/.kube/config).
    type: raw
  context:
    description: Name of a context in the kubeconfig. Can also be given by E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description: URL of the API server. Can also be given by E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Bearer token. Replaces the credentials of the kubeconfig.
      - Can also be given by E(K8S_AUTH_API_KEY).
    type: str
  username:
    description: User name for basic authentication. Can also be given by E(K8S_AUTH_USERNAME).
    type: str
  password:
    description: Password for basic authentication. Can also be given by E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - Path of a client certificate. Replaces the credentials of the kubeconfig.
      - Can also be given by E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description: Path of the client certificate's key. Can also be given by E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description: Path of the CA certificates that the API server's certificate must come from. Can also be given by
      E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description: Whether the API server's certificate is checked. Can also be given by E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description: URL of an HTTP proxy. Can also be given by E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description: Comma-separated hosts, domains and networks that are reached without the proxy. Can also be given by
      E(K8S_AUTH_NO_PROXY).
    type: str
  proxy_headers:
    description: Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description: C(username:password) for the proxy. Can also be given by
          E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      basic_auth:
        description: C(username:password) for basic authentication. Can also be given by
          E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      user_agent:
        description: User agent that the proxy sees. Can also be given by E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  persist_config:
    description: Whether tokens that were refreshed are saved in the kubeconfig. Can also be given by
      E(K8S_AUTH_PERSIST_CONFIG).
    type: bool
  impersonate_user:
    description: User to act as. Can also be given by E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description: Groups to act as. Can also be given by E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  cluster_name:
    description:
      - What the cluster is called in reports and records.
      - The kubeconfig's name of the cluster if not given, which is the same for every cluster that C(kubeadm) made.
    type: str
  run_id:
    description:
      - Identifies the run in the API server's audit log, as part of the User-Agent.
      - Can also be given by E(AIOPS_RUN_ID).
    type: str
  timeout_seconds:
    description: How long the module may take for everything that it asks the API server, retries included.
    type: float
    default: 10.0
requirements:
  - kubernetes >= 29.0.0
  - urllib3 >= 2.0.0
  - msgspec >= 0.18.0
"""
