# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Story 1 on a real cluster: what fails is diagnosed right, a person decides, it is fixed, the record stays."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import audit
from support.cluster import Cluster, eventually
from support.story import Story, plain
from support.workloads import FOLDER, hungry, memory_limit, spec, until_killed

# Class, what the root cause has to name for a person, and the verdict.
CLASSES = {
    "oom-killed": ("24Mi", "failing"),
    "missing-env": ("DATABASE_URL", "failing"),
    "image-not-found": ("127.0.0.1:5999/shop/checkout:9.9.9", "degraded"),
    "image-registry-unreachable": ("registry.example.invalid", "failing"),
    "bad-command": ("/bin/checkuot", "failing"),
    "missing-configmap": ("checkout-settings", "failing"),
    "missing-secret": ("checkout-keys", "failing"),
    "liveness-probe-wrong": ("9889", "degraded"),
    "app-crash": ("ZeroDivisionError", "failing"),
    "unschedulable-resources": ("900Gi", "degraded"),
    "healthy": ("", "healthy"),
}


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Story:
    return Story(cluster, namespace, tmp_path / "records")


@pytest.fixture(scope="module")
def failing(cluster: Cluster) -> Iterator[str]:
    """A namespace in which one Deployment of each class fails; several had a revision that worked."""
    name = f"classes-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", name)
    cluster.apply(name, (FOLDER / "support" / "registry.yaml").read_text())
    before = [path for kind in CLASSES if (path := FOLDER / f"{kind}.before.yaml").exists()]
    cluster.apply(name, "\n---\n".join(path.read_text() for path in before))
    for path in before:
        deployment = f"deployment/{path.name.partition('.')[0]}"
        cluster.kubectl("rollout", "status", deployment, "--namespace", name, "--timeout=60s")
    cluster.apply(name, "\n---\n".join((FOLDER / f"{kind}.yaml").read_text() for kind in CLASSES))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.mark.xdist_group("classes")
@pytest.mark.parametrize("kind", list(CLASSES))
def test_the_class_of_a_failing_workload(cluster: Cluster, failing: str, tmp_path: Path, kind: str) -> None:
    named, verdict = CLASSES[kind]
    story = Story(cluster, failing, tmp_path / "records")

    def diagnosed() -> bool:
        """The kubelet needs its time to fail; liveness probes most."""
        run = story.run("diagnose_pod.yml", target=f"deployment/{kind}", stage="observe")
        assert run.code == 0, run.output
        return bool(story.body("diagnosed")["root_cause"]["class"] == kind)

    assert eventually(diagnosed, 60, 2), story.body("diagnosed")
    found = story.body("diagnosed")
    assert named in found["root_cause"]["summary"]
    # Where a revision that worked still serves, it is degraded: whether it does depends on the moment.
    assert found["verdict"] in {verdict, *({"failing", "degraded"} if verdict != "healthy" else ())}
    known = {item["id"] for item in story.body("observed")["evidence"]}
    assert set(found["root_cause"]["evidence"]) <= known
    assert story.names()[-1] == "sealed"
    assert "Status: done" in story.record().replace("**", "")
    assert not audit.writes(cluster, failing)


@pytest.mark.xdist_group("classes")
def test_without_a_target_the_worst_is_found(cluster: Cluster, failing: str, tmp_path: Path) -> None:
    story = Story(cluster, failing, tmp_path / "records")
    run = story.run("diagnose_pod.yml", stage="observe")
    assert run.code == 0, run.output
    assert story.body("observed")["target"]["name"].startswith(tuple(CLASSES))
    assert "Failing   too:" in run.output


def test_what_is_not_there(story: Story) -> None:
    run = story.run("diagnose_pod.yml", target="deployment/nobody")
    assert run.code == 0, run.output
    assert "not-found" in run.output
    assert story.body("diagnosed")["root_cause"]["class"] == "not-found"


@pytest.mark.parametrize(
    ("target", "sentence"),
    [("teapot/checkout", "teapot"), ("deployment/", "deployment/")],
)
def test_a_target_that_is_none_is_refused_in_a_sentence(story: Story, target: str, sentence: str) -> None:
    run = story.run("diagnose_pod.yml", target=target)
    assert run.code == 2, run.output
    assert sentence in run.output
    assert "Traceback" not in run.output


def test_the_whole_story_at_a_terminal_and_back(story: Story) -> None:
    cluster, namespace = story.cluster, story.namespace
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    before = spec(cluster, namespace)
    terminal = story.at_terminal("diagnose_pod.yml", target="deployment/checkout")
    seen = terminal.sees(r"(?s)Target .*?Digest sha256:[0-9a-f]{64}").group()
    assert _order(seen, "Target", "Verdict", "12Mi", "OOMKilled", "Change", "+    memory: 24Mi", "Tier", "Expected")
    assert _order(seen, "Expected", "Reverse", "Digest")
    assert max(len(line.rstrip()) for line in seen.splitlines()) <= 80
    assert len(seen.splitlines()) <= 40
    assert memory_limit(cluster, namespace) == "12Mi"
    terminal.approves("it needs 16 MiB")
    terminal.sees("The change holds: ")
    terminal.sees("Monitoring for 3 s")
    terminal.sees(r"\d\d:\d\d:\d\d  1 of 1 ready, 0 restarts")
    run = terminal.end()
    assert run.code == 0, run.output
    assert re.search(r"Status: done\s+Record: \S+\.diagnosis\.prompt\.md\s*$", run.output)
    assert memory_limit(cluster, namespace) == "24Mi"

    # Of each advisor it is said why it was not asked.
    found = ["opened", "observed", "diagnosed", "recommended", "advised", "advised", "planned", "asked", "decided"]
    assert story.names() == [*found, "applying", "applied", "validated", "monitored", "sealed"]
    [write] = audit.writes(cluster, namespace)
    assert write["verb"] == "patch"
    assert audit.run_ids([write]) == {story.body("opened")["run_id"]}
    record = story.record()
    for words in (
        "it needs 16 MiB",
        "## Evidence",
        "+    memory: 24Mi",
        "**approved** by",
        "| memory_bytes |",
        "good.",
    ):
        assert words in record

    terminal = story.at_terminal("rollback.yml", record="1")
    terminal.approves("it was for a test")
    run = terminal.end()
    assert run.code == 0, run.output
    assert spec(cluster, namespace)["template"] == before["template"]
    assert story.body("decided")["justification"] == "it was for a test"
    assert story.names(0)[-2:] == ["rollback-requested", "rolled-back"]
    about = f"{namespace}-deployment-checkout"
    assert [path.name for path in sorted(story.journals()[0].parent.glob("*.md"))] == [
        f"001-{about}.diagnosis.prompt.md",
        f"002-{about}.rollback.prompt.md",
    ]
    assert story.body("opened")["target"]["name"] == "checkout"


def test_ctrl_c_ends_monitoring_and_verify_goes_on(story: Story) -> None:
    cluster, namespace = story.cluster, story.namespace
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    terminal = story.at_terminal("diagnose_pod.yml", target="deployment/checkout", change_monitor_seconds=600)
    terminal.approves()
    terminal.sees(r"\d\d:\d\d:\d\d  1 of 1 ready")
    pressed = time.monotonic()
    terminal.types("\x03", enter=False)
    run = terminal.end()
    # At once, not after the ten minutes; a busy machine takes its time to end a playbook.
    assert time.monotonic() - pressed < 60
    assert run.code == 0, run.output
    assert "Status: monitoring" in run.output
    run_id = story.body("opened")["run_id"]
    assert f"playbooks/verify.yml -e record={run_id}" in plain(run.output)
    assert memory_limit(cluster, namespace) == "24Mi"

    verified = story.run("verify.yml", record=run_id)
    assert verified.code == 0, verified.output
    assert "Status: done" in verified.output
    assert story.body("verified")["ok"] is True

    worse = hungry()
    worse["spec"]["template"]["spec"]["containers"][0]["command"] = ["sh", "-c", "exit 3"]
    cluster.apply(namespace, json.dumps(worse))
    eventually(lambda: "Error" in cluster.kubectl("get", "pods", "--namespace", namespace), 30)
    written = audit.writes(cluster, namespace)
    failed = story.run("verify.yml", record=run_id, change_validate_seconds=10)
    assert failed.code == 2, failed.output
    assert f"playbooks/rollback.yml -e record={run_id}" in plain(failed.output)
    # Ansible itself shows a failure's sentence twice; in the sentence it stands once.
    assert "The change does not hold:" in plain(failed.output)
    assert "The change does not hold: The change" not in plain(failed.output)
    assert audit.writes(cluster, namespace) == written


def test_monitoring_can_be_left_to_verify(story: Story) -> None:
    cluster, namespace = story.cluster, story.namespace
    cluster.apply(namespace, json.dumps(hungry()))
    until_killed(cluster, namespace)
    waiting = story.run("diagnose_pod.yml", target="deployment/checkout")
    assert "Status: waiting" in waiting.output, waiting.output
    run = story.run(
        "approve.yml",
        record="1",
        decision="approved",
        digest=story.body("planned")["digest"],
        justification="it needs it",
        change_monitor="later",
    )
    assert run.code == 0, run.output
    assert "Status: monitoring" in run.output
    assert "Monitoring for" not in run.output
    assert len(story.journals()) == 1


@pytest.mark.parametrize("arguments", [("--check",), ()], ids=["check mode", "stage plan"])
def test_a_plan_alone_asks_nothing_and_writes_nothing(story: Story, arguments: tuple[str, ...]) -> None:
    story.cluster.apply(story.namespace, json.dumps(hungry()))
    until_killed(story.cluster, story.namespace)
    run = story.run(
        "diagnose_pod.yml", *arguments, target="deployment/checkout", **({} if arguments else {"stage": "plan"})
    )
    assert run.code == 0, run.output
    assert "Status: waiting" in run.output
    assert "asked" not in story.names()
    assert "playbooks/approve.yml -e record=" in run.output
    assert not audit.writes(story.cluster, story.namespace)


def test_what_gitops_owns_is_held(story: Story) -> None:
    document = hungry()
    document["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/checkout"}
    story.cluster.apply(story.namespace, json.dumps(document))
    until_killed(story.cluster, story.namespace)
    run = story.run("diagnose_pod.yml", target="deployment/checkout")
    assert run.code == 0, run.output
    assert "Status: held" in run.output
    assert "For the source:" in run.output
    assert "memory: 24Mi" in run.output
    assert "asked" not in story.names()
    assert not audit.writes(story.cluster, story.namespace)


@pytest.mark.parametrize("environment", [{"ANSIBLE_FORCE_COLOR": "1", "ANSIBLE_NOCOLOR": "0"}, {"NO_COLOR": "1"}])
def test_text_from_the_cluster_cannot_drive_the_terminal(story: Story, environment: dict[str, str]) -> None:
    document = hungry("noisy")
    shout = r"printf '\033]0;owned\007\033[2JZeroDivisionError: \033[31mdivision\n'; exit 1"
    document["spec"]["template"]["spec"]["containers"][0]["command"] = ["sh", "-c", shout]
    story.cluster.apply(story.namespace, json.dumps(document))
    eventually(lambda: "Error" in story.cluster.kubectl("get", "pods", "--namespace", story.namespace), 60)
    story.environment = environment
    run = story.run("diagnose_pod.yml", target="deployment/noisy", stage="observe")
    assert run.code == 0, run.output
    escapes = set(re.findall(r"\x1b[^m]{0,8}m?", run.output))
    assert all(re.fullmatch(r"\x1b\[[0-9;]*m", item) for item in escapes), escapes
    assert bool(escapes) == ("ANSIBLE_FORCE_COLOR" in environment)
    assert "\x07" not in run.output


def _order(text: str, *words: str) -> bool:
    places = [text.find(word) for word in words]
    return -1 not in places and places == sorted(places)
