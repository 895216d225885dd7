# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the AI advisors say beside an analysis: shown and recorded, never taken for a remedy of its own.

What fits the cluster, and whether anybody else is in charge, has been counted; an advisor's word does not change it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import asking
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import AdvisorSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling import report


def advised(analysis: Mapping[str, Any], settings: AdvisorSettings, client: Client, *, record: bool) -> dict[str, Any]:
    """The analysis with the advice beside it, and on request what a journal shall hold. Raises `BadSettings`."""
    joined, consultation = asking.advised(analysis, settings, client)
    beside = {name: joined[name] for name in ("advice", "joined", "late")}
    result = {**analysis, **beside}
    if record:
        result["aiops_events"] = [*report.events(result), *asking.events_of(consultation, settings)]
    return result
