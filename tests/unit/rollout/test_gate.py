# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate against a small API server: what passes, what halts, and what never leads to healthy."""

from __future__ import annotations

import functools
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rollout_api import WEB, Document, Shop, exposition, serving

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import plan_json, stepping
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import (
    Owner,
    Plan,
    Rollback,
    Tier,
    Validation,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import arming, gate
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.outcome import Outcome
from ansible_collections.aiops.kubernetes.plugins.module_utils.targets import Target

TARGET = Target("test", "apps/v1", "Deployment", "shop", "web", "uid-web")
# Time for a first look on a busy machine.
QUICK = {"watch_seconds": 1.5, "look_every_seconds": 0.5, "look_within_seconds": 0.4, "ready_within_seconds": 1.0}


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    with serving(shop) as address:
        yield Client(Connection(host=address), retries=1, timeout_seconds=5)


def plan(change: str = "image", **settings: Any) -> Plan:
    """As far as the gate reads one."""
    return plan_json.with_digest(
        Plan(
            remedy="gated_rollout",
            parameters={"change": change, "gate": {**QUICK, **settings}},
            advisor="rules",
            reason="",
            expected_outcome="",
            summary="",
            target=TARGET,
            writes=[],
            preconditions=[],
            diff="",
            tier=Tier(3, "medium", ""),
            rollback=Rollback(True, 1, ""),
            validation=Validation(1, 1, [], TARGET.ref),
            owner=Owner("none", "", True, ""),
            warnings=[],
            created_at="",
            expires_at="",
            decision_window_seconds=1,
        )
    )


def arm(shop: Shop, *, pause: bool = False, first: int = 3) -> None:
    armed = arming.armed(shop.web, first, pause=pause)
    shop.alter(WEB, lambda document: document.update(metadata=armed["metadata"], spec=armed["spec"]))


def busy(shop: Shop, errors: int = 0, name: str = "new") -> None:
    """Each of the new pods has answered 40 requests, and so many of them with an error."""
    for number in range(6):
        shop.metrics[f"{name}-{number}"] = lambda: exposition(40, errors)


def ended(client: Client, made: Plan, *events: tuple[float, Callable[[], Any]]) -> tuple[Outcome, list[str]]:
    """Run the gate; each event happens so many seconds after its begin."""
    timers = [threading.Timer(after, event) for after, event in events]
    lines: list[str] = []
    for timer in timers:
        timer.start()
    try:
        return gate.run(client, made, lines.append), lines
    finally:
        for timer in timers:
            timer.cancel()


def when_released(shop: Shop) -> Callable[[], None]:
    """What the controller does once the strategy is its own again."""

    def wait() -> None:
        for _attempt in range(400):
            if shop.web["spec"].get("minReadySeconds", 0) == 0:
                shop.complete()
                return
            time.sleep(0.02)

    return wait


def test_a_good_release_goes_on_by_itself_and_the_strategy_is_what_it_was(shop: Shop, client: Client) -> None:
    before = {key: value for key, value in shop.web["spec"].items() if key != "template"}
    arm(shop)
    shop.roll_out()
    busy(shop)
    outcome, lines = ended(client, plan(), (0.1, when_released(shop)))
    assert outcome.outcome == "passed", outcome
    assert {key: value for key, value in shop.web["spec"].items() if key != "template"} == before
    assert arming.ANNOTATION not in shop.web["metadata"]["annotations"]
    assert outcome.figures["requests"] >= 120
    assert any("3/3 ready  120 req  0 err  0.0 %" in line.replace("0.0%", "0.0 %") for line in lines), lines
    assert not outcome.paused


def crash(shop: Shop) -> None:
    ended_state = {"terminated": {"exitCode": 1, "reason": "Error"}}
    shop.pod("new-1", "new", ready=False, containerStatuses=[{"name": "app", "restartCount": 0, "state": ended_state}])


def lose_image(shop: Shop) -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
    shop.pod("new-1", "new", ready=False, phase="Pending", containerStatuses=[{"name": "app", "state": waiting}])


def lose_memory(shop: Shop) -> None:
    ended_state = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    shop.pod("new-1", "new", containerStatuses=[{"name": "app", "restartCount": 1, "lastState": ended_state}])


def start_another(shop: Shop) -> None:
    def other(document: Document) -> None:
        document["spec"]["template"]["spec"]["containers"][0]["image"] = "shop/web:3"
        document["metadata"]["generation"] += 1

    shop.alter(WEB, other)


def overwrite_the_strategy(shop: Shop) -> None:
    def other(document: Document) -> None:
        document["spec"]["strategy"]["rollingUpdate"] = {"maxSurge": "25%", "maxUnavailable": "25%"}
        document["metadata"]["generation"] += 1

    shop.alter(WEB, other)


def scale_out(shop: Shop) -> None:
    """An autoscaler wants more, and one more new pod comes that never becomes ready."""

    def more(document: Document) -> None:
        document["spec"]["replicas"] = 9
        document["metadata"]["generation"] += 1

    shop.alter(WEB, more)
    shop.pod("new-3", "new", ready=False)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (crash, "ended: Error (exit code 1)"),
        (lose_image, "is in ErrImagePull"),
        (lose_memory, "OOMKilled"),
        (lambda shop: shop.pod("new-1", "new", ready=False), "was ready and is not any more"),
        (lambda shop: busy(shop, errors=4), "12 of 120 requests to the new pods failed, 10.0%"),
        (start_another, "another rollout was started meanwhile"),
        (overwrite_the_strategy, "somebody changed the rollout strategy"),
        (lambda shop: shop.alter(WEB, lambda document: document["spec"].update(paused=True)), "somebody else paused"),
        (scale_out, "pod new-3 did not become ready"),
    ],
)
def test_what_halts(shop: Shop, client: Client, happens: Callable[[Shop], Any], why: str) -> None:
    arm(shop)
    shop.roll_out()
    busy(shop)
    outcome, _lines = ended(client, plan(watch_seconds=5), (0.6, lambda: happens(shop)))
    assert outcome.outcome == "halted", outcome
    assert why in outcome.why
    assert outcome.paused
    assert shop.web["spec"]["paused"] is True
    assert outcome.detected_at <= outcome.paused_at
    assert arming.ANNOTATION in shop.web["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: 404, "gave no figures"),
        (lambda: b"<html>http_requests_total 1000</html>\n", "line 1 is no sample"),
        (lambda: b"", "none of the series"),
        (lambda: 2.0, "gave no figures"),
        (lambda: b"filler_total 1\n" * 400_000, "larger than"),
        (lambda: exposition(3), "only 9 requests"),
    ],
)
def test_what_is_not_known_is_held_and_never_healthy(
    shop: Shop, client: Client, answer: Callable[[], Any], why: str
) -> None:
    arm(shop)
    shop.roll_out()
    for number in range(3):
        shop.metrics[f"new-{number}"] = answer
    # What is too large has to have the time to arrive.
    within = 8.0 if why == "larger than" else QUICK["look_within_seconds"]
    outcome, _lines = ended(client, plan(look_within_seconds=within))
    assert outcome.outcome == "inconclusive", outcome
    assert why in outcome.why
    assert shop.web["spec"]["paused"] is True


def test_the_pod_with_most_errors_is_the_one_to_look_at(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out()
    busy(shop, errors=1)
    shop.metrics["new-1"] = lambda: exposition(40, 9)
    outcome, _lines = ended(client, plan())
    assert (outcome.outcome, outcome.pod) == ("halted", "new-1")
    assert outcome.pod_logs == ["new-1: it said so"]


def test_every_probe_that_fails_is_counted(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out()
    for number in range(3):
        answers = itertools.cycle([b"", 500])
        shop.metrics[f"new-{number}"] = functools.partial(next, answers)
    outcome, _lines = ended(client, plan(source="probe", probe={"path": "/", "per_second": 20}))
    assert outcome.outcome == "halted", outcome
    # Every second one, of each pod.
    assert outcome.figures["errors"] * 2 >= outcome.figures["requests"] - 3


def test_what_a_pod_answers_before_it_is_ready_is_no_error(shop: Shop, client: Client) -> None:
    def begin_to_listen() -> None:
        for number in range(3):
            shop.metrics[f"new-{number}"] = lambda: b""
            shop.pod(f"new-{number}", "new")

    arm(shop)
    shop.roll_out(ready=False)
    for number in range(3):
        shop.metrics[f"new-{number}"] = lambda: 503
    made = plan(source="probe", probe={"path": "/", "per_second": 20}, ready_within_seconds=10)
    outcome, lines = ended(client, made, (0.6, begin_to_listen), (0.7, when_released(shop)))
    assert outcome.outcome == "passed", (outcome, lines)
    assert outcome.figures["errors"] == 0


def test_pods_that_never_come_are_said(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out(pods=1)
    busy(shop)
    failing = [{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]
    shop.alter(WEB, lambda document: document["status"].update(conditions=failing))
    outcome, _lines = ended(client, plan())
    assert outcome.outcome == "halted"
    assert "1 of 3 new pods are ready" in outcome.why
    assert "exceeded quota" in outcome.why


def test_one_pod_that_becomes_three_meanwhile_is_no_fault_of_the_release() -> None:
    shop = Shop(replicas=1)

    def scale() -> None:
        def more(document: Document) -> None:
            document["spec"]["replicas"] = 3
            document["metadata"]["generation"] += 1

        shop.alter(WEB, more)
        shop.pod("new-1", "new")
        shop.pod("old-1", "old")

    arm(shop, first=1)
    shop.roll_out(pods=1)
    busy(shop)
    with serving(shop) as address:
        client = Client(Connection(host=address), retries=1, timeout_seconds=5)
        outcome, _lines = ended(client, plan(watch_seconds=2.5), (0.5, scale), (0.6, when_released(shop)))
    assert outcome.outcome == "passed", outcome


def test_a_deleted_workload_is_said(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out()
    outcome, _lines = ended(client, plan(watch_seconds=9), (0.5, lambda: shop.delete(WEB)))
    assert (outcome.outcome, outcome.paused) == ("gone", False)
    assert "was deleted" in outcome.why


def test_time_in_which_the_server_was_away_does_not_count(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out()
    busy(shop)

    def away(down: bool) -> Callable[[], None]:
        return lambda: setattr(shop, "down", down)

    began = time.monotonic()
    outcome, lines = ended(
        client, plan(watch_seconds=2), (1.0, away(True)), (2.5, away(False)), (2.6, when_released(shop))
    )
    assert outcome.outcome == "passed", outcome
    assert time.monotonic() - began > 4.0
    assert any("cannot be watched" in line for line in lines), lines


@pytest.mark.parametrize("change", ["helm", "guard"])
def test_what_somebody_else_rolls_out_begins_paused(shop: Shop, client: Client, change: str) -> None:
    before = shop.web["spec"]["strategy"]
    arm(shop, pause=True)
    busy(shop)

    def upgrade() -> None:
        """By a chart that sets the strategy itself."""

        def changed(document: Document) -> None:
            document["spec"]["strategy"]["rollingUpdate"]["maxSurge"] = "50%"

        shop.alter(WEB, changed)
        shop.roll_out(pods=0)
        for _attempt in range(200):
            if not shop.web["spec"].get("paused"):
                break
            time.sleep(0.02)
        assert shop.web["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 3
        shop.first_pods()
        when_released(shop)()

    outcome, _lines = ended(client, plan(change), (0.3, upgrade))
    assert outcome.outcome == "passed", outcome
    # What the chart brought stays, what it did not is as before.
    wanted = {**before["rollingUpdate"], "maxSurge": "50%"}
    assert shop.web["spec"]["strategy"]["rollingUpdate"] == wanted


def test_a_guard_that_waited_for_nothing_leaves_nothing(shop: Shop, client: Client) -> None:
    before = shop.web["spec"]
    arm(shop, pause=True)
    outcome, _lines = ended(client, plan("guard", guard_seconds=0.5))
    assert outcome.outcome == "unchanged"
    assert shop.web["spec"] == before


def test_a_disarm_lets_nothing_go(shop: Shop, client: Client) -> None:
    before = shop.web["spec"]["strategy"]
    arm(shop)
    shop.roll_out()
    assert stepping.step(client, plan(), "disarm") is not None
    assert shop.web["spec"]["strategy"] == before
    assert shop.web["spec"]["paused"] is True
    assert arming.gate_of(shop.web)


def test_figures_of_single_pods_are_of_the_right_ones(shop: Shop, client: Client) -> None:
    arm(shop)
    shop.roll_out()
    busy(shop, errors=20, name="old")
    busy(shop)
    outcome, _lines = ended(client, plan(), (0.1, when_released(shop)))
    assert outcome.outcome == "passed"
    assert (outcome.figures["errors"], outcome.figures["old_errors"]) == (0, 0)
