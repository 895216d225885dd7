# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""200 and more kinds of secrets, on every way that text takes from a cluster: evidence, question, record, screen, and
what an AI's program reads, leaves in its trace and says. And ordinary text, which stays as it was on all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from leaks import ORDINARY, Leak, leaks

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import cleaned
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai_trace import Trace
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.reading_room import redacted_body
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction_json import redact_json
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted

LEAKS = leaks()


def in_a_question(text: str) -> str:
    items = [{"id": f"E{number}", "source": "log", "text": line} for number, line in enumerate(text.splitlines())]
    return build_question({"target": {"kind": "Pod", "name": text}, "evidence": items, "subject": text}).text


def in_a_record(text: str) -> str:
    body = {"evidence": [{"id": "E1", "text": text}], "advice": {"raw": text, "commands": [text]}}
    return json.dumps(redacted(body), ensure_ascii=False)


def in_an_object(text: str) -> str:
    # Further variables follow in the same line, and Go's JSON writes & as an escape.
    env = [{"name": name, "value": value} for name, value in (("A", "first"), ("B", text), ("C", "next"), ("D", text))]
    applied = json.dumps({"env": env}, separators=(",", ":")).replace("&", "\\u0026")
    pod = {
        "kind": "Pod",
        "metadata": {"annotations": {"last-applied": applied}},
        "spec": {"containers": [{"env": [{"name": "LINE", "value": text}], "args": ["--verbose", text]}]},
        "status": {"conditions": [{"message": text}]},
    }
    return redacted_body(json.dumps(pod).encode(), is_log=False)[2].decode()


def in_a_log(text: str) -> str:
    return redacted_body(f"starting\n{text}\nended {text}\n".encode(), is_log=True)[2].decode()


def in_a_trace(text: str) -> str:
    trace = Trace(reply=text, commands=[text, f"echo '{text}'"], model="m")
    return json.dumps(cleaned(trace, {}), ensure_ascii=False)


WAYS: dict[str, Callable[[str], Any]] = {
    "text": redact,
    "evidence": lambda text: "\n".join(one_line(line, 2000) for line in text.splitlines()),
    "question": in_a_question,
    "record": in_a_record,
    "json": lambda text: json.dumps(redact_json({"message": text, "lines": [text]}), ensure_ascii=False),
    "object": in_an_object,
    "log": in_a_log,
    "trace": in_a_trace,
}


def test_there_are_two_hundred_kinds() -> None:
    assert len({leak.kind for leak in LEAKS}) == len(LEAKS) >= 200
    assert all(leak.secret in leak.line for leak in LEAKS)


def is_told(leak: Leak, shown: str) -> bool:
    """Whether any part of the secret is seen, from twelve characters on that nothing else of the line has."""
    rest = leak.line.replace(leak.secret, "")
    parts = {leak.secret[start : start + 12] for start in range(0, max(1, len(leak.secret) - 11), 4)}
    return any(part in shown and part not in rest for part in parts)


def stays(text: str, shown: str) -> bool:
    return (text in shown or json.dumps(text)[1:-1] in shown) and "[redacted]" not in shown


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_gets_through(way: str) -> None:
    assert [leak.kind for leak in LEAKS if is_told(leak, WAYS[way](leak.line))] == []


@pytest.mark.parametrize("way", WAYS)
def test_ordinary_text_stays(way: str) -> None:
    assert [text for text in ORDINARY if not stays(text, WAYS[way](text))] == []
