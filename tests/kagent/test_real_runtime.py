# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The advisor kagent against the real agent runtime (kagent-adk): what the stand-in of the unit tests is held to."""

from __future__ import annotations

import time
from typing import Any

import pytest
from answers import REPORT, as_text
from conftest import Runtime

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings, ask_kagent
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Answer
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

QUESTION = build_question(REPORT)
WAYS = pytest.mark.parametrize("stream", [True, False], ids=["stream", "send"])


def ask(runtime: Runtime, seconds: float = 60, **settings: Any) -> Answer:
    return ask_kagent(QUESTION, KagentSettings(url=runtime.url, **settings), Deadline.after(seconds))


@WAYS
def test_an_answer(runtime: Runtime, stream: bool) -> None:
    runtime.model.reply = as_text()
    answer = ask(runtime, stream=stream)
    assert answer.status == "answered", answer
    assert answer.diagnosis is not None
    assert answer.diagnosis["root_cause"]["class"] == "oom-killed"
    assert answer.tokens == {"prompt": 11, "completion": 7}
    assert answer.flags == []
    asked = runtime.model.seen[-1]["messages"]
    assert any(QUESTION.text in str(message.get("content")) for message in asked if message["role"] == "user")


def test_each_question_has_a_session_of_its_own(runtime: Runtime) -> None:
    runtime.model.reply = as_text()
    for _time in range(2):
        ask(runtime)
    users = [message for message in runtime.model.seen[-1]["messages"] if message["role"] == "user"]
    assert len(users) == 1


@WAYS
def test_a_pause_for_approval_is_rejected_and_the_tool_does_not_run(runtime: Runtime, stream: bool) -> None:
    runtime.model.reply, runtime.model.calls_tool = as_text(), True
    answer = ask(runtime, stream=stream)
    assert runtime.executed == []
    assert answer.status == "answered", answer
    [flag] = answer.flags
    assert "wanted to call k8s_rollout_restart" in flag
    assert "rejected" in flag
    assert not any("rollout_restart" in command for command in answer.commands)


@WAYS
def test_a_model_that_fails_is_a_reason(runtime: Runtime, stream: bool) -> None:
    runtime.model.status = 401
    answer = ask(runtime, stream=stream)
    assert answer.status == "none", answer
    assert answer.reason
    assert answer.diagnosis is None


@WAYS
def test_a_reply_that_is_no_json_is_unusable(runtime: Runtime, stream: bool) -> None:
    runtime.model.reply = "It is out of memory, I would say."
    answer = ask(runtime, stream=stream)
    assert (answer.status, answer.raw) == ("unusable", runtime.model.reply)


@WAYS
def test_a_model_that_hangs_costs_the_deadline(runtime: Runtime, stream: bool) -> None:
    runtime.model.wait_seconds = 6
    started = time.monotonic()
    answer = ask(runtime, seconds=2, stream=stream)
    assert answer.status == "none"
    assert time.monotonic() - started <= 2.5
    # What still runs there does not meet the next test.
    time.sleep(6)


def test_the_bare_runtime_speaks_0_3_only(runtime: Runtime) -> None:
    runtime.model.reply = as_text()
    answer = ask(runtime, version="1.0")
    assert answer.status == "none"
    assert "does not speak A2A 1.0" in answer.reason
    assert ask(runtime, version="auto").status == "answered"
