# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person's answers to a plan amount to (pure), and what the person is shown.

`decide` is asked again after every answer: it returns the next question, a decision, or why the request is refused.
Whatever is not plainly an approval in time, of exactly this plan, by somebody who may, ends in another decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times

# How long a decision may take, in seconds, by tier (the table of tiers in the documentation). Settings only shorten it.
WINDOWS = {2: 300, 3: 1800, 4: 3600}
# An approval that is not applied within this time is void.
VALID_SECONDS = 900
# How sure a channel makes who decided, weakest first.
STRENGTHS = ("extra-vars", "terminal", "signed")
TWO_PEOPLE = "a second approver, so that two people have approved and one of them is for security"


@dataclass(frozen=True)
class Settings:
    """What an operator may set. `window_seconds` and `valid_seconds` can only shorten what the tier gives."""

    minimum_strength: str = "extra-vars"
    window_seconds: float | None = None
    valid_seconds: float = VALID_SECONDS
    security_approvers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """Who answers: the name of the operating-system user, and who became that user by sudo ("" if nobody)."""

    name: str
    sudo_user: str = ""
    identity: str = "os-user"


@dataclass(frozen=True)
class Answer:
    """One answer, at a moment in UTC. `kind`:

    `typed` (`text`), `interrupted` (Ctrl-C), `unavailable` (nobody can be asked: `text` says why), or `given` (an
    explicit `decision` for a `digest` with a `justification`; `text` names the place that forbids it, "" for none).
    """

    kind: str
    at: datetime
    text: str = ""
    decision: str = ""
    digest: str = ""
    justification: str = ""


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
    """A decision as the journal holds it; times are RFC 3339 in UTC. `missing` says what keeps it from an approval."""

    decision: str
    digest: str
    by: str
    role: str
    identity: str
    channel: str
    asked_at: str
    decided_at: str
    expires_at: str
    justification: str = ""
    missing: str = ""
    sudo_user: str = ""
    approvals: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Asked:
    """The circumstances of a question: when it was put, to whom, and earlier approvals of the same digest."""

    at: datetime
    person: Person
    earlier: tuple[dict[str, Any], ...] = ()


def tier_level(plan: dict[str, Any]) -> int:
    """The plan's tier, 1 to 4; ValueError for anything else."""
    tier = plan.get("tier")
    level = tier.get("level") if isinstance(tier, dict) else None
    if isinstance(level, bool) or level not in (1, 2, 3, 4):
        raise ValueError(f"the plan has no tier from 1 to 4 but {level!r}")
    return int(level)


def refusal_of(plan: dict[str, Any], settings: Settings) -> Refusal | None:
    """Why no question can be asked about this plan under these settings, None if it can."""
    if settings.minimum_strength not in STRENGTHS:
        return Refusal(f"minimum_strength is {settings.minimum_strength!r}: use one of {', '.join(STRENGTHS)}")
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


def phrase(plan: dict[str, Any]) -> str:
    """What to type to approve: it names the plan, so that nobody approves by habit."""
    return f"approve {str(plan['digest']).removeprefix('sha256:')[:8]}"


def decide(
    plan: dict[str, Any], answers: Sequence[Answer], now: datetime, settings: Settings, asked: Asked
) -> Decision | Question | Refusal:
    """What the answers so far amount to, at the moment `now`."""
    if refusal := refusal_of(plan, settings):
        return refusal
    ends = deadline(plan, asked.at, settings)
    choice = again = ""
    for answer in answers:
        if answer.kind == "unavailable":
            return _decision(plan, asked, settings, "unavailable", answer.at, "", missing=answer.text)
        if answer.kind == "given":
            return _given(plan, answer, settings, asked, ends)
        # First the time, then the text: on expiry a prompt hands out what was half typed.
        if answer.at >= ends:
            return _decision(
                plan, asked, settings, choice if choice == "rejected" else "expired", answer.at, "terminal"
            )
        if answer.kind == "interrupted":
            return _decision(
                plan, asked, settings, choice if choice == "rejected" else "aborted", answer.at, "terminal"
            )
        if not choice:
            choice, again = _choice(plan, answer.text)
        elif choice == "rejected" or answer.text.strip():
            return _decision(plan, asked, settings, choice, answer.at, "terminal", justification=answer.text)
        else:
            again = "An approval needs a reason."
    if now >= ends:
        return _decision(plan, asked, settings, choice if choice == "rejected" else "expired", now, "terminal")
    if settings.minimum_strength == "signed":
        missing = "a signed decision: the settings demand stronger proof of who decides than a terminal gives"
        return _decision(plan, asked, settings, "unavailable", now, "terminal", missing=missing)
    return _question(plan, choice, again, (ends - now).total_seconds())


def _choice(plan: dict[str, Any], text: str) -> tuple[str, str]:
    typed = " ".join(text.lower().split())
    if typed == phrase(plan):
        return "approved", ""
    if typed == "reject":
        return "rejected", ""
    return "", "That was neither phrase." if typed else "Nothing was typed."


def _question(plan: dict[str, Any], choice: str, again: str, seconds: float) -> Question:
    if choice == "approved":
        return Question("justification", "Why is this change right? (goes into the record)", again, seconds)
    if choice == "rejected":
        return Question("justification", "Why not? (goes into the record; Enter for no reason)", again, seconds)
    return Question("phrase", f'Type "{phrase(plan)}" or "reject"', again, seconds)


def _given(
    plan: dict[str, Any], answer: Answer, settings: Settings, asked: Asked, ends: datetime
) -> Decision | Refusal:
    if answer.text:
        return Refusal(
            f"a decision given as a variable proves nothing inside {answer.text}: decide through its approval"
        )
    if settings.minimum_strength != "extra-vars":
        needed = settings.minimum_strength
        return Refusal(f"a decision given as a variable is not enough here: the settings demand at least {needed}")
    words = {"approve": "approved", "approved": "approved", "reject": "rejected", "rejected": "rejected"}
    choice = words.get(answer.decision.strip().lower())
    if choice is None:
        return Refusal(f"decision is {answer.decision!r}: give decision=approved or decision=rejected")
    if _hex(answer.digest) != _hex(str(plan["digest"])):
        return Refusal(f"digest is {answer.digest or 'missing'}, the plan's is {plan['digest']}: read the plan again")
    if choice == "approved" and not answer.justification.strip():
        return Refusal("an approval needs a justification: give justification='why this change is right'")
    # A rejection is welcome at any time.
    late = choice == "approved" and answer.at >= ends
    taken = "expired" if late else choice
    return _decision(plan, asked, settings, taken, answer.at, "extra-vars", justification=answer.justification)


def _hex(digest: str) -> str:
    return digest.strip().lower().removeprefix("sha256:")


def _decision(
    plan: dict[str, Any],
    asked: Asked,
    settings: Settings,
    taken: str,
    at: datetime,
    channel: str,
    *,
    justification: str = "",
    missing: str = "",
) -> Decision:
    approvals = list(asked.earlier)
    role = role_of(plan, asked.person, settings)
    if taken == "approved":
        approvals.append(_approval(asked.person, role, at, justification))
        if tier_level(plan) == 4 and not enough_approvals(approvals):
            taken, missing = "unavailable", TWO_PEOPLE
    valid = min(settings.valid_seconds, VALID_SECONDS)
    expires = at + timedelta(seconds=max(0.0, valid)) if taken == "approved" else at
    return Decision(
        decision=taken,
        digest=str(plan["digest"]),
        by=asked.person.name if taken in ("approved", "rejected", "aborted") or missing == TWO_PEOPLE else "",
        role=role,
        identity=asked.person.identity,
        channel=channel,
        asked_at=times.rfc3339(asked.at),
        decided_at=times.rfc3339(at),
        expires_at=times.rfc3339(expires),
        justification=" ".join(justification.split()),
        missing=missing,
        sudo_user=asked.person.sudo_user,
        approvals=approvals,
    )


def _approval(person: Person, role: str, at: datetime, justification: str) -> dict[str, Any]:
    return {
        "by": person.name,
        "sudo_user": person.sudo_user,
        "role": role,
        "at": times.rfc3339(at),
        "justification": " ".join(justification.split()),
    }


def role_of(plan: dict[str, Any], person: Person, settings: Settings) -> str:
    """As whom a person decides: `security` if named so in the settings, else `reviewer` (tier 2) or `approver`."""
    if {person.name, person.sudo_user} & set(settings.security_approvers):
        return "security"
    return "reviewer" if tier_level(plan) <= 2 else "approver"


def enough_approvals(approvals: Sequence[dict[str, Any]]) -> bool:
    """Whether two different people approved, one of them for security. Becoming root makes nobody a second person."""
    security = [item for item in approvals if item.get("role") == "security"]
    return any(not _names(one) & _names(other) for one in security for other in approvals)


def _names(approval: dict[str, Any]) -> set[str]:
    return {str(name) for name in (approval.get("by"), approval.get("sudo_user")) if name}


def earlier_approvals(decided: Sequence[dict[str, Any]], digest: str) -> tuple[dict[str, Any], ...]:
    """The approvals of a digest in earlier decisions (bodies of `decided`); a rejection wipes what was before it."""
    approvals: list[dict[str, Any]] = []
    for body in decided:
        if body.get("digest") != digest:
            continue
        given = body.get("approvals")
        approvals = [] if body.get("decision") == "rejected" else list(given) if isinstance(given, list) else approvals
    return tuple(item for item in approvals if isinstance(item, dict))
