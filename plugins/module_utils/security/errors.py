# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be wrong with what the audit is given."""

from __future__ import annotations


class BadInput(Exception):
    """A file or setting of the user's cannot be used. str(error) is one sentence: what, where, what to do."""
