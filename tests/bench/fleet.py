# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Seconds of a health report over a fleet by `forks`. The API servers are simulated: each answer takes a while, as over
a long line, so that waiting and not computing is what is shared among the forks. No cluster is needed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "playbooks" / "collections"))

from support.fleet import simulated_clusters, write_inventory  # noqa: E402
from support.playbook import Playbook  # noqa: E402


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clusters", type=int, default=50)
    options.add_argument("--delay-seconds", type=float, default=0.25)
    options.add_argument("--forks", type=int, nargs="+", default=[5, 10, 25, 50])
    wished = options.parse_args()
    print(f"{wished.clusters} simulated clusters, {wished.delay_seconds:g} s an answer, {os.cpu_count()} CPUs")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with simulated_clusters(wished.clusters, folder, wished.delay_seconds) as hosts:
            inventory = write_inventory(folder / "inventory.yml", hosts, {"simulated": list(hosts)})
            for forks in wished.forks:
                environment = {"AIOPS_RECORD_FOLDER": str(folder / f"records-{forks}")}
                reports = folder / f"reports-{forks}"
                started = time.monotonic()
                run = Playbook(environment=environment)(
                    "health_report.yml", "-i", str(inventory), "--forks", str(forks), reports=str(reports)
                )
                seconds = time.monotonic() - started
                [twin] = reports.glob("fleet-health-*.json")
                reported = json.loads(twin.read_text())["summary"]["reported"]
                rounds = wished.clusters / forks
                came = f"exit code {run.code}, {reported} reported"
                print(f"  forks {forks:3d} ({rounds:4.1f} rounds): {seconds:6.1f} s, {came}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
