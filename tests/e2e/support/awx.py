# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The stand-in for AWX as the collection's own playbook set it up, with jobs that ansible-runner really runs."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
from awx_api import Awx, Item
from awx_workflows import Job, Workflows

from support.cluster import Cluster
from support.playbook import ROOT, Playbook, Run, clean_environment
from support.story import QUICK, plain

PEOPLE = ("alice", "bob", "carol", "dave", "mallory")
CONTROLLER = "Red Hat Ansible Automation Platform"


def settings(awx: Awx, **more: Any) -> Item:
    """What somebody writes into their file of settings for playbooks/awx.yml."""
    return {
        "awx_url": awx.address,
        "awx_token": "admin-token",
        "awx_project_url": "https://git.example.com/aiops.kubernetes.git",
        "awx_image": "registry.example.com/aiops:1",
        "awx_read_kubeconfig": "read",
        "awx_write_kubeconfig": "write",
        "awx_reader_token": "aiops-reader-read",
        "awx_launchers": ["alice", "bob"],
        "awx_approvers": ["alice", "bob", "dave"],
        "awx_security_approvers": ["carol"],
        **more,
    }


def set_up(awx: Awx, *arguments: str, **more: Any) -> Run:
    return Playbook()("awx.yml", *arguments, **settings(awx, **more))


def with_people(awx: Awx) -> Awx:
    for name in (*PEOPLE, "aiops-reader"):
        awx.user(name, f"{name}-password")
    return awx


def post(awx: Awx, path: str, token: str) -> int:
    """The HTTP status of a POST by somebody."""
    request = urllib.request.Request(
        f"{awx.address}{path}", b"{}", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


@dataclass
class Site:
    """An AWX with the workflows in it, a cluster, and a namespace with a Deployment that fails."""

    awx: Awx
    cluster: Cluster
    namespace: str
    folder: Path
    outputs: dict[int, str] = field(default_factory=dict)
    # The plan's job of an earlier workflow, to be handed on anew: it only read.
    plan: Item | None = None
    plans_anew: bool = False

    def __post_init__(self) -> None:
        self.workflows = Workflows(self.awx, self.run)

    def launch(self, by: str = "alice", template: str = "aiops change: diagnose", **more: Any) -> Item:
        answers = {"target": "deployment/checkout", "namespace": self.namespace, "reason": "orders fail", **more}
        return self.workflows.launch(template, by, **answers)

    def decide(self, workflow: Item, by: str, decision: str = "approve") -> int:
        return post(self.awx, f"{self.workflows.pending(workflow)['url']}{decision}/", f"{by}-token")

    def output(self, job: Item | None) -> str:
        assert job is not None, "the job did not run"
        return plain(self.outputs[job["id"]])

    def journals(self, job: Item | None) -> list[Path]:
        assert job is not None, "the job did not run"
        return sorted(self.job_folder(job["id"]).glob("records/*/*.jsonl"))

    def job_folder(self, number: int) -> Path:
        return self.folder / f"awx_{number}"

    def run(self, job: Job) -> tuple[str, Item]:
        """A job, in a folder of its own as in AWX."""
        is_plan = job.playbook == "playbooks/diagnose_pod.yml"
        if is_plan and self.plan is not None and not self.plans_anew:
            return "successful", self.plan
        folder = self.job_folder(job.number)
        folder.mkdir(parents=True)
        result = ansible_runner.run(
            private_data_dir=str(folder),
            project_dir=str(ROOT),
            playbook=job.playbook,
            ident=str(job.number),
            inventory={"all": {"hosts": {"cluster": self.host()}}},
            extravars=job.variables,
            envvars=self.environment(job, folder),
            quiet=True,
        )
        self.outputs[job.number] = Path(result.config.artifact_dir, "stdout").read_text()
        handed: Item = {}
        for event in result.events:
            if event["event"] == "playbook_on_stats":
                handed = event["event_data"].get("artifact_data") or {}
        if is_plan and result.status == "successful":
            self.plan = handed
        return result.status, handed

    def host(self) -> Item:
        [inventory] = self.awx.items["inventories"]
        [host] = self.awx.items["hosts"]
        return {**json.loads(inventory["variables"]), **json.loads(host["variables"])}

    def environment(self, job: Job, folder: Path) -> dict[str, str]:
        """What AWX sets, as it was recorded, and what the credentials of the job template inject."""
        given = {
            "JOB_ID": str(job.number),
            "INVENTORY_ID": "2",
            "AWX_HOST": "https://towerhost",
            "AWX_PRIVATE_DATA_DIR": str(folder),
            "AWX_ISOLATED_DATA_DIR": "/runner/artifacts/15",
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_COLLECTIONS_PATH": "/runner/requirements_collections:~/.ansible/collections",
            "AIOPS_RECORD_FOLDER": str(folder / "records"),
        }
        if kubeconfig := job.credentials.get("aiops kubeconfig"):
            assert kubeconfig["kubeconfig"] == ("write" if job.playbook == "playbooks/awx_apply.yml" else "read")
            given["K8S_AUTH_KUBECONFIG"] = self.cluster.kubeconfig
        if reader := job.credentials.get(CONTROLLER):
            given |= {"CONTROLLER_HOST": reader["host"], "CONTROLLER_OAUTH_TOKEN": reader["oauth_token"]}
        return clean_environment(given)


SETTINGS: Item = {
    "awx_settings": {**QUICK},
    "awx_verify_after_seconds": 1,
    "awx_stories": ["diagnose", "rollback", "critical"],
}
