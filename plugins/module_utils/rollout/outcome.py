# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the gate ends with, and each look as one line. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.rule import Verdict
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout.series import Count


@dataclass(frozen=True)
class Figures:
    """One look at the pods: `new` and `old` are counts since the gate began, `latency` in seconds or None."""

    ready: int
    new_pods: int
    new: Count
    old: Count
    latency: float | None
    verdict: Verdict
    phase: str

    def line(self, at: str) -> str:
        """`16:20:05  3/3 ready  152 req  12 err  7.9 % (4.5-13.3)  old 0.1 %  watch`, for 80 columns."""
        requests, errors = int(self.new.requests), int(self.new.errors)
        rate = f"{errors / requests:.1%} ({self.verdict.low:.1%}-{self.verdict.high:.1%})" if requests else "no rate"
        old = f"{self.old.errors / self.old.requests:.1%}" if self.old.requests else "unknown"
        judged = self.verdict.kind if self.verdict.kind != "watch" else self.phase
        return f"{at}  {self.ready}/{self.new_pods} ready  {requests} req  {errors} err  {rate}  old {old}  {judged}"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; counts of what was seen."""
        return {
            "ready": self.ready,
            "new_pods": self.new_pods,
            "requests": int(self.new.requests),
            "errors": int(self.new.errors),
            "interval": [round(self.verdict.low, 4), round(self.verdict.high, 4)],
            "old_requests": int(self.old.requests),
            "old_errors": int(self.old.errors),
            "latency_seconds": self.latency if self.latency is None or self.latency < 1e9 else "over the last bucket",
        }


@dataclass(frozen=True)
class Outcome:
    """`outcome`: passed, halted, inconclusive, unchanged (nothing was rolled out), or gone.

    `why` is one sentence. `paused` whether the rollout was paused; `pod` the new pod that failed, or erred most. Times
    are RFC 3339 with milliseconds: `detected_at` when the verdict fell, `paused_at` when the API server had answered.
    """

    outcome: str
    why: str
    paused: bool = False
    pod: str = ""
    query: str = ""
    detected_at: str = ""
    paused_at: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    error_samples: list[str] = field(default_factory=list)
    pod_logs: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)
