# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What advisors add to a diagnosis, by a scripted agent on loopback; needs no cluster.

    python tests/bench/advice.py [--runs 20]

  rules    joining with no answer at all: what the report costs by itself
  none     advisors on auto and none set up
  instant  an agent that answers at once
  hanging  an agent that never answers, with a deadline of 1 s
The aims: none costs no more than rules alone, instant stays under 2 s, hanging under its deadline and 0.5 s.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "playbooks" / "collections"))
sys.path.insert(0, str(Path(__file__).parents[1] / "standins"))

from a2a_agent import A2AAgent
from answers import REPORT, as_text

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.joining import join
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import KagentSettings

CAUSE = {"class": "oom-killed", "summary": "", "confidence": 0.8, "evidence": ["E1"], "details": {}}
DIAGNOSIS = {"verdict": "failing", "root_cause": CAUSE, "contributing": [], "chain": []}
DIAGNOSED = {**REPORT, "diagnosis": DIAGNOSIS, "recommendations": []}
DEADLINE_SECONDS = 1.0


def advised(agent: A2AAgent | None, within_seconds: float) -> Callable[[], Any]:
    kagent = KagentSettings(url=agent.url) if agent else KagentSettings()
    settings = AdvisorSettings(kagent=kagent, within_seconds=within_seconds)
    return lambda: asking.advised(DIAGNOSED, settings, None)


def seconds(ways: dict[str, Callable[[], Any]], runs: int) -> dict[str, list[float]]:
    """Seconds of each way, in turn, so that the machine's mood meets all of them; the first round warms up."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-1, runs):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if number >= 0:
                spent[name].append(time.perf_counter() - started)
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description="What advisors add to a diagnosis")
    parser.add_argument("--runs", type=int, default=20)
    runs = max(1, parser.parse_args().runs)
    with A2AAgent(as_text()) as instant, A2AAgent("", "hangs") as hanging:
        ways = {
            "rules": lambda: join(DIAGNOSIS, [], []),
            "none": advised(None, 20),
            "instant": advised(instant, 20),
            "hanging": advised(hanging, DEADLINE_SECONDS),
        }
        spent = seconds(ways, runs)
    for name, values in spent.items():
        print(f"{name:8} p50 {statistics.median(values) * 1000:8.2f} ms  max {max(values) * 1000:8.2f} ms")
    late = max(spent["hanging"]) - DEADLINE_SECONDS
    print(f"hanging: at most {late * 1000:.0f} ms beyond its deadline of {DEADLINE_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
