# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedule: no node takes the pod, or the API server refuses to let it be created."""

from __future__ import annotations

import re

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    change_of,
    find_events,
    ids,
    refusals,
    scheduling_message,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.nodes import tolerates
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import asked
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.readable import show_bytes, show_cpu
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Amounts, Facts, Node

_INSUFFICIENT = re.compile(r"Insufficient ([\w./-]+)")


def unschedulable_resources(facts: Facts) -> Cause | None:
    """No node has free what the pod asks for."""
    text, evidence = scheduling_message(facts)
    short = list(dict.fromkeys(name.rstrip(".,") for name in _INSUFFICIENT.findall(text)))
    if "Too many pods" in text:
        short.append("pods")
    if not short or facts.pod is None:
        return None
    want = asked(facts.pod)
    best = best_node(facts, short)
    room = (best.free or best.allocatable) if best else None
    asked_text = _shown(want, short)
    summary = f"no node has the {' and '.join(short)} that the pod asks for ({asked_text})"
    if best and room:
        word = "has free" if best.free else "has in all"
        summary += f"; the best node, {best.name}, {word} {_shown(room, short)}"
    changed = change_of(facts, ".resources.requests")
    details = {
        "resources": short,
        "asked_cpu_millicores": want.cpu_millicores,
        "asked_memory_bytes": want.memory_bytes,
        "best_node": best.name if best else "",
        "free_cpu_millicores": room.cpu_millicores if room else None,
        "free_memory_bytes": room.memory_bytes if room else None,
        "fits_an_empty_node": _fits(want, best.allocatable) if best else None,
    }
    return Cause("unschedulable-resources", summary, 0.98, ids(evidence, best.id if best else "", *changed), details)


def _shown(amounts: Amounts, names: list[str]) -> str:
    parts = []
    for name in names:
        if name == "cpu":
            parts.append(f"cpu {show_cpu(amounts.cpu_millicores)}")
        elif name == "memory":
            parts.append(f"memory {show_bytes(amounts.memory_bytes)}")
        else:
            parts.append(f"{name} {amounts.other.get(name, 1 if name == 'pods' else 0)}")
    return ", ".join(parts)


def _fits(want: Amounts, room: Amounts) -> bool:
    return (want.cpu_millicores or 0) <= (room.cpu_millicores or 0) and (want.memory_bytes or 0) <= (
        room.memory_bytes or 0
    )


def best_node(facts: Facts, short: list[str]) -> Node | None:
    """The node with most free of what is short (the first of it); None where no node could be read."""

    def room(node: Node) -> tuple[bool, int]:
        amounts = node.free or node.allocatable
        value = {"cpu": amounts.cpu_millicores, "memory": amounts.memory_bytes}.get(
            short[0], amounts.other.get(short[0])
        )
        return node.free is not None, value or 0

    return max(facts.nodes, key=room, default=None)


def _by_words(facts: Facts, words: str, class_: str, summary: str, details: dict[str, object]) -> Cause | None:
    text, evidence = scheduling_message(facts)
    match = re.search(words, text)
    if not match:
        return None
    return Cause(
        class_,
        f"{summary} ({re.split(' no new claims| preemption:', text)[0][:200]})",
        0.95,
        ids(evidence),
        {**details, "message": text},
    )


def unschedulable_selector(facts: Facts) -> Cause | None:
    """No node matches the pod's nodeSelector or node affinity."""
    selector = facts.pod.node_selector if facts.pod else {}
    shown = ", ".join(f"{k}={v}" for k, v in selector.items()) or "its node affinity"
    return _by_words(
        facts,
        r"didn't match Pod's node affinity(?:/selector)?|didn't match node selector",
        "unschedulable-selector",
        f"no node matches {shown}",
        {"node_selector": dict(selector)},
    )


def unschedulable_affinity(facts: Facts) -> Cause | None:
    """Pod affinity, anti-affinity or topology spread cannot be met."""
    words = r"didn't match pod (?:anti-)?affinity rules|anti-affinity rules|topology spread constraints"
    return _by_words(
        facts, words, "unschedulable-affinity", "no node meets the pod's affinity or topology spread rules", {}
    )


def _is_kept_by_volumes(text: str) -> bool:
    """Nodes would do but for the pod's volumes, and the tainted ones are (as far as named) the control plane.

    Both are looked at before volumes: a cordoned or otherwise tainted node may be the very one that has the volume.
    """
    if not re.search(r"volume node affinity conflict|exceed max volume count", text) or "were unschedulable" in text:
        return False
    return all(
        re.match(r"node-role\.kubernetes\.io/(?:control-plane|master)\b", taint) for taint in _named_taints(text)
    )


def _named_taints(text: str) -> list[str]:
    return list(dict.fromkeys(t.rstrip(": ") for t in re.findall(r"untolerated taint(?:\(s\))? ?\{([^}]*)\}", text)))


def unschedulable_taint(facts: Facts) -> Cause | None:
    """Every node that could run the pod has a taint that it does not tolerate, or is cordoned."""
    text, _evidence = scheduling_message(facts)
    if _is_kept_by_volumes(text):
        return None
    taints = _named_taints(text)
    if not taints and facts.pod:
        taints = sorted({t for n in facts.nodes for t in n.taints if not tolerates(facts.pod, t)})
    shown = ", ".join(taints) or "the taints of the nodes that remain, or they are cordoned"
    words = r"untolerated taint|were unschedulable|node\(s\) had taint"
    return _by_words(facts, words, "unschedulable-taint", f"the pod does not tolerate {shown}", {"taints": taints})


def scheduling_gated(facts: Facts) -> Cause | None:
    """A scheduling gate is still set."""
    pod = facts.pod
    if pod is None or not pod.scheduling_gates or pod.node:
        return None
    gates = ", ".join(pod.scheduling_gates)
    condition = next((c.id for c in pod.conditions if c.type == "PodScheduled"), "")
    return Cause(
        "scheduling-gated",
        f"scheduling gate {gates} is still set on the pod",
        0.99,
        ids(condition, pod.id),
        {"gates": pod.scheduling_gates},
    )


_QUOTA = r"exceeded quota: ([^,]+), requested: ([^ ]+), used: ([^ ]+), limited: ([^ ]+)"
_MUST_SPECIFY = r"failed quota: ([^:]+): must specify ([\w.,/ -]+?)(?: for: .*)?$"


def quota_exceeded(facts: Facts) -> Cause | None:
    """A ResourceQuota refuses the pod, or demands requests or limits that it lacks."""
    for match, _text, evidence in refusals(facts, _QUOTA):
        quota, requested, used, limited = match.groups()
        summary = f"quota {quota} refuses the pod: it asks {requested}, {used} is used, {limited} is allowed"
        details = {"quota": quota, "requested": requested, "used": used, "limited": limited}
        return Cause("quota-exceeded", summary, 0.99, ids(evidence, *_policy(facts, quota)), details)
    for match, _text, evidence in refusals(facts, _MUST_SPECIFY):
        summary = f"quota {match[1]} demands that the pod sets {match[2]}"
        return Cause(
            "quota-exceeded",
            summary,
            0.99,
            ids(evidence, *_policy(facts, match[1])),
            {"quota": match[1], "must_specify": match[2]},
        )
    return None


def _policy(facts: Facts, name: str) -> list[str]:
    return [p.id for p in facts.policies if p.name == name]


def limit_range_violation(facts: Facts) -> Cause | None:
    """A LimitRange refuses the pod."""
    words = (
        r"((?:maximum|minimum) \S+ usage per \w+ is [^.]+?(?:, but (?:limit|request|no) [^.,\]]+)?)(?:$|[,.\]"
        r"])|limit to request ratio"
    )
    for _match, text, evidence in refusals(facts, words):
        said = text.split("forbidden: ")[-1]
        return Cause(
            "limit-range-violation",
            f"a limit range refuses the pod: {said[:200]}",
            0.98,
            ids(evidence),
            {"message": said},
        )
    return None


def admission_denied(facts: Facts) -> Cause | None:
    """An admission webhook or policy refuses the pod, or cannot be reached."""
    words = (
        r'admission webhook "([^"]+)" denied|failed calling webhook "([^"]+)"|ValidatingAdmissionPolicy \'([^\']+)\''
    )
    for match, text, evidence in refusals(facts, words):
        webhook = next(g for g in match.groups() if g)
        word = "cannot be reached" if "failed calling" in text else "refuses the pod"
        return Cause(
            "admission-denied",
            f"admission by {webhook} {word}: {text[-200:]}",
            0.97,
            ids(evidence),
            {"webhook": webhook, "message": text},
        )
    return None


def priority_preempted(facts: Facts) -> Cause | None:
    """The pod was removed for one of higher priority."""
    for event in find_events(facts, ("Preempted",)):
        return Cause(
            "priority-preempted",
            f"the pod was removed for one of higher priority: {event.message[:160]}",
            0.97,
            ids(event.id),
            {},
        )
    return None
