# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""kubectl-ai's trace with other providers than the recorded one, and broken. The recordings: tests/contract."""

from __future__ import annotations

import json

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai_trace import (
    TraceUnreadable,
    trace_of,
)


def document(body: str, action: str = "http.response", status: str = "200 OK") -> bytes:
    return json.dumps({"action": action, "payload": {"body": body, "status": status}}).encode()


@pytest.mark.parametrize(
    ("body", "reply", "tokens"),
    [
        (
            '{"choices": [{"message": {"content": "yes"}}], "usage": {"prompt_tokens": 5, "completion_tokens": 1}}',
            "yes",
            (5, 1),
        ),
        (
            '[{"candidates": [{"content": {"parts": [{"text": "ye"}]}}], "usageMetadata": {"promptTokenCount": 5}},'
            '{"candidates": [{"content": {"parts": [{"text": "s"}]}}],'
            ' "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2}}]',
            "yes",
            (5, 2),
        ),
        (
            '{"message": {"content": "ye"}}\n{"message": {"content": "s"}, "prompt_eval_count": 7, "eval_count": 3}',
            "yes",
            (7, 3),
        ),
        ('{"candidates": [{"content": {"parts": [{"functionCall": {"name": "kubectl"}}]}}]}', "", None),
        ("not JSON at all", "", None),
        ('{"choices": "no list", "message": 5, "candidates": [1, {"content": []}]}', "", None),
        ("[" * 50_000, "", None),
    ],
    ids=["openai", "gemini", "ollama", "gemini-tool", "text", "odd", "deep"],
)
def test_replies_of_several_providers(body: str, reply: str, tokens: tuple[int, int] | None) -> None:
    trace = trace_of(document(body))
    assert trace.reply == reply
    assert trace.tokens == (None if tokens is None else {"prompt": tokens[0], "completion": tokens[1]})


def test_a_trace_that_was_cut_is_read_up_to_there() -> None:
    whole = document('{"choices": [{"message": {"content": "yes"}}]}')
    assert trace_of(whole + b'\n---\naction: "http.requ').reply == "yes"


@pytest.mark.parametrize("content", [b"{", b"\x00\x01", b"a: &a [1]\nb: *a\nc: {"])
def test_what_is_no_trace_is_said(content: bytes) -> None:
    with pytest.raises(TraceUnreadable, match="its trace is not YAML"):
        trace_of(content)
