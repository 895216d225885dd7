# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Network policies: whether they select anybody, and whether those whom they name exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import LabelSelector
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import Peer, Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot, selects

Labels = Mapping[str, str]


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H614."""
    for policy in seen.of("NetworkPolicy"):
        meta = policy.metadata
        selector = policy.spec.podSelector
        if not (selector.matchLabels or selector.matchExpressions) or not seen.settled(meta):
            continue
        if not seen.pods_selected(meta.namespace, selector):
            fix = fixes.look(
                "Correct its selector or delete it", "describe", "networkpolicy", meta.name, namespace=meta.namespace
            )
            evidence = ["no pod of the namespace has the labels of its podSelector"]
            yield found("H614", "NetworkPolicy", meta, "", evidence, fix)


def peers(seen: Snapshot) -> Iterator[Finding]:
    """H615: no namespace, or no pod and no pod template there, has the labels that a rule lets through."""
    templates = _templates(seen)
    for policy in seen.of("NetworkPolicy"):
        if not seen.settled(policy.metadata):
            continue
        for way, key, rules in (("ingress", "from", policy.spec.ingress), ("egress", "to", policy.spec.egress)):
            for number, rule in enumerate(rules, start=1):
                for peer in rule.get(key) or ():
                    if lacking := _lacking(seen, policy, peer, templates):
                        yield _nobody(policy, f"{way} rule {number}", lacking)


def _lacking(seen: Snapshot, policy: Policy, peer: Peer, templates: Mapping[str, list[Labels]]) -> str:
    """What is not there, empty where somebody is. A peer by addresses is not looked at."""
    pods, namespaces = peer.podSelector, peer.namespaceSelector
    if pods is None and namespaces is None:
        return ""
    places = [policy.metadata.namespace]
    if namespaces is not None:
        places = [item.metadata.name for item in seen.of("Namespace") if selects(namespaces, item.metadata.labels)]
        if not places:
            return f"no namespace has {_words(namespaces)}"
    if pods is None or any(_anybody(seen, place, pods, templates) for place in places):
        return ""
    return f"no pod of {'these namespaces' if namespaces is not None else 'its namespace'} has {_words(pods)}"


def _anybody(seen: Snapshot, namespace: str, pods: LabelSelector, templates: Mapping[str, list[Labels]]) -> bool:
    # An empty selector means whoever comes, also where nobody is yet.
    if not pods.matchLabels and not pods.matchExpressions:
        return True
    if seen.pods_selected(namespace, pods):
        return True
    return any(selects(pods, labels) for labels in templates.get(namespace, ()))


def _templates(seen: Snapshot) -> dict[str, list[Labels]]:
    """Labels of pods to come, by namespace: who runs at night only is somebody too."""
    grouped: dict[str, list[Labels]] = defaultdict(list)
    for item in [*seen.workloads, *seen.of("Job")]:
        grouped[item.metadata.namespace].append(item.spec.template.metadata.labels)
    for item in seen.of("CronJob"):
        grouped[item.metadata.namespace].append(item.spec.jobTemplate.spec.template.metadata.labels)
    return grouped


def _words(selector: LabelSelector) -> str:
    pairs = [f"{key}={value}" for key, value in selector.matchLabels.items()]
    pairs += [f"{item.key} {item.operator} {' '.join(item.values)}".strip() for item in selector.matchExpressions]
    return "the labels " + ", ".join(pairs)


def _nobody(policy: Policy, rule: str, lacking: str) -> Finding:
    meta = policy.metadata
    words = ("describe", "networkpolicy", meta.name)
    fix = fixes.look("Correct the rule's selectors", *words, namespace=meta.namespace)
    told = f"{rule}: {lacking}"
    return found("H615", "NetworkPolicy", meta, told, [f"spec: {told}"], fix, part=f"{rule} {lacking}")
