# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing of the machine's own kubeconfig, proxies or K8S_AUTH_* reaches these tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock

KEPT_AWAY = ("K8S_AUTH_", "KUBE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "AIOPS_")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.upper().startswith(KEPT_AWAY):
            monkeypatch.delenv(name)
    yield


class QuickClock(Clock):
    """The machine's clock, except that waiting takes no time and is written down."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


@pytest.fixture
def quick() -> QuickClock:
    return QuickClock()
