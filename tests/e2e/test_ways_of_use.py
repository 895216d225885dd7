# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The collection works the same from a clone (also in a path with a blank), installed, and under ansible-runner."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import ansible_runner
import pytest
from support.cluster import Cluster
from support.playbook import BIN, ROOT, Playbook, clean_environment

SENTENCE = r"aiops-e2e, Kubernetes v1\.34\.4: 4 nodes, ready are aiops-e2e, simulated-0, simulated-1, simulated-2"


def copy_of_the_checkout(destination: Path) -> Path:
    """What a clone of the working tree would hold: every file that Git knows or would take, links as links."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0"):
        source = ROOT / name
        if name and (source.exists() or source.is_symlink()):
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, destination / name, follow_symlinks=False)
    return destination


def sentence(output: str) -> str:
    found = re.search(SENTENCE, " ".join(output.split()))
    assert found, output
    return found.group()


def test_from_a_clone_in_a_path_with_a_blank(cluster: Cluster, tmp_path: Path) -> None:
    clone = copy_of_the_checkout(tmp_path / "my clone")
    run = Playbook(root=clone)("cluster_info.yml", kubeconfig=cluster.kubeconfig)
    assert run.code == 0, run.output
    assert sentence(run.output)
    assert str(clone) in Playbook(root=clone)("cluster_info.yml", "-vv", kubeconfig=cluster.kubeconfig).output


@pytest.mark.parametrize("folder", ["collections", "with a blank"])
def test_installed(cluster: Cluster, tmp_path: Path, folder: str) -> None:
    run_quietly("ansible-galaxy", "collection", "build", "--output-path", str(tmp_path), cwd=ROOT)
    [archive] = tmp_path.glob("aiops-kubernetes-*.tar.gz")
    installed = tmp_path / folder
    run_quietly(
        "ansible-galaxy", "collection", "install", "--no-deps", "-p", str(installed), str(archive), cwd=tmp_path
    )
    variables = json.dumps({"kubeconfig": cluster.kubeconfig})
    command = [
        str(BIN / "ansible-playbook"),
        "-i",
        "localhost,",
        "-c",
        "local",
        "aiops.kubernetes.cluster_info",
        "-e",
        variables,
    ]
    interpreter = ["-e", "ansible_python_interpreter={{ ansible_playbook_python }}"]
    finished = subprocess.run(
        [*command, *interpreter],
        cwd=tmp_path,
        env=clean_environment({"ANSIBLE_COLLECTIONS_PATH": str(installed)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert sentence(finished.stdout)


def test_under_ansible_runner(cluster: Cluster, tmp_path: Path) -> None:
    runner = ansible_runner.run(
        private_data_dir=str(tmp_path),
        project_dir=str(ROOT),
        playbook="playbooks/cluster_info.yml",
        extravars={"kubeconfig": cluster.kubeconfig},
        envvars=clean_environment(),
        quiet=True,
    )
    assert (runner.status, runner.rc) == ("successful", 0), runner.stdout.read()
    assert sentence(Path(runner.config.artifact_dir, "stdout").read_text())


def run_quietly(program: str, *arguments: str, cwd: Path) -> None:
    subprocess.run([str(BIN / program), *arguments], cwd=cwd, check=True, capture_output=True, env=clean_environment())
