# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures of the approval tests; the plan of the record tests serves here too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[1] / "records"), str(Path(__file__).parents[2] / "e2e")]

from example_plans import make_plan
from run_play import Playground


@pytest.fixture
def ground(tmp_path: Path) -> Playground:
    """A playground with a plan of tier 3."""
    return Playground(tmp_path, make_plan(3))
