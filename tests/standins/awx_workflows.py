# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launches and goes on with what the stand-in for AWX holds, as AWX's task manager does; a job is a test's function.

Variables come to a job in AWX's order: the template's, the survey's defaults, what earlier jobs handed over as
artifacts, and last the workflow's own, which win. A launcher may set what the survey asks, and anything only where the
template says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from awx_api import LINKS, Awx, Item, Refused


@dataclass(frozen=True)
class Job:
    """What a job gets: its number, its playbook, its variables, and its credentials by type (their inputs)."""

    number: int
    playbook: str
    variables: Item
    credentials: dict[str, Item]


# Runs a job; returns its status and its artifacts.
Runner = Callable[[Job], tuple[str, Item]]


@dataclass
class Workflows:
    awx: Awx
    runner: Runner

    # --- launching ---

    def launch(self, template: str, by: str, schedule: bool = False, **answers: Any) -> Item:
        """A workflow job, up to where it waits or ends."""
        made = self.started(template, by, schedule, **answers)
        self.go_on(made)
        return made

    def started(self, template: str, by: str, schedule: bool = False, **answers: Any) -> Item:
        source = self.awx.named("workflow_job_templates", template)
        user = self.awx.named("users", by)
        asker = self.awx.asker(f"Bearer {by}-token")
        if not self.awx.may(asker, "workflow_job_templates", source["id"], "execute", "admin"):
            raise Refused(403, {"detail": "You do not have permission to perform this action."})
        launched_by: Item = {"id": user["id"], "name": by, "type": "user", "url": user["url"]}
        if schedule:
            launched_by = {"id": 11, "name": "soon", "type": "schedule", "url": "/api/v2/schedules/11/"}
        made = self.awx.create(
            "workflow_jobs",
            {
                "name": template,
                "workflow_job_template": source["id"],
                "status": "running",
                "launched_by": launched_by,
                "extra_vars": json.dumps(self.accepted("workflow_job_templates", source, answers)),
                "started": self.awx.stamp(),
                "finished": None,
            },
        )
        self.copy_nodes(source, made)
        return made

    def launch_job(self, template: str, relaunch_of: Item | None = None, **answers: Any) -> Item:
        """A job by itself: no workflow, whatever its variables say."""
        source = self.awx.named("job_templates", template)
        variables = self.accepted("job_templates", source, answers)
        if relaunch_of is not None:
            variables = {k: v for k, v in relaunch_of["_variables"].items() if not k.startswith("awx_")}
        return self.run(source, variables, None)

    def accepted(self, endpoint: str, template: Item, answers: Item) -> Item:
        """What AWX takes of a launcher's answers; the rest it ignores."""
        survey = self.awx.surveys.get(f"{endpoint}/{template['id']}/survey_spec", {}).get("spec", [])
        asked = {item["variable"]: item for item in survey} if template.get("survey_enabled") else {}
        missing = [name for name, item in asked.items() if item["required"] and not answers.get(name)]
        if missing and endpoint == "workflow_job_templates":
            raise Refused(400, {"variables_needed_to_start": missing})
        defaults = {name: item["default"] for name, item in asked.items() if not item["required"]}
        free = template.get("ask_variables_on_launch")
        return {**defaults, **{key: value for key, value in answers.items() if free or key in asked}}

    def copy_nodes(self, source: Item, made: Item) -> None:
        templates = [
            n for n in self.awx.items["workflow_job_template_nodes"] if n["workflow_job_template"] == source["id"]
        ]
        copies = {
            node["id"]: self.awx.create(
                "workflow_job_nodes",
                {
                    "identifier": node["identifier"],
                    "workflow_job": made["id"],
                    "unified_job_template": node["unified_job_template"],
                    "job": None,
                    "do_not_run": False,
                },
            )
            for node in templates
        }
        for number, copy in copies.items():
            for link in LINKS:
                to = self.awx.associated.get(f"workflow_job_template_nodes/{number}/{link}", [])
                copy[link] = [copies[other]["id"] for other in to]

    # --- going on ---

    def go_on(self, workflow: Item) -> None:
        """Run what can run, until the workflow waits for a decision or has ended."""
        self.awx.expire()
        nodes = [node for node in self.awx.items["workflow_job_nodes"] if node["workflow_job"] == workflow["id"]]
        while ready := [node for node in nodes if node["job"] is None and self.is_next(node, nodes)]:
            for node in ready:
                self.run_node(node, workflow)
            self.awx.expire()
        if not any(self.status(node) in ("pending", "running") for node in nodes):
            handled = [node for node in nodes if self.status(node) == "failed" and node["failure_nodes"]]
            bad = [node for node in nodes if self.status(node) == "failed" and node not in handled]
            workflow |= {"status": "failed" if bad else "successful", "finished": self.awx.stamp()}

    def is_next(self, node: Item, nodes: list[Item]) -> bool:
        parents = [item for item in nodes if any(node["id"] in item[link] for link in LINKS)]
        if not parents:
            return True
        for parent in parents:
            status = self.status(parent)
            if status == "successful" and node["id"] in parent["success_nodes"] + parent["always_nodes"]:
                return True
            if status == "failed" and node["id"] in parent["failure_nodes"] + parent["always_nodes"]:
                return True
        return False

    def job_of(self, node: Item) -> Item | None:
        if node["job"] is None:
            return None
        return next(
            item
            for name in ("jobs", "workflow_approvals")
            for item in self.awx.items[name]
            if item["id"] == node["job"]
        )

    def status(self, node: Item) -> str:
        job = self.job_of(node)
        return str(job["status"]) if job else ""

    def run_node(self, node: Item, workflow: Item) -> None:
        for template in self.awx.items["workflow_approval_templates"]:
            if template["id"] == node["unified_job_template"]:
                node["job"] = self.ask(template, workflow)["id"]
                return
        template = self.awx.find("job_templates", node["unified_job_template"])
        handed: Item = {}
        for earlier in self.awx.items["workflow_job_nodes"]:
            if earlier["workflow_job"] == workflow["id"] and (job := self.job_of(earlier)):
                handed |= job.get("artifacts", {})
        survey = self.accepted("job_templates", {**template, "ask_variables_on_launch": False}, {})
        self.run(template, {**survey, **handed, **json.loads(workflow["extra_vars"])}, workflow, node)

    def ask(self, template: Item, workflow: Item) -> Item:
        now = self.awx.now()
        ends = now + timedelta(seconds=template["timeout"]) if template["timeout"] else None
        source = self.awx.find("workflow_job_templates", workflow["workflow_job_template"])
        return self.awx.create(
            "workflow_approvals",
            {
                "name": template["name"],
                "description": template["description"],
                "status": "pending",
                "failed": False,
                "launched_by": workflow["launched_by"],
                "summary_fields": {
                    "workflow_job_template": {"id": source["id"], "name": source["name"]},
                    "workflow_job": {"id": workflow["id"], "name": workflow["name"]},
                    "workflow_approval_template": {"id": template["id"], "timeout": template["timeout"]},
                },
                "started": now.isoformat().replace("+00:00", "Z"),
                "finished": None,
                "can_approve_or_deny": True,
                "approval_expiration": ends.isoformat() if ends else None,
                "timed_out": False,
                "job_explanation": "",
            },
        )

    def run(self, template: Item, variables: Item, workflow: Item | None, node: Item | None = None) -> Item:
        job = self.awx.create(
            "jobs",
            {
                "name": template["name"],
                "job_template": template["id"],
                "status": "running",
                "started": self.awx.stamp(),
                "finished": None,
                "artifacts": {},
            },
        )
        if node is not None:
            node["job"] = job["id"]
        own: Item = {"awx_job_id": job["id"], "tower_job_id": job["id"], "awx_job_template_name": template["name"]}
        if workflow is not None:
            own |= {"awx_workflow_job_id": workflow["id"], "awx_user_name": workflow["launched_by"]["name"]}
        # What AWX sets cannot be overridden, but for what it does not set.
        job["_variables"] = {**json.loads(template["extra_vars"] or "{}"), **variables, **own}
        credentials = self.credentials(template)
        status, artifacts = self.runner(Job(job["id"], template["playbook"], job["_variables"], credentials))
        job |= {"status": status, "failed": status == "failed", "finished": self.awx.stamp(), "artifacts": artifacts}
        return job

    def credentials(self, template: Item) -> dict[str, Item]:
        found = {}
        for number in self.awx.associated.get(f"job_templates/{template['id']}/credentials", []):
            item = self.awx.find("credentials", number)
            found[self.awx.find("credential_types", item["credential_type"])["name"]] = item["inputs"]
        return found

    # --- looking ---

    def pending(self, workflow: Item) -> Item:
        """The approval that a workflow waits for."""
        return next(
            item
            for item in self.awx.items["workflow_approvals"]
            if item["summary_fields"]["workflow_job"]["id"] == workflow["id"] and item["status"] == "pending"
        )

    def job(self, workflow: Item, identifier: str) -> Item | None:
        """The job of a node, None where it did not run."""
        for node in self.awx.items["workflow_job_nodes"]:
            if node["workflow_job"] == workflow["id"] and node["identifier"] == identifier:
                return self.job_of(node)
        return None
