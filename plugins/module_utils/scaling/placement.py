# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""On which nodes a pod may run at all, and how its pods have to be spread (pure): the scheduler's filters.

Taints, cordons, node selectors, required node affinity, required anti-affinity to its own kind, host ports, and
topology spread constraints that forbid (DoNotSchedule). Preferences do not forbid, so they are not looked at.
https://kubernetes.io/docs/concepts/scheduling-eviction/
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Document = Mapping[str, Any]
Rule = Callable[[str, Counter[str]], bool]
HOSTNAME: Final = "kubernetes.io/hostname"


def refusals(template: Document, nodes: Sequence[Document], pods: Sequence[Document], namespace: str) -> dict[str, str]:
    """Node name → why no pod of the template may run there, or empty."""
    taken = _taken_ports(pods)
    return {node["metadata"]["name"]: _refusal(template["spec"], node, taken) for node in nodes}


def _refusal(spec: Document, node: Document, taken: Mapping[str, set[tuple[str, int]]]) -> str:
    if (node.get("spec") or {}).get("unschedulable"):
        return "cordoned"
    conditions = (node.get("status") or {}).get("conditions") or []
    if any(item.get("type") == "Ready" and item.get("status") != "True" for item in conditions):
        return "not ready"
    for taint in (node.get("spec") or {}).get("taints") or []:
        if taint.get("effect") in ("NoSchedule", "NoExecute") and not _tolerates(spec, taint):
            return f"taint {taint.get('key')}:{taint.get('effect')}"
    labels = node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in (spec.get("nodeSelector") or {}).items()):
        return "not in the node selector"
    if not _affine(spec, node):
        return "not in the node affinity"
    if _ports(spec) & taken.get(node["metadata"]["name"], set()):
        return "its host port is taken"
    return ""


def _tolerates(spec: Document, taint: Document) -> bool:
    for toleration in spec.get("tolerations") or []:
        exists = toleration.get("operator", "Equal") == "Exists"
        key = toleration.get("key") or ""
        same_key = key == taint.get("key") or (not key and exists)
        same_value = exists or (toleration.get("value") or "") == (taint.get("value") or "")
        if same_key and same_value and toleration.get("effect", "") in ("", None, taint.get("effect")):
            return True
    return False


def _affine(spec: Document, node: Document) -> bool:
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    labels = node["metadata"].get("labels") or {}
    fields = {"metadata.name": node["metadata"]["name"]}
    for term in required.get("nodeSelectorTerms") or []:
        expressions, of_fields = term.get("matchExpressions") or [], term.get("matchFields") or []
        met = [matches(item, labels) for item in expressions] + [matches(item, fields) for item in of_fields]
        if met and all(met):
            return True
    return False


def matches(expression: Document, labels: Mapping[str, str]) -> bool:
    """Whether labels meet one expression (In, NotIn, Exists, DoesNotExist, Gt, Lt)."""
    value, wanted = labels.get(expression["key"]), expression.get("values") or []
    operator = expression["operator"]
    if operator in ("Gt", "Lt"):
        try:
            difference = int(value or "") - int(wanted[0])
        except (ValueError, IndexError):
            return False
        return difference > 0 if operator == "Gt" else difference < 0
    found = {
        "In": value in wanted,
        "NotIn": value not in wanted,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }
    return found.get(operator, False)


def selects(selector: Document | None, labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects an object; none selects nothing."""
    if selector is None:
        return False
    plain = all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())
    return plain and all(matches(item, labels) for item in selector.get("matchExpressions") or [])


def _ports(spec: Document) -> set[tuple[str, int]]:
    ports = [port for container in spec.get("containers") or [] for port in container.get("ports") or []]
    return {(port.get("protocol", "TCP"), port["hostPort"]) for port in ports if port.get("hostPort")}


def _taken_ports(pods: Sequence[Document]) -> dict[str, set[tuple[str, int]]]:
    taken: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for pod in pods:
        taken[pod["spec"]["nodeName"]] |= _ports(pod["spec"])
    return taken


def spreading(template: Document, nodes: Sequence[Document], pods: Sequence[Document], namespace: str) -> list[Rule]:
    """Rules that say whether one more pod may go to a node, given how many have been placed on each."""
    rules = [_at_most_one()] if _ports(template["spec"]) else []
    labels = template["metadata"].get("labels") or {}
    mine = [pod for pod in pods if pod["metadata"].get("namespace") == namespace]
    anti = ((template["spec"].get("affinity") or {}).get("podAntiAffinity") or {}).get(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    for term in anti or []:
        selector = term.get("labelSelector")
        rules.append(_apart(term["topologyKey"], nodes, _counted(selector, mine), selects(selector, labels)))
    for constraint in template["spec"].get("topologySpreadConstraints") or []:
        if constraint.get("whenUnsatisfiable") == "DoNotSchedule":
            counted = _counted(constraint.get("labelSelector"), mine)
            rules.append(_spread(constraint, nodes, counted, template["spec"]))
    return rules


def _counted(selector: Document | None, pods: Sequence[Document]) -> Counter[str]:
    chosen = [pod for pod in pods if selects(selector, pod["metadata"].get("labels") or {})]
    return Counter(pod["spec"]["nodeName"] for pod in chosen)


def _domains(key: str, nodes: Sequence[Document]) -> dict[str, str]:
    found = {}
    for node in nodes:
        name, labels = node["metadata"]["name"], node["metadata"].get("labels") or {}
        if key in labels or key == HOSTNAME:
            found[name] = labels.get(key, name)
    return found


def _at_most_one() -> Rule:
    return lambda name, placed: placed[name] == 0


def _apart(key: str, nodes: Sequence[Document], there: Counter[str], itself: bool) -> Rule:
    """No pod where one that it must not share the domain with is; placed ones count where it selects its own kind."""
    domain = _domains(key, nodes)
    taken = {domain[name] for name in there if name in domain}

    def allows(name: str, placed: Counter[str]) -> bool:
        where = domain.get(name)
        if where is None:
            return True
        return where not in taken and not (itself and any(domain.get(other) == where for other in placed))

    return allows


def _spread(constraint: Document, nodes: Sequence[Document], there: Counter[str], spec: Document) -> Rule:
    """No pod where its domain would have more than maxSkew over the emptiest (of the nodes that it may choose)."""
    domain = _domains(constraint["topologyKey"], [node for node in nodes if _may_choose(spec, node)])
    skew = int(constraint.get("maxSkew", 1))
    base: Counter[str] = Counter(dict.fromkeys(domain.values(), 0))
    for name, number in there.items():
        if name in domain:
            base[domain[name]] += number

    def allows(name: str, placed: Counter[str]) -> bool:
        if name not in domain:
            return False
        count = base.copy()
        for other, number in placed.items():
            if other in domain:
                count[domain[other]] += number
        return count[domain[name]] + 1 - min(count.values()) <= skew

    return allows


def _may_choose(spec: Document, node: Document) -> bool:
    labels = node["metadata"].get("labels") or {}
    chosen = all(labels.get(key) == value for key, value in (spec.get("nodeSelector") or {}).items())
    return chosen and _affine(spec, node)
