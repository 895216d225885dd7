# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The recorded facts of real failing workloads (see record_fixtures.py), as rules get them."""

from __future__ import annotations

import pathlib

import msgspec

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Facts

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
CLASSES = sorted(path.stem for path in FIXTURES.glob("*.json"))


def recorded(name: str) -> Facts:
    """A fresh copy of one recording, to be changed at will."""
    return msgspec.json.decode((FIXTURES / f"{name}.json").read_bytes(), type=Facts)
