# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From kinds to REST paths: a table of what every cluster has, so that no discovery request is needed for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Resource:
    """One kind as REST serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def group(self) -> str:
        """Empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def full_name(self) -> str:
        """deployments.apps; pods."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The REST path; without a namespace that of all namespaces, without a name that of the collection."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        parts = [root]
        if namespace and self.namespaced:
            parts.append(f"namespaces/{quote(namespace, safe='')}")
        parts.append(self.plural)
        parts += [quote(part, safe="") for part in (name, subresource) if part]
        return "/".join(parts)


# api version: kind, plural, short names; a "-" before the kind: it has no namespace. From kubectl api-resources (1.34).
_TABLE = """
v1: Pod pods po
v1: Service services svc
v1: Endpoints endpoints ep
v1: ConfigMap configmaps cm
v1: Secret secrets
v1: ServiceAccount serviceaccounts sa
v1: Event events ev
v1: LimitRange limitranges limits
v1: ResourceQuota resourcequotas quota
v1: PersistentVolumeClaim persistentvolumeclaims pvc
v1: ReplicationController replicationcontrollers rc
v1: PodTemplate podtemplates
v1: -PersistentVolume persistentvolumes pv
v1: -Node nodes no
v1: -Namespace namespaces ns
v1: -ComponentStatus componentstatuses cs
apps/v1: Deployment deployments deploy
apps/v1: StatefulSet statefulsets sts
apps/v1: DaemonSet daemonsets ds
apps/v1: ReplicaSet replicasets rs
apps/v1: ControllerRevision controllerrevisions
batch/v1: Job jobs
batch/v1: CronJob cronjobs cj
autoscaling/v2: HorizontalPodAutoscaler horizontalpodautoscalers hpa
policy/v1: PodDisruptionBudget poddisruptionbudgets pdb
networking.k8s.io/v1: Ingress ingresses ing
networking.k8s.io/v1: -IngressClass ingressclasses
networking.k8s.io/v1: NetworkPolicy networkpolicies netpol
discovery.k8s.io/v1: EndpointSlice endpointslices
events.k8s.io/v1: Event events
rbac.authorization.k8s.io/v1: Role roles
rbac.authorization.k8s.io/v1: RoleBinding rolebindings
rbac.authorization.k8s.io/v1: -ClusterRole clusterroles
rbac.authorization.k8s.io/v1: -ClusterRoleBinding clusterrolebindings
storage.k8s.io/v1: -StorageClass storageclasses sc
storage.k8s.io/v1: -VolumeAttachment volumeattachments
storage.k8s.io/v1: -CSIDriver csidrivers
storage.k8s.io/v1: -CSINode csinodes
scheduling.k8s.io/v1: -PriorityClass priorityclasses pc
coordination.k8s.io/v1: Lease leases
node.k8s.io/v1: -RuntimeClass runtimeclasses
apiextensions.k8s.io/v1: -CustomResourceDefinition customresourcedefinitions crd
apiregistration.k8s.io/v1: -APIService apiservices
admissionregistration.k8s.io/v1: -MutatingWebhookConfiguration mutatingwebhookconfigurations
admissionregistration.k8s.io/v1: -ValidatingWebhookConfiguration validatingwebhookconfigurations
admissionregistration.k8s.io/v1: -ValidatingAdmissionPolicy validatingadmissionpolicies
admissionregistration.k8s.io/v1: -ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings
certificates.k8s.io/v1: -CertificateSigningRequest certificatesigningrequests csr
authorization.k8s.io/v1: -SelfSubjectAccessReview selfsubjectaccessreviews
authorization.k8s.io/v1: -SelfSubjectRulesReview selfsubjectrulesreviews
metrics.k8s.io/v1beta1: PodMetrics pods
metrics.k8s.io/v1beta1: -NodeMetrics nodes
"""


def _read_table() -> tuple[dict[tuple[str, str], Resource], dict[str, Resource]]:
    by_kind: dict[tuple[str, str], Resource] = {}
    by_word: dict[str, Resource] = {}
    for line in _TABLE.strip().splitlines():
        api_version, words = line.split(": ", 1)
        kind, plural, *short = words.split()
        resource = Resource(api_version, kind.lstrip("-"), plural, not kind.startswith("-"))
        by_kind[api_version, resource.kind] = resource
        for word in (resource.kind.lower(), plural, *short):
            # The first one wins: "event" and "pods" mean those of the core group.
            by_word.setdefault(word, resource)
    return by_kind, by_word


_BY_KIND, _BY_WORD = _read_table()


def built_in(api_version: str, kind: str) -> Resource | None:
    """The resource of a kind that every cluster has; None for all others (see discovery.py)."""
    return _BY_KIND.get((api_version, kind))


def built_in_by_word(word: str) -> Resource | None:
    """The same by what people type: Deployment, deployment, deployments, deploy, deployments.apps."""
    plain, _dot, group = word.strip().lower().partition(".")
    found = _BY_WORD.get(plain)
    return found if found and (not group or group == found.group) else None
