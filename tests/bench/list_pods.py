# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long listing all pods into the engine's shapes takes, beside fetching the same bytes and json.loads.

    python tests/bench/list_pods.py --kubeconfig FILE [--rounds 5] [--page-size 500] [--namespace NS]

Three ways in turn, in one process, so that the machine's mood meets all of them:
  shapes   Client.list(shape=PodShape), page by page
  pages    the same pages fetched as bytes, each through json.loads
  whole    one answer with everything, through json.loads
The ratio is that of the medians of shapes and the faster of the other two; at most 1.00 is the aim.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "playbooks" / "collections"))

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.kinds import built_in
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import PodShape

TIME_LIMIT_SECONDS = 120


def shapes(client: Client, path: str, namespace: str, page_size: int) -> tuple[int, int]:
    """Pods listed; bytes are not counted here."""
    deadline = Deadline.after(TIME_LIMIT_SECONDS)
    return len(client.list("v1", "Pod", namespace=namespace, shape=PodShape, page_size=page_size, deadline=deadline)), 0


def pages(client: Client, path: str, namespace: str, page_size: int) -> tuple[int, int]:
    """Pods and bytes."""
    items: list[Any] = []
    size, token = 0, ""
    while True:
        query = {"limit": page_size, "continue": token}
        body = client.get_raw(path, query, deadline=Deadline.after(TIME_LIMIT_SECONDS))
        size += len(body)
        page = json.loads(body)
        items += page["items"]
        token = page["metadata"].get("continue", "")
        if not token:
            return len(items), size


def whole(client: Client, path: str, namespace: str, page_size: int) -> tuple[int, int]:
    """Pods and bytes."""
    body = client.get_raw(path, deadline=Deadline.after(TIME_LIMIT_SECONDS))
    return len(json.loads(body)["items"]), len(body)


def timed(way: Callable[[Client, str, str, int], tuple[int, int]], *given: Any) -> tuple[float, int, int]:
    """Seconds, pods, bytes; every way starts with a clean heap."""
    gc.collect()
    started = time.perf_counter()
    count, size = way(*given)
    return time.perf_counter() - started, count, size


def main() -> None:
    parser = argparse.ArgumentParser(description="Listing pods into shapes, beside fetching and json.loads")
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--context", default="")
    parser.add_argument("--namespace", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page-size", type=int, default=500)
    given = parser.parse_args()
    client = Client(Connection(kubeconfig=given.kubeconfig, context=given.context), run_id="bench")
    resource = built_in("v1", "Pod")
    assert resource is not None
    path = resource.path(given.namespace)
    ways = {"shapes": shapes, "pages": pages, "whole": whole}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        timed(way, client, path, given.namespace, given.page_size)
    count = size = 0
    for number in range(given.rounds):
        order = list(ways) if number % 2 == 0 else list(reversed(ways))
        for name in order:
            spent, count, read = timed(ways[name], client, path, given.namespace, given.page_size)
            seconds[name].append(spent)
            size = max(size, read)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{count} pods, {size / 1e6:.1f} MB, {given.rounds} rounds, pages of {given.page_size}")
    for name, values in seconds.items():
        print(f"{name:8} median {medians[name]:.3f} s  (from {min(values):.3f} to {max(values):.3f})")
    print(f"ratio {medians['shapes'] / min(medians['pages'], medians['whole']):.2f}")


if __name__ == "__main__":
    main()
