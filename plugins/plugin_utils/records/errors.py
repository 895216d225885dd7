# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong with records; every message is one sentence for a person."""

from __future__ import annotations


class RecordError(Exception):
    """A journal or record cannot be found, opened, written or trusted."""


class JournalAltered(RecordError):
    """The journal on disk is not what was written to it."""


class LedgerTrouble(RecordError):
    """The ledger cannot be written or is damaged; the journals are not touched by that."""


class RecordNotFound(RecordError):
    """A reference names no record."""


class RecordAmbiguous(RecordError):
    """A reference names more than one record."""
