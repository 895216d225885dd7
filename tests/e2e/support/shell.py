# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A page of the documentation, and a person who runs its commands as they stand there."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from support.cluster import Cluster
from support.playbook import ROOT, clean_environment, finish
from support.story import QUICK

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: .+? -->\s*\Z", re.DOTALL)


def sections(text: str) -> dict[str, list[str]]:
    """The shell blocks of a runbook by the heading they stand under, without those that say why they are not run."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {
        title: [found.group(1) for found in _BLOCK.finditer(body) if not _NOT_RUN.search(body[: found.start()])]
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    }


@dataclass
class Shell:
    """A person with a runbook and one shell: what is assigned in a block holds in the next."""

    blocks: dict[str, list[str]]
    folder: Path
    environment: dict[str, str]
    # What the person puts for a value of the runbook's.
    values: dict[str, str]
    ran: set[str] = field(default_factory=set)

    def does(self, title: str) -> str:
        """Run a section's blocks in their order; what they said, with an exit code of 0."""
        said = []
        for block in self.blocks[title]:
            script = re.sub(r"^(export )?(\w+)=.*$", self._own_value, block, flags=re.MULTILINE)
            kept = self.folder / "variables.sh"
            kept.touch()
            keep = f"declare -p | grep -v '^declare -[a-z]*r' > {kept}"
            finished = finish(["bash", "-c", f". {kept}\nset -euo pipefail\n{script}\n{keep}"], self.environment)
            assert finished.code == 0, f"{title}:\n{script}\n{finished.output}"
            said.append(finished.output)
        self.ran.add(title)
        return "".join(said)

    def _own_value(self, assignment: re.Match[str]) -> str:
        name = assignment.group(2)
        return f"{assignment.group(1) or ''}{name}={self.values[name]}" if name in self.values else assignment.group()

    def reads(self, said: str, record: str, digest: str) -> None:
        """Take the record and the digest over from what was said."""
        self.values[record] = re.findall(r"approve\.yml -e record=(\S+)", said)[-1]
        self.values[digest] = re.findall(r"Digest (sha256:[0-9a-f]{64})", said)[-1]


def environment_of(cluster: Cluster, folder: Path) -> dict[str, str]:
    """What the person has: kubectl, and settings as docs/configuration.md says. Only waiting is shortened."""
    inventory = folder / "inventories"
    (inventory / "group_vars").mkdir(parents=True)
    shutil.copy(ROOT / "inventories" / "local.yml", inventory)
    (inventory / "group_vars" / "all.yml").write_text(yaml.safe_dump(QUICK))
    settings = {"AIOPS_RECORD_FOLDER": str(folder / "records"), "ANSIBLE_INVENTORY": str(inventory / "local.yml")}
    environment = clean_environment(settings)
    environment["PATH"] = f"{Path(cluster.program('kubectl')).parent}{os.pathsep}{environment['PATH']}"
    return environment
