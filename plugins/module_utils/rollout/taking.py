# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes the figures of all pods every few seconds, in a thread, and keeps the sums. Old figures are no figures."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.counting import Ledger
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.series import Count, Reading
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.settings import GateSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.sources import Source
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.watching import Observed

MOST_OLD_PODS: Final = 20
STALE_AFTER_LOOKS: Final = 3


class Taking:
    """Read it while holding `observed.changed`; the thread takes that too."""

    def __init__(self, observed: Observed, source: Source, settings: GateSettings, clock: Clock) -> None:
        self._observed, self._source, self._settings, self._clock = observed, source, settings, clock
        self._ledger = Ledger()
        self._new: set[str] = set()
        self._missing: dict[str, str] = {}
        self._taken: dict[str, float] = {}
        self._samples: dict[str, tuple[str, ...]] = {}
        self.number = 0

    @property
    def query(self) -> str:
        """What is counted, in words."""
        return self._source.query

    def start(self, stopped: threading.Event) -> None:
        """Take figures until `stopped`."""
        threading.Thread(target=self._run, args=(stopped,), name="figures", daemon=True).start()

    def totals(self, new: Iterable[Document], old: Iterable[Document]) -> tuple[Count, Count]:
        """Requests and errors of every new pod there was, and of the others."""
        self._new |= {pod["metadata"]["uid"] for pod in new}
        others = [uid for uid in self._ledger.tallies if uid not in self._new]
        return self._ledger.total(self._new), self._ledger.total(others)

    def unknown(self, new: Sequence[Document]) -> str:
        """Why the figures of the new pods are not known now, or empty. One look that fails is made up by the next."""
        stale = STALE_AFTER_LOOKS * self._settings.look_every_seconds + self._settings.look_within_seconds
        oldest = self._clock.monotonic() - stale
        # A query counts a group of pods as one.
        asked = new[:1] if self._settings.source == "query" else new
        for pod in asked:
            uid, name = pod["metadata"]["uid"], pod["metadata"]["name"]
            if uid not in self._taken or self._taken[uid] < oldest:
                return self._missing.get(uid, f"pod {name} has given no figures")
        return "" if asked else "there are no new pods yet"

    def worst(self, new: Iterable[Document]) -> str:
        """The name of the new pod that answered with most errors, the first of several; empty without any pod."""
        errors = {pod["metadata"]["name"]: self._ledger.total([pod["metadata"]["uid"]]).errors for pod in new}
        return max(errors, key=lambda name: errors[name], default="")

    def error_samples(self) -> list[str]:
        """The error series, or lines, of the new pods as they were last."""
        return [line for uid in self._samples if uid in self._new for line in self._samples[uid]][:10]

    def _run(self, stopped: threading.Event) -> None:
        every = self._settings.look_every_seconds
        while not stopped.is_set():
            started = self._clock.monotonic()
            self.take()
            stopped.wait(max(0.05, every - (self._clock.monotonic() - started)))

    def take(self) -> None:
        """Take the figures of every pod that can have any, once; none while new and old cannot be told apart."""
        with self._observed.changed:
            new, old = self._observed.split() if self._observed.new_revision() else ([], [])
        asks = workloads.is_ready if self._source.only_ready else _runs
        asked_new = [pod for pod in new if asks(pod)]
        asked_old = [pod for pod in old if workloads.is_ready(pod)][:MOST_OLD_PODS]
        deadline = Deadline.after(self._settings.look_within_seconds, self._clock)
        answers = self._source.look(asked_new, asked_old, deadline)
        with self._observed.changed:
            self._take_in(answers, new)
            self._observed.changed.notify_all()

    def _take_in(self, answers: Mapping[str, Reading | str], new: Iterable[Document]) -> None:
        self.number += 1
        self._new |= {pod["metadata"]["uid"] for pod in new}
        for uid, answer in answers.items():
            if isinstance(answer, str):
                self._missing[uid] = answer
                continue
            self._ledger.add(uid, answer.count, fresh=uid in self._new)
            self._taken[uid] = self._clock.monotonic()
            self._missing.pop(uid, None)
            self._samples[uid] = answer.error_series


def _runs(pod: Document) -> bool:
    return (pod.get("status") or {}).get("phase") == "Running" and not pod["metadata"].get("deletionTimestamp")
