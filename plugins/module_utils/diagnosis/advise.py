# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call from a target's words to a report: look for it, collect, diagnose, recommend."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK, Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.judge import diagnose
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.recommending import recommend
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause, Diagnosis, Recommendation
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.collect import collect
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.gather import Gathering
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BY_NAME, parse_target
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.scan import Candidate, find_failing
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Evidence, Facts, Unavailable
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

ADVISOR = "rules"


@dataclass
class Report:
    """What one look at a target gave. `candidates`: everything found failing where no target was named."""

    facts: Facts
    diagnosis: Diagnosis
    recommendations: list[Recommendation]
    duration_seconds: float
    requests: int
    candidates: list[Candidate] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The result of `pod_diagnosis_info`, in JSON's own types."""
        workload = self.facts.workload
        return {
            "target": asdict(self.facts.target),
            "workload": asdict(workload.target) if workload else None,
            "pod": self.facts.pod.name if self.facts.pod else "",
            "diagnosis": self.diagnosis.to_json(),
            "evidence": [asdict(item) for item in self.facts.evidence],
            "recommendations": [item.to_json() for item in self.recommendations],
            "unavailable": [asdict(item) for item in self.facts.unavailable],
            "candidates": [asdict(item) for item in self.candidates],
            "duration_seconds": round(self.duration_seconds, 3),
            "requests": self.requests,
        }


def look_at(
    client: Client,
    *,
    kind: str = "",
    namespace: str = "",
    name: str = "",
    within_seconds: float = 2.0,
    scan_seconds: float = 10.0,
    failing: str = "",
    clock: Clock = SYSTEM_CLOCK,
) -> Report:
    """Diagnose the named target, or where none is named the worst of what fails. Raises BadTarget, and ClusterError
    where the cluster cannot be reached at all.

    within_seconds: for collecting the evidence; scan_seconds: for finding what fails, in the whole cluster at most;
    failing: what is known to fail about the named target, in one sentence, which Kubernetes may not tell.
    """
    start, sent = clock.monotonic(), client.requests
    wanted, name = parse_target(kind, name)
    candidates: list[Candidate] = []
    unread: list[Unavailable] = []
    if wanted is None:
        candidates, facts = _search(client, namespace, Deadline.after(scan_seconds, clock), rfc3339(clock.now()))
        unread = list(facts.unavailable)
        if candidates:
            worst = candidates[0]
            wanted, namespace, name = BY_NAME[worst.kind], worst.namespace, worst.name
    if wanted is not None:
        facts = collect(
            client, wanted, namespace or "default", name, deadline=Deadline.after(within_seconds, clock), clock=clock
        )
        diagnosis = _known_to_fail(facts, diagnose(facts), failing) if failing else diagnose(facts)
        facts.unavailable = unread + facts.unavailable
    else:
        diagnosis = _nothing_failing(facts, namespace)
    if diagnosis.verdict == "unknown":
        client.require_server()
    found = recommend(facts, diagnosis)
    return Report(facts, diagnosis, found, clock.monotonic() - start, client.requests - sent, candidates)


def _known_to_fail(facts: Facts, diagnosis: Diagnosis, failing: str) -> Diagnosis:
    """What was seen to fail is evidence too, and a target that shows nothing else is not healthy."""
    said = Evidence(f"E{len(facts.evidence) + 1}", "given", facts.now, facts.target.name, one_line(failing))
    facts.evidence.append(said)
    if diagnosis.verdict != "healthy":
        return diagnosis
    summary = f"nothing that Kubernetes tells about it explains why {said.text}"
    return Diagnosis("failing", Cause("unknown", summary, 0.0, [said.id]))


def _search(client: Client, namespace: str, deadline: Deadline, now: str) -> tuple[list[Candidate], Facts]:
    gathering = Gathering(client, deadline)
    try:
        candidates = find_failing(gathering, namespace, now)
    finally:
        gathering.close()
    facts = Facts(Target(client.cluster, "v1", "Namespace" if namespace else "", "", namespace, ""))
    facts.unavailable = gathering.unavailable
    return candidates, facts


def _nothing_failing(facts: Facts, namespace: str) -> Diagnosis:
    where = f"namespace {namespace}" if namespace else "the cluster"
    if facts.unavailable:
        missing = "; ".join(f"{u.what}: {u.why}" for u in facts.unavailable)
        return Diagnosis("unknown", Cause("unknown", f"{where} could not be searched: {missing}", 0.0))
    return Diagnosis("healthy", Cause("healthy", f"nothing in {where} is failing", 0.9))


def events_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What a journal shall hold of a report (`Report.to_json`, joined or not): observed, diagnosed, recommended."""
    joined = report.get("joined") or {}
    advisor = joined.get("advisor") or ADVISOR
    observed = {
        key: report[key] for key in ("target", "workload", "evidence", "unavailable", "duration_seconds", "requests")
    }
    return [
        {"event": "observed", "body": observed},
        {"event": "diagnosed", "body": {"advisor": advisor, **report["diagnosis"], "joined": joined}},
        {"event": "recommended", "body": {"advisor": advisor, "recommendations": report["recommendations"]}},
    ]
