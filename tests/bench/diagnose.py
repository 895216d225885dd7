# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a diagnosis takes: the module alone, and from the command to the question.

    python tests/bench/diagnose.py --kubeconfig FILE [--context NAME] [--runs 50]

Makes a Deployment that the kernel kills, in a namespace of its own, which it removes. Then in turn, so that the
machine's mood meets all of them:
  process   the process of pod_diagnosis_info just as Ansible starts it where it does not run it in the controller, from
            its first instruction to its JSON
  within    what of it the module itself counts (duration_seconds): the requests and the rules
  question  ansible-playbook playbooks/diagnose_pod.yml -e stage=plan, from the command to its end
  empty     a playbook with as many tasks that do nothing, and as many that are skipped: what is Ansible's own
The aims are p95 of process under 1 s and of question under 5 s. Each run has a folder of records of its own. Beside
the time by the clock stands the processor's, which says more where the machine has other things to do.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "playbooks" / "collections"))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from support.playbook import BIN, ROOT, clean_environment
from support.workloads import hungry

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection

NAME = "checkout"
MODULE = "aiops.kubernetes.pod_diagnosis_info"
AIMS = {"process": 1.0, "question": 5.0}
UNTIL_KILLED_SECONDS = 120
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
"""


@dataclass(frozen=True)
class Bench:
    """Where the Deployment is, and a folder for what the runs leave."""

    kubeconfig: str
    context: str
    namespace: str
    folder: Path

    def target(self) -> dict[str, str]:
        where = {"kubeconfig": self.kubeconfig, "namespace": self.namespace}
        return where | ({"context": self.context} if self.context else {})

    def run(self, *command: str, **environment: str) -> tuple[float, float, str]:
        """Seconds by the clock and of the processor, and output; a run that fails ends the benchmark, since its time
        means nothing."""
        records = tempfile.mkdtemp(dir=self.folder)
        worked = processor_seconds()
        started = time.perf_counter()
        finished = subprocess.run(
            command,
            cwd=ROOT,
            env=clean_environment({"AIOPS_RECORD_FOLDER": records, **environment}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        spent = time.perf_counter() - started
        if finished.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{finished.stdout[-2000:]}")
        return spent, processor_seconds() - worked, finished.stdout


def processor_seconds() -> float:
    """Of all processes that this one has started and waited for, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def failing(client: Client, namespace: str) -> None:
    """Make the Deployment, and wait until the kernel has killed its container."""
    manifest = hungry(NAME)
    client.create({**manifest, "metadata": {"name": NAME, "namespace": namespace}})
    deadline = time.monotonic() + UNTIL_KILLED_SECONDS
    while "OOMKilled" not in json.dumps(client.list("v1", "Pod", namespace=namespace)):
        if time.monotonic() > deadline:
            sys.exit(f"No container of {NAME} was killed within {UNTIL_KILLED_SECONDS} s.")
        time.sleep(0.5)


def module_command(bench: Bench) -> list[str]:
    """What Ansible starts for the module: it is asked to leave the file there. By another name of this Python, since
    what this one does is done in the controller."""
    arguments = json.dumps({"name": f"deployment/{NAME}", **bench.target()})
    kept = bench.folder / "remote"
    command = [str(BIN / "ansible"), "cluster", "-m", MODULE, "-a", arguments]
    command += ["-e", f"ansible_python_interpreter={BIN}/./python"]
    bench.run(*command, ANSIBLE_KEEP_REMOTE_FILES="1", ANSIBLE_REMOTE_TEMP=str(kept), ANSIBLE_PIPELINING="0")
    [program] = kept.rglob("AnsiballZ_pod_diagnosis_info.py")
    return [sys.executable, str(program)]


def question_command(bench: Bench) -> list[str]:
    variables = json.dumps({**bench.target(), "target": f"deployment/{NAME}", "stage": "plan"})
    return [str(BIN / "ansible-playbook"), "playbooks/diagnose_pod.yml", "--extra-vars", variables]


def empty_command(bench: Bench, done: int, skipped: int) -> list[str]:
    """A playbook of nothing: `done` tasks that do nothing, `skipped` that are not even done."""
    nothing = "    - ansible.builtin.debug: {msg: nothing}\n"
    text = PLAYBOOK + nothing * done + (nothing + "      when: false\n") * skipped
    path = bench.folder / "empty.yml"
    path.write_text(text)
    (bench.folder / "ansible.cfg").write_text("[defaults]\ndisplay_ok_hosts = false\ndisplay_skipped_hosts = false\n")
    return [str(BIN / "ansible-playbook"), "-i", "inventories/local.yml", str(path)]


def tasks_of(output: str) -> tuple[int, int]:
    """How many tasks a run did and skipped, by its recap."""
    recap = output.rpartition("PLAY RECAP")[2]
    done, skipped = (re.search(rf"\b{word}=(\d+)", recap) for word in ("ok", "skipped"))
    if done is None or skipped is None:
        sys.exit(f"No recap in:\n{output[-2000:]}")
    return int(done[1]), int(skipped[1])


def measure(bench: Bench, runs: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of each way by the clock, and of the processor, in turning order: once to warm up, then `runs` times."""
    module, question = module_command(bench), question_command(bench)
    _spent, _worked, told = bench.run(*question)
    if "approve.yml" not in told:
        sys.exit(f"Nothing was planned, so there is no question:\n{told[-2000:]}")
    done, skipped = tasks_of(told)
    print(f"{runs} runs; from the command to the question: {done} tasks done, {skipped} skipped")
    ways = {"process": module, "question": question, "empty": empty_command(bench, done, skipped)}
    seconds: dict[str, list[float]] = {name: [] for name in ("process", "within", "question", "empty")}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-1, runs):
        for name in ways if number % 2 else reversed(ways):
            # The project's settings bring the callback that keeps records, which is no part of Ansible.
            environment = {"ANSIBLE_CONFIG": str(bench.folder / "ansible.cfg")} if name == "empty" else {}
            spent, worked, output = bench.run(*ways[name], **environment)
            if number >= 0:
                seconds[name].append(spent)
                processor[name].append(worked)
                if name == "process":
                    seconds["within"].append(json.loads(output)["duration_seconds"])
    return seconds, processor


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def show(seconds: dict[str, list[float]], processor: dict[str, list[float]]) -> None:
    for name, values in seconds.items():
        p95 = percentile(values, 0.95)
        aim = f"  (aim: p95 under {AIMS[name]:.0f} s)" if name in AIMS else ""
        print(f"{name:8} p50 {statistics.median(values):.3f} s  p95 {p95:.3f} s  max {max(values):.3f} s{aim}")
    for name, values in processor.items():
        print(f"{name:8} p50 {statistics.median(values):.3f} s of the processor")
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"Ansible's own share of the time to the question: {medians['empty'] / medians['question']:.0%}")
    print(f"requests and rules within the module's process: {medians['within'] / medians['process']:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a diagnosis takes, and what of it is Ansible's own")
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--context", default="")
    parser.add_argument("--runs", type=int, default=50)
    given = parser.parse_args()
    namespace = f"bench-{uuid.uuid4().hex[:8]}"
    client = Client(Connection(kubeconfig=given.kubeconfig, context=given.context), run_id="bench")
    with tempfile.TemporaryDirectory(prefix="aiops-bench-") as folder:
        bench = Bench(str(Path(given.kubeconfig).resolve()), given.context, namespace, Path(folder))
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        try:
            failing(client, namespace)
            show(*measure(bench, max(1, given.runs)))
        finally:
            client.delete(ObjectRef("v1", "Namespace", namespace))


if __name__ == "__main__":
    main()
