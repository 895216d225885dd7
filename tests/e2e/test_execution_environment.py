# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The definition of the execution environment is one that ansible-builder accepts; its programs are checked."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from ansible_builder._target_scripts import introspect

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "playbooks" / "files" / "execution-environment"
BIN = Path(sys.executable).parent


def test_ansible_builder_makes_a_build_context_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "definition"
    shutil.copytree(FOLDER, folder)
    # In place of what ansible-galaxy collection build puts there.
    (folder / "aiops-kubernetes-0.1.0.tar.gz").write_bytes(b"an archive")
    command = [str(BIN / "ansible-builder"), "create", "--output-filename", "Containerfile", "--context", "context"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No matches" not in done.stdout + done.stderr
    context = folder / "context"
    assert (context / "_build/collection/aiops-kubernetes-0.1.0.tar.gz").is_file()
    assert (context / "_build/programs/install-program").is_file()
    names = {item["name"] for item in yaml.safe_load((context / "_build/requirements.yml").read_text())["collections"]}
    assert names == {"kubernetes.core", "community.general"}
    lines = (context / "Containerfile").read_text().splitlines()
    for name, argument in (("kubectl", "KUBECTL"), ("helm", "HELM"), ("kubectl-ai", "KUBECTL_AI")):
        words = " ".join(f'"${argument}_{part}"' for part in ("VERSION", "SHA256", "URL"))
        run = f"RUN sh /usr/local/sbin/install-program {name} {words}"
        assert lines.index(f'ARG {argument}_SHA256=""') < lines.index(run)


def test_the_collection_names_what_it_needs_where_ansible_builder_looks() -> None:
    collection = introspect.CollectionDefinition(str(ROOT))
    python = introspect.pip_file_data(str(ROOT / str(collection.get_dependency("python"))))
    assert any(line.startswith("kubernetes>=") for line in python)
    system = introspect.bindep_file_data(str(ROOT / str(collection.get_dependency("system"))))
    assert "openssh-clients [platform:rpm]" in system


def install(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = str(FOLDER / "files" / "install-program")
    return subprocess.run(["sh", script, *arguments, str(folder)], capture_output=True, text=True, check=False)


def test_a_program_alone_and_one_in_an_archive(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\necho kubectl\n")
    archive = tmp_path / "helm.tar.gz"
    with tarfile.open(archive, "w:gz") as content:
        content.add(program, "linux-amd64/helm")
    for name, source in (("kubectl", program), ("helm", archive)):
        checksum = hashlib.sha256(source.read_bytes()).hexdigest()
        done = install(tmp_path / "bin", name, "1.2.3", checksum, source.as_uri())
        assert done.returncode == 1
        (tmp_path / "bin").mkdir(exist_ok=True)
        done = install(tmp_path / "bin", name, "1.2.3", checksum, source.as_uri())
        assert (done.returncode, done.stdout) == (0, f"{name} 1.2.3 is installed\n"), done.stderr
        shutil.move(tmp_path / "bin", tmp_path / f"bin-{name}")
        assert (tmp_path / f"bin-{name}" / name).stat().st_mode & 0o111


@pytest.mark.parametrize(
    ("version", "checksum", "code", "said"),
    [
        ("", "", 0, "helm is left out: no version is given"),
        ("3.19.0", "", 1, "helm 3.19.0 needs its SHA-256 checksum"),
        ("3.19.0", "0" * 64, 1, "helm is not installed"),
    ],
)
def test_without_the_right_checksum_there_is_no_program(
    tmp_path: Path, version: str, checksum: str, code: int, said: str
) -> None:
    source = tmp_path / "helm"
    source.write_text("something else")
    (tmp_path / "bin").mkdir()
    done = install(tmp_path / "bin", "helm", version, checksum, source.as_uri())
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert list((tmp_path / "bin").iterdir()) == []
