# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A reply is untrusted text: what is taken out of it, what is marked, what is refused."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from answers import ANSWER, REPORT, answer, as_text
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.reply import Reply, Unusable, read_reply

QUESTION = build_question(REPORT)


def read(text: str) -> Reply:
    return read_reply(text, QUESTION, advisor="kubectl_ai")


def test_a_good_answer_has_the_interfaces_form() -> None:
    reply = read(as_text())
    cause = ANSWER["diagnosis"]["root_cause"]
    assert reply.diagnosis == {**ANSWER["diagnosis"], "root_cause": {**cause, "details": {}}}
    assert reply.recommendation == {**ANSWER["recommendation"], "advisor": "kubectl_ai"}
    assert reply.flags == []


@pytest.mark.parametrize(
    "around",
    [
        "{answer}",
        "Here is what I found:\n\n```json\n{answer}\n```\nHope that helps!",
        "```\n{answer}\n```",
        "The pod says \"it is {{ broken\" and 'more'. {answer} That is {{all}}.",
        "{answer}\n\n{answer}",
    ],
)
def test_the_object_is_found_in_prose_and_fences(around: str) -> None:
    assert read(around.replace("{{", "{").replace("}}", "}").replace("{answer}", as_text())) == read(as_text())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("It is out of memory.", "no JSON object"),
        ("{}", "missing required field"),
        ('{"target": {"kind": "Deployment"', "no JSON object"),
        (as_text()[:-40], "no JSON object"),
        (as_text() + as_text(diagnosis__verdict="healthy"), "2 answers that differ"),
        (as_text(diagnosis__verdict="fine"), "verdict"),
        (as_text(diagnosis__root_cause__confidence=1.5), "confidence"),
        (as_text(diagnosis__root_cause__confidence="0.9"), "confidence"),
        (as_text(diagnosis__root_cause__confidence=True), "confidence"),
        (as_text().replace("0.9", "NaN"), "no JSON object"),
        (as_text().replace("0.9", "1e999"), "confidence"),
        (as_text(diagnosis__root_cause__class="cosmic-rays"), "none of the classes"),
        (as_text(diagnosis__root_cause__class="not-found"), "none of the classes"),
        (as_text(diagnosis__root_cause__class="oom-kіlled"), "none of the classes"),
        (as_text(diagnosis__contributing=[{**ANSWER["diagnosis"]["root_cause"], "class": "x"}]), "none of the classes"),
        (as_text(diagnosis__root_cause__evidence=["E1; rm -rf /"]), "evidence"),
        (as_text(command="kubectl delete ns shop"), "command"),
        (as_text(patch=[{"op": "remove", "path": "/spec"}]), "patch"),
        (as_text(recommendation__patch={"spec": {"replicas": 0}}), "patch"),
        (as_text(recommendation__parameters__limits={"memory": {"deep": "er"}}), "parameters"),
        (as_text(recommendation__parameters__limits={"memory": 128}), "parameters"),
        (as_text(diagnosis__root_cause__summary="x" * 700), "summary"),
        (as_text(diagnosis__chain=["x"] * 11), "chain"),
        ("{" * 60_000, "deeper than"),
        ('{"a":' * 10_000 + "1", "deeper than"),
        ("[" * 20_000 + as_text() + "]" * 20_000, ""),
        ("{ " * 5 + "x", "no JSON object"),
        ("{}" * 70, "braces outside"),
        (as_text() + " " * 70_000, "more than the 65536"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_what_cannot_be_used_is_said_in_a_sentence(text: str, why: str) -> None:
    if not why:
        assert read(text) == read(as_text())
        return
    with pytest.raises(Unusable) as refused:
        read(text)
    assert why in str(refused.value)
    assert len(str(refused.value)) < 400 and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"target__name": "payment"}, "speaks about Deployment shop/payment, which is not the target"),
        ({"target__namespace": "kube-system"}, "speaks about Deployment kube-system/checkout, which is not the target"),
        ({"target__name": "сheckout"}, "\\u0441heckout, which is not the target"),
        ({"diagnosis__root_cause__evidence": ["E1", "E99"]}, "cites E99, which does not exist"),
        ({"diagnosis__root_cause__evidence": []}, "cites no evidence"),
    ],
)
def test_what_a_person_has_to_know_is_marked(changes: dict[str, Any], flag: str) -> None:
    reply = read(as_text(**changes))
    assert len(reply.flags) == 1 and reply.flags[0].endswith(flag)
    assert set(reply.diagnosis["root_cause"]["evidence"]) <= {"E1", "E2", "E3"}


@pytest.mark.parametrize("about", [("Pod", "checkout-5d9c7b6f4-x2x7p"), ("deployment", "checkout")])
def test_the_pod_of_the_target_is_the_target(about: tuple[str, str]) -> None:
    assert read(as_text(target__kind=about[0], target__name=about[1])).flags == []


@pytest.mark.parametrize(
    ("recommendation", "why"),
    [
        ({"remedy": "delete_namespace"}, "there is no remedy"),
        ({"remedy": "kubectl"}, "there is no remedy"),
        ({"remedy": "set_imаge"}, "there is no remedy"),
        ({"remedy": "none", "parameters": {"command": "kubectl delete pod x"}}, "takes no parameters"),
        ({"parameters": {"limits": {"memory": "128Mi"}}}, "needs the parameter container"),
        ({"parameters": {"container": "app", "namespace": "kube-system"}}, "has no parameter namespace"),
        ({"parameters": {"container": "app", "limits": {"nvidia.com/gpu": "8"}}}, "cpu and memory only"),
        ({"parameters": {"container": "aрp", "limits": {"memory": "1Gi"}}}, "other characters than ASCII"),
        ({"parameters": {"container": "a" * 300}}, "has 300 characters"),
        ({"parameters": {"container": "{{ lookup('pipe','id') }}"}}, "template or substitution"),
        ({"parameters": {"container": "$(reboot)"}}, "template or substitution"),
        ({"parameters": {"container": "app`id`"}}, "template or substitution"),
        ({"parameters": {"container": "app\u202e"}}, "other characters than ASCII"),
        ({"remedy": "scale", "parameters": {"replicas": 10**9}}, "is beyond 1000000"),
        ({"remedy": "scale", "parameters": {"replicas": -1}}, "a whole number from 0"),
        ({"remedy": "restart_pod", "parameters": {"force": "yes"}}, "has no parameter force"),
    ],
)
def test_a_recommendation_outside_the_catalogue_is_refused_and_the_diagnosis_stays(
    recommendation: dict[str, Any], why: str
) -> None:
    given = {**answer()["recommendation"], **recommendation}
    reply = read(as_text(recommendation=given))
    assert reply.recommendation is None
    (flag,) = reply.flags
    assert flag.startswith("its recommendation was refused: ") and why in flag and flag.isascii()
    assert reply.diagnosis["root_cause"]["class"] == "oom-killed"


@pytest.mark.parametrize("remedy", [None, {"remedy": "none", "reason": "r", "expected_outcome": "o"}])
def test_no_recommendation_is_an_answer_too(remedy: dict[str, Any] | None) -> None:
    reply = read(as_text(recommendation=remedy))
    assert reply.recommendation is None and reply.flags == []


def test_texts_come_out_printable_redacted_and_short() -> None:
    summary = "\x1b[31m{{ 7*7 }}\x1b[0m\u202e password=hunter2hunter2 " + "x" * 480
    shown = read(as_text(diagnosis__root_cause__summary=summary)).diagnosis["root_cause"]["summary"]
    assert shown.startswith("{{ 7*7 }}") and "hunter2" not in shown and shown.isprintable() and len(shown) <= 400


@given(st.text(alphabet='{}[]":,\\aE1 \n', max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    with pytest.raises(Unusable):
        read(text)


@given(st.data())
def test_no_changed_answer_breaks_it(data: st.DataObject) -> None:
    text = as_text()
    cut = data.draw(st.integers(0, len(text)))
    mixed = text[:cut] + data.draw(st.text(max_size=20)) + text[cut + data.draw(st.integers(0, 20)) :]
    try:
        reply = read(mixed)
    except Unusable:
        return
    assert json.dumps(reply.diagnosis) and reply.diagnosis["root_cause"]["class"] in QUESTION.classes


def test_time_grows_with_length_whatever_the_text() -> None:
    noise = random.Random(5)
    for alphabet in ('{"', "{}", '"\\', '{"a":[', "{x"):
        text = "".join(noise.choice(alphabet) for _letter in range(60_000))
        started = time.monotonic()
        with pytest.raises(Unusable):
            read(text)
        assert time.monotonic() - started < 1
