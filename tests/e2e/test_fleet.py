# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Several clusters in one run: each cluster's failure is its own, and a change goes no further than where it holds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import audit
from support.cluster import Cluster, embedded, remove
from support.fleet import simulated_clusters, write_inventory, write_kubeconfig
from support.playbook import Playbook
from support.story import Story, plain
from support.workloads import hungry, memory_limit, until_killed

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import status, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events

pytestmark = pytest.mark.xdist_group("fleet")
TARGET = "deployment/checkout"
# Never a cluster: nothing listens on port 1.
NOWHERE = "https://127.0.0.1:1"


@pytest.fixture(scope="module")
def second() -> Iterator[Cluster]:
    yield embedded("e2e-two", helm=False, simulated_nodes=2)
    remove("e2e-two")


@pytest.fixture(scope="module")
def down(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A cluster that was there until a moment ago."""
    third = embedded("e2e-gone", helm=False, demo_images=False)
    kept = Path(third.kubeconfig).read_text()
    remove("e2e-gone")
    path = tmp_path_factory.mktemp("down") / "kubeconfig"
    path.write_text(kept)
    return {"kubeconfig": str(path)}


def host(cluster: Cluster) -> dict[str, str]:
    return {"kubeconfig": cluster.kubeconfig, "context": str(cluster.facts["context"])}


def address_of(given: dict[str, str]) -> str:
    content = yaml.safe_load(Path(given["kubeconfig"]).read_text())
    return str(content["clusters"][0]["cluster"]["server"])


def without_rights(cluster: Cluster, path: Path) -> dict[str, str]:
    """The cluster as somebody who may read nothing."""
    content = yaml.safe_load(Path(cluster.kubeconfig).read_text())
    for user in content["users"]:
        user["user"]["as"] = "nobody"
    path.write_text(yaml.safe_dump(content))
    return {"kubeconfig": str(path)}


def statuses(folder: Path) -> dict[str, str]:
    """Of the newest record of each host."""
    journals = [trusted_events(path) for path in store.journals(folder)]
    return {events[0].body["host"]: status.standing(events) for events in journals}


@pytest.mark.parametrize(("playbook", "story"), [("health_report.yml", "health"), ("security_audit.yml", "security")])
def test_one_cluster_down_and_the_others_report(
    cluster: Cluster, second: Cluster, down: dict[str, str], tmp_path: Path, playbook: str, story: str
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("not: [a kubeconfig")
    hosts = {
        "first": host(cluster),
        "second": host(second),
        "down": down,
        "forbidden": without_rights(cluster, tmp_path / "forbidden"),
        "broken": {"kubeconfig": str(broken)},
    }
    inventory = write_inventory(
        tmp_path / "inventory.yml", hosts, {"staging": list(hosts)[:2], "production": list(hosts)[2:]}
    )
    records, reports = tmp_path / "records", tmp_path / "reports"
    run = Playbook(environment={"AIOPS_RECORD_FOLDER": str(records)})(
        playbook, "-i", str(inventory), "--forks", "5", reports=str(reports)
    )
    assert run.code == 2, run.output
    assert "Traceback" not in run.output
    [twin] = reports.glob(f"fleet-{story}-*.json")
    fleet = json.loads(twin.read_text())
    rows = {row["host"]: row for row in fleet["clusters"]}
    assert {name for name, row in rows.items() if row["grade"]} == {"first", "second"}
    # Whatever answers at its address by now: another cluster may have been given it.
    assert address_of(down) in rows["down"]["problem"], rows["down"]
    assert "nobody" in rows["forbidden"]["problem"], rows["forbidden"]
    assert "not YAML" in rows["broken"]["problem"]
    for name in ("first", "second"):
        assert (reports / rows[name]["page"]).is_file()
        assert rows[name]["cluster"] == name
        assert f'href="{rows[name]["page"]}"' in twin.with_suffix(".html").read_text()
    assert rows["first"]["groups"] == ["staging"]
    said = plain(run.output)
    assert all(f"{name}: {rows[name]['problem'][:40]}" in said for name in ("down", "forbidden", "broken"))
    good, bad = {"first": "done", "second": "done"}, dict.fromkeys(("down", "forbidden", "broken"), "failed")
    assert statuses(records) == {**good, **bad}
    assert run.output.count("Status: ") == run.output.count("Record: ") == 5
    assert twin.with_suffix(".html").name in (reports / "index.html").read_text()


def test_stories_observe_the_clusters_that_answer(
    cluster: Cluster, second: Cluster, down: dict[str, str], tmp_path: Path
) -> None:
    hosts = {"first": host(cluster), "second": host(second), "down": down}
    inventory = write_inventory(tmp_path / "inventory.yml", hosts, {"all-of-them": list(hosts)})
    # Sizing needs a Prometheus, which these have not.
    for name in ("diagnose_pod.yml", "scale_workload.yml"):
        records = tmp_path / name
        run = Playbook(environment={"AIOPS_RECORD_FOLDER": str(records)})(
            name, "-i", str(inventory), stage="observe", namespace="kube-system"
        )
        assert run.code == 2, run.output
        assert statuses(records) == {"first": "done", "second": "done", "down": "failed"}, run.output
    run = Playbook()("cluster_info.yml", "-i", str(inventory))
    assert run.code == 2
    assert all(f"{name}, Kubernetes v1." in plain(run.output) for name in ("first", "second"))


@dataclass
class FleetStory(Story):
    """Work on the same namespace of several clusters."""

    inventory: Path = Path()

    def variables(self, **more: Any) -> dict[str, Any]:
        given = super().variables(**more)
        del given["kubeconfig"]
        return given

    def command(self, playbook: str, *arguments: str, **more: Any) -> list[str]:
        return super().command(playbook, "-i", str(self.inventory), *arguments, **more)


@pytest.fixture
def story(cluster: Cluster, second: Cluster, namespace: str, tmp_path: Path) -> Iterator[FleetStory]:
    """On the first cluster the fix does not hold, on the second it would."""
    second.kubectl("create", "namespace", namespace)
    cluster.apply(namespace, json.dumps(hungry(needs_mebibytes=60)))
    second.apply(namespace, json.dumps(hungry()))
    for each in (cluster, second):
        until_killed(each, namespace)
    hosts = {"first": host(cluster), "second": host(second)}
    inventory = write_inventory(tmp_path / "inventory.yml", hosts, {"staging": ["first"], "production": ["second"]})
    yield FleetStory(cluster, namespace, tmp_path / "records", inventory=inventory)
    second.kubectl("delete", "namespace", namespace, "--wait=false")


def test_a_change_stops_at_the_first_cluster_where_it_does_not_hold(story: FleetStory, second: Cluster) -> None:
    before = memory_limit(second, story.namespace)
    terminal = story.at_terminal("diagnose_pod.yml", target=TARGET, change_validate_seconds=20)
    terminal.approves()
    run = terminal.end()
    assert run.code == 2, run.output
    assert "Status: rolled-back" in run.output
    assert "Not begun: second" in run.output
    assert statuses(story.folder) == {"first": "rolled-back"}
    assert len(audit.writes(story.cluster, story.namespace)) == 2
    assert audit.writes(second, story.namespace) == []
    assert memory_limit(second, story.namespace) == before


def test_a_record_is_approved_on_its_own_cluster_alone(story: FleetStory, second: Cluster) -> None:
    planned = story.run("diagnose_pod.yml", target=TARGET, stage="plan")
    assert planned.code == 0, planned.output
    assert statuses(story.folder) == {"first": "waiting", "second": "waiting"}
    journals = {trusted_events(path)[0].body["host"]: path for path in story.journals()}
    plans = {
        name: next(item.body for item in trusted_events(path) if item.event == "planned")
        for name, path in journals.items()
    }
    assert {name: plan["target"]["cluster"] for name, plan in plans.items()} == {"first": "first", "second": "second"}
    run = story.run(
        "approve.yml",
        record=str(journals["second"]),
        decision="approved",
        digest=plans["second"]["digest"],
        justification="it needs it",
    )
    assert run.code == 0, run.output
    assert statuses(story.folder) == {"first": "waiting", "second": "done"}
    assert len(audit.writes(second, story.namespace)) == 1
    assert audit.writes(story.cluster, story.namespace) == []
    undone = story.run(
        "approve.yml", "--limit", "first", record=str(journals["second"]), decision="approved", digest="sha256:0"
    )
    assert undone.code == 2 and audit.writes(story.cluster, story.namespace) == [], undone.output


def test_a_kubeconfig_that_calls_every_cluster_the_same(tmp_path: Path) -> None:
    """Without names of their own two clusters are told apart by nobody, and the page says so."""
    with simulated_clusters(2, tmp_path, 0) as hosts:
        named = write_inventory(tmp_path / "named.yml", hosts, {"simulated": list(hosts)})
        nameless = tmp_path / "nameless.yml"
        nameless.write_text(named.read_text().replace("    aiops_cluster_name: '{{ inventory_hostname }}'\n", ""))
        for inventory, folders in ((named, {"cluster-01", "cluster-02"}), (nameless, {"kubernetes"})):
            reports = tmp_path / inventory.stem
            run = Playbook(environment={"AIOPS_RECORD_FOLDER": str(tmp_path / "records")})(
                "health_report.yml", "-i", str(inventory), reports=str(reports)
            )
            assert run.code == 0, run.output
            assert {path.name for path in reports.iterdir() if path.is_dir()} == folders
            assert ("all call their cluster kubernetes" in plain(run.output)) is (inventory == nameless)


def test_more_forks_are_sooner_done(tmp_path: Path) -> None:
    """Figures for fifty clusters: tests/bench/fleet.py."""
    seconds: dict[int, float] = {}
    with simulated_clusters(6, tmp_path, 0.15) as hosts:
        hosts["dead"] = {"kubeconfig": str(write_kubeconfig(tmp_path / "dead", NOWHERE))}
        inventory = write_inventory(tmp_path / "inventory.yml", hosts, {"simulated": list(hosts)})
        for forks in (7, 1):
            reports = tmp_path / f"reports-{forks}"
            started = time.monotonic()
            run = Playbook(environment={"AIOPS_RECORD_FOLDER": str(tmp_path / f"records-{forks}")})(
                "health_report.yml", "-i", str(inventory), "--forks", str(forks), reports=str(reports)
            )
            seconds[forks] = time.monotonic() - started
            assert run.code == 2, run.output
            [twin] = reports.glob("fleet-health-*.json")
            summary = json.loads(twin.read_text())["summary"]
            assert (summary["reported"], summary["failed"]) == (6, ["dead"])
    assert seconds[7] < seconds[1]
