# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The contract with kubectl-ai, in the real bubblewrap: the nine recorded cases, and what it does on bad days.

Against the stand-in always, and against the real program where one is on the PATH.
"""

from __future__ import annotations

import json
import os
import shlex
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from answers import ANSWER, as_text
from conftest import KEY, TOKEN, Ask, FakeCluster, Reply

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import kubectl_ai
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import (
    BadSettings,
    KubectlAiSettings,
    is_set_up,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Whatever happens, nothing of the run stays."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert not list(folder.iterdir())


# --- the nine recordings ----------------------------------------------------------------------------------------------


def test_an_answer(ask: Ask) -> None:
    answer = ask(f"Here it is:\n\n```json\n{as_text()}\n```")
    assert answer.status == "answered", answer
    assert answer.diagnosis and answer.diagnosis["root_cause"]["class"] == "oom-killed"
    assert answer.recommendation == {**ANSWER["recommendation"], "advisor": "kubectl_ai"}
    assert answer.commands == [] and answer.flags == [] and answer.reason == ""
    assert (answer.provider, answer.model, answer.contained_by) == ("openai", "scripted", "bubblewrap")
    assert answer.question_digest == ask.question.digest
    assert json.dumps(answer.to_json())


def test_what_the_model_is_told(ask: Ask) -> None:
    ask(as_text())
    assert ask.model
    (seen,) = ask.model.seen
    told = seen.body["messages"][-1]["content"]
    assert told.endswith(ask.question.text.strip())
    assert seen.headers["Authorization"] == f"Bearer {KEY}"


def test_an_empty_reply(ask: Ask) -> None:
    answer = ask("")
    assert (answer.status, answer.reason) == ("none", "its model's reply is empty")


def test_a_wrong_key(ask: Ask) -> None:
    answer = ask({"http": 401})
    assert answer.status == "none" and "401 Unauthorized" in answer.reason and KEY not in answer.reason


def test_an_endpoint_that_fails(ask: Ask) -> None:
    answer = ask({"http": 500})
    assert answer.status == "none" and "500 Internal Server Error" in answer.reason


def test_the_iteration_limit(ask: Ask) -> None:
    answer = ask({"tool": "bash", "command": "true"}, max_iterations=2)
    assert (answer.status, answer.reason) == ("none", "it used all 2 rounds on commands and gave no answer")
    assert answer.commands == ["true", "true"]


def test_a_write_that_it_refuses(ask: Ask) -> None:
    answer = ask({"command": "kubectl delete pod app-1 -n debug", "modifies": "yes"})
    assert answer.status == "none" and "kubectl delete pod app-1" in answer.reason and "exit code 1" in answer.reason


def test_a_command_that_reads(ask: Ask) -> None:
    answer = ask({"tool": "bash", "command": "echo seen"}, as_text())
    assert answer.status == "answered" and answer.commands == ["echo seen"]
    assert ask.model and ask.model.seen[-1].tool_results[-1]["stdout"].strip() == "seen"


def test_the_tool_use_shim(ask: Ask) -> None:
    command = {"thought": "t", "action": {"name": "bash", "reason": "r", "command": "true", "modifies_resource": "no"}}
    wrapped = {"thought": "done", "answer": as_text()}
    steps = [f"```json\n{json.dumps(step)}\n```" for step in (command, wrapped)]
    answer = ask(*steps, tool_use_shim=True)
    assert answer.status == "answered" and answer.commands == ["true"], answer


def test_an_unknown_tool(ask: Ask) -> None:
    answer = ask({"tool": "helm", "command": "helm ls"})
    assert answer.status == "none" and '"helm" not recognized' in answer.reason


def test_a_reply_that_is_no_answer(ask: Ask) -> None:
    answer = ask(f"I think that it is broken. My key is {KEY}.")
    assert (answer.status, answer.diagnosis, answer.recommendation) == ("unusable", None, None)
    assert answer.reason == "the reply holds no JSON object" and "broken" in answer.raw and KEY not in answer.raw


# --- bad days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ("only-in-the-trace", "answered", ""),
        ("floods", "answered", ""),
        ("dies", "none", "signal 11"),
        ("unreadable-trace", "none", "its trace is not YAML"),
        ("no-trace", "none", "its trace cannot be opened (No such file"),
        ("trace-is-a-link", "none", "its trace cannot be opened (Too many levels"),
        ("trace-is-a-pipe", "none", "its trace is not a file of its own"),
        ("trace-is-a-folder", "none", "its trace is not a file of its own"),
        ("trace-is-huge", "none", "its trace is larger than"),
        ("trace-is-a-bomb", "none", "its trace is not YAML"),
    ],
)
def test_a_bad_day(ask_standin: Ask, how: str, status: str, reason: str) -> None:
    started = time.monotonic()
    answer = ask_standin(as_text(), model=f"misbehave/{how}")
    assert (answer.status, reason in answer.reason) == (status, True), answer
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(("how", "status"), [("never-ends", "none"), ("answers-and-never-ends", "answered")])
def test_what_never_ends_is_ended(ask_standin: Ask, how: str, status: str) -> None:
    within = 3.0
    started = time.monotonic()
    answer = ask_standin(as_text(), within=within, model=f"misbehave/{how}")
    assert within <= time.monotonic() - started < within + 0.5
    assert answer.status == status
    if status == "answered":
        assert answer.flags == ["did not end by itself and was stopped"]
    else:
        assert "gave no answer within" in answer.reason and "was stopped" in answer.reason
    assert not alive(), "a child that left the group lives on"


def alive() -> list[str]:
    """Command lines of running processes that belong to a run of this test."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if "aiops-advisor-" in line and str(Path(tempfile.gettempdir())) in line:
            found.append(line)
    return found


def test_a_model_that_hangs_takes_no_longer_than_the_deadline(ask: Ask) -> None:
    started = time.monotonic()
    answer = ask({"wait": 30, "then": as_text()}, within=2.0)
    assert answer.status == "none" and time.monotonic() - started < 2.5


# --- what its commands can reach --------------------------------------------------------------------------------------


def run_command(ask: Ask, command: str) -> dict[str, Any]:
    """What a hostile model gets to see of a command's result."""
    answer = ask({"tool": "bash", "command": command}, as_text(), max_iterations=3)
    assert answer.status == "answered" and len(answer.commands) == 1, answer
    assert ask.model
    found: dict[str, Any] = ask.model.seen[-1].tool_results[-1]
    return found


def test_it_cannot_read_the_operators_kubeconfig(ask: Ask) -> None:
    home = ask.environ["HOME"]
    files = f"{home}/.kube/config /root/.kube/config ~/.kube/config"
    result = run_command(
        ask, f"cat {files}; find / -name config -path '*.kube*' 2>/dev/null; ls -la {home} /root /home"
    )
    assert "operators-own-token" not in json.dumps(result) and not result["stdout"].strip()
    assert "No such file" in result["stderr"]


def test_it_cannot_append_to_a_journal(ask: Ask, tmp_path: Path) -> None:
    journal = tmp_path / "001-shop.jsonl"
    journal.write_text("{}\n")
    for path in (journal, Path("/usr/aiops-was-here"), Path("/etc/aiops-was-here"), Path("/aiops-was-here")):
        run_command(ask, f"echo forged >> {path} || echo >&2 refused; mkdir -p {tmp_path}; echo forged >> {path}")
    assert journal.read_text() == "{}\n"
    assert not any(path.exists() for path in (Path("/usr/aiops-was-here"), Path("/etc/aiops-was-here")))


def test_it_sees_no_environment_but_its_own(ask: Ask) -> None:
    shown = run_command(ask, "env; cat /proc/*/environ | tr '\\0' '\\n'")["stdout"]
    assert "operators-vault-token" not in shown and ask.environ["KUBECONFIG"] not in shown
    names = {line.partition("=")[0] for line in shown.splitlines() if "=" in line}
    assert names <= {
        *("HOME", "TMPDIR", "PATH", "KUBECONFIG", "LANG", "OPENAI_API_KEY", "OPENAI_ENDPOINT", "PWD", "SHLVL", "_"),
        *("OLDPWD", "LC_CTYPE"),
    }


def test_it_sees_no_other_processes_and_can_raise_nothing(ask: Ask) -> None:
    result = run_command(
        ask,
        "ls -d /proc/[0-9]* | wc -l; grep CapEff /proc/self/status; (: >> /proc/sys/kernel/core_pattern) && echo OPEN",
    )
    count, capabilities, *rest = result["stdout"].splitlines()
    assert int(count) < 12 and capabilities.split()[1].strip("0") == "" and "OPEN" not in rest


def test_its_view_of_the_cluster_is_read_only_and_redacted(ask: Ask) -> None:
    pod = {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": "hunter2hunter2"}]}]}}
    ask.cluster.objects["/api/v1/namespaces/shop/pods/web"] = pod
    ask.cluster.objects["/api/v1/namespaces/shop/pods/web/log"] = {
        "token": "gh" + "p_0123456789abcdefghijABCDEFGHIJ012345"
    }
    script = (
        "import json,os,urllib.request as u,urllib.error\n"
        "server=json.load(open(os.environ['KUBECONFIG']))['clusters'][0]['cluster']['server']\n"
        "def ask(method,path,body=None):\n"
        "    try: print(method,path,u.urlopen(u.Request(server+path,body,method=method)).read().decode())\n"
        "    except urllib.error.HTTPError as e: print(method,path,e.code,e.read().decode())\n"
        "ask('GET','/api/v1/namespaces/shop/pods/web')\n"
        "ask('GET','/api/v1/namespaces/shop/pods/web/log')\n"
        "ask('GET','/api/v1/namespaces/shop/secrets')\n"
        "ask('GET','/api/v1/namespaces/shop/pods?watch=true')\n"
        "for m in ('POST','PUT','PATCH','DELETE'): ask(m,'/api/v1/namespaces/shop/pods/web',b'{}')\n"
        "server=server.rpartition('/')[0]\n"
        "ask('GET','/api/v1/namespaces/shop/pods/web')\n"
    )
    shown = run_command(ask, f"/usr/bin/python3 -c {shlex.quote(script)}")["stdout"]
    assert '"DB_PASSWORD", "value": "[redacted]"' in shown and "hunter2" not in shown
    assert "ghp_" not in shown and "[redacted]" in shown.splitlines()[1]
    codes = [line.split(" ", 3)[2] for line in shown.splitlines()[2:]]
    assert codes == ["403", "403", "403", "403", "403", "403", "404"]
    methods = {seen.method for seen in ask.cluster.api.seen if "/pods" in seen.path}
    assert methods == {"GET"}, "a write went through"


def test_no_credential_of_the_cluster_is_inside(ask: Ask) -> None:
    shown = json.dumps(run_command(ask, 'cat "$KUBECONFIG"; grep -r . "$HOME" --include=* 2>/dev/null; env'))
    assert TOKEN not in shown and "operators-own-token" not in shown


# --- when it is not run -----------------------------------------------------------------------------------------------


def nothing_was_started(ask: Ask) -> None:
    assert ask.model and not ask.model.seen


def test_not_installed(ask_standin: Ask) -> None:
    ask_standin.program = "kubectl-ai-that-is-nowhere"
    answer = ask_standin(as_text())
    assert (answer.status, answer.contained_by) == ("none", "")
    assert answer.reason == "kubectl-ai-that-is-nowhere is not installed, or not on the PATH"


def test_nothing_to_keep_it_in(ask_standin: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr("shutil.which", lambda name, path=None: None if name == "bwrap" else f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    answer = ask_standin(as_text())
    assert answer.status == "none" and "install bubblewrap" in answer.reason and "only root" in answer.reason
    nothing_was_started(ask_standin)


def test_no_account(ask_standin: Ask) -> None:
    ask_standin.cluster.account_exists = False
    answer = ask_standin(as_text())
    assert answer.status == "none" and "aiops-system/aiops-advisor does not exist" in answer.reason
    nothing_was_started(ask_standin)


@pytest.mark.parametrize("power", [("get", "secrets"), ("create", "pods"), ("*", "*"), ("impersonate", "users")])
def test_an_account_that_may_do_more(ask_standin: Ask, power: tuple[str, str]) -> None:
    ask_standin.cluster.allowed.add(power)
    answer = ask_standin(as_text())
    assert answer.status == "none" and f"can do more than read: {power[0]} {power[1]}" in answer.reason
    nothing_was_started(ask_standin)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (KubectlAiSettings(provider="skynet", model="m"), "provider 'skynet' is not known"),
        (KubectlAiSettings(provider="openai"), "model is not set"),
        (KubectlAiSettings(provider="openai", model="m", environment={"HOME": "/root"}), "may not set HOME"),
        (KubectlAiSettings(provider="openai", model="m", environment={"LD_PRELOAD": "x"}), "may not set LD_PRELOAD"),
    ],
)
def test_wrong_settings_are_said(settings: KubectlAiSettings, why: str) -> None:
    with pytest.raises(BadSettings, match=why):
        kubectl_ai.check_settings(settings)


def test_it_is_set_up_where_it_is_there_and_a_model_is_named(program: str) -> None:
    assert is_set_up(KubectlAiSettings(program=program, model="m"))
    assert not is_set_up(KubectlAiSettings(program=program))
    assert not is_set_up(KubectlAiSettings(program="kubectl-ai-that-is-nowhere", model="m"))


def test_the_evidence_is_not_in_the_list_of_processes(ask_standin: Ask) -> None:
    told = "a word that only the evidence has"
    ask_standin.question = build_question({"target": {}, "evidence": [{"id": "E1", "text": told}]})
    shown = run_command(ask_standin, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert told not in json.dumps(shown) and ask_standin.model and told in ask_standin.model.seen[0].text


def test_a_cluster_that_is_away_is_no_reason_to_fail(ask_standin: Ask, fake_cluster: FakeCluster) -> None:
    fake_cluster.api.answer = lambda seen: Reply(drop=True)
    answer = ask_standin(as_text(), within=3.0)
    assert answer.status == "none" and "no identity for it in the cluster" in answer.reason
