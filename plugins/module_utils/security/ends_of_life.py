# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When versions end. Kubernetes: https://kubernetes.io/releases/patch-releases/, containerd:
https://github.com/containerd/containerd/blob/main/RELEASES.md. Both as of 2026; 1.7 of containerd has no settled day.
"""

from __future__ import annotations

import datetime
import re

_KUBERNETES = {
    27: "2024-07-16",
    28: "2024-10-22",
    29: "2025-02-28",
    30: "2025-07-15",
    31: "2025-11-11",
    32: "2026-02-28",
    33: "2026-06-28",
    34: "2026-10-27",
    35: "2027-02-28",
    36: "2027-06-28",
    37: "2027-10-28",
}
_CONTAINERD = {(1, 6): "2025-08-23", (2, 0): "2025-11-07", (2, 1): "2026-05-05", (2, 2): "2026-11-06"}
_OLDEST, _OLD = min(_KUBERNETES), "2024-07-16"


def minor_of(version: str) -> int:
    """34 for v1.34.4 and v1.34.4-gke.100; 0 where it cannot be read."""
    found = re.match(r"v?1\.(\d+)", version)
    return int(found.group(1)) if found else 0


def end_of_kubernetes(minor: int) -> datetime.date | None:
    """The day after which 1.<minor> gets no fixes. None: newer than this table."""
    if 0 < minor < _OLDEST:
        return datetime.date.fromisoformat(_OLD)
    return datetime.date.fromisoformat(_KUBERNETES[minor]) if minor in _KUBERNETES else None


def end_of_runtime(version: str) -> datetime.date | None:
    """The same of a node's containerRuntimeVersion, containerd://1.6.20. None: not known, or not ended yet."""
    found = re.match(r"containerd://v?(\d+)\.(\d+)", version)
    if not found:
        return None
    number = (int(found.group(1)), int(found.group(2)))
    day = _CONTAINERD.get(max(number, (1, 6)))
    return datetime.date.fromisoformat(day) if day else None
