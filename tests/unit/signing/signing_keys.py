# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real keys and the real ssh-keygen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.signed_decision import About
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.statement import Statement

DIGEST = "sha256:" + "1" * 64
RECORD = "20261120T120000Z-0a1b2c3d"
CAROL = {"name": "uid 1501", "sudo_user": "", "identity": "os-user"}
ABOUT = About(DIGEST, RECORD, (CAROL,))
SAID = Statement("approved", DIGEST, RECORD, "2026-11-20T12:00:00Z", "it needs it")


def ssh_keygen(*words: str, text: str = "") -> str:
    return subprocess.run(["ssh-keygen", *words], input=text, capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True)
class Keys:
    """A folder of keys, each made once."""

    folder: Path

    def path(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path))
        return path

    def public(self, name: str) -> str:
        """Type and base64 of a public key."""
        return " ".join(self.path(name).with_suffix(".pub").read_text().split()[:2])

    def signed(self, name: str, said: Statement = SAID, namespace: str = "aiops.kubernetes") -> bytes:
        """What the printed command makes."""
        text = said.text()
        return (text + ssh_keygen("-Y", "sign", "-f", str(self.path(name)), "-n", namespace, text=text)).encode()


Write = Callable[..., str]
