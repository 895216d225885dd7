# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who could change a file, compared with what the kernel lets a process of that user do."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import writable

UID, GROUP = 1501, 2501
USER = writable.User("carol", UID, frozenset({GROUP}))
_ANY = 0xFFFFFFFF


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users can reach, as pytest's own is not; root's, as a folder of settings is."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        inner = Path(folder) / "etc"
        inner.mkdir(mode=0o755)
        (inner / "allowed").write_text("x")
        (inner / "allowed").chmod(0o644)
        yield inner


def _acl(path: Path, *entries: tuple[int, int, int]) -> None:
    whole = [(1, 7, _ANY), (4, 5, _ANY), *entries, (32, 5, _ANY)]
    packed = b"".join(struct.pack("<HHI", *entry) for entry in sorted(whole))
    os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + packed)


def _nothing(place: Path) -> None:
    pass


def _file_mode(place: Path) -> None:
    (place / "allowed").chmod(0o646)


def _file_group(place: Path) -> None:
    os.chown(place / "allowed", 0, GROUP)
    (place / "allowed").chmod(0o664)


def _file_other_group(place: Path) -> None:
    os.chown(place / "allowed", 0, GROUP + 1)
    (place / "allowed").chmod(0o664)


def _file_owner(place: Path) -> None:
    os.chown(place / "allowed", UID, 0)
    (place / "allowed").chmod(0o444)


def _file_acl_user(place: Path) -> None:
    _acl(place / "allowed", (2, 6, UID), (16, 7, _ANY))


def _file_acl_masked(place: Path) -> None:
    _acl(place / "allowed", (2, 6, UID), (16, 4, _ANY))


def _file_acl_group(place: Path) -> None:
    _acl(place / "allowed", (8, 6, GROUP), (16, 7, _ANY))


def _folder_mode(place: Path) -> None:
    place.chmod(0o757)


def _folder_sticky(place: Path) -> None:
    place.chmod(0o1777)


def _folder_owner(place: Path) -> None:
    os.chown(place, UID, 0)


def _folder_acl(place: Path) -> None:
    _acl(place, (2, 7, UID), (16, 7, _ANY))


def _folder_above(place: Path) -> None:
    place.parent.chmod(0o757)


def _linked_from_an_open_folder(place: Path) -> None:
    elsewhere = place.parent / "open"
    elsewhere.mkdir()
    (place / "allowed").rename(elsewhere / "allowed")
    elsewhere.chmod(0o777)
    (place / "allowed").symlink_to("../open/allowed")


def _linked_folder(place: Path) -> None:
    real = place.parent / "real"
    place.rename(real)
    place.symlink_to(real)


# (how the place is, what is said; "" if the user cannot change it)
CASES: list[tuple[Callable[[Path], None], str]] = [
    (_nothing, ""),
    (_file_mode, "allowed can be written by carol (as by anybody)"),
    (_file_group, f"allowed can be written by carol (through the group {GROUP})"),
    (_file_other_group, ""),
    (_file_owner, "allowed belongs to carol"),
    (_file_acl_user, "allowed can be written by carol"),
    (_file_acl_masked, ""),
    (_file_acl_group, "allowed can be written by carol"),
    (_folder_mode, "etc can be written by carol (as by anybody)"),
    (_folder_sticky, ""),
    (_folder_owner, "etc belongs to carol"),
    (_folder_acl, "etc can be written by carol"),
    (_folder_above, "can be written by carol (as by anybody)"),
    (_linked_from_an_open_folder, "open can be written by carol (as by anybody)"),
    (_linked_folder, ""),
]

# Replaces the file, or fails: what the kernel lets the user do.
_REPLACE = """
import os, sys
os.chdir("/")
path = sys.argv[1]
def attempt():
    try:
        os.chmod(path, 0o666)
    except OSError:
        pass
    try:
        with open(path, "a") as stream:
            stream.write("y")
        return True
    except OSError:
        pass
    target, steps = path, []
    for place in (path, os.path.dirname(path), os.path.realpath(path)):
        folder = os.path.dirname(place)
        try:
            os.chmod(folder, 0o777)
        except OSError:
            pass
        try:
            os.rename(place, place + ".gone")
            return True
        except OSError:
            pass
    return False
sys.exit(0 if attempt() else 1)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(("arrange", "said"), CASES, ids=lambda item: getattr(item, "__name__", ""))
def test_as_the_kernel_decides(place: Path, arrange: Callable[[Path], None], said: str) -> None:
    arrange(place)
    found = writable.how(place / "allowed", USER)
    assert said in found
    assert bool(said) == bool(found)
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", _REPLACE, str(place / "allowed")],
        user=UID,
        group=UID,
        extra_groups=[GROUP],
        check=False,
        cwd="/",
    )
    assert (done.returncode == 0) == bool(said)


def test_root_can_write_every_file(tmp_path: Path) -> None:
    assert writable.how(tmp_path / "x", writable.User("root", 0, frozenset())) == "root can write every file"


def test_what_cannot_be_looked_at_counts_as_changeable(tmp_path: Path) -> None:
    assert "cannot be looked at" in writable.how(tmp_path / "missing", USER)
    (tmp_path / "loop").symlink_to("loop")
    assert "too many symbolic links" in writable.how(tmp_path / "loop", USER)


def test_users_by_name_and_number() -> None:
    root, numbered = writable.user_of("root"), writable.user_of("uid 1501")
    assert root and root.uid == 0 and 0 in root.groups
    assert numbered and numbered.uid == 1501
    assert writable.user_of("nobody-of-this-name") is None
    assert writable.user_of("uid x") is None
