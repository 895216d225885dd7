# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Requests by what was really used: two weeks in a real Prometheus, a real cluster, a person at a real terminal."""

from __future__ import annotations

import json
import math
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from a2a_agent import A2AAgent
from support import audit
from support.cluster import Cluster, eventually
from support.history import (
    DAY,
    MIB,
    STEP_SECONDS,
    Series,
    Shape,
    cpu_at_steps,
    gauge,
    memory_at_steps,
    percentile,
    prometheus,
    write_blocks,
)
from support.measured import NOWHERE, Usage, flat, gap, pod_names, recent, series_of, simulated
from support.playbook import ROOT
from support.shell import Shell, environment_of, sections
from support.story import QUICK, Story, plain
from support.workloads import deployment

DAYS = 14
TARGET = "deployment/checkout"
# The workloads are minutes old, their history is backfilled: nothing but the figures can be stable for a week.
HISTORY = {"optimize_resources_minimum_days": 0}


def wave(low: float, high: float, period: float = DAY) -> Shape:
    return lambda age: low + (high - low) * (1 + math.sin(2 * math.pi * age / period)) / 2


def batch(idle: float, busy: float) -> Shape:
    """Four hours a week."""
    return lambda age: busy if age % (7 * DAY) < 4 * 3600 else idle


def leak(start: float, end: float) -> Shape:
    return lambda age: end - (end - start) * age / (DAYS * DAY)


def spike(usual: float, peak: float) -> Shape:
    """Ten minutes, six days ago."""
    return lambda age: peak if 6 * DAY <= age < 6 * DAY + 600 else usual


def noise(seed: int, low: float, high: float) -> Shape:
    values = random.Random(seed)
    table = [values.uniform(low, high) for _index in range(8191)]
    return lambda age: table[round(age / 150) % len(table)]


LARGE = {"cpu": "1", "memory": "1Gi"}
USAGES = {
    # The specification's example: CPU 200m and memory 150Mi.
    "checkout": Usage(flat(0.150), flat(115 * MIB), {"cpu": "500m", "memory": "256Mi"}),
    "flat-small": Usage(flat(0.002), flat(5 * MIB), {"cpu": "100m", "memory": "128Mi"}),
    "flat-large": Usage(flat(1.2), flat(900 * MIB), {"cpu": "4", "memory": "4Gi"}),
    "wave-day": Usage(wave(0.1, 0.6), wave(200 * MIB, 400 * MIB), {"cpu": "2", "memory": "2Gi"}),
    "wave-fast": Usage(wave(0.05, 0.2, 5400), wave(50 * MIB, 90 * MIB, 7000), LARGE),
    "batch-weekly": Usage(batch(0.01, 0.9), batch(60 * MIB, 700 * MIB), LARGE),
    "batch-small": Usage(batch(0.005, 0.05), batch(20 * MIB, 45 * MIB), {"cpu": "100m", "memory": "64Mi"}),
    "leak-slow": Usage(flat(0.05), leak(100 * MIB, 300 * MIB), {"cpu": "200m", "memory": "512Mi"}, "as with a leak"),
    "leak-fast": Usage(flat(0.05), leak(50 * MIB, 900 * MIB), LARGE, "as with a leak"),
    "spike-memory": Usage(flat(0.02), spike(80 * MIB, 500 * MIB), LARGE),
    "spike-cpu": Usage(spike(0.03, 0.95), flat(64 * MIB), LARGE),
    "gap-days": Usage(gap(flat(0.1), 4, 6), gap(flat(90 * MIB), 4, 6), LARGE, "are missing for 14% of the time"),
    "gap-most": Usage(gap(flat(0.1), 1, 12), gap(flat(90 * MIB), 1, 12), LARGE, "what it used then is not known"),
    "nothing": Usage(flat(NOWHERE), flat(NOWHERE), LARGE, "No metrics at all of container app"),
    "young": Usage(recent(flat(0.1), 3), recent(flat(90 * MIB), 3), LARGE),
    "noise-low": Usage(noise(1, 0.01, 0.3), noise(2, 50 * MIB, 250 * MIB), LARGE),
    "noise-high": Usage(noise(3, 0.5, 1.5), noise(4, 500 * MIB, 800 * MIB), {"cpu": "3", "memory": "2Gi"}),
    "too-small": Usage(wave(0.2, 0.4), flat(300 * MIB), {"cpu": "100m", "memory": "128Mi"}, "more than its request"),
    "right-sized": Usage(flat(0.150), flat(115 * MIB), {"cpu": "200m", "memory": "150Mi"}),
    "scraped-twice": Usage(flat(0.1), flat(90 * MIB), LARGE, "scraped more than once", ("cadvisor", "kubelet")),
}


@dataclass(frozen=True)
class Shop:
    """A namespace with a workload of each shape, and its history."""

    story: Story
    url: str
    end: int
    series: dict[str, Series]

    def options(self, **more: Any) -> dict[str, Any]:
        return {"optimize_resources_prometheus": {"url": self.url}, **HISTORY, **more}

    def observed(self) -> dict[str, Any]:
        return self.story.body("observed")


@pytest.fixture(scope="module")
def history(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, int, dict[str, Series]]]:
    """Twenty workloads in a namespace that the whole module reads, and their two weeks."""
    namespace = f"sizing-{random.getrandbits(24):06x}"
    cluster.kubectl("create", "namespace", namespace)
    documents = [simulated(name, usage.requests) for name, usage in USAGES.items() if name != "checkout"]
    # Its pods really start, and are replaced.
    documents.append(deployment("checkout", resources={"requests": USAGES["checkout"].requests}))
    cluster.apply(namespace, json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}))
    assert eventually(lambda: len(pod_names(cluster, namespace)) == len(USAGES), 60)
    end = int(time.time()) // STEP_SECONDS * STEP_SECONDS
    series = series_of(cluster, namespace, USAGES)
    blocks = write_blocks(list(series.values()), DAYS, end, tmp_path_factory.mktemp("history"))
    with prometheus(blocks) as url:
        yield namespace, url, end, series
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def shop(cluster: Cluster, history: tuple[str, str, int, dict[str, Series]], tmp_path: Path) -> Shop:
    namespace, url, end, series = history
    return Shop(Story(cluster, namespace, tmp_path / "records"), url, end, series)


def requests(shop: Shop, name: str = "checkout") -> dict[str, str]:
    document = shop.story.cluster.get("deployment", name, "--namespace", shop.story.namespace)
    return dict(document["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"])


@pytest.mark.xdist_group("sizing")
def test_a_namespace_is_ranked_and_every_percentile_is_right(shop: Shop) -> None:
    run = shop.story.run("optimize_resources.yml", stage="observe", **shop.options())
    assert run.code == 0, run.output
    assert "Status: done" in run.output
    observed = shop.observed()
    assert observed["source"]["queries"] == 12
    found = {item["workload"]["name"]: item for item in observed["containers"]}
    assert set(found) == set(USAGES)
    for name, series in shop.series.items():
        compare(name, found[name], series, shop.end)
    workloads = {item["workload"]["name"]: item for item in observed["workloads"]}
    for name, usage in USAGES.items():
        said = " ".join([*workloads[name]["refusals"], *workloads[name]["notes"]])
        assert usage.said in said, f"{name}: {said}"
    assert found["checkout"]["recommended"]["requests"] == {"cpu": "200m", "memory": "150Mi"}
    assert workloads["right-sized"]["verdict"] == "right-sized"
    assert workloads["too-small"]["verdict"] == "under-provisioned"
    assert {workloads[name]["verdict"] for name in ("nothing", "gap-most")} == {"unknown"}
    money = [item["savings"]["cost"]["per_month"] for item in observed["workloads"] if not item["refusals"]]
    assert money == sorted(money, reverse=True)
    assert not audit.writes(shop.story.cluster, shop.story.namespace)
    twins(shop)


def compare(name: str, found: dict[str, Any], series: Series, end: int) -> None:
    """To 1 % of what the samples alone say."""
    cpu, memory = cpu_at_steps(series, DAYS, end), memory_at_steps(series, DAYS, end)
    if not cpu:
        assert found["cpu_millicores"] is None and found["memory_bytes"] is None, name
        return
    peak = max(value for _moment, value in gauge(series, DAYS, end))
    for figures, values, greatest in (
        (found["cpu_millicores"], cpu, max(cpu)),
        (found["memory_bytes"], memory, peak),
    ):
        expected = {f"p{percent}": percentile(values, percent) for percent in (50, 95, 99)} | {"max": greatest}
        for key, value in expected.items():
            assert figures[key] == pytest.approx(value, rel=0.01, abs=0.06), f"{name} {key}"
    wanted = found["recommended"]
    if wanted is not None and name != "right-sized":
        assert amount(wanted["requests"]["cpu"]) * 1000 > 1.3 * percentile(cpu, 95)
        assert amount(wanted["requests"]["memory"]) > 1.3 * percentile(memory, 95)
        assert amount(wanted["requests"]["memory"]) >= peak


def amount(quantity: str) -> float:
    for suffix, factor in (("m", 0.001), ("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30)):
        if quantity.endswith(suffix):
            return float(quantity.removesuffix(suffix)) * factor
    return float(quantity)


def twins(shop: Shop) -> None:
    """The record has a table, a page with a curve for CPU and one for memory, and the same figures for machines."""
    assert "| Deployment" in shop.story.record()
    [journal] = shop.story.journals()
    [page], [machine] = (list(journal.parent.glob(f"*.{kind}")) for kind in ("html", "json"))
    html = page.read_text()
    assert html.count("<svg") == html.count("</svg>") == 2 * (len(USAGES) - 1)
    assert "request now 500" in html and "request then 200" in html
    assert "<script" not in html
    figures = json.loads(machine.read_text())
    assert len(figures["containers"]) == len(USAGES)
    assert figures["savings"]["cost"]["default_prices"] is True


@pytest.mark.xdist_group("sizing")
def test_with_the_usual_settings_a_new_workload_is_not_judged(shop: Shop) -> None:
    options = {"optimize_resources_prometheus": {"url": shop.url}}
    run = shop.story.run("optimize_resources.yml", target=TARGET, **options)
    assert run.code == 0, run.output
    assert "has not been stable for 7 days: Deployment" in plain(run.output)
    assert "got its present revision" in plain(run.output)
    assert "planned" not in shop.story.names()
    young = shop.story.run("optimize_resources.yml", target="deployment/young", **options)
    assert re.search(r"has (2\.9|3\.[01]) days, 7 are needed", plain(young.output)), young.output


@pytest.mark.xdist_group("sizing")
def test_check_mode_shows_the_plan_and_writes_nothing(shop: Shop) -> None:
    run = shop.story.run("optimize_resources.yml", "--check", target=TARGET, **shop.options())
    assert run.code == 0, run.output
    assert "the cpu request from 500m to 200m; the memory request from 256Mi to 150Mi" in plain(run.output)
    assert not audit.writes(shop.story.cluster, shop.story.namespace)


@pytest.mark.xdist_group("sizing")
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"optimize_resources_prometheus": {"url": "http://127.0.0.1:1"}}, "cannot be reached: Connection refused"),
        ({"optimize_resources_price_file": "/no/prices.json"}, "price file /no/prices.json cannot be read"),
        ({"optimize_resources_margin_percent": 10}, "30 percent or more, not 10"),
        ({"target": "deployment/none"}, "there is no Deployment"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(shop: Shop, options: dict[str, Any], sentence: str) -> None:
    run = shop.story.run("optimize_resources.yml", **{"target": TARGET, **shop.options(), **options})
    assert run.code == 2
    assert sentence in plain(run.output)
    assert "Traceback" not in run.output


@pytest.mark.xdist_group("sizing")
@pytest.mark.parametrize(
    ("class_", "stands"),
    [("over-provisioned", "Agrees kagent"), ("right-sized", "kagent disagrees with the rules: a sale is next week")],
)
def test_an_advisor_stands_beside_the_figures(shop: Shop, class_: str, stands: str) -> None:
    cause = {"class": class_, "summary": "a sale is next week", "confidence": 0.8, "evidence": ["E1"]}
    reply = {
        "target": {"kind": "Deployment", "namespace": shop.story.namespace, "name": "wave-fast"},
        "diagnosis": {"verdict": "degraded", "root_cause": cause, "contributing": [], "chain": []},
        "recommendation": None,
    }
    with A2AAgent(reply=json.dumps(reply)) as agent:
        options = shop.options(aiops_kagent={"url": agent.url}, aiops_advisors_within_seconds=60)
        run = shop.story.run("optimize_resources.yml", target="deployment/wave-fast", stage="plan", **options)
    assert run.code == 0, run.output
    assert len(agent.asked) == 1
    told = [event.body for event in shop.story.events() if event.event == "advised"]
    assert class_ in [item["diagnosis"]["root_cause"]["class"] for item in told if item["status"] == "answered"]
    assert stands in plain(run.output)
    assert "the cpu request from 1 to" in plain(run.output)


@pytest.mark.xdist_group("sizing")
def test_approved_applied_verified_and_taken_back(shop: Shop, tmp_path: Path) -> None:
    """Last: it changes the checkout, and its history ends with the pods that it had."""
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"CPU": "0.05", "RAM": "0.01", "currencyCode": "EUR"}))
    cluster, namespace = shop.story.cluster, shop.story.namespace
    autoscale(cluster, namespace)
    before = requests(shop)
    terminal = shop.story.at_terminal(
        "optimize_resources.yml", target=TARGET, **shop.options(optimize_resources_price_file=str(prices))
    )
    terminal.sees("frees 300m CPU")
    terminal.approves("it never used more")
    run = terminal.end()
    assert run.code == 0, run.output
    assert "Status: done" in run.output
    assert requests(shop) == {"cpu": "200m", "memory": "150Mi"}
    assert target_of(cluster, namespace) == 125
    assert [(item["verb"], item["objectRef"]["resource"]) for item in audit.writes(cluster, namespace)] == [
        ("patch", "deployments"),
        ("patch", "horizontalpodautoscalers"),
    ]
    record = shop.story.record()
    assert "p95 150m × 1.30 = 195.0m" in record
    assert "EUR a month (price file" in record
    verified(shop)
    terminal = shop.story.at_terminal("rollback.yml", record="1")
    terminal.approves("the test is over")
    run = terminal.end()
    assert run.code == 0, run.output
    assert (requests(shop), target_of(cluster, namespace)) == (before, 50)


def verified(shop: Shop) -> None:
    run = shop.story.run("verify.yml", record="1", **shop.options())
    assert run.code == 0, run.output
    assert "Realised: 300m CPU (60%) and 106Mi memory (41.4%) of requests are freed" in plain(run.output)
    realised = next(event.body["realised"] for event in reversed(shop.story.events()) if "realised" in event.body)
    assert realised["cost"]["currency"] == "EUR"
    assert realised["cpu_millicores"] == 300
    assert "Realised savings" in shop.story.record()


@pytest.mark.xdist_group("sizing")
def test_every_command_of_the_runbook(shop: Shop, tmp_path: Path) -> None:
    cluster, namespace, name = shop.story.cluster, shop.story.namespace, "wave-day"
    environment = environment_of(cluster, tmp_path)
    (tmp_path / "inventories" / "group_vars" / "all.yml").write_text(yaml.safe_dump({**QUICK, **shop.options()}))
    values = {"KUBECONFIG": cluster.kubeconfig, "NAMESPACE": namespace, "WORKLOAD": name}
    text = (ROOT / "docs" / "runbooks" / "resource-optimization.md").read_text()
    shell = Shell(sections(text), tmp_path, environment, values)
    before, earlier = requests(shop, name), audit.writes(cluster, namespace)
    shell.does("Set up")
    assert "is over-provisioned: a change frees" in plain(shell.does("Where is the most to gain"))
    said = shell.does("One workload")
    assert "Status: waiting" in said
    shell.reads(said, "RECORD", "DIGEST")
    shell.does("Deciding")
    assert "Status: rejected" in shell.does("Reject")
    assert audit.writes(cluster, namespace) == earlier
    shell.reads(shell.does("One workload"), "RECORD", "DIGEST")
    shell.does("Deciding")
    assert "The change holds" in shell.does("Approve")
    assert requests(shop, name) != before
    assert "Realised: " in shell.does("Afterwards")
    shell.reads(shell.does("Taking it back"), "UNDO_RECORD", "UNDO_DIGEST")
    assert "Status: done" in shell.does("Without a terminal")
    assert requests(shop, name) == before
    assert shell.ran == {title for title, blocks in shell.blocks.items() if blocks}


def autoscale(cluster: Cluster, namespace: str) -> None:
    metric = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
    document = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "checkout"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
            "minReplicas": 1,
            "maxReplicas": 2,
            "metrics": [{"type": "Resource", "resource": metric}],
        },
    }
    cluster.apply(namespace, json.dumps(document))


def target_of(cluster: Cluster, namespace: str) -> int:
    document = cluster.get("hpa", "checkout", "--namespace", namespace)
    return int(document["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"])
