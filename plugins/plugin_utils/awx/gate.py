# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX's answers about a workflow amount to (pure): an approval by somebody, or why not.

Nodes are told apart by `identifier`, since names change when a template is built anew: `plan`, `gate` (and after it
`gate-security` where two people decide), `apply`, and `declined` for where the workflow goes without an approval.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times

PLAN: Final = "plan"
GATE: Final = "gate"
APPLY: Final = "apply"
ANEW: Final = "launch the workflow anew"
# Clocks of AWX and of the job may differ by so much.
SKEW: Final = timedelta(seconds=60)
# What the surveys of the workflows ask (roles/awx). Any other variable of a workflow wins over its jobs' own, and so
# over the settings that say whose approval counts.
ANSWERS: Final = frozenset({"target", "namespace", "image", "container", "aiops_job", "reason"})
_LONGEST_REASON = 500


@dataclass(frozen=True)
class Seen:
    """AWX's answers: this job's node, the workflow job, the plan's job, the approvals that were asked for by the
    identifier of their node, in their order, and how many gates the workflow has."""

    own: dict[str, Any]
    workflow: dict[str, Any]
    plan_job: dict[str, Any]
    approvals: list[tuple[str, dict[str, Any]]]
    gates: int


@dataclass(frozen=True)
class Person:
    """A user of AWX. `id` is AWX's number."""

    id: int
    name: str


@dataclass(frozen=True)
class Given:
    """One decision at one gate: by whom (None for nobody), asked and decided when (UTC), and AWX's number of it."""

    decision: str
    by: Person | None
    asked_at: datetime
    decided_at: datetime
    number: int


@dataclass(frozen=True)
class Proof:
    """What the workflow's gates decided about one plan.

    `decision` is approved, rejected, expired or aborted. `given` holds every gate that was asked; the last one decided.
    `launcher` is None where a schedule launched the workflow, so that no person asked for the change.
    """

    decision: str
    digest: str
    given: tuple[Given, ...]
    launcher: Person | None
    reason: str
    workflow_job: int
    plan_job: int

    @property
    def justification(self) -> str:
        """What the record says about why: AWX asks approvers for no reason, so it is the launcher's."""
        by = self.launcher.name if self.launcher else "a schedule"
        numbers = ", ".join(str(item.number) for item in self.given)
        why = self.reason or "no reason was given"
        return f"AWX workflow job {self.workflow_job}, approval {numbers}; launched by {by}: {why}"


def own_node(found: Sequence[dict[str, Any]], job: int, workflow_job: int) -> dict[str, Any]:
    """This job's node, from the nodes that AWX finds by this job's number in the workflow that the job names."""
    if len(found) != 1 or found[0].get("job") != job or found[0].get("workflow_job") != workflow_job:
        raise AwxRefusal(
            f"job {job} is no node of workflow job {workflow_job}, whatever its variables say: an approval counts for "
            f"the jobs of its own workflow; {ANEW}"
        )
    return found[0]


def require_answers_only(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow job, if its variables are answers to surveys and nothing else."""
    if strays := sorted(set(_answers(workflow)) - ANSWERS):
        raise AwxRefusal(
            f"workflow job {workflow.get('id')} has variables that no survey asks for, and they win over the settings "
            f"here: {', '.join(strays[:5])}; forbid variables on its launch, and {ANEW}"
        )
    return workflow


def node(nodes: Sequence[dict[str, Any]], identifier: str) -> dict[str, Any]:
    """The one node of this identifier."""
    found = [item for item in nodes if item.get("identifier") == identifier]
    if len(found) != 1:
        raise AwxRefusal(
            f"the workflow has {len(found)} nodes with the identifier {identifier}, one is needed: playbooks/awx.yml "
            "builds it"
        )
    return found[0]


def job_of(item: dict[str, Any]) -> int:
    """The number of a node's job."""
    number = item.get("job")
    if isinstance(number, bool) or not isinstance(number, int):
        raise AwxRefusal(f"the node {item.get('identifier')} of the workflow has not run")
    return number


def gates(nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nodes that ask: `gate`, then `gate-…` in the order of their names."""
    first = node(nodes, GATE)
    more = [item for item in nodes if str(item.get("identifier")).startswith(f"{GATE}-")]
    return [first, *sorted(more, key=lambda item: str(item["identifier"]))]


def finished_job(job: dict[str, Any], identifier: str) -> dict[str, Any]:
    """A job that ended well and says when."""
    if job.get("type") != "job" or job.get("status") != "successful" or times.parse(job.get("finished")) is None:
        raise AwxRefusal(
            f"the job {identifier} did not end well (it is {job.get('status') or 'unknown'}), so what it "
            "handed over does not count"
        )
    return job


def plan_in(job: dict[str, Any]) -> dict[str, Any]:
    """The plan in the journal that the plan's job handed over."""
    artifacts = job.get("artifacts")
    word = artifacts.get(handing.ARTIFACT) if isinstance(artifacts, dict) else None
    if not word:
        raise AwxRefusal(f"job {job.get('id')} handed over no plan: its artifacts have no {handing.ARTIFACT}")
    plans = [item.body for item in handing.events_of(word) if item.event == "planned"]
    if not plans:
        raise AwxRefusal(f"the journal that job {job.get('id')} handed over holds no plan")
    return plans[-1]


def prove(seen: Seen, plan: dict[str, Any], variable: Any = None) -> Proof:
    """What the gates decided about this plan; raises `AwxRefusal` for everything that is not plainly so.

    `variable` is what this job's variables say the plan's job handed over. It is not used, since a workflow's launcher
    may be able to set it: where it differs, somebody did.
    """
    approved = plan_in(seen.plan_job)
    if approved.get("digest") != plan.get("digest") or not plan.get("digest"):
        raise AwxRefusal(
            f"the plan of this job has the digest {plan.get('digest') or 'none'}, the one that was asked about "
            f"{approved.get('digest')}: nothing but that one may be written"
        )
    word = seen.plan_job["artifacts"][handing.ARTIFACT]
    if variable not in (None, "", word):
        raise AwxRefusal(
            f"somebody put another {handing.ARTIFACT} among the variables of the workflow than job "
            f"{seen.plan_job.get('id')} handed over: find out who, then {ANEW}"
        )
    given = _decisions(seen)
    decision, own = given[-1].decision, seen.own.get("identifier")
    if decision == "approved" and own != APPLY:
        raise AwxRefusal(f"the gate is approved, and this node is {own}, not {APPLY}: nothing is written here")
    if decision != "approved" and own == APPLY:
        raise AwxRefusal(
            f"this node is {APPLY}, and what the gates decided is {decision}: somebody linked the workflow otherwise; "
            "playbooks/awx.yml builds it"
        )
    return Proof(
        decision=decision,
        digest=str(approved["digest"]),
        given=tuple(given),
        launcher=launcher(require_answers_only(seen.workflow)),
        reason=_reason(seen.workflow),
        workflow_job=int(seen.workflow["id"]),
        plan_job=int(seen.plan_job["id"]),
    )


def _decisions(seen: Seen) -> list[Given]:
    if not seen.approvals:
        raise AwxRefusal(f"nobody was asked yet: the workflow's {GATE} has not run")
    given: list[Given] = []
    planned = times.parse(seen.plan_job.get("finished"))
    for identifier, approval in seen.approvals:
        if given and given[-1].decision != "approved":
            break
        one = given_at(identifier, approval)
        if planned is None or one.asked_at + SKEW < planned:
            raise AwxRefusal(f"the {identifier} was asked about before the plan was made: {ANEW}")
        given.append(one)
    if given[-1].decision == "approved" and len(given) != seen.gates:
        raise AwxRefusal(f"only {len(given)} of the workflow's {seen.gates} gates are approved")
    return given


def given_at(identifier: str, approval: dict[str, Any]) -> Given:
    """What one approval of AWX says."""
    what = f"approval {approval.get('id')} ({identifier})"
    if approval.get("type") != "workflow_approval":
        raise AwxRefusal(f"the node {identifier} is no approval but {approval.get('type') or 'unknown'}")
    status = approval.get("status")
    if status in ("new", "pending", "waiting", "running"):
        raise AwxRefusal(f"{what} is not decided yet")
    asked, decided = times.parse(approval.get("started")), times.parse(approval.get("finished"))
    if asked is None or decided is None or decided < asked:
        raise AwxRefusal(f"{what} does not say when it was asked and decided")
    number = int(approval["id"])
    by = _person((approval.get("summary_fields") or {}).get("approved_or_denied_by"), "username")
    if status == "canceled":
        return Given("aborted", None, asked, decided, number)
    if approval.get("timed_out"):
        if status == "successful":
            raise AwxRefusal(f"{what} says both that it was approved and that nobody decided in time")
        return Given("expired", None, asked, decided, number)
    if by is None:
        raise AwxRefusal(
            f"{what} names nobody who decided: an approval counts only with its approver, whose user may have been "
            f"deleted; {ANEW}"
        )
    if status == "successful":
        return Given("approved", by, asked, decided, number)
    if status == "failed":
        return Given("rejected", by, asked, decided, number)
    raise AwxRefusal(f"{what} has a status that is unknown here: {status!r}")


def launcher(workflow: dict[str, Any]) -> Person | None:
    """The user who launched a workflow job, None for a schedule; raises `AwxRefusal` where it was neither."""
    by = workflow.get("launched_by")
    kind = by.get("type") if isinstance(by, dict) else None
    if kind == "schedule":
        return None
    person = _person(by, "name") if kind == "user" else None
    if person is None:
        raise AwxRefusal(
            f"AWX does not say which user or schedule launched workflow job {workflow.get('id')} ({kind or 'nobody'}), "
            f"so nobody can tell whether the approver is another person: {ANEW}"
        )
    return person


def _person(value: Any, name: str) -> Person | None:
    if not isinstance(value, dict) or not isinstance(value.get("id"), int) or not value.get(name):
        return None
    return Person(value["id"], str(value[name]))


def _answers(workflow: dict[str, Any]) -> dict[str, Any]:
    """The variables of a workflow job: what its launcher answered, and what they could add."""
    try:
        answers = json.loads(workflow.get("extra_vars") or "{}")
    except (TypeError, ValueError):
        answers = None
    if not isinstance(answers, dict):
        raise AwxRefusal(f"the variables of workflow job {workflow.get('id')} cannot be read")
    return answers


def _reason(workflow: dict[str, Any]) -> str:
    """What the launcher answered to the survey's question for a reason."""
    return " ".join(str(_answers(workflow).get("reason") or "").split())[:_LONGEST_REASON]
