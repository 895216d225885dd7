# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What setup says about an advisor: its program, its model's provider, its answer to the trial question."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import KubectlAiSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Answer
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import kubectl_ai, provider, question

STANDIN = Path(__file__).resolve().parents[2] / "standins" / "kubectl-ai"


def within(seconds: float = 10) -> Deadline:
    return Deadline.after(seconds)


@pytest.mark.parametrize(
    ("named", "environ", "address"),
    [
        ("openai", {}, "https://api.openai.com/v1"),
        ("openai", {"OPENAI_ENDPOINT": "http://10.0.0.1:8080/v1"}, "http://10.0.0.1:8080/v1"),
        ("openai", {"OPENAI_API_BASE": "http://base/v1"}, "http://base/v1"),
        ("ollama", {}, "http://127.0.0.1:11434"),
        ("ollama", {"OLLAMA_HOST": "gpu:11434"}, "http://gpu:11434"),
        ("bedrock", {"AWS_REGION": "eu-central-1"}, "https://bedrock-runtime.eu-central-1.amazonaws.com"),
        ("azopenai", {}, ""),
        ("nobody", {}, ""),
    ],
)
def test_where_a_provider_is(named: str, environ: dict[str, str], address: str) -> None:
    assert provider.address_of(named, environ) == address


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that answers 401, as providers do to whoever brings no key."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, *_args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_any_answer_shows_that_somebody_is_there(refusing: str) -> None:
    assert provider.why_unreachable(refusing, within()) == ""


def test_nobody_and_silence_are_told_apart_from_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "timed out" in provider.why_unreachable(f"http://127.0.0.1:{port}", within(0.3))
    assert "refused" in provider.why_unreachable(f"http://127.0.0.1:{port}", within())
    assert provider.why_unreachable("no-url", within())


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("version: 0.0.28\ncommit: abc\ndate: today\n", "0.0.28"),
        ("version: v0.0.29\n", "0.0.29"),
        ("kubectl-ai\n", ""),
        ("version: " + "9" * 100, ""),
    ],
)
def test_the_version_is_read(said: str, version: str) -> None:
    assert kubectl_ai.version_of(said) == version


def test_a_program_is_there_or_is_not_or_is_another(tmp_path: Path) -> None:
    settings = KubectlAiSettings(program=str(STANDIN))
    found = kubectl_ai.program(settings, within(), os.environ)
    assert (found.state, "version 0.0.28" in found.found) == ("works", True), found
    (tmp_path / "other").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "other").chmod(0o755)
    other = kubectl_ai.program(KubectlAiSettings(program="other"), within(), {"PATH": str(tmp_path)})
    assert (other.state, "does not tell its version" in other.found) == ("fails", True)
    gone = kubectl_ai.program(KubectlAiSettings(program="none"), within(), {"PATH": str(tmp_path)})
    assert (gone.state, bool(gone.to_do)) == ("missing", True)


@pytest.mark.parametrize(
    ("settings", "states"),
    [
        (KubectlAiSettings(), ["missing"]),
        (KubectlAiSettings(provider="openai"), ["fails"]),
        (KubectlAiSettings(provider="skynet", model="t-800"), ["fails"]),
        (KubectlAiSettings(provider="azopenai", model="m"), ["works", "missing"]),
        (
            KubectlAiSettings(provider="ollama", model="m", environment={"OLLAMA_HOST": "127.0.0.1:1"}),
            ["works", "fails"],
        ),
    ],
)
def test_a_model_is_named_and_its_provider_answers(settings: KubectlAiSettings, states: list[str]) -> None:
    found = kubectl_ai.model(settings, within(2), {})
    assert [check.state for check in found] == states, found
    assert all(check.to_do for check in found if check.state != "works")


def answer(**fields: Any) -> Answer:
    return Answer(advisor="kagent", name="kagent", question_digest="", duration_seconds=1.24, **fields)


@pytest.mark.parametrize(
    ("given", "state", "said"),
    [
        (answer(status="answered", diagnosis={"root_cause": {"class": "oom-killed"}}), "works", "rightly in 1.2 s"),
        (answer(status="answered", diagnosis={"root_cause": {"class": "app-crash"}}), "unknown", "but said app-crash"),
        (answer(status="unusable", reason="no JSON in it"), "fails", "unusably: no JSON in it"),
        (answer(status="none", reason="nobody is there"), "fails", "no answer after 1.2 s: nobody is there"),
    ],
)
def test_what_an_answer_to_the_trial_question_means(given: Answer, state: str, said: str) -> None:
    found = question.check_of("kagent", given, "do that")
    assert (found.state, said in found.found) == (state, True), found


def test_the_trial_question_can_be_put_and_holds_nothing_of_a_cluster() -> None:
    asked = build_question(question.EXAMPLE)
    assert asked.target["namespace"] == "example"
    assert list(asked.evidence_ids) == ["E1", "E2", "E3"]
    assert question.EXPECTED in asked.classes
