# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Starts OpenSSH's `ssh-keygen -Y`, the only place that does (ssh-keygen(1), PROTOCOL.sshsig)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused

NAMESPACE: Final = "aiops.kubernetes"
_PROGRAM: Final = "ssh-keygen"
_TIMEOUT_SECONDS: Final = 20
_GOOD: Final = re.compile(r'^Good "[^"]+" signature (?:for .+ )?with \S+ key (SHA256:\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What the program said; `fingerprint` is that of the key of a good signature, "" for none."""

    good: bool
    fingerprint: str
    output: str
    complaint: str


def fingerprint_of(text: bytes, signature: Path) -> str:
    """The key that made a signature over exactly this text in this namespace, whoever's it is; "" where none did."""
    return _run(["check-novalidate", "-n", NAMESPACE, "-s", str(signature)], text).fingerprint


def principals_of(signature: Path, allowed: Path) -> Answer:
    """Under which names the signature's key is allowed now, a line each; `complaint` says why under none."""
    return _run(["find-principals", "-s", str(signature), "-f", str(allowed)], b"")


def verify(text: bytes, signature: Path, allowed: Path, principal: str, revoked: Path | None = None) -> Answer:
    """Whether the signature is one over this text by a key that is allowed now under this name, and not revoked."""
    revocation = ["-r", str(revoked)] if revoked else []
    words = ["verify", "-n", NAMESPACE, "-s", str(signature), "-f", str(allowed), "-I", principal, *revocation]
    return _run(words, text)


def _run(words: list[str], text: bytes) -> Answer:
    try:
        done = subprocess.run(
            [_PROGRAM, "-Y", *words], input=text, capture_output=True, check=False, timeout=_TIMEOUT_SECONDS
        )
    except FileNotFoundError:
        raise SignatureRefused("signatures need OpenSSH's ssh-keygen, which is not on the PATH") from None
    except subprocess.TimeoutExpired:
        raise SignatureRefused(f"ssh-keygen did not answer within {_TIMEOUT_SECONDS} s") from None
    output = done.stdout.decode("utf-8", errors="replace")
    found = _GOOD.search(output)
    good = done.returncode == 0
    return Answer(good, found.group(1) if good and found else "", output, done.stderr.decode("utf-8", errors="replace"))
