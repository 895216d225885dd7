# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the audit could not look at, and why: "not assessed" is never "pass"."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import NotAssessed
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks import control_plane
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.admission import SERVICE_CODES
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.namespaces import (
    CODES as NAMESPACE_CODES,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.permissions import ACCOUNT_CODES
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.table import CHECKS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.versions import CODES as VERSION_CODES
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.ends_of_life import end_of_kubernetes
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.surroundings import (
    EXPOSURE_NEEDS,
    REACH_NEEDS,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.folding import CODE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Key

_GRANT = "let these credentials list it: the ClusterRoles of playbooks/files/report-access.yaml do"
_TRIVY = (
    "install trivy-operator, or make a file with trivy k8s --report all --format json -o FILE and give it as "
    "trivy_files"
)


# By API group: what leads the outside in beside what is read.
_OTHER_WAYS_IN = {
    "gateway.networking.k8s.io": "routes of the Gateway API other than HTTPRoutes",
    "route.openshift.io": "Routes of OpenShift",
    "networking.istio.io": "VirtualServices of Istio",
    "traefik.io": "IngressRoutes of Traefik",
    "projectcontour.io": "HTTPProxies of Contour",
}


def blind_spots(facts: Facts, *, reports: str, covered: set[Key]) -> Iterator[NotAssessed]:
    """reports: why trivy-operator's could not be read, empty where they could. covered: scanned workloads."""
    for what, why in sorted(facts.unread.items()):
        if what != "vulnerabilityreports":
            yield NotAssessed(what, why, _GRANT, codes_of(what))
    for what, needs in (("exposure of pods", EXPOSURE_NEEDS), ("attack paths", REACH_NEEDS)):
        if missing := [name for name in needs if name in facts.unread]:
            yield NotAssessed(what, f"it takes {', '.join(missing)}, which could not be read", _GRANT)
    yield from _other_ways_in(facts)
    yield from _other_namespaces(facts)
    yield from _control_plane(facts)
    yield from _versions(facts)
    yield NotAssessed(
        "whether NetworkPolicies are enforced",
        "that is the network plugin's business and cannot be read from the API; policies of its own kinds are not read",
        "look in its documentation, or try a connection that a policy forbids",
    )
    yield from _vulnerabilities(facts, reports, covered)


def codes_of(what: str) -> tuple[str, ...]:
    """The codes that are unknown, or not found everywhere, without a list."""
    return tuple(dict.fromkeys(code for item in CHECKS if what in (*item.needs, *item.uses) for code in item.codes))


def _other_ways_in(facts: Facts) -> Iterator[NotAssessed]:
    served = [what for group, what in _OTHER_WAYS_IN.items() if group in facts.api_groups]
    if served:
        why = "they are not read: what only they publish counts as reached from inside the cluster"
        yield NotAssessed(f"exposure by {', '.join(served)}", why, "look where they lead")


def _other_namespaces(facts: Facts) -> Iterator[NotAssessed]:
    if facts.namespace:
        why = (
            f"only {facts.namespace} was asked about: what the others enforce, whether the ServiceAccounts and "
            "Services in them exist that bindings and webhooks name, and where their pods lead is not known"
        )
        codes = (*NAMESPACE_CODES, *ACCOUNT_CODES, *SERVICE_CODES)
        yield NotAssessed("other namespaces", why, "run it without a namespace", codes)


def _control_plane(facts: Facts) -> Iterator[NotAssessed]:
    """CIS 1 to 4 take a view of the hosts."""
    how = "run kube-bench on the nodes; of a managed control plane its provider answers"
    if "pods" not in facts.unread:
        seen = control_plane.seen(facts)
        for component in control_plane.COMPONENTS:
            if component not in seen:
                why = "no pod of kube-system runs it with its options in the command line"
                yield NotAssessed(f"options of {component}", why, how, control_plane.codes_of(component))
    yield NotAssessed("nodes (CIS 4: files and options of kubelets)", "the API does not show files of hosts", how)


def _versions(facts: Facts) -> Iterator[NotAssessed]:
    if "version" not in facts.unread and end_of_kubernetes(facts.minor) is None:
        why = f"{facts.version or 'its version'} is not in this collection's table of ends"
        yield NotAssessed("end of the Kubernetes version", why, "update the collection", VERSION_CODES)


def _vulnerabilities(facts: Facts, reports: str, covered: set[Key]) -> Iterator[NotAssessed]:
    running = {workload.key for workload in facts.workloads}
    left = running - covered
    if not covered and (running or reports):
        why = reports or "there is no report of Trivy's in the cluster, and no file was given"
        yield NotAssessed("vulnerabilities", why, _TRIVY, (CODE,))
    elif left:
        names = ", ".join(f"{kind} {namespace}/{name}" for kind, namespace, name in sorted(left)[:3])
        why = f"no report of Trivy's speaks of them, the first being {names}"
        yield NotAssessed(f"vulnerabilities of {len(left)} of {len(running)} workloads", why, _TRIVY, (CODE,))
