# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who an AI's program is in the cluster: a ServiceAccount that reads what a diagnosis needs, and nothing more.

Its manifest is roles/kubectl_ai/files/read-only.yaml. Whether the account really can do no more is asked of the API
server each time before it is used: another binding may have widened it since.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, Forbidden, NotFound

NAMESPACE: Final = "aiops-system"
SERVICE_ACCOUNT: Final = "aiops-advisor"
# The least that the API server gives.
TOKEN_SECONDS: Final = 600


class NoIdentity(Exception):
    """The program cannot be given an identity that can do no harm; str() says why and what to do."""


@dataclass(frozen=True)
class Power:
    """Something that an advisor's identity may not be able to do, in any namespace."""

    verb: str
    resource: str
    group: str = ""
    subresource: str = ""

    def __str__(self) -> str:
        name = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        return f"{self.verb} {name}.{self.group}" if self.group else f"{self.verb} {name}"


# One of each way to read Secrets, to write, to run something in a pod, to become someone else, and to grant more.
FORBIDDEN: Final = (
    Power("*", "*", "*"),
    Power("get", "secrets"),
    Power("list", "secrets"),
    Power("watch", "secrets"),
    Power("create", "pods"),
    Power("delete", "pods"),
    Power("patch", "pods"),
    Power("create", "pods", subresource="eviction"),
    Power("create", "pods", subresource="exec"),
    Power("get", "pods", subresource="exec"),
    Power("create", "pods", subresource="attach"),
    Power("create", "pods", subresource="portforward"),
    Power("update", "pods", subresource="ephemeralcontainers"),
    Power("get", "nodes", subresource="proxy"),
    Power("get", "pods", subresource="proxy"),
    Power("get", "services", subresource="proxy"),
    Power("create", "serviceaccounts", subresource="token"),
    Power("impersonate", "users"),
    Power("create", "configmaps"),
    Power("delete", "namespaces"),
    Power("patch", "nodes"),
    Power("create", "deployments", "apps"),
    Power("patch", "deployments", "apps"),
    Power("delete", "deployments", "apps"),
    Power("create", "jobs", "batch"),
    Power("create", "rolebindings", "rbac.authorization.k8s.io"),
    Power("create", "clusterrolebindings", "rbac.authorization.k8s.io"),
    Power("escalate", "clusterroles", "rbac.authorization.k8s.io"),
    Power("bind", "clusterroles", "rbac.authorization.k8s.io"),
)
_AT_ONCE: Final = 8


def read_only_client(
    client: Client, deadline: Deadline, *, namespace: str = NAMESPACE, service_account: str = SERVICE_ACCOUNT
) -> Client:
    """A client that is the ServiceAccount, by a token of ten minutes, checked to be harmless. Raises NoIdentity."""
    words = f"ServiceAccount {namespace}/{service_account}"
    try:
        token = client.request_token(
            ObjectRef("v1", "ServiceAccount", service_account, namespace), seconds=TOKEN_SECONDS, deadline=deadline
        )
        advisor = client.with_token(token)
        powers = powers_of(advisor, deadline)
    except NotFound:
        raise NoIdentity(f"{words} does not exist: playbooks/setup.yml creates it") from None
    except Forbidden as error:
        raise NoIdentity(f"no token for {words}: {error}") from None
    except ClusterError as error:
        raise NoIdentity(f"no identity for it in the cluster: {error}") from None
    if powers:
        told = ", ".join(str(power) for power in powers[:3])
        raise NoIdentity(f"{words} can do more than read: {told}; take away the binding that grants it")
    return advisor


def powers_of(advisor: Client, deadline: Deadline) -> list[Power]:
    """What of FORBIDDEN the API server would let these credentials do, each asked by a SelfSubjectAccessReview."""

    def allowed(power: Power) -> bool:
        return advisor.can_i(
            power.verb, power.resource, group=power.group, subresource=power.subresource, deadline=deadline
        )

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return [power for power, yes in zip(FORBIDDEN, pool.map(allowed, FORBIDDEN), strict=True) if yes]
