# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what AWX knows about the workflow that a job is a node of. What that amounts to, `gate.py` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import gate
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.controller import Controller
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal


@dataclass(frozen=True)
class Ids:
    """This job and its workflow job, as AWX numbers them."""

    job: int
    workflow_job: int


def ids(environ: Mapping[str, str], variables: Mapping[str, Any]) -> Ids:
    """Who this job is; raises `AwxRefusal` where that is unclear.

    Nobody can override `awx_job_id` and the environment's `JOB_ID`. `awx_workflow_job_id` can be made up where the job
    was launched alone: `gate.own_node` finds that out.
    """
    job = _number(variables.get("awx_job_id"))
    if job is None or "JOB_ID" not in environ:
        raise AwxRefusal("this is no job of AWX (awx_job_id and JOB_ID are not set): launch the workflow in AWX")
    if _number(environ["JOB_ID"]) != job:
        raise AwxRefusal(
            f"AWX calls this job {environ['JOB_ID']}, its variables call it {job}: launch the workflow anew"
        )
    workflow_job = _number(variables.get("awx_workflow_job_id"))
    if workflow_job is None:
        raise AwxRefusal(
            f"job {job} is part of no workflow: it was launched alone or relaunched, and no approval counts for it; "
            "launch the workflow anew"
        )
    return Ids(job, workflow_job)


def _number(value: Any) -> int | None:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() else None


def nodes(controller: Controller, of: Ids) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """This job's own node, and all nodes of the workflow job."""
    path = f"workflow_jobs/{of.workflow_job}/workflow_nodes"
    own = gate.own_node(controller.get_all(path, job=of.job), of.job, of.workflow_job)
    return own, controller.get_all(path)


def handed_over(controller: Controller, of: Ids, identifier: str) -> dict[str, Any]:
    """The job of another node of this job's workflow, with its artifacts."""
    _own, all_nodes = nodes(controller, of)
    gate.require_answers_only(controller.get(f"workflow_jobs/{of.workflow_job}"))
    return gate.finished_job(controller.get(f"jobs/{gate.job_of(gate.node(all_nodes, identifier))}"), identifier)


def read(controller: Controller, of: Ids) -> gate.Seen:
    """Everything that a decision rests on."""
    own, all_nodes = nodes(controller, of)
    plan_job = gate.finished_job(controller.get(f"jobs/{gate.job_of(gate.node(all_nodes, gate.PLAN))}"), gate.PLAN)
    return gate.Seen(
        own=own,
        workflow=controller.get(f"workflow_jobs/{of.workflow_job}"),
        plan_job=plan_job,
        approvals=[
            (str(item["identifier"]), controller.get(f"workflow_approvals/{gate.job_of(item)}"))
            for item in gate.gates(all_nodes)
            if item.get("job") is not None
        ],
        gates=len(gate.gates(all_nodes)),
    )
