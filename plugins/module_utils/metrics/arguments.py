# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options by which modules name a source of metrics; documented in the fragment `metrics`."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.choosing import SOURCES


def metrics_argument_spec() -> dict[str, dict[str, Any]]:
    """A new dictionary each time: add to it freely."""
    endpoint = {
        "url": {"type": "str"},
        "bearer_token": {"type": "str", "no_log": True},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "ca_cert": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "validate_certs": {"type": "bool", "default": True},
        "tenant": {"type": "str"},
        # A header may be the one that lets in.
        "headers": {"type": "dict", "no_log": True},
    }
    return {
        "source": {"type": "str", "choices": list(SOURCES), "default": "auto"},
        "prometheus": {"type": "dict", "options": endpoint},
        "sample_minutes": {"type": "float", "default": 0.0},
    }
