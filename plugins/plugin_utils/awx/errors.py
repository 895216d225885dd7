# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX says is not what an approval needs."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError


class AwxRefusal(RecordError):
    """Nothing may be written on the word of AWX; the message is one sentence that says why and what to do."""
