# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a user could change a file: by owner, mode and POSIX ACL of the file and of every folder that leads to it."""

from __future__ import annotations

import grp
import os
import pwd
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ACL: Final = "system.posix_acl_access"
# Tags of entries (linux/posix_acl.h).
_USER, _GROUP_OBJ, _GROUP, _MASK = 0x02, 0x04, 0x08, 0x10
_MAY_WRITE: Final = 2
_MOST_LINKS: Final = 40


@dataclass(frozen=True)
class User:
    """A user by uid with all of the groups."""

    name: str
    uid: int
    groups: frozenset[int]


def user_of(name: str) -> User | None:
    """The user of a name (or `uid N`, as one without a name is called); None where this machine knows none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        number = name.removeprefix("uid ")
        return User(name, int(number), frozenset()) if number != name and number.isdecimal() else None
    return User(name, entry.pw_uid, frozenset(os.getgrouplist(name, entry.pw_gid)))


def how(path: Path, user: User) -> str:
    """How the user could change the file or put another in its place, as one clause; "" if they could not.

    A path that cannot be looked at counts as changeable.
    """
    if user.uid == 0:
        return "root can write every file"
    try:
        for place, child in _places(path):
            if reason := _how_there(place, child, user):
                return reason
    except OSError as error:
        return f"{error.filename or path} cannot be looked at: {error.strerror}"
    return ""


def _places(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """The file and every folder on the way to it, symbolic links followed; with what is looked up in each folder."""
    links = 0
    todo = [Path(os.path.abspath(path))]
    while todo:
        whole = todo.pop()
        for place in (*reversed(whole.parents), whole):
            if place.is_symlink():
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(40, "too many symbolic links", str(path))
                rest = whole.relative_to(place)
                todo.append(Path(os.path.normpath(place.parent / os.readlink(place) / rest)))
                break
            child = None if place == whole else place / whole.relative_to(place).parts[0]
            yield place, child


def _how_there(place: Path, child: Path | None, user: User) -> str:
    status = place.stat()
    if status.st_uid == user.uid:
        return f"{place} belongs to {user.name}"
    if not _may_write(place, status, user):
        return ""
    if child is not None and status.st_mode & stat.S_ISVTX:
        # In a folder such as /tmp only the owner of a file takes it away.
        return f"{child} belongs to {user.name}" if child.lstat().st_uid == user.uid else ""
    return f"{place} can be written by {user.name}" + (f" ({_through(status, user)})" if _through(status, user) else "")


def _through(status: os.stat_result, user: User) -> str:
    if status.st_mode & stat.S_IWOTH:
        return "as by anybody"
    if status.st_gid in user.groups and status.st_mode & stat.S_IWGRP:
        try:
            return f"through the group {grp.getgrgid(status.st_gid).gr_name}"
        except KeyError:
            return f"through the group {status.st_gid}"
    return ""


def _may_write(place: Path, status: os.stat_result, user: User) -> bool:
    """As the kernel decides for somebody who is not the owner (acl(5), ACCESS CHECK ALGORITHM)."""
    entries = _acl_of(place)
    mask = next((perm for tag, perm, _id in entries if tag == _MASK), 7)
    for tag, perm, identifier in entries:
        if tag == _USER and identifier == user.uid:
            return bool(perm & mask & _MAY_WRITE)
    if not entries:
        shift = 3 if status.st_gid in user.groups else 0
        return bool(status.st_mode >> shift & _MAY_WRITE)
    groups = [
        perm
        for tag, perm, identifier in entries
        if (tag == _GROUP_OBJ and status.st_gid in user.groups) or (tag == _GROUP and identifier in user.groups)
    ]
    if groups:
        return any(perm & mask & _MAY_WRITE for perm in groups)
    return bool(status.st_mode & stat.S_IWOTH)


def _acl_of(place: Path) -> list[tuple[int, int, int]]:
    """The entries (tag, permissions, id) of an access ACL; none where there is none."""
    try:
        raw = os.getxattr(place, _ACL)
    except OSError:
        return []
    return list(struct.iter_unpack("<HHI", raw[4:]))
