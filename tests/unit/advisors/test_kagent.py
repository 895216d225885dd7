# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One question to an agent over A2A, as kagent speaks it: whatever it does, there is an answer or a reason in time."""

from __future__ import annotations

import time
from typing import Any

import pytest
from a2a_agent import A2AAgent
from answers import ANSWER, REPORT, as_text

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import (
    KagentSettings,
    ask_kagent,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Answer, BadSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

QUESTION = build_question(REPORT)


def ask(standin: A2AAgent, seconds: float = 5, **settings: Any) -> Answer:
    given = KagentSettings(**{"url": standin.url, **settings})
    return ask_kagent(QUESTION, given, Deadline.after(seconds))


WAYS = [
    ({"speaks": ("0.3",)}, {}, ["message/stream"]),
    ({"speaks": ("0.3",)}, {"stream": False}, ["message/send"]),
    ({"speaks": ("0.3",), "streams": False}, {}, ["message/stream", "message/send"]),
    ({"speaks": ("1.0",)}, {"version": "1.0"}, ["SendStreamingMessage"]),
    ({"speaks": ("1.0",)}, {"version": "1.0", "stream": False}, ["SendMessage"]),
    ({"speaks": ("1.0",)}, {}, ["message/stream", "SendStreamingMessage"]),
]


@pytest.mark.parametrize(("agent", "settings", "methods"), WAYS)
def test_an_answer_in_every_way_of_asking(agent: dict[str, Any], settings: dict[str, Any], methods: list[str]) -> None:
    with A2AAgent(as_text(), **agent) as standin:
        answer = ask(standin, model="gpt-4.1-mini", **settings)
    assert answer.status == "answered", answer.reason
    assert answer.diagnosis is not None
    assert answer.diagnosis["root_cause"]["class"] == "oom-killed"
    assert answer.recommendation == {**ANSWER["recommendation"], "advisor": "kagent"}
    assert answer.tokens == {"prompt": 11, "completion": 7}
    assert answer.commands == ['k8s_get_events {"namespace": "shop"}']
    assert (answer.model, answer.question_digest, answer.flags) == ("gpt-4.1-mini", QUESTION.digest, [])
    assert 0 <= answer.duration_seconds < 5
    assert standin.methods == methods
    assert standin.questions[-1] == QUESTION.text


def test_user_session_and_token_are_set_and_each_question_has_a_session_of_its_own() -> None:
    with A2AAgent(as_text()) as standin:
        for _time in range(2):
            ask(standin, user="ops@example.com", token="s3cr3t-token")
    contexts = {asked.params["message"]["contextId"] for asked in standin.asked}
    assert len(contexts) == 2
    for asked in standin.asked:
        assert asked.headers["X-User-Id"] == "ops@example.com"
        assert asked.headers["Authorization"] == "Bearer s3cr3t-token"


def test_a_controller_is_asked_for_the_agent_by_its_name() -> None:
    with A2AAgent(as_text()) as standin:
        ask(standin, url="", controller=f"{standin.url}/", agent="ai/analyst")
    assert [asked.path for asked in standin.asked] == ["/api/a2a/ai/analyst/"]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("version", ["0.3", "1.0"])
def test_a_pause_for_approval_is_rejected_and_noted(version: str, stream: bool) -> None:
    with A2AAgent(as_text(), "pauses", speaks=(version,)) as standin:
        answer = ask(standin, stream=stream, version=version)
    assert standin.decisions == ["reject"]
    assert standin.executed == []
    assert answer.status == "answered", answer.reason
    [flag] = answer.flags
    assert "wanted to call k8s_rollout_restart" in flag
    assert "rejected" in flag
    assert not any("rollout_restart" in command for command in answer.commands)


def test_an_agent_that_goes_on_asking_is_left() -> None:
    with A2AAgent(as_text(), "pauses-always") as standin:
        answer = ask(standin)
    assert answer.status == "none"
    assert "input-required" in answer.reason
    assert set(standin.decisions) == {"reject"}
    assert standin.executed == []
    assert standin.methods[-1] == "tasks/cancel"


NO_ANSWERS: list[tuple[str | int, dict[str, Any], str]] = [
    ("failed", {}, "its task ended as failed: the model gave up"),
    ("failed", {"stream": False}, "its task ended as failed: the model gave up"),
    ("cut", {}, "its answer ended before it was whole, and what became of it is not told"),
    ("cut", {"stream": False}, "ended its answer before it was whole"),
    (401, {}, "does not accept the credentials (401)"),
    (403, {}, "does not accept the credentials (403)"),
    (404, {}, "has no agent (404)"),
    (500, {}, "answered 500"),
    ("redirect", {}, "redirect (307), which is not followed"),
    ("not-json", {}, "does not answer in JSON"),
    ("huge", {}, "more than 1048576 bytes"),
]


@pytest.mark.parametrize(("behaviour", "settings", "why"), NO_ANSWERS)
def test_why_there_is_no_answer(behaviour: str | int, settings: dict[str, Any], why: str) -> None:
    with A2AAgent(as_text(), behaviour) as standin:
        answer = ask(standin, **settings)
    assert answer.status == "none"
    assert why in answer.reason
    assert "\n" not in answer.reason
    assert answer.diagnosis is None
    assert answer.recommendation is None


def test_a_cut_stream_is_asked_for_what_became_of_it() -> None:
    with A2AAgent(as_text(), "cut-and-done") as standin:
        answer = ask(standin)
    assert answer.status == "answered", answer.reason
    assert standin.methods == ["message/stream", "tasks/get"]


@pytest.mark.parametrize("speaks", [("0.3",), ()])
def test_the_wrong_version_is_said(speaks: tuple[str, ...]) -> None:
    with A2AAgent(as_text(), speaks=speaks) as standin:
        answer = ask(standin, version="1.0")
    assert answer.status == "none"
    assert "does not speak A2A 1.0" in answer.reason


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("behaviour", ["hangs", "works-forever"])
def test_one_that_never_ends_is_left_at_the_deadline(behaviour: str, stream: bool) -> None:
    with A2AAgent(as_text(), behaviour) as standin:
        started = time.monotonic()
        answer = ask(standin, seconds=1.0, stream=stream)
        spent = time.monotonic() - started
    assert answer.status == "none"
    assert "in time" in answer.reason
    assert 0.6 <= spent <= 1.4
    if behaviour == "works-forever":
        assert standin.methods[-1] == "tasks/cancel"


def test_nobody_listens() -> None:
    with A2AAgent(as_text()) as standin:
        port = standin.port
    answer = ask_kagent(QUESTION, KagentSettings(url=f"http://127.0.0.1:{port}"), Deadline.after(5))
    assert answer.status == "none"
    assert "cannot be reached" in answer.reason


@pytest.mark.parametrize(
    ("reply", "why"),
    [("", "is empty"), ("It is out of memory.", "no JSON object"), (as_text(diagnosis__verdict="fine"), "verdict")],
)
def test_a_reply_of_which_nothing_can_be_made(reply: str, why: str) -> None:
    with A2AAgent(reply) as standin:
        answer = ask(standin)
    assert answer.status == "unusable"
    assert why in answer.reason
    assert answer.raw == reply


def test_the_raw_reply_is_printable_redacted_and_bounded() -> None:
    reply = "\x1b]0;owned\x07AKIAIOSFODNN7EXAMPLE password=hunter2hunter2\n" + "long " * 10_000
    with A2AAgent(reply) as standin:
        answer = ask(standin)
    assert "\x1b" not in answer.raw
    assert "AKIA" not in answer.raw
    assert "hunter2" not in answer.raw
    assert len(answer.raw) <= 8000


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"url": "127.0.0.1:8080"}, "begin with http"),
        ({"url": "ftp://agent"}, "begin with http"),
        ({"url": "http://user:word@agent/"}, "credentials do not belong"),
        ({"url": "http://a:99999/"}, "Port"),
        ({"url": "http://a/", "controller": "http://b/"}, "both controller and url"),
        ({"controller": "http://b/", "agent": "analyst"}, "NAMESPACE/NAME"),
        ({"controller": "http://b/", "agent": "kagent/../../x"}, "NAMESPACE/NAME"),
        ({"url": "http://a/", "version": "2.0"}, "use auto, 0.3 or 1.0"),
        ({"url": "http://a/", "token": "a\r\nX-Admin: yes"}, "printable ASCII"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_in_a_sentence(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSettings, match=why):
        ask_kagent(QUESTION, KagentSettings(**settings), Deadline.after(1))
