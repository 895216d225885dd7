# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How long from the moment that a new pod goes bad until its rollout is paused: 30 halts on a real cluster.

The server itself writes down when it goes bad, in milliseconds: the request with which its error rate is over the rule,
its crash, the readiness probe that it answers with no. One clock for all: the cluster runs on this machine.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import uuid
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "playbooks" / "collections"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from support import errant
from support.cluster import Cluster
from support.gating import gated, release, undone
from support.shop import Shop, until

GATE: dict[str, Any] = {"watch_seconds": 120, "first_pods": 1, "look_every_seconds": 2}
KINDS = {
    "errors": ({"ERROR_SHARE": "0.2"}, "over at", 3.0),
    "crash": ({"CRASH_AFTER_SECONDS": "4"}, "crash at", 1.0),
    "readiness": ({"UNREADY_AFTER_SECONDS": "4"}, "unready seen at", 1.0),
}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kubeconfig", required=True)
    options.add_argument("--halts", type=int, default=10, help="of each kind")
    wished = options.parse_args()
    folder = Path(wished.kubeconfig).parent
    facts = json.loads((folder / "facts.json").read_text())
    cluster = Cluster(facts)
    namespace = f"lag-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", namespace)
    try:
        shop = Shop(cluster, namespace, errant.image(cluster), replicas=2)
        shop.install(image=shop.errant, failureThreshold=1)
        old = shop.hash()
        with shop.used(60):
            for kind in KINDS:
                show(kind, [one(shop, kind, number, old) for number in range(wished.halts)])
    finally:
        cluster.kubectl("delete", "namespace", namespace, "--wait=false")
    return 0


def one(shop: Shop, kind: str, number: int, old: str) -> tuple[float, float]:
    """Seconds from bad to detected, and from detected to paused."""
    environment, words, _limit = KINDS[kind]
    outcome, lines = gated(shop, release(shop, NUMBER=str(number), **environment), GATE)
    assert outcome.outcome == "halted", (outcome, lines)
    [pod] = shop.new_pods(old)
    name = pod["metadata"]["name"]
    said = ""
    for previous in ("--previous=true", "--previous=false"):
        said += shop.cluster.kubectl("logs", name, "-n", shop.namespace, previous, check=False)
    bad = int(re.findall(rf"{words} (\d+)", said)[0]) / 1000
    detected, paused = (datetime.fromisoformat(text).timestamp() for text in (outcome.detected_at, outcome.paused_at))
    undone(shop)
    # The next halt's pod is the only new one.
    assert until(lambda: not shop.new_pods(old), 60), shop.pods()
    return detected - bad, paused - detected


def show(kind: str, lags: list[tuple[float, float]]) -> None:
    both = sorted(first + second for first, second in lags)
    p95 = quantiles(both, n=20, method="inclusive")[-1] if len(both) > 1 else both[0]
    detect = sorted(first for first, _second in lags)[len(lags) // 2]
    pause = sorted(second for _first, second in lags)[len(lags) // 2]
    limit = KINDS[kind][2]
    print(
        f"{kind}: bad to paused over {len(lags)} halts: median {both[len(both) // 2]:.2f} s, p95 {p95:.2f} s, "
        f"longest {both[-1]:.2f} s ({p95 / limit:.0%} of the {limit:g} s wished for); "
        f"medians: to detected {detect:.2f} s, detected to paused {pause:.3f} s",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
