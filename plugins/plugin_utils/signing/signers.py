# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles in OpenSSH's file of allowed signers: `role=security` or `role=approver` in a line's comment (pure).

    alice@example.com namespaces="aiops.kubernetes" ssh-ed25519 AAAA… alice's token, role=security

The file stays OpenSSH's (ssh-keygen(1), ALLOWED SIGNERS), and OpenSSH alone says which line a signature fits.
"""

from __future__ import annotations

import re
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused

ROLES: Final = ("approver", "security")
_LINE: Final = re.compile(
    r'^(?P<principals>"[^"]*"|\S+)\s+'
    r'(?:(?P<options>(?:[^\s"]|"[^"]*")+)\s+)?'
    r"(?P<type>(?:ssh|sk-ssh|ecdsa|sk-ecdsa)-\S+)\s+(?P<blob>[A-Za-z0-9+/]+=*)(?:\s+(?P<comment>.*))?$"
)
_ROLE: Final = re.compile(r"(?:^|[\s,;(])role=([A-Za-z-]*)")


def fault_of(content: str) -> str:
    """What is wrong with the roles in one sentence, "" if nothing."""
    for number, line in enumerate(content.splitlines(), start=1):
        for role in _roles_in(line):
            if role not in ROLES:
                return f"line {number} has role={role}: use role=security or role=approver"
    return ""


def of_role(content: str, role: str) -> str:
    """The lines whose signers have a role; without one in its comment a line's is `approver`."""
    lines = [line for line in content.splitlines() if _LINE.match(line.strip()) and _role_of(line) == role]
    return "".join(line + "\n" for line in lines)


def principals_of(content: str, key_blob: str) -> list[str]:
    """Every name that the file gives a key (its base64), in the file's order."""
    found: list[str] = []
    for line in content.splitlines():
        match = _LINE.match(line.strip())
        if match and key_blob and match["blob"].rstrip("=") == key_blob.rstrip("="):
            found += match["principals"].strip('"').split(",")
    return found


def names_in(principals: str) -> list[str]:
    """The names that OpenSSH found, a line each; raises `SignatureRefused` where one is a pattern."""
    names = [name for line in principals.splitlines() for name in line.strip().strip('"').split(",") if name]
    for name in names:
        if any(mark in name for mark in "*?!") or not name.isprintable():
            raise SignatureRefused(f"the key is listed for the pattern {name!r}, which names nobody: give it a name")
    return names


def _role_of(line: str) -> str:
    roles = _roles_in(line)
    return roles[-1] if roles else "approver"


def _roles_in(line: str) -> list[str]:
    match = _LINE.match(line.strip())
    return _ROLE.findall(match["comment"] or "") if match else []
