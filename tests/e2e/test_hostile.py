# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Workloads that lie, leak, shout or go away: each is diagnosed as a person would want, and nothing is written."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import audit
from support.cluster import Cluster, eventually
from support.playbook import BIN, ROOT, clean_environment
from support.story import Story, plain
from support.workloads import BUSYBOX, FOLDER, hungry, until_killed

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection

WITHIN_SECONDS = 2.0
# What stands in hostile/secrets.yaml; "s3cr3t" is in most of them.
SECRETS = (
    "s3cr3t",
    "eyJhbGciOiJIUzI1NiJ9",
    "c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0",
    "AKIAIOSFODNN7EXAMPLE",
    "MIIEpAIBAAKCAQEA",
)
# Tabs and line ends are all that may control a terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
CRASH = ["sh", "-c", "echo 'AssertionError: total must not be negative'; exit 3"]
WELL = ["sh", "-c", "echo started; exec sleep 3600"]


@pytest.fixture
def story(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Story]:
    """Whatever its runs met, they wrote nothing, nowhere in the cluster."""
    story = Story(cluster, namespace, tmp_path / "records")
    yield story
    for number in range(len(story.journals())):
        assert_read_only(cluster, story.body("opened", number)["run_id"])


@dataclass
class Look:
    """`pod_diagnosis_info` started by `ansible` itself, so that its result is seen as it leaves the module."""

    process: subprocess.Popen[str]
    run_id: str

    def result(self) -> dict[str, Any]:
        output, _none = self.process.communicate(timeout=240)
        assert self.process.returncode == 0, output
        assert "Traceback" not in output
        found: dict[str, Any] = json.loads(output.partition("=> ")[2])
        return found


def look(cluster: Cluster, namespace: str, name: str, **options: Any) -> Look:
    run_id = f"hostile-{uuid.uuid4().hex[:12]}"
    given = {"name": name, "namespace": namespace, "kubeconfig": cluster.kubeconfig, "run_id": run_id, **options}
    command = [str(BIN / "ansible"), "cluster", "-m", "aiops.kubernetes.pod_diagnosis_info", "-a", json.dumps(given)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment({"ANSIBLE_LOAD_CALLBACK_PLUGINS": "0"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Look(process, run_id)


def requests_of(cluster: Cluster, run_id: str) -> list[dict[str, Any]]:
    """What the API server says a run asked for, by its User-Agent."""
    with Path(cluster.facts["audit_log"]).open(encoding="utf-8", errors="replace") as log:
        found = [json.loads(line) for line in log if f"(run {run_id})" in line and line.endswith("\n")]
    return [event for event in found if event["userAgent"].startswith("aiops.kubernetes/")]


def assert_read_only(cluster: Cluster, run_id: str) -> None:
    """Not even an attempt at a write is in the audit log, and the run is in it."""
    seen = requests_of(cluster, run_id)
    assert seen, f"run {run_id} is not in the audit log"
    tried = [event for event in seen if event["verb"] not in ("get", "list", "watch") and not is_question(event)]
    assert not tried, tried


def is_question(event: dict[str, Any]) -> bool:
    """A dry run, or whether one may do something."""
    asked = (event.get("objectRef") or {}).get("resource", "").endswith("accessreviews")
    return asked or "dryRun=All" in event["requestURI"]


def hostile(cluster: Cluster, namespace: str, name: str) -> None:
    cluster.apply(namespace, (FOLDER / "hostile" / f"{name}.yaml").read_text())
    until_ended(cluster, namespace, name)


def until_ended(cluster: Cluster, namespace: str, name: str) -> None:
    def ended() -> bool:
        [status] = cluster.get("pod", name, "--namespace", namespace)["status"].get("containerStatuses") or [{}]
        return any("terminated" in (status.get(key) or {}) for key in ("state", "lastState"))

    assert eventually(ended, 120), cluster.kubectl("describe", "pod", name, "--namespace", namespace)


def until_ready(cluster: Cluster, namespace: str, name: str) -> None:
    cluster.kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--namespace", namespace, "--timeout=90s")


def pod(name: str, command: list[str], **container: Any) -> str:
    app = {"name": "app", "image": BUSYBOX, "command": command, **container}
    spec = {"terminationGracePeriodSeconds": 1, "containers": [app]}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def everything_kept(folder: Path) -> str:
    """All files that the runs left: journals, records, whatever else."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def test_orders_in_a_log_are_only_quoted(story: Story) -> None:
    hostile(story.cluster, story.namespace, "prompt-injection")
    run = story.run("diagnose_pod.yml", target="pod/prompt-injection", stage="observe")
    assert run.code == 0, run.output
    found = story.body("diagnosed")
    assert found["verdict"] == "failing"
    assert found["root_cause"]["class"] == "app-crash"
    assert "AssertionError: total must not be negative" in found["root_cause"]["summary"]
    assert "AssertionError: total must not be negative" in plain(run.output)
    quoted = {item["id"] for item in story.body("observed")["evidence"] if item["source"] == "log"}
    assert set(found["root_cause"]["evidence"]) & quoted
    kept = everything_kept(story.folder)
    assert "IGNORE ALL PREVIOUS INSTRUCTIONS" in kept
    for text in (run.output, kept):
        assert "uid=0" not in text
        assert not CONTROL.search(text), CONTROL.findall(text)
    assert story.names()[-1] == "sealed"
    assert "Status: done" in story.record().replace("**", "")


def test_what_a_log_asks_for_is_not_proposed(story: Story) -> None:
    """The log lies about a healthy verdict, and tells to delete a namespace: no remedy comes from it."""
    hostile(story.cluster, story.namespace, "prompt-injection")
    run = story.run("diagnose_pod.yml", target="pod/prompt-injection", stage="plan")
    assert run.code == 0, run.output
    proposed = json.dumps(story.body("recommended")["recommendations"])
    assert "kube-system" not in proposed
    assert "reboot" not in proposed
    assert not {"decided", "applying", "applied"} & set(story.names())


def test_secrets_are_on_no_screen_and_in_no_file(story: Story) -> None:
    cluster, namespace = story.cluster, story.namespace
    hostile(cluster, namespace, "secrets")
    run = story.run("diagnose_pod.yml", "-v", target="pod/secrets", stage="observe")
    assert run.code == 0, run.output
    looked = look(cluster, namespace, "pod/secrets", record=True)
    result = looked.result()
    assert_read_only(cluster, looked.run_id)
    for secret in SECRETS:
        assert secret not in run.output
        assert secret not in everything_kept(story.folder)
        assert secret not in json.dumps(result)
    # What is left still tells: the line, and that something was taken out.
    told = json.dumps(result["evidence"])
    assert "RuntimeError: login failed" in told
    assert "[redacted]" in told
    assert "[private key]" in told
    assert result["diagnosis"]["root_cause"]["class"] == "app-crash"


def test_secrets_around_a_change_are_not_in_its_plan(story: Story) -> None:
    document = hungry()
    [container] = document["spec"]["template"]["spec"]["containers"]
    container["env"] = [
        {"name": "DB_PASSWORD", "value": "s3cr3t-from-env"},
        {"name": "DATABASE_URL", "value": "postgres://shop:s3cr3t-in-url@db/shop"},
    ]
    story.cluster.apply(story.namespace, json.dumps(document))
    until_killed(story.cluster, story.namespace)
    run = story.run("diagnose_pod.yml", "-v", target="deployment/checkout", stage="plan")
    assert run.code == 0, run.output
    assert "planned" in story.names()
    assert "s3cr3t" not in run.output
    assert "s3cr3t" not in everything_kept(story.folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("long-log", "panic: index out of range [7] with length 3"),
        ("long-line", "ValueError: could not read the order"),
    ],
)
def test_a_long_log_does_not_hold_the_diagnosis_up(story: Story, name: str, said: str) -> None:
    cluster, namespace = story.cluster, story.namespace
    hostile(cluster, namespace, name)
    looked = look(cluster, namespace, f"pod/{name}")
    result = looked.result()
    assert result["duration_seconds"] < WITHIN_SECONDS + 0.5, result["duration_seconds"]
    assert result["diagnosis"]["verdict"] == "failing"
    assert len(json.dumps(result)) < 50_000
    assert_read_only(cluster, looked.run_id)

    def told() -> bool:
        """On a machine that has other things to do the log may come late; then it is named, and no cause is made up."""
        run = story.run("diagnose_pod.yml", target=f"pod/{name}", stage="observe", diagnose_pod_within_seconds=20)
        assert run.code == 0, run.output
        found, observed = story.body("diagnosed")["root_cause"], story.body("observed")
        late = "log of container app" in {item["what"] for item in observed["unavailable"]}
        assert found["class"] == ("unknown" if late else "app-crash"), observed
        return not late and said in found["summary"]

    assert eventually(told, 120), story.body("diagnosed")
    assert len(everything_kept(story.folder)) < 500_000


def test_the_cause_is_found_between_garbage(story: Story) -> None:
    hostile(story.cluster, story.namespace, "binary-garbage")
    run = story.run("diagnose_pod.yml", target="pod/binary-garbage", stage="observe")
    assert run.code == 0, run.output
    found = story.body("diagnosed")["root_cause"]
    assert found["class"] == "missing-env"
    assert "ORDERS_URL" in found["summary"]
    for text in (run.output, everything_kept(story.folder)):
        assert not CONTROL.search(text), CONTROL.findall(text)


# After how many requests of the run the pod goes: before its logs are read, while, and after.
@pytest.mark.parametrize("requests", [1, 4, 7, 10, 13])
@pytest.mark.parametrize(("name", "command"), [("crashing", CRASH), ("well", WELL)])
def test_a_pod_that_goes_away_meanwhile(
    cluster: Cluster, namespace: str, name: str, command: list[str], requests: int
) -> None:
    cluster.apply(namespace, pod(name, command))
    (until_ready if command is WELL else until_ended)(cluster, namespace, name)
    looked = look(cluster, namespace, f"pod/{name}")
    delete_after(cluster, namespace, name, looked, requests)
    result = looked.result()
    assert_read_only(cluster, looked.run_id)
    assert result["duration_seconds"] < WITHIN_SECONDS + 0.5
    diagnosis = result["diagnosis"]
    cause = diagnosis["root_cause"]
    if missed(cluster, looked.run_id, name):
        assert diagnosis["verdict"] != "healthy"
    if diagnosis["verdict"] == "not-found":
        assert re.search(r"was deleted while|does not exist", cause["summary"]), cause
        assert result["recommendations"] == []
    elif command is WELL:
        assert (diagnosis["verdict"], cause["class"]) == ("healthy", "healthy")
    else:
        # All that tells the cause was read before.
        assert (diagnosis["verdict"], cause["class"]) == ("failing", "app-crash")


def delete_after(cluster: Cluster, namespace: str, name: str, looked: Look, requests: int) -> None:
    """Delete the pod at once when the audit log shows so many requests of the run."""
    client = Client(Connection(kubeconfig=cluster.kubeconfig), run_id="somebody who deletes")
    with Path(cluster.facts["audit_log"]).open(encoding="utf-8", errors="replace") as log:
        log.seek(0, 2)
        mark, seen, deadline = f"(run {looked.run_id})", 0, time.monotonic() + 120
        while seen < requests and looked.process.poll() is None and time.monotonic() < deadline:
            seen += sum(mark in line for line in log)
            time.sleep(0.001)
    assert seen, "the run asked for nothing"
    client.delete(ObjectRef("v1", "Pod", name, namespace), grace_period_seconds=0)


def missed(cluster: Cluster, run_id: str, name: str) -> bool:
    """The API server told the run that the pod, or its log, is not there (figures of a young pod may be missing)."""
    told = [event for event in requests_of(cluster, run_id) if event["responseStatus"].get("code") == 404]
    return any(re.search(rf"/api/v1/namespaces/[^/]+/pods/{name}\b", event["requestURI"]) for event in told)


def test_the_pod_of_a_deployment_goes_away_meanwhile(cluster: Cluster, namespace: str) -> None:
    """Its controller makes another: the Deployment's cause is told, or that it is not known, never that all is well."""
    document = hungry("short-lived")
    document["spec"]["template"]["spec"]["containers"][0].update(command=CRASH, resources={})
    cluster.apply(namespace, json.dumps(document))

    def failed() -> str:
        listed = cluster.get("pods", "--namespace", namespace, "-l", "app=short-lived")["items"]
        ended = [item for item in listed if "terminated" in json.dumps(item["status"])]
        return str(ended[0]["metadata"]["name"]) if ended else ""

    name = eventually(failed, 60)
    looked = look(cluster, namespace, "deployment/short-lived")
    delete_after(cluster, namespace, name, looked, 9)
    result = looked.result()
    assert_read_only(cluster, looked.run_id)
    assert result["diagnosis"]["verdict"] in ("failing", "unknown", "not-found"), result["diagnosis"]
    assert result["diagnosis"]["root_cause"]["class"] in ("app-crash", "unknown", "not-found"), result["diagnosis"]


ALL_BUT_LOGS = [
    {"apiGroups": [""], "resources": ["pods", "events", "services"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["resourcequotas", "limitranges", "serviceaccounts"], "verbs": ["get", "list"]},
    {"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["get", "list"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "list"]},
    {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list"]},
]


def reader(cluster: Cluster, namespace: str, rules: list[dict[str, Any]], folder: Path) -> Path:
    """A kubeconfig of a ServiceAccount that may do only this in the namespace."""
    meta = {"name": "reader", "namespace": namespace}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta, "rules": rules}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", **meta}],
    }
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}
    cluster.apply(namespace, "\n---\n".join(json.dumps(item) for item in (account, role, binding)))
    token = cluster.kubectl("create", "token", "reader", "--namespace", namespace, "--duration=1h").strip()
    config = json.loads(cluster.kubectl("config", "view", "--raw", "-o", "json"))
    config["users"] = [{"name": "reader", "user": {"token": token}}]
    config["contexts"][0]["context"]["user"] = "reader"
    path = folder / "reader.kubeconfig"
    path.touch(mode=0o600)
    path.write_text(json.dumps(config))
    return path


@pytest.mark.parametrize(("name", "command"), [("crashing", CRASH), ("well", WELL)])
def test_logs_that_may_not_be_read_are_named(story: Story, tmp_path: Path, name: str, command: list[str]) -> None:
    cluster, namespace = story.cluster, story.namespace
    cluster.apply(namespace, pod(name, command))
    kubeconfig = str(reader(cluster, namespace, ALL_BUT_LOGS, tmp_path))
    (until_ready if command is WELL else until_ended)(cluster, namespace, name)
    run = story.run("diagnose_pod.yml", target=f"pod/{name}", stage="observe", kubeconfig=kubeconfig)
    assert run.code == 0, run.output
    why = {item["what"]: item["why"] for item in story.body("observed")["unavailable"]}
    # Which of its logs is the one to read depends on whether it waits for its next start.
    [unread, *_more] = [what for what in why if what.endswith("log of container app")] or [""]
    assert "pods/log" in why.get(unread, ""), why
    assert f"{namespace}:reader" in why.get(unread, ""), why
    found = story.body("diagnosed")
    assert found["verdict"] == ("unknown" if command is WELL else "failing")
    assert found["root_cause"]["class"] == "unknown"
    assert "log of container app" in found["root_cause"]["summary"]
    assert "Not read" in run.output
    assert "eyJ" not in run.output + everything_kept(story.folder)


def test_nothing_may_be_read(story: Story, tmp_path: Path) -> None:
    cluster, namespace = story.cluster, story.namespace
    cluster.apply(namespace, pod("well", WELL))
    kubeconfig = str(reader(cluster, namespace, [], tmp_path))
    until_ready(cluster, namespace, "well")
    run = story.run("diagnose_pod.yml", target="pod/well", stage="observe", kubeconfig=kubeconfig)
    assert run.code == 0, run.output
    found = story.body("diagnosed")
    assert found["verdict"] == "unknown"
    assert "pod/well" in found["root_cause"]["summary"]
    assert "pod/well" in {item["what"] for item in story.body("observed")["unavailable"]}


def test_a_failing_pod_that_is_hidden_is_not_called_healthy(story: Story, tmp_path: Path) -> None:
    """Without a target and without permission to list pods, nothing can be said about a namespace."""
    kubeconfig = str(reader(story.cluster, story.namespace, [], tmp_path))
    run = story.run("diagnose_pod.yml", stage="observe", kubeconfig=kubeconfig)
    assert run.code == 0, run.output
    assert story.body("diagnosed")["verdict"] == "unknown"
    assert not audit.writes(story.cluster, story.namespace)
