# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a person whether a plan may be applied, and returns what they decided."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import (
    approval,
    approval_text,
    approver_options,
    approvers,
    person,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import deciding, proving
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import live, times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event, trusted_events
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import add_to
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import signed_decision
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.signed_decision import About

display = Display()
_CTRL_C_AND_D = (b"\x03", b"\x04")


class ActionModule(ActionBase):
    """The action; what the answers amount to is `plugin_utils/approval.py`."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        self._variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(ARGUMENTS)
        plan = canonical.plain(arguments["plan"])
        settings = approver_options.settings_of(
            canonical.plain({key: value for key, value in arguments.items() if key != "plan"})
        )
        refusal = approval.refusal_of(plan, settings)
        if refusal:
            return {**result, **_refused(refusal)}
        # A workflow's gate is asked whatever the tier: somebody may have denied what needs no approval.
        if approval.tier_level(plan) == 1 and arguments["channel"] != "awx":
            return {**result, "changed": False, "needed": False, "approved": False, "decision": {}}
        return {**result, **self._ask(plan, settings, canonical.plain({**arguments, "plan": None}))}

    def _ask(self, plan: dict[str, Any], settings: approvers.Settings, arguments: dict[str, Any]) -> dict[str, Any]:
        host = str(self._variables.get("inventory_hostname") or "")
        if arguments["channel"] == "awx":
            opened, events = _before(host)
            return self._ask_awx(plan, settings, approval.requesters_of(opened, _decisions(events)), arguments)
        who, watch = person.operating_system_user(os.environ), _Watch(times.now())
        unrecorded = _record_question(host, plan, approval.Asked(watch.start, who), settings)
        if arguments["show"]:
            for text, colour in approval_text.lines(plan):
                display.display(text, color=colour)
        try:
            answers = self._without_a_question(arguments, _about(host, plan), watch)
        except SignatureRefused as refused:
            return _refused(approval.Refusal(str(refused)))
        while True:
            # Read anew each time: somebody else may have approved meanwhile.
            asked = _asked(host, plan, who, watch.start)
            outcome = approval.decide(plan, answers, watch.now(), settings, asked)
            if isinstance(outcome, approval.Refusal):
                return _refused(outcome)
            if isinstance(outcome, approval.Decision):
                return _decided(outcome, unrecorded, host, arguments)
            answers.append(_prompt(outcome, watch))

    def _ask_awx(
        self,
        plan: dict[str, Any],
        settings: approvers.Settings,
        requesters: tuple[dict[str, Any], ...],
        arguments: dict[str, Any],
    ) -> dict[str, Any]:
        """What the gates of this job's workflow decided; everything that is unclear is a refusal."""
        try:
            proof = proving.proof(os.environ, self._variables, plan)
        except RecordError as error:
            return _refused(approval.Refusal(str(error)))
        outcome = deciding.decision(plan, proof, settings, requesters)
        if isinstance(outcome, approval.Refusal):
            return _refused(outcome)
        return _decided(outcome, [], "", arguments)

    def _without_a_question(self, arguments: dict[str, Any], about: About, watch: _Watch) -> list[approval.Answer]:
        """A decision that is there already, or why nobody can be asked; nothing where a person is to be asked.

        Raises `SignatureRefused`.
        """
        if arguments["signature"]:
            return [_signed(arguments, about, watch)]
        if arguments["decision"]:
            return [self._given(arguments, watch.now())]
        if place := person.nobody(os.environ, self._variables):
            why = f"a person at a terminal is missing (this runs under {place})"
            return [approval.Answer("unavailable", watch.now(), why)]
        return []

    def _given(self, arguments: dict[str, Any], at: datetime) -> approval.Answer:
        return approval.Answer(
            "given",
            at,
            text="AWX" if person.awx(os.environ, self._variables) else "",
            decision=arguments["decision"],
            digest=arguments["digest"],
            justification=arguments["justification"],
        )


ARGUMENTS: dict[str, dict[str, Any]] = {
    **approver_options.ARGUMENTS,
    "plan": {"type": "dict", "required": True},
    "decision": {"type": "str", "default": ""},
    "digest": {"type": "str", "default": ""},
    "justification": {"type": "str", "default": ""},
    "signature": {"type": "path", "default": ""},
    "window_seconds": {"type": "float"},
    "valid_seconds": {"type": "float", "default": approval.VALID_SECONDS},
    "show": {"type": "bool", "default": True},
    "channel": {"type": "str", "default": "terminal", "choices": ["terminal", "awx"]},
}


class _Watch:
    """The time since the question was put; neither a clock turned back nor a suspended machine lengthens it."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._monotonic = SYSTEM_CLOCK.monotonic()

    def now(self) -> datetime:
        elapsed = timedelta(seconds=SYSTEM_CLOCK.monotonic() - self._monotonic)
        return max(self.start + elapsed, times.now())


def _prompt(question: approval.Question, watch: _Watch) -> approval.Answer:
    left = f"{approval_text.time_left(question.seconds)} left"
    again = f"{question.again} " if question.again else ""
    try:
        typed = display.prompt_until(
            f"\n{again}{question.text} [{left}]:", seconds=question.seconds, interrupt_input=_CTRL_C_AND_D
        )
    except AnsiblePromptInterrupt:
        return approval.Answer("interrupted", watch.now())
    except AnsiblePromptNoninteractive:
        return approval.Answer("unavailable", watch.now(), "a terminal is missing (standard input is closed or piped)")
    return approval.Answer("typed", watch.now(), typed.decode("utf-8", errors="replace"))


def _signed(arguments: dict[str, Any], about: About, watch: _Watch) -> approval.Answer:
    path, signers = Path(arguments["signature"]), approver_options.signers_of(arguments)
    wanted = approval.CHOICES.get(arguments["decision"].strip().lower(), arguments["decision"])
    decision, signed = signed_decision.read(path, about, signers, wanted)
    return approval.Answer("proved", watch.now(), decision=decision, approval=signed)


def _before(host: str) -> tuple[dict[str, Any], list[Event]]:
    """How the record of this run began, and all that it holds so far."""
    try:
        events = trusted_events(live.current(host).journal)
    except RecordError:
        return {}, []
    return events[0].body, events


def _decisions(events: list[Event]) -> list[dict[str, Any]]:
    return [item.body for item in events if item.event == "decided"]


def _about(host: str, plan: dict[str, Any]) -> About:
    opened, events = _before(host)
    return approval.about(opened, _decisions(events), plan)


def _asked(host: str, plan: dict[str, Any], who: approvers.Person, at: datetime) -> approval.Asked:
    opened, events = _before(host)
    decided, digest = _decisions(events), str(plan["digest"])
    return approval.Asked(
        at,
        who,
        approval.earlier_approvals(decided, digest),
        approval.requesters_of(opened, decided),
        approval.is_over([(item.event, item.body) for item in events], digest),
    )


def _record_question(
    host: str, plan: dict[str, Any], asked: approval.Asked, settings: approvers.Settings
) -> list[dict[str, Any]]:
    """Put the question in the journal before it is asked, so that a run killed meanwhile tells; else return it."""
    body = {
        "digest": plan["digest"],
        "tier": approval.tier_level(plan),
        "person": asked.person.name,
        "until": times.rfc3339(approval.deadline(plan, asked.at, settings)),
    }
    try:
        opened = live.current(host)
        add_to(Path(opened.journal), "asked", body, opened.templates)
    except RecordError:
        return [{"event": "asked", "body": body}]
    return []


def _refused(refusal: approval.Refusal) -> dict[str, Any]:
    return {
        "failed": True,
        "changed": False,
        "approved": False,
        "decision": {},
        "msg": refusal.reason,
        "aiops_events": [{"event": "refused", "body": {"message": refusal.reason}}],
    }


def _decided(
    decision: approval.Decision, unrecorded: list[dict[str, Any]], host: str, arguments: dict[str, Any]
) -> dict[str, Any]:
    body = decision.to_json()
    how = _how_to_decide(decision, host, bool(arguments["allowed_signers"]))
    emergency = approval_text.emergency(decision) if decision.emergency else []
    for line in how:
        display.display(line)
    for line in emergency:
        display.display(line, color="bright red")
    return {
        "changed": False,
        "needed": True,
        "approved": decision.decision == "approved",
        "decision": body,
        "how_to_decide": how,
        "msg": decision.decision + (f": {decision.missing}" if decision.missing else ""),
        "aiops_events": [*unrecorded, {"event": "decided", "body": body}, *_loud(decision)],
    }


def _loud(decision: approval.Decision) -> list[dict[str, Any]]:
    """An emergency is an event of its own, so that an audit counts it."""
    if not decision.emergency:
        return []
    body = {
        "digest": decision.digest,
        "by": decision.by,
        "sudo_user": decision.sudo_user,
        "strength": decision.strength,
    }
    said = f"EMERGENCY: {decision.by} alone approved a critical change: {decision.justification}"
    return [{"event": "emergency", "body": {**body, "justification": decision.justification, "message": said}}]


def _how_to_decide(decision: approval.Decision, host: str, may_sign: bool) -> list[str]:
    if decision.decision not in ("unavailable", "expired"):
        return []
    try:
        record = live.current(host).run_id
    except RecordError:
        return []
    return approval_text.how_to_decide(decision, record, may_sign)
