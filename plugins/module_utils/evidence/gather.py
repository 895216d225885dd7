# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads from the cluster side by side under one deadline, and keeps what could not be read."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Unavailable
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact

THREADS = 8
# Left for turning what was read into evidence.
RESERVE_SECONDS = 0.1


class Gathering:
    """One collection: a client, its deadline, and what stayed unread (`unavailable`, `gone`)."""

    def __init__(self, client: Client, deadline: Deadline) -> None:
        self.client = client
        self.deadline = deadline
        self.unavailable: list[Unavailable] = []
        self.gone: list[str] = []
        self._pool = concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="evidence")

    def together(self, jobs: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """Run jobs in threads. Names say what is read; a job that failed or is late is not in the result."""
        running = {name: self._pool.submit(job) for name, job in jobs.items()}
        concurrent.futures.wait(running.values(), timeout=max(0.0, self.deadline.remaining() - RESERVE_SECONDS))
        answers: dict[str, Any] = {}
        for name, future in running.items():
            if not future.done():
                future.cancel()
                self.miss(name, "no answer within the time limit")
                continue
            failure = future.exception()
            if failure is None:
                answers[name] = future.result()
            elif isinstance(failure, NotFound):
                self.gone.append(name)
            elif isinstance(failure, ClusterError):
                self.miss(name, reason_of(failure))
            else:
                raise failure
        return answers

    def miss(self, what: str, why: str) -> None:
        """Note that `what` could not be read."""
        self.unavailable.append(Unavailable(what, why))

    def close(self) -> None:
        """Wait for nothing: each request ends by its own deadline."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def reason_of(failure: ClusterError) -> str:
    """A cluster error as one redacted line."""
    return " ".join(redact(str(failure)).split())[:300]
