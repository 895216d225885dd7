# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""False and missed halts of the rollout rule over 10,000 simulated rollouts each: the table of docs/rollout.md."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "playbooks" / "collections"))

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Rule
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.simulate import (
    ERROR_RATES,
    REQUEST_RATES,
    simulate,
    table,
)

ROLLOUTS = 10_000
SEED = 20261120


def main() -> int:
    rng = random.Random(SEED)
    rows = [simulate(error, rate, ROLLOUTS, Rule(), rng) for error in ERROR_RATES for rate in REQUEST_RATES]
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
