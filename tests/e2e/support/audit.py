# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the API server's audit log says was written: the only witness that does not believe the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.cluster import Cluster

_WRITES = ("create", "update", "patch", "delete", "deletecollection")


def writes(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    """Every real write in a namespace by this collection: dry runs and questions about permissions are none."""
    found = []
    with Path(cluster.facts["audit_log"]).open(encoding="utf-8", errors="replace") as log:
        for line in log:
            if namespace in line and "aiops.kubernetes/" in line:
                event = json.loads(line)
                by_us = str(event.get("userAgent", "")).startswith("aiops.kubernetes/")
                if by_us and _is_write(event) and (event.get("objectRef") or {}).get("namespace") == namespace:
                    found.append(event)
    return found


def _is_write(event: dict[str, Any]) -> bool:
    return (
        event.get("stage") == "ResponseComplete"
        and event.get("verb") in _WRITES
        and "dryRun=All" not in event.get("requestURI", "")
        and "dryRun" not in json.dumps(event.get("requestObject") or {})
        and event.get("responseStatus", {}).get("code", 500) < 400
    )


def run_ids(events: list[dict[str, Any]]) -> set[str]:
    """The runs that wrote, by their User-Agent `aiops.kubernetes/VERSION (run ID)`."""
    return {event["userAgent"].partition("(run ")[2].rstrip(")") for event in events}


def all_writes(cluster: Cluster) -> list[dict[str, Any]]:
    """Every real write by a person's credentials, with whatever program, anywhere; questions about rights are none."""
    asks = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
    found = []
    with Path(cluster.facts["audit_log"]).open(encoding="utf-8", errors="replace") as log:
        for line in log:
            event = json.loads(line)
            person = not str(event.get("user", {}).get("username", "")).startswith("system:")
            if person and _is_write(event) and event.get("objectRef", {}).get("resource") not in asks:
                found.append(event)
    return found
