# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options that say whose approval counts, the same for `approval` and `record_barrier` (doc fragment approvers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import CRITICAL, EMERGENCY, Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.signed_decision import Signers

ARGUMENTS: dict[str, dict[str, Any]] = {
    "minimum_strength": {"type": "raw", "default": "extra-vars"},
    "security_approvers": {"type": "list", "elements": "str", "default": []},
    "separation_tier": {"type": "int", "default": CRITICAL},
    "same_person": {"type": "list", "elements": "list", "default": []},
    "emergency_approver": {"type": "str", "default": EMERGENCY[0]},
    "allowed_signers": {"type": "path", "default": ""},
    "revoked_signers": {"type": "path", "default": ""},
}


def settings_of(arguments: Mapping[str, Any]) -> Settings:
    """The settings in a task's arguments (plain values)."""
    return Settings(
        minimum_strength=arguments["minimum_strength"],
        window_seconds=arguments.get("window_seconds"),
        valid_seconds=arguments.get("valid_seconds"),
        security_approvers=tuple(arguments["security_approvers"]),
        separation_tier=arguments["separation_tier"],
        same_person=tuple(tuple(str(name) for name in group) for group in arguments["same_person"]),
        emergency=arguments["emergency_approver"],
    )


def signers_of(arguments: Mapping[str, Any]) -> Signers:
    """The files of keys in a task's arguments."""
    return Signers(str(arguments["allowed_signers"] or ""), str(arguments["revoked_signers"] or ""))
