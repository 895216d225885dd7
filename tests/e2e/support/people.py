# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Different people on one machine: users of their own, with keys of their own. Needs root, as the cluster does."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support.cluster import Cluster
from support.story import Story

# Whoever logged in on the tests' own terminal shall not be taken for all of them.
_AS = 'echo "$0" 2>/dev/null > /proc/self/loginuid || true; exec "$@"'


@dataclass(frozen=True)
class Person:
    """A real user without a name of its own, who is called `uid N`.

    Such a user may read the tests' checkout and Python wherever these lie, and where `everything` is said (as for
    whoever shares a folder of records) append to somebody else's journal. What such a user owns is not changed by that.
    """

    uid: int
    home: Path
    everything: bool = True

    @property
    def name(self) -> str:
        return f"uid {self.uid}"

    def story(self, cluster: Cluster, namespace: str, folder: Path) -> Story:
        """The same work on the same records, done by this person."""
        self.home.mkdir(exist_ok=True)
        os.chown(self.home, self.uid, self.uid)
        rights = "-all,+dac_read_search" + (",+dac_override" if self.everything else "")
        become = ("setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups")
        become += (f"--inh-caps={rights}", f"--ambient-caps={rights}")
        home = {"HOME": str(self.home), "USER": self.name, "LOGNAME": self.name}
        return Story(cluster, namespace, folder, home, ("sh", "-c", _AS, str(self.uid), *become))


@dataclass(frozen=True)
class Key:
    """An SSH key."""

    path: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> Key:
        path = folder / f"key-{name}"
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return cls(path)

    @property
    def public(self) -> str:
        return " ".join(self.path.with_suffix(".pub").read_text().split()[:2])

    def signs(self, folder: Path, commands: str, why: str = "it needs it") -> Path:
        """Paste the commands that approve.yml printed into a shell, with a reason and this key."""
        commands = commands.replace("WHY THIS CHANGE IS RIGHT", why).replace("~/.ssh/id_ed25519", str(self.path))
        subprocess.run(["sh", "-euc", commands], cwd=folder, check=True, capture_output=True)
        signed = folder / f"{self.path.name}-{len(list(folder.glob('*.signed')))}.signed"
        return (folder / "decision.signed").rename(signed)


def commands_in(output: str) -> str:
    """The commands for signing, as they were shown."""
    lines = [line.rstrip("\r") for line in output.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith("cat > decision.txt"))
    end = next(number for number, line in enumerate(lines) if "cat decision.txt - > decision.signed" in line)
    return "\n".join(lines[start : end + 1])
