# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tokens of ServiceAccounts in pods: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import Grants
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.running import TOKEN_VOLUME
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

LONG_SECONDS = 86400
# In the audience that API servers have by themselves. A token for another (a cloud, Vault, a mesh) is no login here.
_OF_API = "kubernetes.default.svc"
CODES = ("token-default-account", "token-unneeded", "token-long-lived")


def without_token(facts: Facts) -> set[tuple[str, str]]:
    """ServiceAccounts that say that no pod of theirs gets the token."""
    return {
        (item.metadata.namespace, item.metadata.name)
        for item in facts.service_accounts
        if item.automountServiceAccountToken is False
    }


def mounts_token(workload: Workload, without: set[tuple[str, str]]) -> bool:
    """Whether a token of the API is in the pod.

    In running pods by the volume that admission added, which follows the pod's word, then the account's (without:
    see without_token), then yes; a template has none yet.
    """
    if any(map(_is_of_api, _projected(workload))):
        return True
    if any(volume.get("name") == TOKEN_VOLUME for volume in workload.spec.volumes):
        return True
    if workload.pods:
        return False
    said = workload.spec.automountServiceAccountToken
    return (workload.namespace, workload.service_account) not in without if said is None else said


def check(facts: Facts) -> Iterator[Fault]:
    """Tokens that are there and not needed, or live long."""
    grants, without = Grants.of(facts), without_token(facts)
    for workload in facts.workloads:
        asked_for = _projected(workload)
        # One hour is the API's default.
        lives = [int(token.get("expirationSeconds") or 3600) for token in asked_for]
        long = [seconds for seconds in lives if seconds > LONG_SECONDS]
        if long:
            message = f"a token is mounted that lives {max(long) // 3600} hours"
            yield Fault("token-long-lived", *workload.key, message, pods=workload.pods)
        if any(map(_is_of_api, asked_for)) or not mounts_token(workload, without):
            continue
        account = workload.service_account
        if account == "default":
            message = "the token of the ServiceAccount default is mounted"
            yield Fault("token-default-account", *workload.key, message, pods=workload.pods)
        elif not grants.own(workload.namespace, account):
            message = f"the token of ServiceAccount {account} is mounted, to which nothing was granted"
            yield Fault("token-unneeded", *workload.key, message, pods=workload.pods)


def _is_of_api(token: Mapping[str, Any]) -> bool:
    audience = str(token.get("audience") or "")
    return not audience or _OF_API in audience


def _projected(workload: Workload) -> list[Mapping[str, Any]]:
    """Tokens that somebody asked for, for whatever audience."""
    return [
        source["serviceAccountToken"] or {}
        for volume in workload.spec.volumes
        if volume.get("name") != TOKEN_VOLUME
        for source in (volume.get("projected") or {}).get("sources") or ()
        if "serviceAccountToken" in source
    ]
