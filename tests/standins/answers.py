# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A report as `pod_diagnosis_info` gives it, and answers to the question about it."""

from __future__ import annotations

import copy
import json
from typing import Any

REPORT: dict[str, Any] = {
    "target": {
        "cluster": "test",
        "api_version": "apps/v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "checkout",
        "uid": "0b7e9f43-5c0e-4d86-9d2f-6f3a1d0f4c11",
    },
    "workload": {"kind": "Deployment", "namespace": "shop", "name": "checkout"},
    "pod": "checkout-5d9c7b6f4-x2x7p",
    "evidence": [
        {
            "id": "E1",
            "source": "status",
            "time": "2026-11-20T10:00:00Z",
            "subject": "pod/checkout-5d9c7b6f4-x2x7p container app",
            "text": "terminated, OOMKilled, exit code 137",
        },
        {
            "id": "E2",
            "source": "spec",
            "time": "",
            "subject": "pod/checkout-5d9c7b6f4-x2x7p container app",
            "text": "image shop/checkout:1.4.2; requests memory 32Mi; limits memory 64Mi",
        },
        {
            "id": "E3",
            "source": "log",
            "time": "",
            "subject": "pod/checkout-5d9c7b6f4-x2x7p container app",
            "text": "loading 90 MB",
        },
    ],
}

ANSWER: dict[str, Any] = {
    "target": {"kind": "Deployment", "namespace": "shop", "name": "checkout"},
    "diagnosis": {
        "verdict": "failing",
        "root_cause": {
            "class": "oom-killed",
            "summary": "container app is killed at its memory limit of 64Mi",
            "confidence": 0.9,
            "evidence": ["E1", "E2"],
        },
        "contributing": [],
        "chain": ["the limit is 64Mi", "the program loads 90 MB", "the kernel kills it"],
    },
    "recommendation": {
        "remedy": "set_resources",
        "parameters": {"container": "app", "limits": {"memory": "128Mi"}},
        "reason": "it needs about 90 MB",
        "expected_outcome": "it is not killed again",
    },
}


def answer(**changes: Any) -> dict[str, Any]:
    """The answer with some of it changed: `root_cause__class="app-crash"` reaches below `diagnosis`."""
    changed = copy.deepcopy(ANSWER)
    for name, value in changes.items():
        where = changed
        *path, last = name.split("__")
        for step in path:
            where = where[step]
        where[last] = value
    return changed


def as_text(**changes: Any) -> str:
    """The same as JSON."""
    return json.dumps(answer(**changes))
