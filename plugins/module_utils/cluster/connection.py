# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach a cluster, in the words of kubernetes.core, and credentials as the kubernetes client loads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Connection:
    """Settings of one connection. Empty means: not given. Nothing is read from the environment here."""

    kubeconfig: str | dict[str, Any] | None = None
    context: str = ""
    host: str = ""
    api_key: str = ""
    username: str = ""
    password: str = ""
    client_cert: str = ""
    client_key: str = ""
    ca_cert: str = ""
    validate_certs: bool | None = None
    proxy: str = ""
    no_proxy: str = ""
    proxy_headers: Mapping[str, str] | None = None
    persist_config: bool = False
    impersonate_user: str = ""
    impersonate_groups: tuple[str, ...] = ()


def connection_from_params(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """A module's parameters, then K8S_AUTH_*."""
    raise NotImplementedError
