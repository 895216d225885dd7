# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given what the server sends on a watch, which events come out and where the watch goes on."""

from __future__ import annotations

import time
from typing import Any

import pytest
from loopback import Api, Reply, Seen, serving, status

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, WatchEvent
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Forbidden, TimedOut, Unreachable
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import PodShape


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": {"metadata": {"name": name, "resourceVersion": str(version)}}}


def listed(version: int, *names: str) -> Reply:
    items = [{"metadata": {"name": name, "resourceVersion": "1"}} for name in names]
    return Reply({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)}, "items": items})


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old resource version"}}
HELD = 5


class Script:
    """Lists and watches in the order given; each ends the test with its last reply held open."""

    def __init__(self, lists: list[Reply], watches: list[Reply]) -> None:
        self.lists, self.watches = lists, watches
        self.versions: list[str] = []
        self.queries: list[dict[str, str]] = []

    def __call__(self, seen: Seen) -> Reply:
        if not seen.query.get("watch"):
            return self.lists.pop(0)
        self.versions.append(seen.query["resourceVersion"])
        self.queries.append(seen.query)
        return self.watches.pop(0) if self.watches else Reply(parts=[HELD])


def watch(api: Api, seconds: float, clock: Any = None, **settings: Any) -> list[tuple[str, str]]:
    client = Client(Connection(host=api.url, api_key="x"), **({"clock": clock} if clock else {}))
    deadline = Deadline.after(seconds, clock or SYSTEM_CLOCK)
    events = client.watch("v1", "Pod", namespace="shop", deadline=deadline, **settings)
    return [(item.type, item.object["metadata"]["name"] if item.object else "") for item in events]


def test_it_starts_with_all_there_is_and_ends_at_the_deadline() -> None:
    script = Script([listed(10, "a", "b")], [Reply(parts=[event("MODIFIED", "a", 11), HELD])])
    with serving(script) as api:
        started = time.monotonic()
        assert watch(api, 0.3) == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a")]
        assert 0.2 < time.monotonic() - started < 2
    assert script.versions == ["10"]
    assert script.queries[0]["allowWatchBookmarks"] == "true"
    assert script.queries[0]["timeoutSeconds"] == "1"


def test_a_bookmark_is_where_it_goes_on_after_a_drop() -> None:
    watches = [Reply(parts=[event("ADDED", "a", 11), event("BOOKMARK", "", 90), None]), Reply(parts=[HELD])]
    script = Script([], watches)
    with serving(script) as api:
        assert watch(api, 0.3, resource_version="10") == [("ADDED", "a")]
    assert script.versions == ["10", "90"]


def test_a_watch_that_the_server_ends_goes_on_at_once() -> None:
    script = Script([], [Reply(parts=[event("ADDED", "a", 11)]), Reply(parts=[event("DELETED", "a", 12), HELD])])
    with serving(script) as api:
        assert watch(api, 0.3, resource_version="10") == [("ADDED", "a"), ("DELETED", "a")]
    assert script.versions == ["10", "11"]


@pytest.mark.parametrize("gone", [Reply(parts=[GONE]), status(410, "Expired", "too old")], ids=["event", "status"])
def test_410_lists_again(gone: Reply) -> None:
    script = Script([listed(50, "b")], [gone, Reply(parts=[event("DELETED", "b", 51), HELD])])
    with serving(script) as api:
        assert watch(api, 0.3, resource_version="10") == [("RELISTED", ""), ("ADDED", "b"), ("DELETED", "b")]
    assert script.versions == ["10", "50"]


def test_an_event_cut_in_two_is_one_event() -> None:
    line = b'{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"11"}}}\n'
    with serving(Script([], [Reply(parts=[line[:20], 0.05, line[20:], HELD])])) as api:
        assert watch(api, 0.3, resource_version="10") == [("ADDED", "a")]


def test_events_come_as_shapes() -> None:
    with serving(Script([], [Reply(parts=[event("ADDED", "a", 11), event("BOOKMARK", "", 12), HELD])])) as api:
        client = Client(Connection(host=api.url, api_key="x"))
        events = client.watch("v1", "Pod", resource_version="10", shape=PodShape, deadline=Deadline.after(2))
        first = next(events)
        events.close()
    assert isinstance(first, WatchEvent)
    assert isinstance(first.object, PodShape)
    assert (first.object.metadata.name, first.resource_version) == ("a", "11")


def test_a_denial_is_raised() -> None:
    with serving(lambda _seen: status(403, "Forbidden", "no")) as api, pytest.raises(Forbidden):
        watch(api, 1, resource_version="10")


def test_no_answer_at_all_is_no_good_news() -> None:
    with serving(lambda _seen: Reply({}, wait_seconds=1)) as api, pytest.raises(TimedOut):
        watch(api, 0.2)


def test_a_server_that_only_drops_is_given_up(quick: Any) -> None:
    with serving(lambda _seen: Reply(drop=True)) as api:
        with pytest.raises(Unreachable):
            watch(api, 5, clock=quick, resource_version="10")
        assert 5 <= len(api.seen) <= 25


def test_empty_watches_are_not_asked_for_in_a_tight_loop() -> None:
    with serving(lambda _seen: Reply(parts=[])) as api:
        assert watch(api, 0.6, resource_version="10") == []
        assert len(api.seen) <= 6
