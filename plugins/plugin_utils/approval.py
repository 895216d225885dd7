# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person's answers to a plan amount to (pure), and what the person is shown.

`decide` is asked again after every answer: it returns the next question, a decision, or why the request is refused.
Whatever is not plainly an approval in time, of exactly this plan, by somebody who may, ends in another decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import approvers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Approval, Person, Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.signed_decision import About

# How long a decision may take, in seconds, by tier (the table of tiers in the documentation). Settings only shorten it.
WINDOWS = {2: 300, 3: 1800, 4: 3600}
# An approval that is not applied within this time is void.
VALID_SECONDS = 900
# How far the clock of somebody who signs elsewhere may be ahead.
CLOCK_SKEW_SECONDS = 60
# What a person may say for what.
CHOICES = {
    **dict.fromkeys(("approve", "approved"), "approved"),
    **dict.fromkeys(("reject", "rejected"), "rejected"),
    "emergency": "emergency",
}
_CHANNELS = {"awx-user": "awx", "ssh-signature": "signature"}


@dataclass(frozen=True)
class Answer:
    """One answer, at a moment in UTC. `kind`:

    - `typed` (`text`), `interrupted` (Ctrl-C), `unavailable` (nobody can be asked: `text` says why);
    - `given`: an explicit `decision` for a `digest` with a `justification`; `text` names the place that forbids it, ""
      for none;
    - `proved`: a `decision` that was proved elsewhere (`approval` says whose, and how sure that is);
    - `expired`: nobody decided in time elsewhere.
    """

    kind: str
    at: datetime
    text: str = ""
    decision: str = ""
    digest: str = ""
    justification: str = ""
    approval: Approval | None = None


@dataclass(frozen=True)
class Question:
    """What to ask next: `about` phrase or justification, why again ("" the first time), and the seconds left."""

    about: str
    text: str
    again: str
    seconds: float


@dataclass(frozen=True)
class Refusal:
    """The request itself is wrong; one sentence. Nothing is decided."""

    reason: str


@dataclass(frozen=True)
class Decision:
    """A decision as the journal holds it; times are RFC 3339 in UTC. `missing` says what keeps it from an approval.

    `approvals` are all those of this digest so far, `requesters` who asked for the change: their own may not count.
    """

    decision: str
    digest: str
    by: str
    role: str
    identity: str
    strength: str
    channel: str
    asked_at: str
    decided_at: str
    expires_at: str
    justification: str = ""
    missing: str = ""
    sudo_user: str = ""
    emergency: bool = False
    approvals: list[dict[str, Any]] = field(default_factory=list)
    requesters: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """The circumstances of a question: when it was put, to whom, earlier approvals, and who asked for the change.

    `requesters` are maps as `Person.to_json` gives them; `requesters_of` reads them from a journal. `expired`: nobody
    decided on this plan in time.
    """

    at: datetime
    person: Person
    earlier: tuple[dict[str, Any], ...] = ()
    requesters: tuple[dict[str, Any], ...] = ()
    expired: bool = False


def tier_level(plan: Mapping[str, Any]) -> int:
    """The plan's tier, 1 to 4; ValueError for anything else."""
    tier = plan.get("tier")
    level = tier.get("level") if isinstance(tier, dict) else None
    if isinstance(level, bool) or level not in (1, 2, 3, 4):
        raise ValueError(f"the plan has no tier from 1 to 4 but {level!r}")
    return int(level)


def refusal_of(plan: dict[str, Any], settings: Settings) -> Refusal | None:
    """Why no question can be asked about this plan under these settings, None if it can."""
    if fault := approvers.fault_of(settings):
        return Refusal(fault)
    try:
        tier_level(plan)
        digest = canonical.plan_digest(plan)
    except (TypeError, ValueError) as error:
        return Refusal(f"this is no plan: {error}")
    if digest != plan.get("digest"):
        return Refusal(f"the plan was altered: its digest is {digest}, it says {plan.get('digest') or 'nothing'}")
    return None


def deadline(plan: dict[str, Any], asked_at: datetime, settings: Settings) -> datetime:
    """When silence becomes a rejection: the shortest of the tier's window, the plan's, the settings' and its expiry."""
    windows = [float(WINDOWS.get(tier_level(plan), WINDOWS[2]))]
    # The plan knows better than the table how long a critical change may wait, up to two hours.
    if (planned := plan.get("decision_window_seconds")) and isinstance(planned, (int, float)):
        windows = [min(float(planned), 7200.0)] if tier_level(plan) == 4 else [min(windows[0], float(planned))]
    if settings.window_seconds is not None:
        windows.append(max(0.0, settings.window_seconds))
    ends = asked_at + timedelta(seconds=min(windows))
    expires = times.parse(plan.get("expires_at"))
    return min(ends, expires) if expires else ends


def phrase(plan: dict[str, Any], word: str = "approve") -> str:
    """What to type to approve: it names the plan, so that nobody approves by habit."""
    return f"{word} {str(plan['digest']).removeprefix('sha256:')[:8]}"


def decide(
    plan: dict[str, Any], answers: Sequence[Answer], now: datetime, settings: Settings, asked: Asked
) -> Decision | Question | Refusal:
    """What the answers so far amount to, at the moment `now`."""
    if refusal := refusal_of(plan, settings):
        return refusal
    ends = deadline(plan, asked.at, settings)
    phrases, blocked = _phrases(plan, settings, asked)
    choice = again = ""
    for answer in answers:
        if answer.kind == "unavailable":
            return _without_approval(plan, asked, settings, "unavailable", answer.at, "", missing=answer.text)
        if answer.kind == "expired":
            return _without_approval(plan, asked, settings, "expired", answer.at, "")
        if answer.kind == "given":
            return _given(plan, answer, settings, asked, ends)
        if answer.kind == "proved":
            return _proved(plan, answer, settings, asked, ends)
        # First the time, then the text: on expiry a prompt hands out what was half typed.
        if answer.at >= ends:
            return _stopped(plan, asked, settings, choice, "expired", answer.at)
        if answer.kind == "interrupted":
            return _stopped(plan, asked, settings, choice, "aborted", answer.at)
        if not choice:
            choice, again = _choice(phrases, answer.text)
        elif choice == "rejected":
            return _rejected(plan, asked, settings, answer.at, _own(plan, asked, settings, answer, "terminal"))
        elif answer.text.strip():
            approval = _own(plan, asked, settings, answer, "terminal", emergency=choice == "emergency")
            return _with_approval(plan, asked, settings, answer.at, approval)
        else:
            again = "An approval needs a reason."
    if now >= ends:
        return _stopped(plan, asked, settings, choice, "expired", now)
    if blocked:
        return _without_approval(plan, asked, settings, "unavailable", now, "terminal", missing=blocked)
    return _question(phrases, choice, again, (ends - now).total_seconds())


def _phrases(plan: dict[str, Any], settings: Settings, asked: Asked) -> tuple[dict[str, str], str]:
    """What this person may type at the terminal, phrase to choice, and why an approval of theirs would not count."""
    typed = Answer("typed", asked.at)
    reasons = {
        word: approvers.why_not_counted(
            _own(plan, asked, settings, typed, "terminal", emergency=word == "emergency").to_json(),
            _counted(plan, asked, settings),
            asked.requesters,
            tier_level(plan),
            settings,
        )
        for word in ("approve", "emergency")
    }
    phrases = {phrase(plan, word): CHOICES[word] for word, reason in reasons.items() if not reason}
    return {**phrases, "reject": "rejected"}, "" if phrases else reasons["approve"]


def _counted(plan: dict[str, Any], asked: Asked, settings: Settings) -> list[Mapping[str, Any]]:
    return approvers.counted(asked.earlier, asked.requesters, tier_level(plan), str(plan["digest"]), settings)


def _choice(phrases: Mapping[str, str], text: str) -> tuple[str, str]:
    typed = " ".join(text.lower().split())
    if choice := phrases.get(typed):
        return choice, ""
    return "", "That was neither phrase." if typed else "Nothing was typed."


def _question(phrases: Mapping[str, str], choice: str, again: str, seconds: float) -> Question:
    if choice == "rejected":
        return Question("justification", "Why not? (goes into the record; Enter for no reason)", again, seconds)
    if choice == "emergency":
        return Question("justification", "What is the emergency? (goes into the record)", again, seconds)
    if choice:
        return Question("justification", "Why is this change right? (goes into the record)", again, seconds)
    offered = " or ".join(f'"{text}"' for text in phrases)
    return Question("phrase", f"Type {offered}", again, seconds)


def _given(
    plan: dict[str, Any], answer: Answer, settings: Settings, asked: Asked, ends: datetime
) -> Decision | Refusal:
    if answer.text:
        return Refusal(
            f"a decision given as a variable proves nothing inside {answer.text}: decide through its approval"
        )
    level = tier_level(plan)
    if not approvers.is_strong_enough("extra-vars", settings, level):
        needed = approvers.demanded_strength(settings, level)
        return Refusal(f"a decision given as a variable is not enough here: the settings demand at least {needed}")
    choice = CHOICES.get(answer.decision.strip().lower())
    if choice is None:
        return Refusal(f"decision is {answer.decision!r}: give decision=approved or decision=rejected")
    if _hex(answer.digest) != _hex(str(plan["digest"])):
        return Refusal(f"digest is {answer.digest or 'missing'}, the plan's is {plan['digest']}: read the plan again")
    if choice != "rejected" and not answer.justification.strip():
        return Refusal("an approval needs a justification: give justification='why this change is right'")
    approval = _own(plan, asked, settings, answer, "extra-vars", emergency=choice == "emergency")
    # A rejection is welcome at any time.
    if choice == "rejected":
        return _rejected(plan, asked, settings, answer.at, approval)
    if answer.at >= ends:
        return _without_approval(plan, asked, settings, "expired", answer.at, "extra-vars")
    return _if_counted(plan, asked, settings, answer.at, approval)


def _proved(
    plan: dict[str, Any], answer: Answer, settings: Settings, asked: Asked, ends: datetime
) -> Decision | Refusal:
    approval, choice = answer.approval, CHOICES.get(answer.decision)
    if approval is None or choice is None or approval.emergency != (choice == "emergency"):
        return Refusal(f"the decision {answer.decision!r} that was proved elsewhere is none")
    if approval.strength not in _CHANNELS or approval.identity not in approvers.IDENTITIES:
        return Refusal(
            f"a decision of {approval.identity or 'nobody'} by {approval.strength or 'nothing'} proves nothing"
        )
    if approval.role not in approvers.ROLES:
        return Refusal(f"{approval.by} has the role {approval.role!r}: use one of {', '.join(approvers.ROLES)}")
    if _hex(approval.digest) != _hex(str(plan["digest"])):
        return Refusal(
            f"the decision of {approval.by} is over {approval.digest}, the plan's digest is {plan['digest']}"
        )
    if choice == "rejected":
        return _rejected(plan, asked, settings, answer.at, approval)
    if not approval.justification.strip():
        return Refusal(f"the approval of {approval.by} has no justification")
    at, made = times.parse(approval.at), times.parse(plan.get("created_at"))
    if at is None or at > answer.at + timedelta(seconds=CLOCK_SKEW_SECONDS):
        return Refusal(f"the decision of {approval.by} is of {approval.at or 'no time'}, which is still to come")
    if made and at < made - timedelta(seconds=CLOCK_SKEW_SECONDS):
        return Refusal(f"the decision of {approval.by} is of {approval.at}, before the plan was made")
    if asked.expired or max(at, answer.at) >= ends:
        return Refusal(
            f"the time to decide on this plan is over: the decision of {approval.by} comes too late; have a fresh plan "
            "made (approve.yml without a signature), and decide on that"
        )
    return _if_counted(plan, asked, settings, answer.at, approval)


def _if_counted(
    plan: dict[str, Any], asked: Asked, settings: Settings, at: datetime, approval: Approval
) -> Decision | Refusal:
    """A decision on somebody's explicit word; one that would change nothing is refused, so that they hear of it."""
    reason = approvers.why_not_counted(
        approval.to_json(), _counted(plan, asked, settings), asked.requesters, tier_level(plan), settings
    )
    return Refusal(reason) if reason else _with_approval(plan, asked, settings, at, approval)


def _hex(digest: str) -> str:
    return digest.strip().lower().removeprefix("sha256:")


def _own(
    plan: dict[str, Any], asked: Asked, settings: Settings, answer: Answer, strength: str, *, emergency: bool = False
) -> Approval:
    """The word of the operating-system user who runs this."""
    return Approval(
        by=asked.person.name,
        role=approvers.role_of(tier_level(plan), asked.person, settings),
        identity=asked.person.identity,
        strength=strength,
        at=times.rfc3339(answer.at),
        digest=str(plan["digest"]),
        justification=" ".join((answer.justification or answer.text).split()),
        sudo_user=asked.person.sudo_user,
        login_known=asked.person.login_known,
        emergency=emergency,
    )


def _with_approval(
    plan: dict[str, Any], asked: Asked, settings: Settings, at: datetime, approval: Approval
) -> Decision:
    approvals = [*asked.earlier, approval.to_json()]
    level = tier_level(plan)
    found = approvers.counted(approvals, asked.requesters, level, str(plan["digest"]), settings)
    lacking = approvers.missing(found, level)
    valid = VALID_SECONDS if settings.valid_seconds is None else min(max(0.0, settings.valid_seconds), VALID_SECONDS)
    return _made(
        plan,
        asked,
        "unavailable" if lacking else "approved",
        at,
        at if lacking else at + timedelta(seconds=valid),
        approval,
        missing=lacking,
        approvals=approvals,
    )


def _rejected(plan: dict[str, Any], asked: Asked, settings: Settings, at: datetime, approval: Approval) -> Decision:
    return _made(plan, asked, "rejected", at, at, approval, approvals=[])


def _stopped(plan: dict[str, Any], asked: Asked, settings: Settings, choice: str, taken: str, at: datetime) -> Decision:
    """The conversation ended early; what had been rejected stays so."""
    if choice == "rejected":
        return _rejected(plan, asked, settings, at, _own(plan, asked, settings, Answer("typed", at), "terminal"))
    return _without_approval(plan, asked, settings, taken, at, "terminal")


def _without_approval(
    plan: dict[str, Any],
    asked: Asked,
    settings: Settings,
    taken: str,
    at: datetime,
    channel: str,
    *,
    missing: str = "",
) -> Decision:
    person = asked.person
    return Decision(
        decision=taken,
        digest=str(plan["digest"]),
        by=person.name if taken == "aborted" else "",
        role=approvers.role_of(tier_level(plan), person, settings),
        identity=person.identity,
        strength="",
        channel=channel,
        asked_at=times.rfc3339(asked.at),
        decided_at=times.rfc3339(at),
        expires_at=times.rfc3339(at),
        missing=missing,
        sudo_user=person.sudo_user,
        approvals=list(asked.earlier),
        requesters=list(asked.requesters),
    )


def _made(
    plan: dict[str, Any],
    asked: Asked,
    taken: str,
    at: datetime,
    expires: datetime,
    approval: Approval,
    *,
    missing: str = "",
    approvals: list[dict[str, Any]],
) -> Decision:
    """A decision that somebody took, `approval` saying who and how sure that is."""
    return Decision(
        decision=taken,
        digest=str(plan["digest"]),
        by=approval.by,
        role=approval.role,
        identity=approval.identity,
        strength=approval.strength,
        channel=_CHANNELS.get(approval.strength, approval.strength),
        asked_at=times.rfc3339(asked.at),
        decided_at=times.rfc3339(at),
        expires_at=times.rfc3339(expires),
        justification=" ".join(approval.justification.split()),
        missing=missing,
        sudo_user=approval.sudo_user,
        emergency=approval.emergency and taken == "approved",
        approvals=approvals,
        requesters=list(asked.requesters),
    )


def earlier_approvals(decided: Sequence[Mapping[str, Any]], digest: str) -> tuple[dict[str, Any], ...]:
    """The approvals of a digest in earlier decisions (bodies of `decided`); a rejection wipes what was before it."""
    approvals: list[dict[str, Any]] = []
    for body in decided:
        if body.get("digest") != digest:
            continue
        if body.get("decision") == "rejected":
            approvals = []
        # Of two that decided at the same time neither knew of the other.
        approvals += [item for item in _maps(body.get("approvals")) if item not in approvals]
    return tuple(item for item in approvals if isinstance(item, dict))


def requesters_of(opened: Mapping[str, Any], decided: Sequence[Mapping[str, Any]] = ()) -> tuple[dict[str, Any], ...]:
    """Who asked for the change: who started the run (body of `opened`), and whom decisions name beside (an AWX user).

    Who resumed it (bodies of `resumed`) asked for nothing.
    """
    named = [opened.get("person"), *(item for body in decided for item in _maps(body.get("requesters")))]
    found: list[dict[str, Any]] = []
    for item in named:
        if isinstance(item, dict) and item.get("name") and item not in found:
            found.append(item)
    return tuple(found)


def is_over(events: Sequence[tuple[str, Mapping[str, Any]]], digest: str) -> bool:
    """Whether it is in the record (names and bodies of its events) that nobody decided on this plan in time."""
    return any(
        body.get("digest") == digest and (name == "expired" or name == "decided" and body.get("decision") == "expired")
        for name, body in events
    )


def about(opened: Mapping[str, Any], decided: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]) -> About:
    """What a signature has to be about, by a record's first event, its decisions and the plan."""
    return About(str(plan["digest"]), str(opened.get("run_id") or ""), requesters_of(opened, decided))


def _maps(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
