# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes sent to the API server as a dry run: admission and validation say whether they would pass."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, Forbidden
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fixing.change import Change

ACCEPTED = "the API server accepted it as a dry run"
_THREADS = 4
_LONGEST = 300


def try_all(client: Client, changes: Sequence[Change], deadline: Deadline) -> list[str]:
    """For each change one sentence: accepted, refused and why, or not tried and why."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="dry-run") as pool:
        return list(pool.map(lambda change: _try(client, change, deadline), changes))


def _try(client: Client, change: Change, deadline: Deadline) -> str:
    if deadline.expired:
        return "not tried: no time was left"
    try:
        if change.verb == "create":
            client.create(change.body or {}, dry_run=True, deadline=deadline)
        elif change.verb == "delete":
            client.delete(change.ref, dry_run=True, deadline=deadline)
        else:
            client.patch(change.ref, change.body, patch_type=change.type, dry_run=True, deadline=deadline)
    except Forbidden as error:
        # A refusal of RBAC's names the user; admission's does not.
        return f"{'not tried' if error.user else 'refused'}: {_line(error)}"
    except ClusterError as error:
        return f"refused: {_line(error)}" if error.status else f"not tried: {_line(error)}"
    return ACCEPTED


def _line(error: ClusterError) -> str:
    return " ".join(redact(str(error)).split())[:_LONGEST]
