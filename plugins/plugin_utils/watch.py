# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a row of looks at a changed workload amounts to (pure). No answer is never good news."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEPT_SAMPLES = 20


@dataclass
class Watch:
    """The looks so far. `baseline` is the figures that they are compared with (metrics of change_observe)."""

    baseline: dict[str, Any]
    looks: int = 0
    regression: str = ""
    unanswered: str = ""
    metrics: dict[str, Any] = field(default_factory=dict)
    samples: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    _short_since: float | None = None

    def short_for(self, now: float) -> float:
        """For how many seconds too few pods have been available, at the monotonic time `now`."""
        return now - self._short_since if self._short_since is not None else 0.0

    def add(self, look: dict[str, Any], at: str, now: float) -> str:
        """Take in a result of change_observe, looked at `at` (a time of day); returns the line to show."""
        metrics = look.get("metrics") or {}
        if look.get("outcome") not in ("steady", "regression"):
            self.unanswered = str(look.get("seen") or look.get("msg") or "no answer")
            return self._shown(f"{at}  no answer: {self.unanswered}")
        self.looks, self.unanswered = self.looks + 1, ""
        self.metrics = metrics or self.metrics
        self.unmet = [str(item) for item in look.get("unmet") or []]
        self._note_shortage(metrics, now)
        if look["outcome"] == "regression":
            self.regression = str(look.get("seen") or "it got worse")
            return self._shown(f"{at}  worse: {self.regression}")
        return self._shown(f"{at}  {look.get('line') or ''}")

    def _note_shortage(self, metrics: dict[str, Any], now: float) -> None:
        wanted = min(int(metrics.get("desired") or 0), int(self.baseline.get("desired") or 0))
        if metrics and int(metrics.get("available") or 0) < wanted:
            self._short_since = now if self._short_since is None else self._short_since
        else:
            self._short_since = None

    def _shown(self, line: str) -> str:
        self.samples = [*self.samples, line][-KEPT_SAMPLES:]
        return line

    def verdict(self, *, interrupted: bool) -> tuple[str, str]:
        """The outcome and, in one sentence, what decided it."""
        if self.regression:
            return "regression", self.regression
        if interrupted:
            return "interrupted", f"Monitoring was ended by hand after {self.looks} looks."
        if self.unanswered or not self.looks:
            return "unknown", f"The cluster did not answer: {self.unanswered or 'no look was taken'}"
        if self.unmet:
            return "unmet", f"It holds, but not all is so that it is for: {'; '.join(self.unmet)}."
        return "steady", f"It went on to hold in {self.looks} looks."

    def events(self, *, interrupted: bool) -> list[dict[str, Any]]:
        """What the journal shall hold. Without a good verdict the run stays `monitoring`, for a later verification."""
        outcome, seen = self.verdict(interrupted=interrupted)
        body = {"message": seen, "samples": self.samples, "metrics": {"after": self.metrics}}
        if outcome in ("steady", "regression"):
            return [{"event": "monitored", "body": {"ok": outcome == "steady", **body}}]
        return [{"event": "note", "body": {"status": "monitoring", **body}}]
