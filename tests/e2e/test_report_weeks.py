# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Both reports over four weeks of a real cluster, with the clock set: new, gone, continuing, unknown, and trends."""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import hardened
from support.cluster import Cluster

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock, rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import connection_from_params
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.look import look
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.settings import settings_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Asked, run
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import Published, publish

pytestmark = pytest.mark.xdist_group("weeks")
MONDAY = datetime.datetime(2031, 3, 3, tzinfo=datetime.UTC)
Made = Callable[[str], list[dict[str, Any]]]


class Week(Clock):
    """The Monday of a week, at midnight."""

    def __init__(self, number: int) -> None:
        self.monday = MONDAY + number * datetime.timedelta(days=7)

    def now(self) -> datetime.datetime:
        return self.monday


def health(client: Client, namespace: str, week: Week) -> dict[str, Any]:
    settings = settings_of({"root_causes": 0})
    return look(client, settings, namespaces=[namespace], clock=week).to_json()


def security(client: Client, namespace: str, week: Week) -> dict[str, Any]:
    return run(client, Asked(namespace=namespace, dry_runs=0), deadline=Deadline.after(60), clock=week)


def lost_service(name: str) -> list[dict[str, Any]]:
    return [hardened.service(name)]


def reader_of_secrets(name: str) -> list[dict[str, Any]]:
    return hardened.bound(name, [hardened.rule("list", "secrets")], [hardened.user()])


# The report, how to plant a finding by name, its code, and the list that it is read from.
STORIES: dict[str, tuple[Any, Made, str, str]] = {
    "health": (health, lost_service, "H601", "services"),
    "security": (security, reader_of_secrets, "rbac-secrets", "rolebindings"),
}


def client_of(cluster: Cluster, **more: Any) -> Client:
    return Client(connection_from_params({"kubeconfig": cluster.kubeconfig, **more}, {}), timeout_seconds=30)


def plant(cluster: Cluster, namespace: str, items: list[dict[str, Any]], verb: str = "create") -> None:
    placed = [{**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in items]
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": placed})
    cluster.kubectl(verb, "-f", "-", *(["--wait=true"] if verb == "delete" else []), stdin=document)


@pytest.fixture
def blind(cluster: Cluster) -> Iterator[Callable[[str], Client]]:
    """A client that may read everything but one resource; the right is a role over all the others."""
    made: list[dict[str, Any]] = []

    def without(resource: str) -> Client:
        name = f"weeks-{uuid.uuid4().hex[:6]}"
        listed = cluster.kubectl("api-resources", "--verbs=list", "-o", "name").split()
        others = [item.partition(".") for item in listed if item.partition(".")[0] != resource]
        rules = [{"verbs": ["list"], "apiGroups": [group], "resources": [plural]} for plural, _dot, group in others]
        items = hardened.bound(name, rules, [hardened.user(name)], cluster=True)
        document = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        cluster.kubectl("create", "-f", "-", stdin=document)
        made.extend(items)
        return client_of(cluster, impersonate_user=name)

    yield without
    for item in made:
        cluster.kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false", check=False)


@pytest.mark.parametrize("story", STORIES)
def test_four_weeks(
    cluster: Cluster, namespace: str, blind: Callable[[str], Client], tmp_path: Path, story: str
) -> None:
    report_of, made, code, resource = STORIES[story]
    client = client_of(cluster)

    def reported(week: int, by: Client = client) -> tuple[dict[str, list[str]], Published]:
        """Names of ours by what became of them since the week before."""
        published = publish(report_of(by, namespace, Week(week)), tmp_path)
        changes = published.changes
        lists = {name: getattr(changes, name) for name in ("new", "gone", "continuing", "unknown")}
        return {
            name: sorted(item["name"] for item in items if item["code"] == code and item["namespace"] == namespace)
            for name, items in lists.items()
        }, published

    plant(cluster, namespace, [*made("stays"), *made("goes")])
    nothing = {"new": [], "gone": [], "continuing": [], "unknown": []}
    assert reported(0)[0] == nothing

    plant(cluster, namespace, made("goes"), "delete")
    plant(cluster, namespace, made("comes"))
    told, published = reported(1)
    assert told == {**nothing, "new": ["comes"], "gone": ["goes"], "continuing": ["stays"]}
    assert published.changes.since == rfc3339(MONDAY)
    stored = json.loads(Path(published.files["json"]).read_text())
    seen = {item["name"]: item["first_seen"] for item in stored["findings"] if item["code"] == code}
    assert (seen["stays"], seen["comes"]) == (rfc3339(MONDAY), rfc3339(Week(1).now()))
    page = Path(published.files["html"]).read_text()
    counts = [len(getattr(published.changes, name)) for name in ("new", "gone", "continuing")]
    assert "<strong>{} new</strong>, {} gone, {} continuing".format(*counts) in page

    # A week without the right to look: what was there is unknown, and not gone.
    told, _published = reported(2, blind(resource))
    assert told == {**nothing, "unknown": ["comes", "stays"]}

    # With it again nothing of that is new, and what went meanwhile is gone now.
    plant(cluster, namespace, made("comes"), "delete")
    told, published = reported(3)
    assert told == {**nothing, "gone": ["comes"], "continuing": ["stays"]}
    stored = json.loads(Path(published.files["json"]).read_text())
    assert {item["first_seen"] for item in stored["findings"] if item["name"] == "stays"} == {rfc3339(MONDAY)}
    drawn(Path(published.files["html"]).read_text())


def drawn(page: str) -> None:
    """The trends have a point and a row for each of the four weeks."""
    trends = page[page.index('id="trends"') :]
    section = trends[trends.index("Findings over time") :]
    svg = section[section.index("<svg") : section.index("</svg>")]
    assert svg.count("<circle") == 4 * len(re.findall('class="legend', svg))
    assert svg.count("<polyline") >= 2
    table = section[section.index("<tbody>") : section.index("</tbody>")]
    weeks = [rfc3339(Week(number).now()) for number in range(4)]
    assert [week for week in weeks if week in table] == weeks
