# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What setup says about what it found: nothing works that was not seen to work."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import checks, kagent, metrics_server
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup.checks import Check
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import checks_text


class SteppingClock(Clock):
    """Time passes by waiting alone."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def figure(name: str, **usage: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "usage": usage}


GOOD = {"cpu": "120m", "memory": "900Mi"}


@pytest.mark.parametrize(
    ("names", "items", "state", "said"),
    [
        (["n1", "n2"], [figure("n1", **GOOD), figure("n2", **GOOD)], "works", "2 of 2 nodes"),
        (["n1", "n2"], [figure("n1", **GOOD)], "fails", "1 of 2 nodes; none of n2"),
        (["n1"], [figure("n1")], "fails", "0 of 1"),
        (["n1"], [figure("n1", cpu="0", memory="0")], "fails", "0 of 1"),
        (["n1"], [figure("n1", cpu="much", memory="900Mi")], "fails", "0 of 1"),
        (["n1"], [figure("other", **GOOD)], "fails", "0 of 1"),
        (["n1"], None, "fails", "0 of 1"),
        ([], [], "unknown", "no node"),
    ],
)
def test_figures_are_those_of_every_node(names: list[str], items: Any, state: str, said: str) -> None:
    found = metrics_server.figures({"items": items}, metrics_server.Nodes(frozenset(names), ""))
    assert (found.state, said in found.found) == (state, True), found
    assert bool(found.to_do) == (state != "works")


@pytest.mark.parametrize(
    ("conditions", "state", "said"),
    [
        ([("Accepted", "True"), ("Ready", "True")], "works", "accepted and ready"),
        ([("Accepted", "False"), ("Ready", "True")], "fails", "not Accepted: because"),
        ([("Accepted", "True"), ("Ready", "Unknown")], "fails", "not Ready: because"),
        ([("Accepted", "True")], "unknown", "has not said"),
        ([], "unknown", "has not said"),
    ],
)
def test_an_agent_is_ready_when_kagent_says_so(conditions: list[tuple[str, str]], state: str, said: str) -> None:
    listed = [{"type": type_, "status": status, "message": "because"} for type_, status in conditions]
    found = kagent.readiness({"status": {"conditions": listed}}, "aiops-analyst", "kagent")
    assert (found.state, said in found.found) == (state, True), found


@pytest.mark.parametrize(
    ("tools", "state"),
    [
        ([], "works"),
        (
            [{"type": "McpServer", "mcpServer": {"name": "s", "toolNames": ["k8s_get_events", "k8s_get_pod_logs"]}}],
            "works",
        ),
        (
            [{"type": "McpServer", "mcpServer": {"name": "s", "toolNames": ["k8s_get_events", "k8s_patch_resource"]}}],
            "fails",
        ),
        # Without names, all of a server's tools are meant.
        ([{"type": "McpServer", "mcpServer": {"name": "s"}}], "fails"),
        # Another agent as a tool may do what it likes.
        ([{"type": "Agent", "agent": {"name": "k8s-agent"}}], "fails"),
    ],
)
def test_tools_that_may_write_are_named(tools: list[dict[str, Any]], state: str) -> None:
    assert kagent.tools({"spec": {"declarative": {"tools": tools}}}).state == state


def test_it_waits_until_all_works_and_no_longer_than_it_may() -> None:
    seen = iter(["missing", "fails", "works", "works"])
    clock = SteppingClock()
    found = checks.look_until_all_work(lambda _: [Check("p", "w", next(seen), "")], Deadline.after(60, clock))
    assert (found[0].state, clock.time) == ("works", 2.0)
    clock = SteppingClock()
    found = checks.look_until_all_work(lambda _: [Check("p", "w", "fails", "")], Deadline.after(5, clock))
    assert (found[0].state, clock.time) == ("fails", 4.0)


def test_nothing_looked_at_is_not_all_works() -> None:
    assert checks.to_json([])["works"] is False


def test_the_table_says_what_works_what_does_not_and_what_to_do_in_80_columns() -> None:
    rows = [
        Check("metrics-server", "API", "works", "metrics.k8s.io answers"),
        Check("kagent", "controller", "fails", "x" * 40 + " \x1b[31m" + "y " * 60, "look at: kubectl logs"),
    ]
    shown = [line for line, _colour in checks_text.lines(checks.to_json(rows)["checks"])]
    text = "\n".join(shown)
    assert max(map(len, shown)) <= 80
    assert "  works    API               metrics.k8s.io answers" in shown
    assert "To do: look at: kubectl logs" in text
    assert "\x1b" not in text
    assert shown[-1] == "1 of 2 work."
