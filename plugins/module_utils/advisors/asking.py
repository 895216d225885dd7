# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the advisors side by side about one report, within one deadline; nobody is waited for beyond it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import apart, kagent, kubectl_ai
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.joining import Joined, join
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import KubectlAiSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import (
    QuestionTooLarge,
    build_question,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import (
    NONE,
    Answer,
    BadSettings,
    Question,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

AUTO: Final = "auto"
RULES: Final = "rules"
WITHIN_SECONDS: Final = 20.0
# How long one that is late may go on, from when it was asked.
LATE_SECONDS: Final = 120.0
_NO_MODEL: Final = "it is not set up: no provider and model are given"
_NOT_SET_UP: Final = (kagent.NOT_SET_UP, _NO_MODEL)


@dataclass(frozen=True)
class AdvisorSettings:
    """Whom to ask (`auto`: all that are set up; `rules`: nobody else; or names), and how to reach each.

    `record_question` is text or digest: how the question is kept. `keep_late`: somebody records what comes late.
    """

    wanted: tuple[str, ...] = (AUTO,)
    within_seconds: float = WITHIN_SECONDS
    kagent: KagentSettings = field(default_factory=KagentSettings)
    kubectl_ai: tuple[KubectlAiSettings, ...] = ()
    record_question: str = "text"
    keep_late: bool = False
    late_seconds: float = LATE_SECONDS


@dataclass(frozen=True)
class Asker:
    """One that can be asked; `ask` keeps the deadline itself and may raise whatever it likes."""

    advisor: str
    name: str
    window_bytes: int
    ask: Callable[[Question, Deadline], Answer]
    provider: str = ""
    model: str = ""


@dataclass
class Consultation:
    """What came of asking. `not_asked` are those that nobody missed: not named, or not set up where all that are were
    meant. `questions` are the texts by their digests, `late` the folder and names of those to come."""

    answers: list[Answer] = field(default_factory=list)
    not_asked: list[Answer] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)
    late: dict[str, Any] = field(default_factory=dict)


def ask_all(
    report: Mapping[str, Any], settings: AdvisorSettings, client: Client | None, deadline: Deadline
) -> list[Answer]:
    """The answers of all advisors that the settings name, as they stand at the deadline. Raises BadSettings."""
    return consult(report, settings, client, deadline).answers


def consult(
    report: Mapping[str, Any], settings: AdvisorSettings, client: Client | None, deadline: Deadline
) -> Consultation:
    """The same with the questions, and where late answers will be.

    `report`: see `build_question`; `subjects` in it says what one advisor is asked instead of its `subject`.
    """
    askers, missing, not_asked = whom_to_ask(settings, client)
    found = Consultation(answers=missing, not_asked=not_asked)
    if not askers:
        return found
    if not report.get("evidence"):
        found.answers += [_none(asker, "there is no evidence to ask about") for asker in askers]
        return found
    questions: dict[tuple[int, str], Question] = {}
    asked: list[Question] = []
    works: dict[str, apart.Work] = {}
    late = Deadline.after(settings.late_seconds, deadline.clock) if settings.keep_late else deadline
    late = late if late.at > deadline.at else deadline
    for number, asker in enumerate(askers):
        subject = (report.get("subjects") or {}).get(asker.advisor) or report.get("subject") or ""
        key = asker.window_bytes, subject
        try:
            question = questions.get(key) or build_question({**report, "subject": subject}, window_bytes=key[0])
        except QuestionTooLarge as error:
            raise BadSettings(f"{asker.name}: {error}") from None
        questions[key] = question
        asked.append(question)
        found.questions[question.digest] = question.text
        works[str(number)] = _work(asker, question, late)
    try:
        results, folder = apart.results(works, deadline, late)
    except apart.CannotStart as error:
        found.answers += [_none(asker, str(error)) for asker in askers]
        return found
    for number, asker in enumerate(askers):
        result = results.get(str(number))
        why = _why_late(settings, deadline, kept=bool(folder))
        nothing = _none(asker, why, asked[number].digest)
        found.answers.append(Answer(**result) if result else nothing)
    if folder:
        names = {str(number): asker.name for number, asker in enumerate(askers) if str(number) not in results}
        found.late = {"folder": folder, "names": names, "within_seconds": round(late.remaining() + 2, 1)}
    return found


def whom_to_ask(settings: AdvisorSettings, client: Client | None) -> tuple[list[Asker], list[Answer], list[Answer]]:
    """Those to ask; those that are named and cannot be asked; those that nobody misses, with reasons. Raises
    BadSettings."""
    known = {kagent.ADVISOR: _kagent(settings.kagent), **_kubectl_ais(settings.kubectl_ai, client)}
    wanted = [name for name in dict.fromkeys(settings.wanted) if name != RULES]
    unknown = [name for name in wanted if name not in (*known, AUTO, kubectl_ai.ADVISOR)]
    if unknown:
        choices = ", ".join(dict.fromkeys((AUTO, RULES, kubectl_ai.ADVISOR, *known)))
        raise BadSettings(f"there is no advisor {one_line(unknown[0], 60)!r}: choose from {choices}")
    askers: list[Asker] = []
    missing: list[Answer] = []
    not_asked: list[Answer] = []
    for name, (asker, why_not) in known.items():
        is_named = name in wanted or asker.advisor in wanted
        if not is_named and AUTO not in wanted:
            not_asked.append(_none(asker, "the settings do not name it"))
        elif why_not:
            # One that is set up and away is missed, as is one that is named.
            (missing if is_named or why_not not in _NOT_SET_UP else not_asked).append(_none(asker, why_not))
        else:
            askers.append(asker)
    return askers, missing, not_asked


def _kubectl_ais(settings: Sequence[KubectlAiSettings], client: Client | None) -> dict[str, tuple[Asker, str]]:
    if not settings:
        nobody = Asker(kubectl_ai.ADVISOR, kubectl_ai.ADVISOR, 0, _nobody)
        return {kubectl_ai.ADVISOR: (nobody, _NO_MODEL)}
    names = [item.name for item in settings]
    doubled = next((name for name in names if names.count(name) > 1 or name in (kagent.ADVISOR, AUTO, RULES)), "")
    if doubled:
        raise BadSettings(f"two advisors have the name {doubled!r}: give each of kubectl_ai a name of its own")
    return {item.name: _kubectl_ai(item, client) for item in settings}


def _kubectl_ai(settings: KubectlAiSettings, client: Client | None) -> tuple[Asker, str]:
    def ask(question: Question, deadline: Deadline) -> Answer:
        if client is None:
            raise BadSettings("kubectl_ai cannot be asked without a cluster")
        client.let_go()
        return kubectl_ai.ask_kubectl_ai(question, settings, client, deadline)

    kubectl_ai.check_settings(settings)
    asker = Asker(kubectl_ai.ADVISOR, settings.name, settings.window_bytes, ask, settings.provider, settings.model)
    return asker, "" if kubectl_ai.is_set_up(settings) else f"{settings.program} is not installed, or not on the PATH"


def _nobody(question: Question, deadline: Deadline) -> Answer:
    raise BadSettings(_NO_MODEL)


def _kagent(settings: KagentSettings) -> tuple[Asker, str]:
    def ask(question: Question, deadline: Deadline) -> Answer:
        return kagent.ask_kagent(question, settings, deadline)

    asker = Asker(kagent.ADVISOR, settings.name, settings.window_bytes, ask, settings.provider, settings.model)
    if not settings.is_set_up:
        return asker, kagent.NOT_SET_UP
    # What is wrong with the settings is said before anybody is asked.
    _checked = settings.address, settings.dialects
    return asker, ""


def _work(asker: Asker, question: Question, deadline: Deadline) -> apart.Work:
    def work() -> Mapping[str, Any]:
        try:
            return asker.ask(question, deadline).to_json()
        except Exception as error:
            # It runs where nobody sees a traceback: the sentence is all that can be kept of it.
            why = f"asking it failed: {type(error).__name__}: {one_line(error)}"
            return _none(asker, why, question.digest).to_json()

    return work


def _why_late(settings: AdvisorSettings, deadline: Deadline, *, kept: bool) -> str:
    if not deadline.expired:
        return "asking it ended before its time"
    why = f"it had not answered within {settings.within_seconds:g} s"
    return f"{why}; what it says later is added to the record" if kept else why


def _none(asker: Asker, why: str, digest: str = "") -> Answer:
    return Answer(asker.advisor, asker.name, NONE, digest, provider=asker.provider, model=asker.model, reason=why)


def advised(
    report: Mapping[str, Any], settings: AdvisorSettings, client: Client | None
) -> tuple[dict[str, Any], Consultation]:
    """A diagnosis report (JSON) joined with what the advisors say, and the consultation. Raises BadSettings.

    Nobody is asked about what does not exist.
    """
    exists = report["diagnosis"]["verdict"] != "not-found"
    deadline = Deadline.after(settings.within_seconds)
    found = consult(report if exists else {}, settings, client, deadline)
    joined: Joined = join(report["diagnosis"], report["recommendations"], found.answers)
    return {**report, **joined.to_json(), "late": found.late}, found


def events_of(found: Consultation, settings: AdvisorSettings) -> list[dict[str, Any]]:
    """What a journal shall hold: one event `advised` an advisor, the first with the question itself, by setting."""
    told: set[str] = set()
    events = []
    for answer in [*found.answers, *found.not_asked]:
        body = answer.to_json()
        digest = answer.question_digest
        if digest in found.questions and digest not in told and settings.record_question == "text":
            told.add(digest)
            body["question"] = found.questions[digest]
        events.append({"event": "advised", "body": body})
    return events
