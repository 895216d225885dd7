# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be done about a workload's load (pure): nothing, an autoscaler, one or two replicas, or a person.

Each outcome has a class and a sentence of its own; where nothing is proposed the sentence says why and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import autoscalers, scale
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import capacity, in_charge, policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.capacity import Capacity
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.demand import Moment, Sustained
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.policy import Policy
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import Subject

WAYS: Final = ("auto", "hpa", "scale")
DAY_SECONDS: Final = 86_400
# What an advisor may answer beside the rules.
CLASSES: Final = {
    "cpu-over-requests": "the pods use more CPU than they request, all the time, and more replicas would carry it",
    "autoscaler-at-maximum": "the autoscaler has no replicas left to add, so the demand is cut off",
    "autoscaler-target-too-high": "the autoscaler aims at a higher share of the requests than is wanted",
    "autoscaler-acting": "the autoscaler still has room and is about to act",
    "autoscaler-inactive": "the autoscaler does not act, by its conditions",
    "autoscaler-on-other-metrics": "the autoscaler scales by something else than CPU",
    "capacity-short": "the cluster has no room for more replicas",
    "cpu-within-requests": "the pods are not short of CPU",
    "no-requests": "a container has no CPU request, so its use cannot be measured against it",
    "keda-in-charge": "KEDA scales the workload",
    "vpa-in-charge": "a VerticalPodAutoscaler sets its CPU requests",
    "scaled-to-zero": "the workload is scaled to 0 replicas",
    "no-metrics": "nothing is known of its CPU use",
    "too-few-samples": "too few samples are there to judge",
}


@dataclass(frozen=True)
class Seen:
    """What the source of metrics showed: the window of the rule, and the demand that the policy is made from.

    `problem` says why there are no samples at all; `notes` are sentences about their quality.
    """

    sustained: Sustained
    demand: list[Moment] = field(default_factory=list)
    demand_seconds: float = 0.0
    step_seconds: float = 15.0
    source: str = ""
    problem: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    """`way` is auto, hpa or scale; the target is percent of the requests."""

    way: str = "auto"
    target_percent: int = policy.TARGET_PERCENT


@dataclass(frozen=True)
class Judgement:
    """`verdict` is overloaded, steady or unknown; `remedy` None where nothing is proposed, then `command` may help."""

    verdict: str
    class_: str
    summary: str
    confidence: float
    policy: Policy | None = None
    capacity: Capacity | None = None
    remedy: str | None = None
    parameters: dict[str, int] = field(default_factory=dict)
    expected_outcome: str = ""
    command: str = ""
    notes: list[str] = field(default_factory=list)


def judge(subject: Subject, seen: Seen, settings: Settings) -> Judgement:
    """The judgement; first what stands in the way of any, then the load, then what fits."""
    found = _in_the_way(subject) or _of_metrics(subject, seen) or _of_load(subject, seen, settings)
    doubts = _contradiction(subject.autoscaler, seen) if subject.autoscaler and found.verdict == "overloaded" else []
    return replace(found, notes=[*doubts, *found.notes, *seen.notes])


def _in_the_way(subject: Subject) -> Judgement | None:
    words, namespace = subject.words, subject.target.namespace
    if subject.replicas == 0:
        said = (
            f"{words} is scaled to 0 replicas: nothing runs, so there is no demand to scale by, and no autoscaler acts"
        )
        command = f"kubectl -n {namespace} scale {subject.target.kind.lower()}/{subject.target.name} --replicas=1"
        return Judgement("unknown", "scaled-to-zero", said, 1.0, command=command)
    if subject.in_charge:
        who = subject.in_charge
        return Judgement("unknown", f"{who.kind}-in-charge", who.sentence, 1.0, command=who.command)
    if not subject.request:
        autoscaler = subject.autoscaler
        name = f"HorizontalPodAutoscaler {autoscaler['metadata']['name']} cannot act" if autoscaler else "none can act"
        said = (
            f"a container of {words} has no CPU request, so there is nothing to measure its use against and {name}: "
            "set requests first"
        )
        command = (
            f"ansible-playbook playbooks/optimize_resources.yml -e namespace={namespace} "
            f"-e target={subject.target.kind.lower()}/{subject.target.name}"
        )
        return Judgement("unknown", "no-requests", said, 1.0, command=command)
    return None


def _of_metrics(subject: Subject, seen: Seen) -> Judgement | None:
    if seen.problem:
        said = f"nothing is known of the CPU that {subject.words} uses: {seen.problem}"
        return Judgement("unknown", "no-metrics", said, 0.0)
    if seen.sustained.verdict == "unknown":
        said = f"whether {subject.words} is short of CPU is not known: {seen.sustained.sentence}"
        return Judgement("unknown", "too-few-samples", said, 0.0)
    if seen.sustained.verdict == "no":
        said = f"{subject.words} is not short of CPU: {seen.sustained.sentence}"
        return Judgement("steady", "cpu-within-requests", said, 0.9)
    return None


def _of_load(subject: Subject, seen: Seen, settings: Settings) -> Judgement:
    autoscaler = subject.autoscaler
    if autoscaler is None:
        if settings.way == "scale" or (settings.way == "auto" and subject.target.kind == "StatefulSet"):
            return _by_hand(subject, seen, settings)
        said = f"{subject.words} is short of CPU: {seen.sustained.sentence}"
        return _by_autoscaler(subject, seen, settings, "cpu-over-requests", said, 0)
    return _with_autoscaler(subject, seen, settings, autoscaler)


def _contradiction(autoscaler: dict[str, Any], seen: Seen) -> list[str]:
    """What the autoscaler itself measures, where that is far less: a sign of another cluster's figures."""
    current, least = autoscalers.current_cpu_percent(autoscaler), seen.sustained.lowest_percent
    if current is None or least is None or 2 * current > least:
        return []
    name = autoscaler["metadata"]["name"]
    return [
        f"HorizontalPodAutoscaler {name} itself sees CPU at {current} % of the requests, {seen.source} at {least:g} % "
        "and more: is that the source of this cluster's metrics?"
    ]


def _with_autoscaler(subject: Subject, seen: Seen, settings: Settings, autoscaler: dict[str, Any]) -> Judgement:
    name = f"HorizontalPodAutoscaler {autoscaler['metadata']['name']}"
    hot = f"{subject.words} is short of CPU: {seen.sustained.sentence}"
    active = autoscalers.condition(autoscaler, "ScalingActive")
    if active.get("status") == "False":
        said = f"{hot}; {name} does not act: {active.get('reason')}: {active.get('message')}"
        return Judgement("overloaded", "autoscaler-inactive", said, 0.9, command=_describe(autoscaler))
    target = autoscalers.cpu_target(autoscaler)
    if target is None:
        said = f"{hot}; {name} scales by something else than CPU, which is left as it is"
        return Judgement("overloaded", "autoscaler-on-other-metrics", said, 0.9, command=_describe(autoscaler))
    most = int(autoscaler["spec"]["maxReplicas"])
    if subject.replicas >= most:
        said = f"{hot}; {name} sits at its maximum of {most}, so the demand is cut off and greater than was seen"
        return _by_autoscaler(subject, seen, settings, "autoscaler-at-maximum", said, most)
    if target > settings.target_percent:
        said = f"{hot}; {name} aims at {target} % of the requests, over the {settings.target_percent} % wanted"
        return _by_autoscaler(subject, seen, settings, "autoscaler-target-too-high", said, 0)
    said = f"{hot}; {name} is at {subject.replicas} of at most {most} replicas and still has room: it is left to act"
    return Judgement("overloaded", "autoscaler-acting", said, 0.8, command=_describe(autoscaler))


def _describe(autoscaler: dict[str, Any]) -> str:
    metadata = autoscaler["metadata"]
    return f"kubectl -n {metadata['namespace']} describe hpa {metadata['name']}"


def _by_autoscaler(
    subject: Subject, seen: Seen, settings: Settings, class_: str, said: str, cut_off_at: int
) -> Judgement:
    made = policy.policy_of(
        [moment.used for moment in seen.demand],
        subject.request,
        target_percent=settings.target_percent,
        step_seconds=seen.step_seconds,
        cut_off_at=cut_off_at,
    )
    made = _not_below_former(made, subject.autoscaler)
    room = capacity.check(subject.placed, subject.cluster, made.min_replicas, made.max_replicas)
    fitted, short = fitted_to(made, room, subject.replicas)
    found = Judgement("overloaded", class_, said, 0.9, fitted or made, room, notes=_notes(subject, seen, short))
    if fitted is None:
        return replace(found, class_="capacity-short", summary=f"{said}; {short}")
    return replace(
        found,
        remedy="set_hpa",
        parameters={
            "min_replicas": fitted.min_replicas,
            "max_replicas": fitted.max_replicas,
            "target_cpu_utilization_percent": fitted.target_cpu_utilization_percent,
            "scale_down_stabilization_seconds": fitted.scale_down_stabilization_seconds,
        },
        expected_outcome=(
            f"{fitted.min_replicas} to {fitted.max_replicas} replicas, {fitted.expected_replicas} as a rule, and CPU "
            f"under {fitted.target_cpu_utilization_percent} % of the requests"
        ),
    )


def _not_below_former(made: Policy, autoscaler: dict[str, Any] | None) -> Policy:
    """An overload is no reason to lower what somebody has set."""
    if autoscaler is None:
        return made
    spec = autoscaler["spec"]
    least = max(made.min_replicas, int(spec.get("minReplicas", 1)))
    most = max(made.max_replicas, int(spec["maxReplicas"]), least)
    if (least, most) == (made.min_replicas, made.max_replicas):
        return made
    step = f"not below what the autoscaler has already: minimum {least}, maximum {most}"
    expected = max(made.expected_replicas, least)
    return replace(
        made, min_replicas=least, max_replicas=most, expected_replicas=expected, arithmetic=[*made.arithmetic, step]
    )


def fitted_to(made: Policy, room: Capacity, now: int) -> tuple[Policy | None, str]:
    """The policy with a maximum that can be scheduled, or None with the reason where no more than now fits."""
    if not room.known:
        return None, "what the cluster can still take is not known, so nothing is proposed"
    if room.maximum.fits:
        return made, ""
    most, why = room.maximum.schedulable, room.maximum.why
    if most <= now:
        return None, f"the cluster has no room for {now + 1} replicas, only for {most}: {why}"
    return policy.lowered(made, most, why), f"The maximum is {most}, not {made.max_replicas}: {why}."


def _by_hand(subject: Subject, seen: Seen, settings: Settings) -> Judgement:
    now = subject.replicas
    demand = max(moment.used for moment in seen.demand)
    wanted = policy.replicas_by_hand(demand, subject.request, now, settings.target_percent)
    room = capacity.check(subject.placed, subject.cluster, now + 1, wanted)
    said = f"{subject.words} is short of CPU: {seen.sustained.sentence}"
    fits = min(wanted, room.maximum.schedulable)
    found = Judgement("overloaded", "cpu-over-requests", said, 0.9, None, room, notes=_notes(subject, seen, ""))
    if not room.known or fits <= now:
        why = room.maximum.why if room.known else "what the cluster can still take is not known"
        short = f"the cluster has no room for {now + 1} replicas: {why}"
        return replace(found, class_="capacity-short", summary=f"{said}; {short}")
    share = round(100 * demand / (fits * subject.request))
    return replace(
        found,
        remedy="scale",
        parameters={"replicas": fits},
        expected_outcome=f"{fits} replicas, and CPU at about {share} % of the requests",
    )


def _notes(subject: Subject, seen: Seen, short: str) -> list[str]:
    notes = [short] if short else []
    if seen.demand_seconds < DAY_SECONDS:
        notes.append(
            f"Only {round(seen.demand_seconds / 60)} minutes of demand are known, so the minimum is of this load and "
            "not of quiet hours."
        )
    by_hand = in_charge.scaled_by_hand(subject.workload)
    if by_hand:
        notes.append(f"Now {by_hand}: an autoscaler takes that over.")
    if subject.target.kind == "StatefulSet":
        claims = len(subject.workload["spec"].get("volumeClaimTemplates") or [])
        more = f", and each takes {claims} volume claim{'s' if claims > 1 else ''} more" if claims else ""
        kept = "" if not claims or scale.deletes_claims(subject.workload) else ", which stay when it scales down"
        notes.append(
            f"It is a StatefulSet: replicas come one after the other{more}{kept}; whether they share the load is the "
            "program's business."
        )
    return notes
