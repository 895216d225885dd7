# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a module's options to the advisors' settings: the words that all modules share (doc_fragments/advisors.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.asking import (
    AUTO,
    WITHIN_SECONDS,
    AdvisorSettings,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import AGENT, KagentSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import PROVIDERS, KubectlAiSettings
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import WINDOW_BYTES

TOKEN: Final = "AIOPS_KAGENT_TOKEN"


def kagent_options() -> dict[str, dict[str, Any]]:
    """How to reach an agent. A new dictionary each time: add to it freely."""
    return {
        "controller": {"type": "str"},
        "agent": {"type": "str", "default": AGENT},
        "url": {"type": "str"},
        "user": {"type": "str", "default": "aiops"},
        "token": {"type": "str", "no_log": True},
        "ca_cert": {"type": "path"},
        "version": {"type": "str", "default": "auto", "choices": ["auto", "0.3", "1.0"]},
        "stream": {"type": "bool", "default": True},
        "provider": {"type": "str"},
        "model": {"type": "str"},
        "window_bytes": {"type": "int", "default": WINDOW_BYTES},
    }


def kubectl_ai_options() -> dict[str, dict[str, Any]]:
    """How to run kubectl-ai. A new dictionary each time: add to it freely."""
    return {
        "program": {"type": "str", "default": "kubectl-ai"},
        "provider": {"type": "str", "required": True, "choices": list(PROVIDERS)},
        "model": {"type": "str", "required": True},
        "environment": {"type": "dict", "default": {}, "no_log": True},
        "files": {"type": "list", "elements": "path", "default": []},
        "max_iterations": {"type": "int", "default": 4},
        "tool_use_shim": {"type": "bool", "default": False},
        "window_bytes": {"type": "int", "default": WINDOW_BYTES},
        "sandbox": {"type": "str", "default": "auto", "choices": ["auto", "bubblewrap", "uid"]},
        "service_account": {"type": "str", "default": "aiops-system/aiops-advisor"},
    }


def advisor_argument_spec() -> dict[str, dict[str, Any]]:
    """The options of a module that asks advisors about its own report. A new dictionary each time."""
    return {
        "advisors": {"type": "list", "elements": "str", "default": [AUTO]},
        "advisors_within_seconds": {"type": "float", "default": WITHIN_SECONDS},
        "kagent": {"type": "dict", "options": kagent_options()},
        "kubectl_ai": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"name": {"type": "str", "default": "kubectl-ai"}, **kubectl_ai_options()},
        },
        "record_question": {"type": "str", "default": "text", "choices": ["text", "digest"]},
    }


def kagent_settings(params: Mapping[str, Any], environ: Mapping[str, str]) -> KagentSettings:
    """The settings that a module's `kagent_options` give; a token also comes from the environment."""
    given = {name: params[name] for name in kagent_options() if params.get(name) is not None}
    return KagentSettings(**{"token": environ.get(TOKEN, ""), **given})


def advisor_settings(params: Mapping[str, Any], environ: Mapping[str, str]) -> AdvisorSettings:
    """The settings that a module's `advisor_argument_spec` gives. What a journal is to hold may come late too.

    Raises BadSettings.
    """
    return AdvisorSettings(
        wanted=tuple(params["advisors"]),
        within_seconds=params["advisors_within_seconds"],
        kagent=kagent_settings(params.get("kagent") or {}, environ),
        kubectl_ai=tuple(KubectlAiSettings.from_options(item) for item in params["kubectl_ai"]),
        record_question=params["record_question"],
        keep_late=bool(params.get("record")),
    )
