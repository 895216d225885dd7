# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asking side by side within one deadline: nobody is waited for beyond it, and what comes late is kept."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from a2a_agent import A2AAgent, after
from answers import REPORT, as_text

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import apart, asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import KubectlAiSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import BadSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

CAUSE = {"class": "oom-killed", "summary": "it is", "confidence": 0.8, "evidence": ["E1"], "details": {}}
DIAGNOSED = {
    **REPORT,
    "diagnosis": {"verdict": "failing", "root_cause": CAUSE, "contributing": [], "chain": []},
    "recommendations": [],
}


def settings(agent: A2AAgent | None = None, **more: Any) -> AdvisorSettings:
    kagent = KagentSettings(url=agent.url) if agent else KagentSettings()
    return AdvisorSettings(**{"kagent": kagent, "within_seconds": 5.0, **more})


def consult(given: AdvisorSettings) -> asking.Consultation:
    return asking.consult(REPORT, given, None, Deadline.after(given.within_seconds))


def test_with_nobody_set_up_nobody_is_asked_and_that_costs_nothing() -> None:
    started = time.monotonic()
    for _time in range(100):
        report, found = asking.advised(DIAGNOSED, settings(), None)
    assert (time.monotonic() - started) / 100 < 0.005
    assert report["diagnosis"] == DIAGNOSED["diagnosis"]
    assert report["joined"]["sentence"] == ""
    assert (report["advice"], report["late"]) == ([], {})
    bodies = [event["body"] for event in asking.events_of(found, settings())]
    assert [body["advisor"] for body in bodies] == ["kagent", "kubectl_ai"]
    assert {body["status"] for body in bodies} == {"none"}
    assert all("not set up" in body["reason"] for body in bodies)


@pytest.mark.parametrize("name", ["kagent", "kubectl_ai"])
def test_one_that_is_named_and_not_set_up_is_missed(name: str) -> None:
    report, _found = asking.advised(DIAGNOSED, settings(wanted=(name,)), None)
    [silent] = report["joined"]["silent"]
    assert "not set up" in silent["reason"]
    assert report["joined"]["sentence"] == f"{name} gave no answer."


def kubectl_ai(name: str = "kubectl-ai", **more: Any) -> KubectlAiSettings:
    given = {"program": "/nonexistent/kubectl-ai", "provider": "openai", "model": "gpt-4.1-mini", **more}
    return KubectlAiSettings(name=name, **given)


def test_one_that_is_set_up_and_whose_program_is_away_is_missed() -> None:
    report, _found = asking.advised(DIAGNOSED, settings(kubectl_ai=(kubectl_ai(),)), None)
    [silent] = report["joined"]["silent"]
    assert "/nonexistent/kubectl-ai is not installed" in silent["reason"]


def test_several_of_kubectl_ai_are_asked_by_their_names_or_all() -> None:
    both = (kubectl_ai("small"), kubectl_ai("large"))
    for wanted, names in (
        (("small",), {"small"}),
        (("kubectl_ai",), {"small", "large"}),
        (("auto",), {"small", "large"}),
    ):
        report, _found = asking.advised(DIAGNOSED, settings(kubectl_ai=both, wanted=wanted), None)
        assert {item["name"] for item in report["joined"]["silent"]} == names


@pytest.mark.parametrize("names", [("a", "a"), ("kagent",), ("auto",)])
def test_two_advisors_of_one_name_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(BadSettings, match="a name of its own"):
        consult(settings(kubectl_ai=tuple(kubectl_ai(name) for name in names)))


def test_rules_alone_means_nobody_is_asked() -> None:
    with A2AAgent(as_text()) as agent:
        report, found = asking.advised(DIAGNOSED, settings(agent, wanted=("rules",)), None)
    assert agent.asked == []
    assert report["advice"] == []
    assert "do not name it" in found.not_asked[0].reason


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(BadSettings, match=r"no advisor 'gpt'.*auto, rules, .*kagent"):
        consult(settings(wanted=("gpt",)))


def test_settings_that_cannot_be_used_are_refused_before_anybody_is_asked() -> None:
    with pytest.raises(BadSettings, match="begin with http"):
        consult(settings(kagent=KagentSettings(url="agent:8080")))


def test_an_answer_comes_back_joined_with_the_question_for_the_record() -> None:
    with A2AAgent(as_text()) as agent:
        given = settings(agent)
        report, found = asking.advised(DIAGNOSED, given, None)
    assert [item["name"] for item in report["joined"]["agree"]] == ["kagent"]
    assert report["diagnosis"]["root_cause"]["confidence"] > 0.8
    event, _kubectl_ai = asking.events_of(found, given)
    assert event["body"]["question"] == agent.questions[0] == build_question(REPORT).text
    event, _kubectl_ai = asking.events_of(found, settings(agent, record_question="digest"))
    assert "question" not in event["body"]
    assert event["body"]["question_digest"] == build_question(REPORT).digest


def test_nobody_is_asked_about_what_does_not_exist() -> None:
    missing = {**DIAGNOSED, "diagnosis": {**DIAGNOSED["diagnosis"], "verdict": "not-found"}}
    with A2AAgent(as_text()) as agent:
        report, _found = asking.advised(missing, settings(agent), None)
    assert agent.asked == []
    assert report["diagnosis"] == missing["diagnosis"]


@pytest.mark.parametrize("keep_late", [True, False])
@pytest.mark.parametrize("behaviour", ["hangs", "works-forever"])
def test_one_that_hangs_costs_the_deadline_and_at_most_half_a_second(behaviour: str, keep_late: bool) -> None:
    with A2AAgent(as_text(), behaviour) as agent:
        given = settings(agent, within_seconds=1.0, keep_late=keep_late, late_seconds=2.0)
        started = time.monotonic()
        report, _found = asking.advised(DIAGNOSED, given, None)
        spent = time.monotonic() - started
    assert spent <= 1.5
    assert report["diagnosis"] == DIAGNOSED["diagnosis"]
    [silent] = report["joined"]["silent"]
    assert "in time" in silent["reason"] or "within 1 s" in silent["reason"]


def test_one_that_answers_at_once_costs_little() -> None:
    with A2AAgent(as_text()) as agent:
        started = time.monotonic()
        report, _found = asking.advised(DIAGNOSED, settings(agent), None)
        spent = time.monotonic() - started
    assert report["joined"]["agree"]
    assert spent < 2


def test_a_late_answer_is_kept_for_whoever_records_it() -> None:
    with A2AAgent(after(1.0, as_text())) as agent:
        given = settings(agent, within_seconds=0.3, keep_late=True, late_seconds=10.0)
        report, _found = asking.advised(DIAGNOSED, given, None)
        [silent] = report["joined"]["silent"]
        assert "added to the record" in silent["reason"]
        assert report["late"]["names"] == {"0": "kagent"}
        folder = Path(report["late"]["folder"])
        assert folder.stat().st_mode & 0o777 == 0o700
        late = until(lambda: apart.take(folder))
        assert late["0"]["status"] == "answered"
        assert late["0"]["diagnosis"]["root_cause"]["class"] == "oom-killed"
        until(lambda: not folder.exists())


def test_one_that_is_late_holds_nothing_of_its_parents_open(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    goes_on = tmp_path / "goes-on"
    goes_on.touch()

    def work() -> dict[str, Any]:
        return {"over": until(lambda: not goes_on.exists())}

    _results, folder = apart.results({"0": work}, Deadline.after(0.1), Deadline.after(20))
    assert folder
    os.close(writing)
    os.set_blocking(reading, False)
    # The end of the pipe is reached, though that process is still at work.
    assert until(lambda: os.read(reading, 1) == b"")
    goes_on.unlink()
    assert until(lambda: apart.take(Path(folder))) == {"0": {"over": True}}
    os.close(reading)


def test_without_anybody_to_record_it_a_late_answer_leaves_nothing() -> None:
    before = set(Path("/tmp").glob("aiops-advice-*"))
    with A2AAgent(after(1.0, as_text())) as agent:
        given = settings(agent, within_seconds=0.5)
        report, _found = asking.advised(DIAGNOSED, given, None)
    assert report["late"] == {}
    assert set(Path("/tmp").glob("aiops-advice-*")) - before == set()


def test_whatever_an_engine_raises_is_a_reason() -> None:
    def broken() -> dict[str, Any]:
        raise ZeroDivisionError("it broke")

    deadline = Deadline.after(5)
    asker = asking.Asker("kagent", "kagent", 32_000, lambda question, deadline: broken())  # type: ignore[arg-type,return-value]
    result = asking._work(asker, build_question(REPORT), deadline)()
    assert result["reason"] == "asking it failed: ZeroDivisionError: it broke"


def test_a_process_that_dies_is_not_waited_for() -> None:
    started = time.monotonic()
    results, folder = apart.results({"0": lambda: os._exit(3)}, Deadline.after(5), Deadline.after(10))
    assert (results, folder) == ({}, "")
    assert time.monotonic() - started < 2


def until(ask: Any, seconds: float = 10) -> Any:
    ends = time.monotonic() + seconds
    while not (found := ask()) and time.monotonic() < ends:
        time.sleep(0.05)
    assert found
    return found
