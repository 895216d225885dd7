# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Removes the clusters that tests start, and fails where one is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLUSTERS = Path.home() / ".cache" / "aiops-kubernetes" / "clusters"
OF_TESTS = ("e2e", "e2e-two", "e2e-gone", "e2e-setup", "e2e-labs", "e2e-away", "molecule")


def main() -> int:
    for name in OF_TESTS:
        if (CLUSTERS / name).exists():
            variables = ["-e", "local_cluster_driver=embedded", "-e", f"local_cluster_name={name}"]
            absent = ["ansible-playbook", "playbooks/local_cluster.yml", *variables, "-e", "local_cluster_state=absent"]
            subprocess.run(absent, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
    left = [name for name in OF_TESTS if (CLUSTERS / name).exists()]
    print(f"Still there: {', '.join(left)}" if left else "no cluster of the tests is left")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
