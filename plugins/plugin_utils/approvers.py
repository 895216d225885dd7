# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose approval counts for a plan, and how many are missing (pure).

An approval is a map `{by, sudo_user, role, identity, strength, at, digest, justification, fingerprint, proof}` as the
journal holds it. Becoming root makes nobody another person, nor does a second key or a second name in a key file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

# How sure a decision makes who decided, weakest first: an operating-system user by a variable, the same at a terminal,
# a user that AWX authenticated (read back from its API), a signature by an SSH key.
STRENGTHS = ("extra-vars", "terminal", "awx-user", "ssh-signature")
IDENTITIES = ("os-user", "awx-user", "ssh-key")
SECURITY = "security"
ROLES = ("reviewer", "approver", SECURITY)
# Who may approve a critical plan alone in an emergency.
EMERGENCY = ("nobody", "other", "anyone")
CRITICAL = 4


@dataclass(frozen=True)
class Settings:
    """What an operator may set; each can only make a decision stricter than the table of tiers, but for `emergency`.

    `minimum_strength` is one of `STRENGTHS`, or a map from tier (2 to 4) to one: a higher tier never demands less.
    `separation_tier` is the tier from which on the requester's own approval does not count (at most 4).
    `same_person` lists names that belong to one person each. `window_seconds` and `valid_seconds` only shorten.
    `emergency` says who may approve a critical plan alone: nobody, somebody other than the requester, or anyone.
    """

    minimum_strength: str | Mapping[Any, str] = "extra-vars"
    window_seconds: float | None = None
    valid_seconds: float | None = None
    security_approvers: tuple[str, ...] = ()
    separation_tier: int = CRITICAL
    same_person: tuple[tuple[str, ...], ...] = ()
    emergency: str = "nobody"


@dataclass(frozen=True)
class Person:
    """Somebody known as `identity` (one of `IDENTITIES`) by a name, and who became that user by sudo ("" if nobody).

    `login_known`: the kernel says who that was, and nothing that runs as this user could have changed it.
    """

    name: str
    sudo_user: str = ""
    identity: str = "os-user"
    login_known: bool = False

    def to_json(self) -> dict[str, Any]:
        """The person as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Approval:
    """One person's word on a digest, with how sure it is whose it is.

    `at` is RFC 3339 in UTC. `emergency`: meant to be enough alone. `also` are further names of the same person.
    `fingerprint` is that of an SSH key, `proof` what a later reader needs to prove it again.
    """

    by: str
    role: str
    identity: str
    strength: str
    at: str
    digest: str
    justification: str
    sudo_user: str = ""
    login_known: bool = False
    emergency: bool = False
    also: list[str] = field(default_factory=list)
    fingerprint: str = ""
    proof: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The approval as plain JSON values."""
        return asdict(self)


def fault_of(settings: Settings) -> str:
    """What is wrong with the settings in one sentence, "" if nothing."""
    chosen = settings.minimum_strength
    demanded = chosen if isinstance(chosen, Mapping) else {2: chosen}
    for tier, strength in demanded.items():
        if str(tier) not in ("2", "3", "4"):
            return f"minimum_strength has the tier {tier!r}: use 2, 3 or 4"
        if strength not in STRENGTHS:
            return f"minimum_strength is {strength!r}: use one of {', '.join(STRENGTHS)}"
    if settings.separation_tier not in (2, 3, 4):
        return f"separation_tier is {settings.separation_tier!r}: use 2, 3 or 4"
    if settings.emergency not in EMERGENCY:
        return f"emergency_approver is {settings.emergency!r}: use one of {', '.join(EMERGENCY)}"
    return ""


def demanded_strength(settings: Settings, level: int) -> str:
    """The weakest strength that counts for a tier."""
    chosen = settings.minimum_strength
    if not isinstance(chosen, Mapping):
        return chosen
    ranks = [STRENGTHS.index(strength) for tier, strength in chosen.items() if int(tier) <= level]
    return STRENGTHS[max(ranks, default=0)]


def is_strong_enough(strength: object, settings: Settings, level: int) -> bool:
    """Whether a strength is at least what the settings demand for a tier; one that is not known never is."""
    return strength in STRENGTHS and STRENGTHS.index(str(strength)) >= STRENGTHS.index(
        demanded_strength(settings, level)
    )


def names_of(someone: Mapping[str, Any], settings: Settings) -> set[str]:
    """Every name of a person or an approver, as far as known.

    Case and what follows an @ make no other name: `Alice@example.com` is `alice`. That may take two people for one,
    never one for two. Who became a shared account is one person of several, if the kernel tells them apart; else all
    that used the account count as one.
    """
    became, also = someone.get("sudo_user"), someone.get("also")
    accounts = () if became and someone.get("login_known") is True else (someone.get("by"), someone.get("name"))
    names = {_plain(name) for name in (*accounts, became, *(also if isinstance(also, list) else ())) if name}
    for group in settings.same_person:
        known = {_plain(name) for name in group}
        if names & known:
            names |= known
    return names


def _plain(name: object) -> str:
    return str(name).strip().lower().partition("@")[0]


def why_not_counted(
    approval: Mapping[str, Any],
    earlier: Iterable[Mapping[str, Any]],
    requesters: Sequence[Mapping[str, Any]],
    level: int,
    settings: Settings,
) -> str:
    """Why an approval of a plan of this tier does not count beside the `earlier` ones, one clause; "" if it does."""
    if not is_strong_enough(approval.get("strength"), settings, level):
        demanded = demanded_strength(settings, level)
        return f"{_proved(approval)} is not enough here: the settings demand at least {demanded} for tier {level}"
    names = names_of(approval, settings)
    if not names:
        return "the approval names nobody"
    emergency = approval.get("emergency") is True
    if emergency and (level != CRITICAL or settings.emergency == "nobody"):
        return "an emergency approval is " + (
            "not allowed here (change_emergency_approver)" if level == CRITICAL else "for plans of tier 4 only"
        )
    if level == CRITICAL and approval.get("by") == "root" and not approval.get("sudo_user"):
        return "root is an account and no person: approve as yourself"
    if level >= settings.separation_tier and not (emergency and settings.emergency == "anyone"):
        if level == CRITICAL and not any(names_of(item, settings) for item in requesters):
            return "the record does not say who asked for this change, so nobody can be told from the requester"
        if any(names & names_of(item, settings) for item in requesters):
            return f"{approval.get('by')} asked for this change: somebody else has to approve it"
    for item in earlier:
        if approval.get("fingerprint") and approval.get("fingerprint") == item.get("fingerprint"):
            return (
                f"the key {approval['fingerprint']} has approved this plan already, as {item.get('by')}: it counts once"
            )
        if names & names_of(item, settings):
            return f"{item.get('by')} has approved this plan already: another person has to"
    return ""


def _proved(approval: Mapping[str, Any]) -> str:
    words = {"extra-vars": "a decision given as a variable", "terminal": "a decision at a terminal"}
    strength = str(approval.get("strength") or "")
    return words.get(strength, f"a decision proved by {strength or 'nothing'}")


def counted(
    approvals: Iterable[Any],
    requesters: Sequence[Mapping[str, Any]],
    level: int,
    digest: str,
    settings: Settings,
) -> list[Mapping[str, Any]]:
    """The approvals of exactly this digest that count, each person and each key once, in their order."""
    found: list[Mapping[str, Any]] = []
    for item in approvals:
        if not isinstance(item, Mapping) or item.get("digest") != digest:
            continue
        if not why_not_counted(item, found, requesters, level, settings):
            found.append(item)
    return found


def missing(found: Sequence[Mapping[str, Any]], level: int) -> str:
    """What is missing beside the approvals that count, as a clause; "" where they are enough for the tier."""
    if level < CRITICAL or any(item.get("emergency") is True for item in found):
        return "" if found else "an approval is missing"
    security = any(item.get("role") == SECURITY for item in found)
    if len(found) >= 2:
        return "" if security else "the approval of somebody of the security role is missing"
    if not found:
        return "the approval of two people is missing, one of them for security, neither of them the requester"
    return "a second approver is missing" + ("" if security else ", somebody of the security role")


def role_of(level: int, person: Person, settings: Settings) -> str:
    """As whom an operating-system user decides: `security` if the settings name them, else `reviewer` or `approver`.

    Where nothing proves who became a user, both have to be named; what root says of itself nobody could check anyway.
    """
    known = person.sudo_user and (person.login_known or person.name == "root")
    names = {person.sudo_user} if known else {person.name, person.sudo_user}
    if names - {""} <= set(settings.security_approvers):
        return SECURITY
    return "reviewer" if level <= 2 else "approver"
