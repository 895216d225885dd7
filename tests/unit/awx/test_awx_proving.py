# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An approver of AWX in a journal counts while AWX itself says so, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from example_plans import make_plan

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import gate, proving
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal

PLAN = make_plan(3)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
APPROVAL = {"by": "bob", "strength": "awx-user", "proof": {"workflow_approval": 7}}
GIVEN = gate.Given("approved", gate.Person(2, "bob"), NOW, NOW, 7)


def _proof(*given: gate.Given) -> gate.Proof:
    return gate.Proof("approved", PLAN["digest"], given, None, "", 5, 6)


# (what AWX says, what the journal says, why it does not count; "" if it does)
CASES: list[tuple[gate.Given, dict[str, Any], str]] = [
    (GIVEN, APPROVAL, ""),
    (GIVEN, {**APPROVAL, "by": "eve"}, "AWX knows of no approval 7 by eve"),
    (GIVEN, {**APPROVAL, "proof": {"workflow_approval": 8}}, "AWX knows of no approval 8 by bob"),
    (GIVEN, {"by": "bob"}, "AWX knows of no approval None by bob"),
    (gate.Given("rejected", GIVEN.by, NOW, NOW, 7), APPROVAL, "AWX knows of no approval 7 by bob"),
    (gate.Given("approved", None, NOW, NOW, 7), {**APPROVAL, "by": None}, "AWX knows of no approval 7 by None"),
]


@pytest.mark.parametrize(("given", "approval", "reason"), CASES)
def test_a_journal_is_compared_with_what_awx_says(
    given: gate.Given, approval: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "proof", lambda *_asked: _proof(given))
    assert proving.why_not_proved(approval, {}, {}, PLAN) == reason


def test_outside_awx_it_proves_nothing() -> None:
    assert "this is no job of AWX" in proving.why_not_proved(APPROVAL, {}, {}, PLAN)


def test_what_awx_refuses_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: Any) -> gate.Proof:
        raise AwxRefusal("the approver was deleted")

    monkeypatch.setattr(proving, "proof", refuse)
    assert proving.why_not_proved(APPROVAL, {}, {}, PLAN) == "the approver was deleted"
