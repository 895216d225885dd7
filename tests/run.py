# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs groups of checks and tests one after the other, and ends with minutes per group and how many passed.

Usage: run.py GROUP…   (see GROUPS). Exit code 1 when anything failed. Steps that are not pytest count as one test each.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# A machine that stands still for seconds fails a test that times real processes; what is wrong fails twice. pytest's
# summary names the tests that had to be run again.
TWICE = ["--reruns", "1", "-raR"]


@dataclass(frozen=True)
class Step:
    name: str
    command: list[str]

    @property
    def is_pytest(self) -> bool:
        return self.command[0] == "pytest"


def unit() -> Step:
    # Always the same examples, without a time for each: a run by hand looks for new ones.
    return Step("unit tests", ["pytest", "tests/unit", "-q", "-m", "not terminal", "--hypothesis-profile=ci"])


def end_to_end(name: str, *files: str) -> Step:
    # Each test has a namespace of its own, so the workers share one cluster; files keep their order of tests. They wait
    # more than they compute: three fill two cores. One step a group, so that no worker waits for another step's last.
    return Step(name, ["pytest", "-q", "-n", "3", "--dist", "loadgroup", *(f"tests/e2e/{file}" for file in files)])


GROUPS: dict[str, list[Step]] = {
    "check": [
        # The longest first: the others run beside it.
        Step("sanity", ["tests/sanity/run"]),
        Step("ruff check", ["ruff", "check", "."]),
        Step("ruff format", ["ruff", "format", "--check", "."]),
        Step("mypy", ["mypy", "plugins"]),
        unit(),
        Step("ansible-lint", ["ansible-lint", "--offline", "--strict"]),
        Step("changelog", ["antsibull-changelog", "lint"]),
        Step("collection", [sys.executable, "tests/collection_check.py"]),
    ],
    "ground": [
        end_to_end("embedded cluster", "test_local_cluster.py", "test_real_cluster.py"),
        Step("removal and refusals", ["pytest", "-q", "tests/e2e/test_removal.py", "tests/e2e/test_refusals.py"]),
        Step("three ways of use", ["pytest", "-q", "tests/e2e/test_ways_of_use.py"]),
        Step("molecule", ["tests/molecule_run"]),
    ],
    "story1": [
        Step("approval at a terminal", ["pytest", "-q", "-n", "2", "-m", "terminal", "tests/unit/approval"]),
        end_to_end(
            "the story, remedies, runbooks",
            "test_diagnose_pod.py",
            "test_hostile.py",
            "test_change.py",
            "test_remedies.py",
            "test_runbooks.py",
        ),
    ],
    "advisors": [
        Step("kubectl-ai's contract", ["pytest", "-q", "-n", "2", "tests/contract"]),
        end_to_end(
            "setup, kubectl-ai, advice joined, by hand",
            "test_setup.py",
            "test_kubectl_ai.py",
            "test_advice.py",
            "test_fallback.py",
        ),
    ],
    "sizing": [
        end_to_end(
            "requests by usage, replicas by load, what is missing or in the way, and advice",
            "test_measured.py",
            "test_optimize_resources.py",
            "test_measured_advice.py",
            "test_scale_workload.py",
        ),
    ],
    "reports": [
        Step("Kubernetes' own Pod Security fixtures", ["pytest", "-q", "tests/upstream"]),
        end_to_end(
            "health, security, both, schedules and pages",
            "test_health_report.py",
            "test_health_sources.py",
            "test_security_audit.py",
            "test_security_rights.py",
            "test_report_weeks.py",
            "test_report_advice.py",
            "test_report_hostile.py",
            "test_schedule.py",
            "test_report_page.py",
        ),
    ],
    "operations": [
        end_to_end(
            "AWX (a stand-in for its API), approvals by several people, records, training",
            "test_awx_workflow.py",
            "test_awx_setup.py",
            "test_approvals.py",
            "test_training.py",
            "test_records.py",
            "test_execution_environment.py",
        ),
        Step("documentation site", ["pytest", "-q", "tests/e2e/test_site.py"]),
        Step("a fleet", ["pytest", "-q", "tests/e2e/test_fleet.py"]),
    ],
    "rollout": [
        end_to_end(
            "rollouts", "test_rollout_restart.py", "test_rollout.py", "test_rollout_left.py", "test_rollout_kinds.py"
        )
    ],
    # Optional: it installs some 700 MB.
    "kagent": [Step("the real agent runtime", ["tests/kagent/run"])],
    "versions": [Step("ansible-core versions", ["tests/versions/run"])],
    "cleanup": [Step("no cluster left", [sys.executable, "tests/remove_clusters.py"])],
}


def run(step: Step, report: Path) -> tuple[int, int]:
    """Runs a step from the root with its output shown; returns (passed, failed)."""
    command = list(step.command)
    if step.is_pytest:
        command += [*TWICE, f"--junit-xml={report}"]
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PY_COLORS": "0", "ANSIBLE_FORCE_COLOR": "0"}
    # A cluster that the environment names may be production's: no test takes it.
    for key in [key for key in environment if key == "KUBECONFIG" or key.startswith("K8S_AUTH_")]:
        del environment[key]
    code = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    if not step.is_pytest or not report.exists():
        return (1, 0) if code == 0 else (0, 1)
    suite = next(iter(ElementTree.parse(report).getroot().iter("testsuite")))
    counts = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    # A step that ran nothing has shown nothing.
    if not failed and (code != 0 or not passed):
        failed = 1
    return passed, failed


def timed(group: str, step: Step, folder: Path) -> tuple[str, str, float, int, int]:
    """Runs a step; returns its row of the closing table."""
    print(f"\n=== {group}: {step.name}", flush=True)
    started = time.monotonic()
    passed, failed = run(step, folder / f"{group}-{step.name.replace(' ', '-')}.xml")
    return group, step.name, time.monotonic() - started, passed, failed


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in GROUPS]
    if unknown or not names:
        print(f"Unknown group {', '.join(unknown) or '(none given)'}: choose from {', '.join(GROUPS)}.")
        return 2
    times: list[tuple[str, str, float, int, int]] = []
    spans: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for group in names:
            started = time.monotonic()
            # Checks do not touch each other; end-to-end tests share a cluster and bring workers of their own.
            with ThreadPoolExecutor(max_workers=2 if group == "check" else 1) as pool:
                done = [pool.submit(timed, group, step, Path(folder)) for step in GROUPS[group]]
                times += [step.result() for step in done]
            spans[group] = time.monotonic() - started
    print("\nminutes  passed  failed  group: step")
    for group, name, seconds, passed, failed in times:
        print(f"{seconds / 60:7.1f}  {passed:6d}  {failed:6d}  {group}: {name}")
    for group in names:
        print(f"{spans[group] / 60:7.1f}                  {group}, whole")
    total_passed, total_failed = sum(row[3] for row in times), sum(row[4] for row in times)
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
