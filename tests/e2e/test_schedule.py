# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Schedules: installed twice they change nothing, they name the right moment in UTC, and the CronJob really runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.cluster import Cluster, eventually
from support.playbook import BIN, ROOT, Playbook, Run

HEALTH = {"name": "health", "playbook": "health_report", "days": ["mon", "fri"]}
CRONTAB = """#!/bin/sh
case "$1" in
  -l) cat "$CRONTAB_FILE" 2>/dev/null ;;
  -r) rm -f "$CRONTAB_FILE" ;;
  -) cat > "$CRONTAB_FILE" ;;
  *) cp "$1" "$CRONTAB_FILE" ;;
esac
"""
# Writes one file where a report would go, and a record as a run does.
PROGRAM = """#!/bin/sh
for word in "$@"; do case "$word" in reports=*) folder="${{word#reports=}}" ;; esac; done
mkdir -p "$folder" && date +%N > "$folder/report.json"
cd {tests} && exec {python} -c '
import os, pathlib
from support.writers import write
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.git_settings import GitSettings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder
given = {{name: os.environ["AIOPS_RECORD_GIT_" + name.upper()] for name in ("remote", "branch", "path")}}
write(Folder(pathlib.Path(os.environ["AIOPS_RECORD_FOLDER"]), git=GitSettings(**given)))
'
"""


def schedule(playbook: Playbook, **variables: Any) -> Run:
    done = playbook("schedule.yml", **variables)
    assert done.code == 0, done.output
    return done


@pytest.fixture
def programs(tmp_path: Path, playbook: Playbook) -> Path:
    """A folder on the PATH of the playbook, with a crontab that keeps its table in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "crontab").write_text(CRONTAB)
    (folder / "crontab").chmod(0o755)
    playbook.environment = {"PATH": f"{folder}:{BIN}:{os.environ['PATH']}", "CRONTAB_FILE": str(tmp_path / "table")}
    return folder


def test_cron_starts_it_at_midnight_utc_whatever_the_machine_s_zone(
    playbook: Playbook, programs: Path, tmp_path: Path
) -> None:
    given = {"schedule_method": "cron", "schedule_reports": [HEALTH], "schedule_program": "echo started"}
    assert schedule(playbook, **given).changed == 1
    assert schedule(playbook, **given).changed == 0
    [line] = [line for line in (tmp_path / "table").read_text().splitlines() if not line.startswith("#")]
    assert line.startswith("0,15,30,45 * * * * ")
    assert "at_most_days=4.5" in line
    # Cron turns \% into %; the clock is one of our own.
    job = line.split(maxsplit=5)[5].replace("\\%", "%")
    for moment, starts in {"10000": True, "50000": True, "10015": False, "20000": False, "12300": False}.items():
        (programs / "date").write_text(f"#!/bin/sh\n[ \"$1 $2\" = '-u +%u%H%M' ] && echo {moment}\n")
        (programs / "date").chmod(0o755)
        environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "TZ": "Asia/Kathmandu"}
        done = subprocess.run(["sh", "-c", job], env=environment, capture_output=True, text=True, check=False)
        assert ("started playbooks/health_report.yml" in done.stdout) is starts, (moment, done)
    schedule(playbook, **given, schedule_state="absent")
    assert "health_report" not in (tmp_path / "table").read_text()


def test_systemd_units_are_understood_and_say_utc(playbook: Playbook, tmp_path: Path) -> None:
    folder = tmp_path / "units"
    folder.mkdir()
    given = {"schedule_method": "systemd", "schedule_reports": [HEALTH], "schedule_systemd_folder": str(folder)}
    assert schedule(playbook, **given).changed == 1
    assert schedule(playbook, **given).changed == 0
    timer = (folder / "aiops-health.timer").read_text()
    [moment] = re.findall(r"OnCalendar=(.*)", timer)
    assert moment == "Mon,Fri *-*-* 00:00:00 UTC"
    told = subprocess.run(["systemd-analyze", "calendar", moment], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "Persistent=true" in timer
    started = (folder / "aiops-health.service").read_text()
    assert f"{Path(sys.executable).parent}/ansible-playbook playbooks/health_report.yml" in started
    schedule(playbook, **given, schedule_state="absent")
    assert list(folder.iterdir()) == []


class Awx(BaseHTTPRequestHandler):
    """What AWX keeps of a job template's schedules."""

    kept: list[dict[str, Any]]
    writes: list[str]

    def answer(self, status: int, body: Any = None) -> None:
        content = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def body(self) -> dict[str, Any]:
        assert self.headers["Authorization"] == "Bearer letmein"
        read: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self.writes.append(f"{self.command} {self.path}")
        return read

    def do_GET(self) -> None:
        self.answer(200, {"results": self.kept})

    def do_POST(self) -> None:
        self.kept.append({**self.body(), "id": 3})
        self.answer(201, self.kept[-1])

    def do_PATCH(self) -> None:
        self.kept[0].update(self.body())
        self.answer(200, self.kept[0])

    def do_DELETE(self) -> None:
        self.body()
        self.kept.clear()
        self.answer(204)

    def log_message(self, *_given: Any) -> None:
        pass


@pytest.fixture
def awx() -> Iterator[tuple[str, type[Awx]]]:
    handler = type("AwxOfTheTest", (Awx,), {"kept": [], "writes": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", handler
    server.shutdown()


def test_awx_gets_one_schedule_and_keeps_it(playbook: Playbook, awx: tuple[str, type[Awx]]) -> None:
    address, kept = awx
    given = {
        "schedule_method": "awx",
        "schedule_reports": [HEALTH],
        "schedule_awx_url": address,
        "schedule_awx_token": "letmein",
        "schedule_awx_templates": {"health": 7},
    }
    schedule(playbook, **given)
    [made] = kept.kept
    assert made["rrule"] == "DTSTART;TZID=UTC:20260105T000000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR"
    schedule(playbook, **given)
    assert len(kept.writes) == 1
    made["rrule"] = "DTSTART;TZID=UTC:20260105T000000 RRULE:FREQ=DAILY;INTERVAL=1"
    schedule(playbook, **given)
    assert "BYDAY=MO,FR" in kept.kept[0]["rrule"]
    schedule(playbook, **given, schedule_state="absent")
    assert kept.kept == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"schedule_method": "kubernetes", "schedule_image": "x"}, "one place for its files"),
        ({"schedule_method": "awx"}, "schedule_awx_templates"),
        ({"schedule_method": "at"}, "schedule_method"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(playbook: Playbook, given: dict[str, Any], said: str) -> None:
    done = playbook("schedule.yml", **given)
    assert done.code == 2
    assert said in done.output
    assert "Traceback" not in done.output


# The host's own programs, so that a busybox image can stand in for an execution environment.
HOST_FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/etc/ssl")


def stand_in(job: dict[str, Any], state: Path) -> dict[str, Any]:
    """The CronJob's own Job with busybox as image: the host's Python and this clone are mounted into it."""
    spec = job["spec"]["template"]["spec"]
    [report] = spec["containers"]
    spec["securityContext"] = {"runAsUser": 0}
    report["securityContext"] = {}
    report["image"] = "localhost/aiops/busybox:1.35"
    report["workingDir"] = str(ROOT)
    report["resources"] = {}
    python = Path(sys.executable).resolve().parents[1]
    folders = dict.fromkeys(
        [*(name for name in HOST_FOLDERS if Path(name).exists()), str(ROOT), str(python), str(BIN.parent)]
    )
    # What lies within another one comes with it.
    folders = {name: None for name in folders if not any(name.startswith(f"{other}/") for other in folders)}
    for number, folder in enumerate(folders):
        spec["volumes"].append({"name": f"host-{number}", "hostPath": {"path": folder}})
        report["volumeMounts"].append({"name": f"host-{number}", "mountPath": folder})
    report["env"] += [
        {"name": "PATH", "value": f"{BIN}:/usr/local/bin:/usr/bin:/bin"},
        {"name": "LANG", "value": "C.UTF-8"},
    ]
    for volume in spec["volumes"]:
        if volume["name"] == "reports":
            volume.pop("persistentVolumeClaim")
            volume["hostPath"] = {"path": str(state), "type": "DirectoryOrCreate"}
    return job


def test_the_cron_job_is_created_and_runs_once_with_its_service_account(
    cluster: Cluster, playbook: Playbook, tmp_path: Path
) -> None:
    namespace = f"reports-{uuid.uuid4().hex[:6]}"
    given = {
        "schedule_method": "kubernetes",
        "schedule_reports": [HEALTH],
        "schedule_image": "registry.example/aiops:1",
        "schedule_namespace": namespace,
        "schedule_claim": "reports",
        "kubeconfig": cluster.kubeconfig,
    }
    try:
        assert schedule(playbook, **given).changed >= 1
        assert schedule(playbook, **given).changed == 0
        made = cluster.get("cronjob", "aiops-health", "-n", namespace)
        assert made["spec"]["timeZone"] == "Etc/UTC"
        assert made["spec"]["schedule"] == "0 0 * * 1,5"
        create = (
            "create",
            "job",
            "now",
            "--from=cronjob/aiops-health",
            "-n",
            namespace,
            "--dry-run=client",
            "-o",
            "json",
        )
        state = tmp_path / "state"
        state.mkdir()
        state.chmod(0o777)
        cluster.apply(namespace, json.dumps(stand_in(json.loads(cluster.kubectl(*create)), state)))
        ends = ("get", "job", "now", "-n", namespace, "-o", "jsonpath={.status.conditions[*].type}")
        assert eventually(lambda: {"Complete", "Failed"} & set(cluster.kubectl(*ends).split()), 120, 1)
        log = cluster.kubectl("logs", "job/now", "-n", namespace, check=False)
        assert "Complete" in cluster.kubectl(*ends), log
        [written] = state.glob("reports/*/health-*.json")
        report = json.loads(written.read_text())
        assert report["summary"]["objects"] > 0
        # Reading alone: Secrets were not granted, and the report says so.
        blind = {item["what"] for item in report["not_assessed"]}
        assert "secrets" in blind
        assert not blind & {
            "pods",
            "nodes",
            "deployments.apps",
            "leases.coordination.k8s.io",
            "the API server's /readyz",
        }
        assert list(state.glob("prompts/**/*.health.prompt.md"))
        schedule(playbook, **given, schedule_state="absent")
        assert cluster.get("cronjobs", "-n", namespace)["items"] == []
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found", check=False)
        cluster.kubectl(
            "delete", "clusterrolebinding", f"aiops-report-reader-{namespace}", "--ignore-not-found", check=False
        )


def test_records_and_reports_go_to_git(tmp_path: Path) -> None:
    """The script of the CronJob with a repository of the test's, and a program that writes a report and a record."""
    remote, work = tmp_path / "remote.git", tmp_path / "work"
    work.mkdir()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "--quiet", "--bare", remote], check=True)
    first = tmp_path / "first"
    subprocess.run([*git, "clone", "--quiet", remote, first], check=True, capture_output=True)
    subprocess.run([*git, "-C", first, "commit", "--quiet", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "-C", first, "push", "--quiet", "origin", "HEAD"], check=True)
    program = tmp_path / "program"
    program.write_text(PROGRAM.format(tests=ROOT / "tests" / "e2e", python=sys.executable))
    program.chmod(0o755)
    script = tmp_path / "run.sh"
    render = f"localhost -m ansible.builtin.template -a 'src={ROOT}/roles/schedule/templates/run.sh.j2 dest={script}'"
    variables = {"schedule_git_url": str(remote), "schedule_program": str(program), "schedule_arguments": ""}
    command = [
        str(BIN / "ansible"),
        *render.split(" ", 4)[:4],
        render.split(" -a ")[1].strip("'"),
        "-e",
        json.dumps(variables),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert script.exists(), done.stdout + done.stderr
    environment = {**os.environ, "GIT_URL": str(remote), "PYTHONPATH": str(ROOT / "playbooks" / "collections")}
    # A commit for the record and one for the report.
    for commits in (3, 5):
        ran = subprocess.run(["sh", script, "health_report", "7.5"], cwd=work, env=environment, check=False)
        assert ran.returncode == 0
        counted = subprocess.run(
            [*git, "-C", remote, "rev-list", "--count", "HEAD"], capture_output=True, text=True, check=True
        )
        assert int(counted.stdout) == commits
    listed = subprocess.run(
        [*git, "-C", remote, "ls-tree", "-r", "--name-only", "HEAD"], capture_output=True, text=True, check=True
    )
    assert len([line for line in listed.stdout.split() if line.endswith("-shop-checkout.jsonl")]) == 2
    assert {"prompts/ledger.jsonl", "reports/report.json"} <= set(listed.stdout.split())
