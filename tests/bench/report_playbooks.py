# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole playbooks of both reports with all forms, Ansible's own start included: seconds and memory.

python tests/bench/report_playbooks.py --kubeconfig FILE
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORMS = {"health_report": {"html", "json"}, "security_audit": {"html", "json", "sarif"}}


def main() -> None:
    parser = argparse.ArgumentParser(description="Whole playbooks of both reports")
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for name, forms in FORMS.items():
        seconds = []
        with tempfile.TemporaryDirectory() as folder:
            reports = Path(folder, "reports")
            environment = {**os.environ, "AIOPS_RECORD_FOLDER": str(Path(folder, "records"))}
            extra = ["-e", f"kubeconfig={given.kubeconfig}", "-e", f"reports={reports}"]
            command = [str(Path(sys.executable).parent / "ansible-playbook"), f"playbooks/{name}.yml", *extra]
            for _round in range(given.rounds):
                started = time.monotonic()
                done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
                seconds.append(time.monotonic() - started)
                if done.returncode != 0:
                    sys.exit(f"{name} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-1000:]}")
            written = {path.suffix.lstrip(".") for path in reports.glob("*/*")}
            size = sum(path.stat().st_size for path in reports.glob("*/*.html")) / len(list(reports.glob("*/*.html")))
        assert written == forms, written
        # Of all processes that ended so far, the largest.
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"playbook {name}, {', '.join(sorted(forms))}: median {statistics.median(seconds):.2f} s of {given.rounds} "
            f"(from {min(seconds):.2f} to {max(seconds):.2f}), page {size / 1e6:.2f} MB, {memory:.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
