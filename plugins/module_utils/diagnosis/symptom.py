# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Kubernetes shows of a failure, from the container to the workload: the tail of a diagnosis' chain."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import containers, ended, is_failing
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.pods import is_ready, problem_of, restarts
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts


def symptoms(facts: Facts) -> list[str]:
    """One sentence a step: how the container ended, what the pod shows, what the workload lacks."""
    found = []
    pod, workload = facts.pod, facts.workload
    failing = next((c for c in containers(facts) if is_failing(facts, c)), None)
    if failing is not None and ended(failing).phase == "terminated":
        state = ended(failing)
        found.append(f"container {failing.name} ended with exit code {state.exit_code} ({state.reason})")
    if pod is not None:
        word = "ready" if is_ready(pod) else problem_of(pod) or "not ready"
        count = restarts(pod)
        found.append(f"pod {pod.name} is {word}" + (f" after {count} restarts" if count else ""))
    if workload is not None and workload.desired and workload.target.kind not in ("Job", "CronJob"):
        kind = workload.target.kind
        found.append(f"{kind} {workload.target.name} has {workload.ready} of {workload.desired} pods ready")
    return found
