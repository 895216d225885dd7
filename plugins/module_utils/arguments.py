# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a module's parameters to a client: the authentication words that all modules share (doc_fragments/auth.py)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError


def auth_argument_spec() -> dict[str, dict[str, Any]]:
    """The words of kubernetes.core, and three of our own. A new dictionary each time: add to it freely."""
    proxy_headers = {
        "proxy_basic_auth": {"type": "str", "no_log": True},
        "basic_auth": {"type": "str", "no_log": True},
        "user_agent": {"type": "str"},
    }
    return {
        "kubeconfig": {"type": "raw", "no_log": True},
        "context": {"type": "str"},
        "host": {"type": "str"},
        "api_key": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "validate_certs": {"type": "bool", "aliases": ["verify_ssl"]},
        "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
        "client_cert": {"type": "path", "aliases": ["cert_file"]},
        "client_key": {"type": "path", "no_log": False, "aliases": ["key_file"]},
        "proxy": {"type": "str"},
        "no_proxy": {"type": "str"},
        "proxy_headers": {"type": "dict", "options": proxy_headers},
        "persist_config": {"type": "bool"},
        "impersonate_user": {"type": "str"},
        "impersonate_groups": {"type": "list", "elements": "str"},
        "cluster_name": {"type": "str"},
        "run_id": {"type": "str"},
        "timeout_seconds": {"type": "float", "default": 10.0},
    }


def client_from_module(module: Any) -> Client:
    """A client by the parameters of an AnsibleModule, then by K8S_AUTH_*. NotSent where they cannot be used.

    The run id is the parameter's, then AIOPS_RUN_ID's, which a run sets for all of its tasks.
    """
    return Client(
        connection_from_params(module.params, os.environ),
        run_id=module.params.get("run_id") or os.environ.get("AIOPS_RUN_ID", ""),
        timeout_seconds=module.params.get("timeout_seconds") or 10.0,
    )


def keep_only_secrets_hidden(module: Any) -> None:
    """Takes a kubeconfig's path, or what is not a user's in its content, off the texts that Ansible blanks out.

    The whole option is no_log, for the tokens and keys in a dictionary; but an error has to be able to name the file.
    """
    kubeconfig = module.params.get("kubeconfig")
    hidden: set[str] = getattr(module, "no_log_values", set())
    if isinstance(kubeconfig, dict):
        users = [item.get("user") for item in kubeconfig.get("users") or () if isinstance(item, dict)]
        hidden -= set(_texts(kubeconfig)) - set(_texts(users))
    elif isinstance(kubeconfig, str):
        hidden.discard(kubeconfig)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


def run_and_exit(module: Any, run: Callable[[Client], dict[str, Any]]) -> None:
    """Ends the module with what run returns for a client, or with the error's sentence, reason and HTTP status.

    Adds requests (sent) and duration_seconds, of everything from loading the credentials on.
    """
    clock = SYSTEM_CLOCK
    started = clock.monotonic()
    keep_only_secrets_hidden(module)
    try:
        client = client_from_module(module)
        result = run(client)
    except ClusterError as error:
        module.fail_json(msg=str(error), reason=error.reason, status=error.status)
        return
    result["requests"] = client.requests
    result["duration_seconds"] = round(clock.monotonic() - started, 3)
    module.exit_json(**result)
