# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded cluster's pure parts: addresses, refusals, versions, images, configuration of the supervisor."""

from __future__ import annotations

import ctypes
import io
import json
import os
import sys
import tarfile
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded import components, host
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.addresses import Addresses, choose, conflict
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.builds import condition
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.cgroups import hierarchies
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import Image, write_archive
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.supervision import Program, configuration
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.toolchain import parse_version, required_version

ASSETS = Path(__file__).resolve().parents[3] / "roles" / "local_cluster" / "files"


def settings(**wishes: object) -> Settings:
    return Settings(name="lab", assets=ASSETS, cache=Path("/var/cache/aiops"), python=sys.executable, **wishes)  # type: ignore[arg-type]


def test_no_two_slots_share_an_address() -> None:
    networks = [network for slot in range(256) for network in Addresses(slot).networks]
    ordered = sorted(networks, key=lambda network: network.network_address)
    assert not any(left.overlaps(right) for left, right in zip(ordered, ordered[1:], strict=False))


@pytest.mark.parametrize(
    ("slot", "taken", "expected"),
    [
        (None, {}, 0),
        (None, {IPv4Network("10.201.0.0/30"): "aiops-a"}, 1),
        (None, {IPv4Network("10.202.0.0/23"): "vpn0"}, 2),
        (7, {}, 7),
    ],
)
def test_the_first_free_slot_is_taken(slot: int | None, taken: dict[IPv4Network, str], expected: int) -> None:
    assert choose(slot, taken).slot == expected


def test_a_company_network_over_everything_is_named() -> None:
    with pytest.raises(EmbeddedClusterError, match=r"None of the 256 address slots is free.*10\.0\.0\.0/8 of tun0"):
        choose(None, {IPv4Network("10.0.0.0/8"): "tun0"})
    assert conflict(Addresses(3), {IPv4Network("192.168.0.0/16"): "eth0"}) == ""


@pytest.mark.parametrize(
    ("system", "user", "words"),
    [("Darwin", 0, "needs Linux and this is Darwin: use minikube"), ("Linux", 1000, "needs root")],
)
def test_hosts_that_cannot_carry_a_node(system: str, user: int, words: str) -> None:
    with pytest.raises(EmbeddedClusterError, match=words):
        host.check_kind(system, user)
    host.check_kind("Linux", 0)


def test_a_host_whose_inotify_instances_are_used_up_is_told_of_them() -> None:
    host.check_inotify(128, 108)
    with pytest.raises(EmbeddedClusterError, match=r"109 of 128 are in use and it needs 20; .*instances=1024`"):
        host.check_inotify(128, 109)
    assert host.most_inotify_instances() > 0


def test_inotify_instances_are_counted() -> None:
    opened = [ctypes.CDLL(None).inotify_init() for _number in range(5)]
    try:
        assert host._instances_of(Path("/proc/self")) >= 5
        assert host.used_inotify_instances() >= 5
    finally:
        for descriptor in opened:
            os.close(descriptor)
    assert host._instances_of(Path("/proc/0")) == 0


@pytest.mark.parametrize(
    ("text", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26, 8)), ("go 1.25", (1, 25)), ("gopher", ())],
)
def test_go_versions_are_read(text: str, version: tuple[int, ...]) -> None:
    assert parse_version(text) == version


def test_the_highest_go_of_all_modules_is_wanted(tmp_path: Path) -> None:
    for name, version in {"a": "1.24.0", "b": "1.26.4", "c": "1.9"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "go.mod").write_text(f"module {name}\n\ngo {version}\n")
    assert required_version([tmp_path / name for name in "abc"]) == (1, 26, 4)


def test_the_version_of_kubernetes_is_that_of_its_go_mod() -> None:
    assert components.KUBERNETES.version(ASSETS) == "1.34.4"
    assert "gitVersion=v1.34.4" in components.KUBERNETES.linker_flags(ASSETS)
    assert "gitMinor=34" in components.KUBERNETES.linker_flags(ASSETS)


def test_every_component_has_its_sources_and_a_key_of_its_own() -> None:
    wanted = components.needed(settings(simulated_nodes=1, registry=True))
    keys = {component.key(ASSETS) for component in wanted}
    assert len(keys) == len(wanted) == 10
    assert {path.name for path in (ASSETS / "go").iterdir()} == {component.name for component in wanted}


def test_only_what_was_wished_for_is_built() -> None:
    names = {component.name for component in components.needed(settings(helm=False, demo_images=False))}
    assert names == {"etcd", "coredns", "metrics-server", "pause", "kubernetes"}


def test_the_cache_knows_whole_from_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "etcd-1"
    assert condition(folder) == "absent"
    folder.mkdir()
    (folder / "etcd").write_bytes(b"12345")
    assert condition(folder) == "damaged"
    (folder / "complete.json").write_text(json.dumps({"etcd": 5}))
    assert condition(folder) == "complete"
    (folder / "etcd").write_bytes(b"123")
    assert condition(folder) == "damaged"


def test_an_image_archive_has_what_containerd_reads(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"#!")
    image = Image(
        "localhost/a/b:1", {"bin/program": program}, {"bin/sh": "/bin/program"}, {"tmp": 0o1777}, ["/bin/sh"], "7"
    )
    write_archive(image, tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as archive:
        content = {entry.name: archive.extractfile(entry).read() for entry in archive}  # type: ignore[union-attr]
    [named] = json.loads(content["index.json"])["manifests"]
    assert named["annotations"]["io.containerd.image.name"] == "localhost/a/b:1"
    manifest = json.loads(content[f"blobs/{named['digest'].replace(':', '/')}"])
    config = json.loads(content[f"blobs/{manifest['config']['digest'].replace(':', '/')}"])
    assert (config["config"]["Entrypoint"], config["config"]["User"]) == (["/bin/sh"], "7")
    layer = content[f"blobs/{manifest['layers'][0]['digest'].replace(':', '/')}"]
    with tarfile.open(fileobj=io.BytesIO(layer)) as files:
        assert files.getmember("bin/sh").linkname == "/bin/program"
        assert files.getmember("bin/program").mode == 0o755


def test_commands_with_blanks_and_percent_signs_survive_the_supervisor(tmp_path: Path) -> None:
    program = Program("a", ["/opt/my programs/a", "--format=100%"], lambda: True)
    text = configuration([program], tmp_path, tmp_path / "logs", "/bin")
    assert "command='/opt/my programs/a' --format=100%%" in text


def test_both_versions_of_cgroups_are_found() -> None:
    mounts = (
        "30 24 0:26 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
        "31 24 0:27 / /sys/fs/cgroup rw shared:10 - cgroup2 cgroup2 rw\n"
        "32 24 0:28 / /proc rw - proc proc rw\n"
    )
    assert hierarchies(mounts) == {Path("/sys/fs/cgroup/memory"): "cgroup", Path("/sys/fs/cgroup"): "cgroup2"}
