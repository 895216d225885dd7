# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a signature does not count."""

from __future__ import annotations


class SignatureRefused(Exception):
    """A signed decision that does not count; the message is one sentence for a person."""
