# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What answers amount to: the table of every way to an approval, and of every way that is none."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approval, approval_text, approvers, person
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import Answer, Asked, Decision, Question
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Person, Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PLAN = make_plan(3, START)
PHRASE = approval.phrase(PLAN)
BOB = Person("bob")
DIGEST = PLAN["digest"]


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _typed(text: str, seconds: float = 10) -> Answer:
    return Answer("typed", _at(seconds), text)


def _ctrl_c(seconds: float = 10) -> Answer:
    return Answer("interrupted", _at(seconds))


def _given(
    decision: str, digest: str = DIGEST, why: str = "it is right", seconds: float = 1, place: str = ""
) -> Answer:
    return Answer("given", _at(seconds), place, decision, digest, why)


def _decide(
    answers: list[Answer],
    plan: dict[str, Any] = PLAN,
    now: float | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
    asked: Asked = Asked(START, BOB),  # noqa: B008 - frozen
) -> Decision | approval.Question | approval.Refusal:
    moment = _at(now) if now is not None else (answers[-1].at if answers else START)
    return approval.decide(plan, answers, moment, settings, asked)


# (answers, decision)
DECISIONS: list[tuple[list[Answer], str]] = [
    ([_typed(PHRASE), _typed("it is right")], "approved"),
    ([_typed(f"  {PHRASE.upper()} "), _typed("it is right")], "approved"),
    ([_typed("yes"), _typed("y"), _typed(""), _typed(PHRASE), _typed("it is right")], "approved"),
    ([_typed(PHRASE), _typed(""), _typed("  "), _typed("it is right")], "approved"),
    ([_typed("reject"), _typed("no")], "rejected"),
    ([_typed("reject"), _typed("")], "rejected"),
    ([_typed("wrong"), _typed("REJECT"), _typed("no")], "rejected"),
    ([_typed("reject"), _ctrl_c()], "rejected"),
    ([_typed("reject"), _typed("half", 1800)], "rejected"),
    ([_typed("", 1800)], "expired"),
    ([_typed(PHRASE, 1800)], "expired"),
    ([_typed(PHRASE, 1799), _typed("half a rea", 1800)], "expired"),
    ([_typed(PHRASE, 1799), _typed("it is right", 1801)], "expired"),
    ([_ctrl_c(1801)], "expired"),
    ([_ctrl_c()], "aborted"),
    ([_typed("wrong"), _ctrl_c()], "aborted"),
    ([_typed(PHRASE), _ctrl_c()], "aborted"),
    ([Answer("unavailable", _at(0), "a terminal")], "unavailable"),
    ([_typed("wrong"), Answer("unavailable", _at(1), "a terminal")], "unavailable"),
    ([_given("approved")], "approved"),
    ([_given("approved", DIGEST.removeprefix("sha256:"))], "approved"),
    ([_given("rejected", why="")], "rejected"),
    ([_given("approved", seconds=1800)], "expired"),
    ([_given("rejected", seconds=9999)], "rejected"),
]


@pytest.mark.parametrize(("answers", "expected"), DECISIONS)
def test_decisions(answers: list[Answer], expected: str) -> None:
    decision = _decide(answers)
    assert isinstance(decision, Decision)
    assert decision.decision == expected
    assert decision.digest == DIGEST
    assert bool(decision.approvals) == (expected == "approved")


# (answers, what is asked next, why again)
QUESTIONS: list[tuple[list[Answer], str, str]] = [
    ([], "phrase", ""),
    ([_typed("y")], "phrase", "neither"),
    ([_typed("")], "phrase", "Nothing was typed"),
    ([_typed("approve")], "phrase", "neither"),
    ([_typed("approve 00000000")], "phrase", "neither"),
    ([_typed(f"{PHRASE} please")], "phrase", "neither"),
    ([_typed(PHRASE[:-1])], "phrase", "neither"),
    ([_typed(PHRASE)], "justification", ""),
    ([_typed("wrong"), _typed(PHRASE)], "justification", ""),
    ([_typed(PHRASE), _typed(" ")], "justification", "needs a reason"),
    ([_typed("reject")], "justification", ""),
]


@pytest.mark.parametrize(("answers", "about", "again"), QUESTIONS)
def test_questions(answers: list[Answer], about: str, again: str) -> None:
    question = _decide(answers, now=600)
    assert isinstance(question, approval.Question)
    assert question.about == about
    assert again in question.again
    assert bool(question.again) == bool(again)
    assert question.seconds == 1200


def test_silence_expires_without_an_answer() -> None:
    assert isinstance(_decide([], now=1799), approval.Question)
    decision = _decide([], now=1800)
    assert isinstance(decision, Decision)
    assert decision.decision == "expired"


# (plan, answers, settings, sentence)
REFUSALS: list[tuple[dict[str, Any], list[Answer], Settings, str]] = [
    (PLAN, [_given("approved", place="AWX")], Settings(), "proves nothing inside AWX"),
    (PLAN, [_given("rejected", place="AWX")], Settings(), "proves nothing inside AWX"),
    (PLAN, [_given("approved")], Settings(minimum_strength="terminal"), "demand at least terminal"),
    (PLAN, [_given("approved")], Settings(minimum_strength="ssh-signature"), "at least ssh-signature"),
    (PLAN, [_given("yes")], Settings(), "give decision=approved or decision=rejected"),
    (PLAN, [_given("expired")], Settings(), "give decision=approved or decision=rejected"),
    (PLAN, [_given("approved", "")], Settings(), "digest is missing"),
    (PLAN, [_given("approved", DIGEST[:20])], Settings(), "read the plan again"),
    (PLAN, [_given("approved", make_plan(2, START)["digest"])], Settings(), "read the plan again"),
    (PLAN, [_given("approved", why=" ")], Settings(), "needs a justification"),
    (PLAN, [], Settings(minimum_strength="none"), "use one of extra-vars, terminal, awx-user"),
    ({**PLAN, "summary": "forged"}, [_typed(PHRASE), _typed("x")], Settings(), "was altered"),
    ({**PLAN, "tier": {"level": 2}}, [], Settings(), "was altered"),
    (make_plan(0, START), [], Settings(), "no tier from 1 to 4"),
    (make_plan(3, START, tier="low"), [], Settings(), "no tier from 1 to 4"),
    ({}, [], Settings(), "no tier"),
]


@pytest.mark.parametrize(("plan", "answers", "settings", "sentence"), REFUSALS)
def test_refusals(plan: dict[str, Any], answers: list[Answer], settings: Settings, sentence: str) -> None:
    refusal = _decide(answers, plan, settings=settings)
    assert isinstance(refusal, approval.Refusal)
    assert sentence in refusal.reason


# (plan, settings, seconds until silence is a rejection)
DEADLINES: list[tuple[dict[str, Any], Settings, float]] = [
    (make_plan(2, START), Settings(), 300),
    (make_plan(2, START, decision_window_seconds=120), Settings(), 120),
    (make_plan(3, START), Settings(), 1800),
    (make_plan(3, START, decision_window_seconds=0), Settings(), 1800),
    (make_plan(3, START, decision_window_seconds=99999), Settings(), 1800),
    (make_plan(3, START), Settings(window_seconds=5), 5),
    (make_plan(3, START), Settings(window_seconds=99999), 1800),
    (make_plan(3, START), Settings(window_seconds=-1), 0),
    (make_plan(3, START, expires_at=times.rfc3339(_at(60))), Settings(), 60),
    (make_plan(4, START, decision_window_seconds=0), Settings(), 3600),
    (make_plan(4, START, decision_window_seconds=5400, expires_at=""), Settings(), 5400),
    (make_plan(4, START, decision_window_seconds=99999, expires_at=""), Settings(), 7200),
]


@pytest.mark.parametrize(("plan", "settings", "seconds"), DEADLINES)
def test_windows_only_ever_shrink(plan: dict[str, Any], settings: Settings, seconds: float) -> None:
    assert approval.deadline(plan, START, settings) == _at(seconds)


def test_an_approval_has_an_end_of_its_own() -> None:
    for valid, seconds in ((900, 900), (60, 60), (99999, 900), (-5, 0)):
        decision = _decide([_given("approved", seconds=0)], settings=Settings(valid_seconds=valid))
        assert isinstance(decision, Decision)
        assert decision.expires_at == times.rfc3339(_at(seconds))


def test_a_terminal_is_not_enough_where_a_signature_is_demanded() -> None:
    decision = _decide([], settings=Settings(minimum_strength="ssh-signature"))
    assert isinstance(decision, Decision)
    assert decision.decision == "unavailable"
    assert "at least ssh-signature" in decision.missing


CRITICAL = make_plan(4, START)


def _approval(by: str, role: str = "approver", **more: Any) -> dict[str, Any]:
    strength = {"identity": "os-user", "strength": "terminal", "at": times.rfc3339(START), "justification": "right"}
    return {"by": by, "sudo_user": "", "role": role, "digest": CRITICAL["digest"], **strength, **more}


ALICE = _approval("alice", "security")
CAROL = Person("carol").to_json()
SECURITY = Settings(security_approvers=("alice", "sam"))

# (person, approvals before, settings, decision, what is missing)
CRITICAL_CASES: list[tuple[Person, tuple[dict[str, Any], ...], Settings, str, str]] = [
    (BOB, (), Settings(), "unavailable", "a second approver is missing, somebody of the security role"),
    (Person("alice"), (), SECURITY, "unavailable", "a second approver is missing"),
    (BOB, (ALICE,), SECURITY, "approved", ""),
    (Person("sam"), (_approval("bob"),), SECURITY, "approved", ""),
    (Person("alice"), (ALICE,), SECURITY, "unavailable", "alice has approved this plan already"),
    (BOB, (_approval("dave"),), SECURITY, "unavailable", "somebody of the security role is missing"),
    (Person("root", sudo_user="alice"), (ALICE,), SECURITY, "unavailable", "alice has approved this plan already"),
    (Person("root", sudo_user="bob"), (ALICE,), SECURITY, "approved", ""),
    (Person("root"), (ALICE,), SECURITY, "unavailable", "root is an account and no person"),
    (Person("carol"), (ALICE,), SECURITY, "unavailable", "carol asked for this change"),
    (Person("root", sudo_user="carol"), (ALICE,), SECURITY, "unavailable", "asked for this change"),
    (Person("bob", sudo_user="carol"), (ALICE,), SECURITY, "unavailable", "asked for this change"),
    (Person("bob", sudo_user="alice"), (_approval("dave"),), SECURITY, "unavailable", "security role is missing"),
    (BOB, (_approval("Bob@example.com", "security", strength="ssh-signature"),), SECURITY, "unavailable", "already"),
    (
        BOB,
        (_approval("robert", "security"),),
        Settings(same_person=(("bob", "robert@example.com"),)),
        "unavailable",
        "robert has approved this plan already",
    ),
    (BOB, ({**ALICE, "digest": "sha256:other"},), SECURITY, "unavailable", "a second approver is missing"),
    (BOB, (_approval("carol", "security"),), SECURITY, "unavailable", "a second approver is missing"),
    (BOB, ({**ALICE, "strength": "guessed"},), SECURITY, "unavailable", "a second approver is missing"),
    (BOB, ({},), SECURITY, "unavailable", "a second approver is missing"),
]


@pytest.mark.parametrize(("who", "earlier", "settings", "expected", "missing"), CRITICAL_CASES)
def test_a_critical_plan_takes_two_people_one_for_security_neither_the_requester(
    who: Person, earlier: tuple[dict[str, Any], ...], settings: Settings, expected: str, missing: str
) -> None:
    asked = Asked(START, who, earlier, (CAROL,))
    decision = _decide([], CRITICAL, settings=settings, asked=asked)
    if isinstance(decision, approval.Question):
        answers = [_typed(approval.phrase(CRITICAL)), _typed("it is right")]
        decision = _decide(answers, CRITICAL, settings=settings, asked=asked)
        assert isinstance(decision, Decision)
        assert decision.by == who.name
        assert decision.approvals[-1]["by"] == who.name
    assert isinstance(decision, Decision)
    assert decision.decision == expected
    assert missing in decision.missing
    assert bool(missing) == bool(decision.missing)
    assert decision.requesters == [CAROL]


def test_without_a_requester_nobody_approves_a_critical_plan() -> None:
    decision = _decide([], CRITICAL, settings=SECURITY, asked=Asked(START, BOB, (ALICE,)))
    assert isinstance(decision, Decision)
    assert "does not say who asked" in decision.missing


# (setting, tier, what is demanded)
DEMANDED: list[tuple[Any, int, str]] = [
    ("terminal", 2, "terminal"),
    ({}, 4, "extra-vars"),
    ({4: "ssh-signature"}, 3, "extra-vars"),
    ({"3": "terminal", "4": "ssh-signature"}, 3, "terminal"),
    ({3: "awx-user"}, 4, "awx-user"),
    ({2: "ssh-signature", 4: "terminal"}, 4, "ssh-signature"),
]


@pytest.mark.parametrize(("setting", "level", "strength"), DEMANDED)
def test_a_higher_tier_never_demands_less(setting: Any, level: int, strength: str) -> None:
    assert approvers.demanded_strength(Settings(minimum_strength=setting), level) == strength


# (settings, sentence)
FAULTS: list[tuple[Settings, str]] = [
    (Settings(minimum_strength={5: "terminal"}), "tier 5: use 2, 3 or 4"),
    (Settings(minimum_strength={3: "signed"}), "'signed': use one of"),
    (Settings(separation_tier=5), "separation_tier is 5"),
    (Settings(emergency="somebody"), "emergency_approver is 'somebody'"),
    (Settings(), ""),
]


@pytest.mark.parametrize(("settings", "sentence"), FAULTS)
def test_wrong_settings_are_said(settings: Settings, sentence: str) -> None:
    assert sentence in approvers.fault_of(settings)
    assert bool(sentence) == bool(approvers.fault_of(settings))


ROLES = [
    (3, BOB, "approver"),
    (2, BOB, "reviewer"),
    (4, Person("alice"), "security"),
    (4, Person("root", "alice"), "security"),
    (4, Person("bob", "alice"), "approver"),
    (4, Person("alice", "bob"), "approver"),
]


@pytest.mark.parametrize(("level", "who", "role"), ROLES)
def test_roles_of_operating_system_users(level: int, who: Person, role: str) -> None:
    assert approvers.role_of(level, who, SECURITY) == role


def _proved(by: str = "dave@example.com", decision: str = "approved", seconds: float = 10, **more: Any) -> Answer:
    given = {"role": "approver", "identity": "ssh-key", "strength": "ssh-signature", "digest": CRITICAL["digest"]}
    given |= {"at": times.rfc3339(_at(seconds)), "justification": "it is right", "fingerprint": f"SHA256:{by}"}
    proof = approvers.Approval(**{"by": by, **given, **more})
    return Answer("proved", _at(max(seconds, 20)), decision=decision, approval=proof)


# (answer, settings, decision)
PROVED: list[tuple[Answer, Settings, str]] = [
    (_proved(), Settings(), "approved"),
    (_proved(), Settings(minimum_strength="ssh-signature"), "unavailable"),
    (_proved(identity="awx-user", strength="awx-user"), Settings(), "approved"),
    (_proved(decision="rejected", justification=""), Settings(), "rejected"),
    (_proved("carol", decision="rejected"), Settings(), "rejected"),
    (_proved(seconds=9999, decision="rejected"), Settings(), "rejected"),
    (_proved(decision="emergency", emergency=True), Settings(emergency="other"), "approved"),
    (_proved("carol", decision="emergency", emergency=True), Settings(emergency="anyone"), "approved"),
    (Answer("expired", _at(9)), Settings(), "expired"),
]


@pytest.mark.parametrize(("answer", "settings", "expected"), PROVED)
def test_what_was_proved_elsewhere(answer: Answer, settings: Settings, expected: str) -> None:
    decision = _decide([answer], CRITICAL, settings=settings, asked=Asked(START, BOB, (ALICE,), (CAROL,)))
    assert isinstance(decision, Decision)
    assert decision.decision == expected
    if answer.approval and expected == "approved":
        assert (decision.by, decision.strength) == (answer.approval.by, answer.approval.strength)
        assert decision.channel == {"awx-user": "awx", "ssh-signature": "signature"}[decision.strength]
        assert decision.emergency == answer.approval.emergency


# (answer, settings, sentence)
NOT_PROVED: list[tuple[Answer, Settings, str]] = [
    (_proved("alice@example.com"), Settings(), "alice has approved this plan already"),
    (_proved("carol"), Settings(), "carol asked for this change"),
    (_proved(digest=DIGEST), Settings(), "the plan's digest is"),
    (_proved(justification=" "), Settings(), "has no justification"),
    (_proved(seconds=3600), Settings(), "comes too late"),
    (_proved(seconds=61), Settings(window_seconds=60), "comes too late"),
    (_proved(at="whenever"), Settings(), "still to come"),
    (_proved(at=times.rfc3339(_at(600))), Settings(), "still to come"),
    (_proved(at=times.rfc3339(_at(-600))), Settings(), "before the plan was made"),
    (_proved(strength="terminal"), Settings(), "proves nothing"),
    (_proved(strength="magic"), Settings(), "proves nothing"),
    (_proved(identity="pigeon"), Settings(), "proves nothing"),
    (_proved(role="king"), Settings(), "use one of reviewer, approver, security"),
    (_proved(strength="awx-user"), Settings(minimum_strength="ssh-signature"), "at least ssh-signature"),
    (_proved(decision="emergency", emergency=True), Settings(), "not allowed here"),
    (_proved("carol", decision="emergency", emergency=True), Settings(emergency="other"), "asked for this change"),
    (_proved(decision="emergency"), Settings(emergency="anyone"), "is none"),
    (_proved(emergency=True), Settings(emergency="anyone"), "is none"),
    (_proved(decision="expired"), Settings(), "is none"),
    (Answer("proved", START, decision="approved"), Settings(), "is none"),
]


@pytest.mark.parametrize(("answer", "settings", "sentence"), NOT_PROVED)
def test_what_is_no_proof(answer: Answer, settings: Settings, sentence: str) -> None:
    refusal = _decide([answer], CRITICAL, settings=settings, asked=Asked(START, BOB, (ALICE,), (CAROL,)))
    assert isinstance(refusal, approval.Refusal)
    assert sentence in refusal.reason


def test_the_same_key_counts_once_whatever_it_is_called() -> None:
    first = _approval("dave", "security", fingerprint="SHA256:one", strength="ssh-signature")
    asked = Asked(START, BOB, (first,), (CAROL,))
    refusal = _decide([_proved("erin", fingerprint="SHA256:one")], CRITICAL, asked=asked)
    assert isinstance(refusal, approval.Refusal)
    assert "SHA256:one has approved this plan already, as dave: it counts once" in refusal.reason


def test_in_an_emergency_one_person_is_asked_for_another_phrase() -> None:
    settings = Settings(emergency="anyone")
    asked = Asked(START, Person("carol"), (), (CAROL,))
    question = _decide([], CRITICAL, settings=settings, asked=asked)
    assert isinstance(question, approval.Question)
    # Whoever asked for the change has no other phrase.
    assert question.text == f'Type "{approval.phrase(CRITICAL, "emergency")}" or "reject"'
    answers = [_typed(approval.phrase(CRITICAL, "emergency")), _typed("the shop is down")]
    decision = _decide(answers, CRITICAL, settings=settings, asked=asked)
    assert isinstance(decision, Decision)
    assert (decision.decision, decision.emergency, decision.justification) == ("approved", True, "the shop is down")
    assert isinstance(_decide([_typed(approval.phrase(CRITICAL))], CRITICAL, settings=settings, asked=asked), Question)


def test_an_emergency_is_for_critical_plans_only() -> None:
    question = _decide([], PLAN, settings=Settings(emergency="anyone"))
    assert isinstance(question, approval.Question)
    assert "emergency" not in question.text
    refusal = _decide([_given("emergency")], PLAN, settings=Settings(emergency="anyone"))
    assert isinstance(refusal, approval.Refusal)
    assert "tier 4 only" in refusal.reason


def test_below_the_separation_tier_the_requester_decides() -> None:
    for tier, kind in ((4, approval.Question), (3, Decision)):
        asked = Asked(START, Person("carol"), (), (CAROL,))
        assert isinstance(_decide([], PLAN, settings=Settings(separation_tier=tier), asked=asked), kind)


def test_who_asked_is_who_started_the_run_and_whom_a_decision_names() -> None:
    awx = Person("erin", identity="awx-user").to_json()
    assert approval.requesters_of({"person": CAROL}, [{"requesters": [CAROL, awx, "x", {}]}]) == (CAROL, awx)
    assert approval.requesters_of({}, [{}]) == ()


def test_earlier_approvals_count_for_their_digest_until_a_rejection() -> None:
    waiting = {"decision": "unavailable", "digest": DIGEST, "approvals": [ALICE]}
    assert approval.earlier_approvals([waiting], DIGEST) == (ALICE,)
    assert approval.earlier_approvals([waiting], "sha256:other") == ()
    rejected = {"decision": "rejected", "digest": DIGEST}
    assert approval.earlier_approvals([waiting, rejected], DIGEST) == ()
    assert approval.earlier_approvals([rejected, waiting, {**waiting, "approvals": None}], DIGEST) == (ALICE,)


def test_of_two_who_approve_at_the_same_time_both_count() -> None:
    bob = _approval("bob")
    decided = [{"decision": "unavailable", "digest": DIGEST, "approvals": [item]} for item in (ALICE, bob)]
    decided.append({"decision": "unavailable", "digest": DIGEST, "approvals": [ALICE, bob]})
    assert approval.earlier_approvals(decided, DIGEST) == (ALICE, bob)


def test_who_decided_and_as_what() -> None:
    for level, role in ((2, "reviewer"), (3, "approver")):
        plan = make_plan(level, START)
        decision = _decide([_given("approved", plan["digest"])], plan, asked=Asked(START, Person("root", "bob")))
        assert isinstance(decision, Decision)
        assert (decision.by, decision.sudo_user, decision.role, decision.identity) == ("root", "bob", role, "os-user")
        assert decision.channel == "extra-vars"


# (login uid, SUDO_USER, who became it, whether the kernel says so)
LOGINS = [
    ("4294967295", "", "", False),
    ("4294967295", "bob", "bob", False),
    (f"{os.getuid()}", "bob", "bob", False),
    ("54321", "", "uid 54321", True),
    ("54321", "somebody-else", "uid 54321", True),
    ("", "bob", "bob", False),
]


@pytest.mark.parametrize(("login", "variable", "became", "known"), LOGINS)
def test_the_kernel_knows_better_than_a_variable_who_became_a_user(
    login: str, variable: str, became: str, known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loginuid").write_text(login)
    monkeypatch.setattr(person, "_LOGIN_UID", tmp_path / "loginuid")
    found = person.operating_system_user({"SUDO_USER": variable})
    assert (found.sudo_user, found.login_known, found.identity) == (became, known, "os-user")


def test_users_of_a_shared_account_are_told_apart_by_their_logins_only() -> None:
    def of(sudo_user: str, known: bool) -> set[str]:
        return approvers.names_of({"by": "aiops", "sudo_user": sudo_user, "login_known": known}, Settings())

    assert of("alice", True) == {"alice"}
    assert not of("alice", True) & of("bob", True)
    assert of("alice", False) & of("bob", False) == {"aiops"}


@pytest.mark.parametrize(
    ("environ", "variables", "place", "inside_awx"),
    [
        ({}, {}, "", False),
        ({}, {"awx_job_id": 7}, "AWX", True),
        ({}, {"tower_job_id": "7"}, "AWX", True),
        ({"AWX_HOST": "https://awx"}, {"awx_job_id": ""}, "AWX", True),
        ({"JOB_ID": "7", "INVENTORY_ID": "1"}, {}, "AWX", True),
        ({"AWX_ISOLATED_DATA_DIR": "/runner"}, {}, "ansible-runner", False),
        ({"JOB_ID": "7"}, {}, "a job runner (JOB_ID is set)", False),
    ],
)
def test_places_where_nobody_sits(
    environ: dict[str, str], variables: dict[str, Any], place: str, inside_awx: bool
) -> None:
    assert person.nobody(environ, variables) == place
    assert person.awx(environ, variables) is inside_awx


def test_what_is_shown_fits_a_terminal_and_carries_no_control_characters() -> None:
    plan = make_plan(
        3, START, summary="\x1b[2Jraise " * 30, warnings=["\x07bell", "DB_PASSWORD=hunter2"], diff="+ a\x1b[31m"
    )
    shown = [text for text, _colour in approval_text.lines(plan)]
    assert all(len(line) <= 80 for line in shown)
    assert not any(character in line for line in shown for character in "\x1b\x07")
    assert plan["digest"] in "\n".join(shown)
    assert "hunter2" not in "\n".join(shown)


def test_time_left_reads_well() -> None:
    assert [approval_text.time_left(item) for item in (0, 59.6, 61, 1800)] == [
        "0 s",
        "1 min 0 s",
        "1 min 1 s",
        "30 min 0 s",
    ]
