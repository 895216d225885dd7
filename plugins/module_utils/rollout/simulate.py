# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How often the rule halts, lets through or cannot tell, for rollouts with a known error rate. Uses the rule itself."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Look, Rule, decide

ERROR_RATES = (0.0, 0.01, 0.03, 0.08, 0.2, 1.0)
REQUEST_RATES = (0.2, 1.0, 20.0)
LOOK_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class Row:
    """Shares of rollouts at one true error rate and one request rate (per second over all of the first pods)."""

    error_rate: float
    per_second: float
    halted: float
    inconclusive: float
    passed: float
    median_seconds_to_halt: float | None


def simulate(error_rate: float, per_second: float, rollouts: int, rule: Rule, rng: random.Random) -> Row:
    """Roll out so many times; a look every 2 s sees every request so far."""
    ends: Counter[str] = Counter()
    halts: list[float] = []
    for _number in range(rollouts):
        kind, seconds = _rollout(error_rate, per_second, rule, rng)
        ends[kind] += 1
        if kind == "halt":
            halts.append(seconds)
    median = sorted(halts)[len(halts) // 2] if halts else None
    halted, unsure, passed = (ends[kind] / rollouts for kind in ("halt", "inconclusive", "healthy"))
    return Row(error_rate, per_second, halted, unsure, passed, median)


def _rollout(error_rate: float, per_second: float, rule: Rule, rng: random.Random) -> tuple[str, float]:
    coming, errors = _failing(error_rate, rng), 0
    following = next(coming)
    seconds = 0.0
    while True:
        seconds += LOOK_EVERY_SECONDS
        requests = int(per_second * seconds + 1e-9)
        while following <= requests:
            errors, following = errors + 1, next(coming)
        verdict = decide(Look(requests, errors, seconds, 3, 3), rule)
        if verdict.kind != "watch":
            return verdict.kind, seconds


def _failing(error_rate: float, rng: random.Random) -> Iterator[float]:
    """The numbers of the requests that fail: gaps between independent failures are geometric."""
    number = 0.0
    while True:
        if error_rate <= 0:
            number = math.inf
        elif error_rate >= 1:
            number += 1
        else:
            number += 1 + int(math.log(1 - rng.random()) / math.log(1 - error_rate))
        yield number


def table(rows: Sequence[Row]) -> str:
    """As Markdown. Over the limit, what is not halted is a missed halt; below it, what is halted is a false one."""
    lines = [
        "| true error rate | requests/s | halted | inconclusive, held | let through | median time to halt | wrong |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        bad = row.error_rate > Rule().max_error_rate
        wrong = f"missed {row.passed:.2%}" if bad else f"false {row.halted:.2%}"
        median = "–" if row.median_seconds_to_halt is None else f"{row.median_seconds_to_halt:.0f} s"
        lines.append(
            f"| {row.error_rate:.0%} | {row.per_second:g} | {row.halted:.2%} | {row.inconclusive:.2%} "
            f"| {row.passed:.2%} | {median} | {wrong} |"
        )
    return "\n".join(lines)
