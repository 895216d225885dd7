# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Weeks of usage in a real Prometheus: written by promtool as blocks, served by a process of the tests' own."""

from __future__ import annotations

import contextlib
import math
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.cluster import CACHE

# As a scrape every 150 s leaves it: each 5-minute step sees three samples, both ends included.
SCRAPE_SECONDS = 150
STEP_SECONDS = 300
DAY = 86_400
MIB = 1 << 20
PROGRAMS = CACHE / "packages" / "prometheus" / "usr" / "bin"

Shape = Callable[[float], float]


@dataclass(frozen=True)
class Series:
    """One container of one pod: CPU in cores and memory in bytes at an age (seconds before the end).

    NaN: it did not run, and there is no sample. `unseen`: it ran, and nobody looked.
    """

    namespace: str
    pod: str
    container: str
    cpu: Shape
    memory: Shape
    jobs: tuple[str, ...] = ("cadvisor",)
    unseen: Callable[[float], bool] = lambda _age: False


def sample_times(days: float, end: int, every: int = SCRAPE_SECONDS) -> range:
    return range(end - round(days * DAY), end + 1, every)


def counter(series: Series, days: float, end: int, every: int = SCRAPE_SECONDS) -> list[tuple[int, float]]:
    """CPU seconds used until each moment."""
    total, found = 0.0, []
    for moment in sample_times(days, end, every):
        cores = series.cpu(end - moment)
        if not math.isnan(cores):
            total += cores * every
            if not series.unseen(end - moment):
                found.append((moment, total))
    return found


def gauge(series: Series, days: float, end: int, every: int = SCRAPE_SECONDS) -> list[tuple[int, float]]:
    seen = (moment for moment in sample_times(days, end, every) if not series.unseen(end - moment))
    pairs = ((moment, series.memory(end - moment)) for moment in seen)
    return [(moment, value) for moment, value in pairs if not math.isnan(value)]


def open_metrics(all_series: Sequence[Series], days: float, end: int, every: int) -> Iterator[str]:
    """The text that promtool reads: one metric after the other, each series in the order of time."""
    for metric, kind, samples in (
        ("container_cpu_usage_seconds", "counter", counter),
        ("container_memory_working_set_bytes", "gauge", gauge),
    ):
        name = metric + ("_total" if kind == "counter" else "")
        yield f"# TYPE {metric} {kind}\n"
        for series in all_series:
            pairs = samples(series, days, end, every)
            for job in series.jobs:
                labels = f'namespace="{series.namespace}",pod="{series.pod}",container="{series.container}",job="{job}"'
                for moment, value in pairs:
                    yield f"{name}{{{labels}}} {value!r} {moment}\n"
    yield "# EOF\n"


def write_blocks(
    all_series: Sequence[Series], days: float, end: int, folder: Path, every: int = SCRAPE_SECONDS
) -> Path:
    """A data folder for Prometheus."""
    folder.mkdir(parents=True, exist_ok=True)
    text = folder / "history.openmetrics"
    with text.open("w") as file:
        file.writelines(open_metrics(all_series, days, end, every))
    blocks = folder / "blocks"
    command = [PROGRAMS / "promtool", "tsdb", "create-blocks-from", "--quiet", "--max-block-duration=384h"]
    subprocess.run([*command, "openmetrics", text, blocks], check=True, capture_output=True, timeout=900)
    text.unlink()
    return blocks


@contextlib.contextmanager
def prometheus(blocks: Path, *options: str, host: str = "127.0.0.1") -> Iterator[str]:
    """A Prometheus over a data folder, by default on the loopback interface; its URL."""
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    configuration = blocks.parent / "prometheus.yml"
    configuration.write_text("global: {scrape_interval: 1h}\n")
    process = subprocess.Popen(
        [
            PROGRAMS / "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={blocks}",
            "--storage.tsdb.retention.time=90d",
            f"--web.listen-address={host}:{port}",
            "--log.level=error",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://{host}:{port}"
    try:
        _until_ready(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    for _attempt in range(300):
        assert process.poll() is None, "Prometheus ended"
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=2):
                return
        except urllib.error.HTTPError as refused:
            # One with a password answers 401 as soon as it listens.
            if refused.code == 401:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("Prometheus is not ready")


# What the percentiles are checked against: computed from the samples alone, by another way than Prometheus'.


def cpu_at_steps(series: Series, days: float, end: int) -> list[float]:
    """Millicores, the average of the 5 minutes before each step."""
    used = dict(counter(series, days, end))
    steps = range(end - round(days * DAY) + STEP_SECONDS, end + 1, STEP_SECONDS)
    return [
        (used[step] - used[step - STEP_SECONDS]) / STEP_SECONDS * 1000
        for step in steps
        if step in used and step - STEP_SECONDS in used
    ]


def memory_at_steps(series: Series, days: float, end: int) -> list[float]:
    return [value for moment, value in gauge(series, days, end) if moment % STEP_SECONDS == 0]


def percentile(values: Sequence[float], percent: float) -> float:
    """Linear between closest ranks, as a statistics book has it (NIST/SEMATECH 1.3.5.6, method R7)."""
    ordered = sorted(values)
    position = percent / 100 * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
