# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Redaction of whole JSON values, as they go into a journal or a record."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction_json import redact_json

TEXT_LENGTH = 65536


def redacted(value: Any) -> Any:
    """The value with every text redacted and bounded; map keys that name a secret hide their text whole."""
    return redact_json(value, longest_text=TEXT_LENGTH)
