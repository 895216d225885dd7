# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A diagnosis and what is proposed as one screen: plain lines for 80 columns, no control characters (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import advice_text, approval_text
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown, view

Line = tuple[str, str | None]

_COLOURS = {"healthy": "green", "failing": "red", "degraded": "yellow", "unknown": "yellow", "not-found": "yellow"}
_COLOURS |= {"overloaded": "yellow", "steady": "green"}
MOST_EVIDENCE = 6
MOST_CAUSES = 3
MOST_CANDIDATES = 5
MOST_FIGURES = 20
_EVIDENCE_LENGTH = 136


def lines(report: dict[str, Any], plan: dict[str, Any], said: Sequence[str] = ()) -> Iterator[Line]:
    """The screen. `report`: as pod_diagnosis_info returns it, `plan`: as change_plan does; either may be empty.

    `said` are sentences for the end, such as why nothing is proposed; alone they are shown as they are.
    """
    if not report and not plan:
        yield from ((redact(markdown.one_line(sentence, 2000)), None) for sentence in said)
        return
    yield "", None
    if report:
        yield from diagnosis(report)
        if plan:
            yield "", None
            yield from _other_target(report, plan)
    if plan:
        yield from approval_text.change(plan) if report else approval_text.lines(plan)
        yield from _snippet(plan)
    for sentence in said:
        yield from approval_text.field("Note", sentence, "bright purple")


def diagnosis(report: dict[str, Any]) -> Iterator[Line]:
    """Target, who disagrees, verdict and root cause, the evidence that carries both, contributing causes, advice."""
    found = _map(report.get("diagnosis"))
    cause, verdict = _map(found.get("root_cause")), str(found.get("verdict") or "unknown")
    yield from approval_text.field("Target", view.target_text(_map(report.get("target"))) or "the cluster")
    joined = _map(report.get("joined"))
    yield from advice_text.contradiction(joined)
    by = f", says {cause['advisor']}, the rules do not know" if cause.get("advisor") else ""
    sure = f" ({cause.get('class')}{_percent(cause.get('confidence'))}{by})" if cause.get("class") else ""
    yield from approval_text.field("Verdict", f"{verdict}: {cause.get('summary') or ''}{sure}", _COLOURS.get(verdict))
    contributing = [item for item in _list(found.get("contributing")) if isinstance(item, dict)][:MOST_CAUSES]
    yield from _evidence(report, [cause, *_list(joined.get("disagree")), *contributing])
    for item in contributing:
        yield from approval_text.field("Also", f"{item.get('summary')} ({item.get('class')})")
    yield from advice_text.rest(joined)
    yield from figures(_list(report.get("figures")))
    yield from _unread(_list(report.get("unavailable")))
    yield from _candidates(_list(report.get("candidates")))


def figures(named: list[Any]) -> Iterator[Line]:
    """Named lines, each with `name` and `text`; of a row with one name the first alone shows it."""
    before = None
    for item in [item for item in named if isinstance(item, dict)][:MOST_FIGURES]:
        name = markdown.one_line(str(item.get("name")), 9)
        yield from approval_text.field("" if name == before else name, item.get("text"))
        before = name


def _evidence(report: dict[str, Any], causes: list[dict[str, Any]]) -> Iterator[Line]:
    known = {str(item.get("id")): item for item in _list(report.get("evidence")) if isinstance(item, dict)}
    wanted = dict.fromkeys(str(number) for cause in causes for number in _list(cause.get("evidence")))
    for number in [number for number in wanted if number in known][:MOST_EVIDENCE]:
        item = known[number]
        when = f" {item['time']}" if item.get("time") else ""
        text = markdown.one_line(redact(str(item.get("text") or "")), _EVIDENCE_LENGTH)
        yield from approval_text.field(number, f'{item.get("source")}{when} "{text}"')


def _unread(unavailable: list[Any]) -> Iterator[Line]:
    parts = [f"{item.get('what')} ({item.get('why')})" for item in unavailable if isinstance(item, dict)]
    if parts:
        more = f" and {len(parts) - 3} more" if len(parts) > 3 else ""
        yield from approval_text.field("Not read", "; ".join(parts[:3]) + more, "yellow")


def _candidates(candidates: list[Any]) -> Iterator[Line]:
    others = [item for item in candidates if isinstance(item, dict)][1:]
    if others:
        words = [view.target_text({**item, "cluster": ""}) for item in others[:MOST_CANDIDATES]]
        more = f" and {len(others) - MOST_CANDIDATES} more" if len(others) > MOST_CANDIDATES else ""
        yield from approval_text.field("Failing", f"too: {', '.join(words)}{more}")


def _other_target(report: dict[str, Any], plan: dict[str, Any]) -> Iterator[Line]:
    diagnosed, written = _map(report.get("target")), _map(plan.get("target"))
    if any(diagnosed.get(key) != written.get(key) for key in ("kind", "namespace", "name")):
        yield from approval_text.field("Changes", view.target_text(written))


def _snippet(plan: dict[str, Any]) -> Iterator[Line]:
    owner = _map(plan.get("owner"))
    if owner.get("writable") is False:
        yield "For the source:", "yellow"
        for line in markdown.readable(redact(str(owner.get("snippet") or ""))).splitlines():
            yield "  " + line, None


def _percent(confidence: Any) -> str:
    return f", {confidence:.0%} sure" if isinstance(confidence, (int, float)) else ""


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
