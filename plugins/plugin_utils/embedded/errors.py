# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the embedded cluster says when it cannot go on."""

from __future__ import annotations


class EmbeddedClusterError(Exception):
    """One sentence: what is wrong, where, and what to do."""
