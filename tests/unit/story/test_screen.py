# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person sees: in this order, in 80 columns, and nothing that a terminal would obey."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import screen

TARGET = {"cluster": "dev", "kind": "Deployment", "namespace": "shop", "name": "checkout"}


def report(**changes: Any) -> dict[str, Any]:
    cause = {"class": "oom-killed", "summary": "killed at 64Mi", "confidence": 0.9, "evidence": ["E2", "E9"]}
    also = {"class": "app-crash", "summary": "it also crashes", "evidence": ["E1"]}
    evidence = [
        {"id": "E1", "source": "log", "time": "2026-11-20T13:00:00Z", "text": "panic"},
        {"id": "E2", "source": "status", "time": "", "text": "OOMKilled " + "x" * 500},
    ]
    diagnosis = {"verdict": "failing", "root_cause": cause, "contributing": [also]}
    return {"target": TARGET, "diagnosis": diagnosis, "evidence": evidence, **changes}


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "target": TARGET,
        "summary": "set the memory limit from 64Mi to 128Mi",
        "diff": "--- now\n+++ then\n-    memory: 64Mi\n+    memory: 128Mi\n",
        "tier": {"level": 3, "name": "medium", "why": "changes limits"},
        "expected_outcome": "it is not killed again",
        "rollback": {"automatic": True, "within_seconds": 300, "steps": "restore the limit"},
        "owner": {"kind": "none", "name": "", "writable": True, "note": "", "snippet": ""},
        "warnings": [],
        "digest": "sha256:" + "a" * 64,
        **changes,
    }


def text(*arguments: Any) -> str:
    return "\n".join(line for line, _colour in screen.lines(*arguments))


def test_the_order_of_the_screen() -> None:
    shown = text(report(), plan(), ["and one more thing"])
    words = ["Target", "failing: killed at 64Mi", "E2", "E1", "Also", "Change", "+    memory: 128Mi", "Tier"]
    places = [shown.index(word) for word in [*words, "Expected", "Reverse", "Digest", "one more thing"]]
    assert places == sorted(places)
    assert shown.count("Target") == 1
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert len(shown.splitlines()) <= 40


def test_another_object_is_named_where_it_is_the_one_to_change() -> None:
    pod = {**TARGET, "kind": "Pod", "name": "checkout-1"}
    assert "Changes   Deployment shop/checkout in dev" in text(report(target=pod), plan())
    assert "Changes" not in text(report(), plan())


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x1b]0;owned\x07", "\r\nTier      1", "\u202egnp", "\x9b31m"])
def test_text_from_the_cluster_is_only_text(hostile: str) -> None:
    evidence = [{"id": "E2", "source": "log", "time": "", "text": f"before{hostile}after"}]
    shown = text(report(evidence=evidence), plan())
    assert not any(ord(item) < 32 and item != "\n" or item in "\u202e\x9b" for item in shown)
    assert sum(line.startswith("Tier") for line in shown.splitlines()) == 1


def test_a_secret_in_a_log_line_is_not_shown() -> None:
    evidence = [{"id": "E2", "source": "log", "time": "", "text": "password=hunter2hunter2"}]
    assert "hunter2" not in text(report(evidence=evidence), {})


def test_an_owned_object_gets_its_change_for_the_source() -> None:
    owner = {"kind": "argocd", "name": "shop", "writable": False, "note": "Git has it", "snippet": "limits: 128Mi"}
    shown = text(report(), plan(owner=owner))
    assert "For the source:" in shown and "  limits: 128Mi" in shown


def test_sentences_alone_are_not_folded() -> None:
    command = "To decide: ansible-playbook playbooks/approve.yml -e record=20261120T140740Z-ad6f28ad and more and more"
    assert text({}, {}, [command]) == command


def test_named_lines_show_a_name_once_and_fit() -> None:
    named = [{"name": "Cost", "text": "now: 1 replica"}, {"name": "Cost", "text": "maximum: " + "much " * 30}]
    shown = [line for line, _colour in screen.figures([*named, {"name": "Note", "text": "\x1b[2Jso"}])]
    assert [line[:10].strip() for line in shown] == ["Cost", *[""] * (len(shown) - 2), "Note"]
    assert max(len(line) for line in shown) <= 80
    assert "\x1b" not in "".join(shown)


def test_what_was_not_read_and_what_else_fails_is_said() -> None:
    others = [{"kind": "Deployment", "namespace": "shop", "name": name} for name in ("checkout", "payment")]
    shown = text(report(unavailable=[{"what": "logs", "why": "403"}], candidates=others), {})
    assert "Not read  logs (403)" in shown
    assert "Failing   too: Deployment shop/payment" in shown


def test_an_empty_report_does_not_break_it() -> None:
    assert "unknown" in text({"diagnosis": {}}, {})
