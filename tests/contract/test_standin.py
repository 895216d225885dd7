# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stand-in does what kubectl-ai v0.0.28 was recorded doing, and the trace's reader understands the recordings.

The same scenarios run against the real program where one is on the PATH.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import KEY
from openai_model import Model

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai_trace import (
    Trace,
    trace_of,
)

RECORDINGS = Path(__file__).resolve().parent / "recordings"
BROKEN = '**Root cause**: image tag `nope` missing\n\n```json\n{"class":"ImagePullBackOff"}\n```'
PODS = "kubectl get pods"
THOUGHT = {"thought": "t", "action": {"name": "kubectl", "reason": "r", "command": PODS, "modifies_resource": "no"}}
DONE = {"thought": "done", "answer": "ANSWER shim"}


@dataclass
class Scenario:
    """How a recording was made (`steps` of the model), how it ended, and what its trace tells."""

    steps: Sequence[Any]
    exit_code: int
    told: Trace
    flags: list[str] = field(default_factory=list)


SCENARIOS = {
    "answer": Scenario([BROKEN], 0, Trace(reply=BROKEN, rounds=1)),
    "empty-reply": Scenario([""], 0, Trace(rounds=1)),
    "http-401": Scenario([{"http": 401}], 1, Trace(failure="401 Unauthorized")),
    "http-500": Scenario([{"http": 500}], 1, Trace(failure="500 Internal Server Error")),
    "iteration-limit": Scenario([{"command": PODS}], 0, Trace(rounds=2, commands=[PODS, PODS]), ["--max-iterations=2"]),
    "refused-write": Scenario(
        [{"command": "kubectl delete pod app-1 -n debug", "modifies": "yes"}], 1, Trace(rounds=1)
    ),
    "tool-read": Scenario(
        [{"command": f"{PODS} -n debug"}, "done: ImagePullBackOff"],
        0,
        Trace(reply="done: ImagePullBackOff", rounds=2, commands=[f"{PODS} -n debug"]),
    ),
    "tool-use-shim": Scenario(
        [f"```json\n{json.dumps(step)}\n```" for step in (THOUGHT, DONE)],
        0,
        Trace(reply="ANSWER shim", rounds=2, commands=[PODS]),
        ["--enable-tool-use-shim"],
    ),
    "unknown-tool": Scenario([{"tool": "helm", "command": "helm ls"}], 1, Trace(rounds=1)),
}


def test_every_recording_is_a_scenario() -> None:
    assert {path.name.partition(".")[0] for path in RECORDINGS.iterdir()} == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_recorded_trace_is_understood(name: str) -> None:
    scenario = SCENARIOS[name]
    found = trace_of((RECORDINGS / f"{name}.trace.yaml").read_bytes(), shim="--enable-tool-use-shim" in scenario.flags)
    found.model = ""
    assert found == scenario.told


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_program_does_as_recorded(name: str, program: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    (tmp_path / "kubectl").write_text(
        "#!/bin/sh\nprintf 'NAME   READY   STATUS\\napp-1  0/1     ImagePullBackOff\\n'\n"
    )
    (tmp_path / "kubectl").chmod(0o755)
    trace = tmp_path / "trace.yaml"
    with Model(scenario.steps) as model:
        command = [program, "--quiet", "--llm-provider=openai", "--model=fake-model", f"--trace-path={trace}"]
        finished = subprocess.run(
            [*command, *scenario.flags, "why is app-1 failing"],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "TMPDIR": str(tmp_path),
                "KUBECONFIG": "/dev/null",
                "OPENAI_API_KEY": KEY,
                "OPENAI_ENDPOINT": model.url,
            },
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert finished.returncode == scenario.exit_code
    assert lines(finished.stdout) == lines((RECORDINGS / f"{name}.stdout.txt").read_text())
    assert error(finished.stderr) == error((RECORDINGS / f"{name}.stderr.txt").read_text())
    assert actions(trace.read_text()) == actions((RECORDINGS / f"{name}.trace.yaml").read_text())
    assert f"Authorization: Bearer {KEY}" in trace.read_text().replace("\\\n    \\", "")
    assert trace.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.glob("agent-workdir-*")), "it leaves its working folder without --remove-workdir"


def lines(screen: str) -> list[str]:
    """The screen without colours, padding, markdown (which the stand-in does not render) and port numbers."""
    plain = re.sub(r"\x1b\[[0-9;]*m|[*`]|json\b", "", screen)
    return [line.strip() for line in re.sub(r"127\.0\.0\.1:\d+", "HOST", plain).splitlines() if line.strip()]


def error(text: str) -> list[str]:
    """What standard error ends with before the usage, without the log lines."""
    found = re.sub(r"127\.0\.0\.1:\d+", "HOST", text).partition("\nUsage:")[0].splitlines()
    return [line.replace(" ", "") for line in found if line and not re.match(r"[EIW]\d{4} ", line)]


def actions(text: str) -> list[str]:
    return [document["action"] for document in yaml.safe_load_all(text)]
