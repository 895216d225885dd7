# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWX's API is read with what the credential says, and everything that goes wrong there is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from awx_api import Awx

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import controller, workflow
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal


@pytest.fixture
def awx() -> Iterator[Awx]:
    with Awx() as server:
        server.user("reader", "secret")
        yield server


def reader(awx: Awx, **more: str) -> controller.Controller:
    return controller.from_environment({"CONTROLLER_HOST": awx.address, **more})


def test_by_token_and_by_password(awx: Awx) -> None:
    awx.create("organizations", {"name": "ops"})
    for proof in (
        {"CONTROLLER_OAUTH_TOKEN": "reader-read"},
        {"CONTROLLER_USERNAME": "reader", "CONTROLLER_PASSWORD": "secret"},
    ):
        [found] = reader(awx, **proof).get_all("organizations", name="ops")
        assert found["name"] == "ops"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "CONTROLLER_HOST is 'not set'"),
        ({"CONTROLLER_HOST": "towerhost"}, "CONTROLLER_HOST is 'towerhost'"),
        ({"CONTROLLER_HOST": "https://awx.example"}, "CONTROLLER_OAUTH_TOKEN is not set"),
        ({"AWX_HOST": "https://towerhost", "CONTROLLER_OAUTH_TOKEN": "t"}, "no address of AWX"),
    ],
)
def test_a_job_without_the_credential(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(AwxRefusal, match=sentence):
        controller.from_environment(environment)


def test_what_awx_does_not_let_it_read(awx: Awx) -> None:
    with pytest.raises(AwxRefusal, match=r"HTTP 401.*role read"):
        reader(awx, CONTROLLER_OAUTH_TOKEN="wrong").get("organizations")
    with pytest.raises(AwxRefusal, match="AWX has no jobs/99"):
        reader(awx, CONTROLLER_OAUTH_TOKEN="reader-read").get("jobs/99")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller, "WAIT_SECONDS", 0)
    with pytest.raises(AwxRefusal, match="AWX at http://127.0.0.1:1 cannot be asked"):
        controller.from_environment({"CONTROLLER_HOST": "http://127.0.0.1:1", "CONTROLLER_OAUTH_TOKEN": "t"}).get(
            "jobs/1"
        )


def test_no_secret_in_what_is_shown(awx: Awx) -> None:
    shown = repr(reader(awx, CONTROLLER_OAUTH_TOKEN="reader-read", CONTROLLER_PASSWORD="secret"))
    assert "reader-read" not in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("variables", "environment", "sentence"),
    [
        ({}, {}, "this is no job of AWX"),
        ({"awx_job_id": 7, "awx_workflow_job_id": 3}, {}, "this is no job of AWX"),
        ({"awx_job_id": 7}, {"JOB_ID": "7"}, "job 7 is part of no workflow"),
        ({"awx_job_id": 7, "awx_workflow_job_id": ""}, {"JOB_ID": "7"}, "job 7 is part of no workflow"),
        ({"awx_job_id": 7, "awx_workflow_job_id": "3/../4"}, {"JOB_ID": "7"}, "job 7 is part of no workflow"),
        ({"awx_job_id": 8, "awx_workflow_job_id": 3}, {"JOB_ID": "7"}, "AWX calls this job 7"),
    ],
)
def test_a_job_that_is_no_part_of_a_workflow(
    variables: dict[str, Any], environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(AwxRefusal, match=sentence):
        workflow.ids(environment, variables)


def test_a_job_of_a_workflow() -> None:
    of = workflow.ids({"JOB_ID": "7"}, {"awx_job_id": 7, "awx_workflow_job_id": "3"})
    assert (of.job, of.workflow_job) == (7, 3)
