# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Percentiles of samples."""

from __future__ import annotations

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.quantiles import quantile


@pytest.mark.parametrize(("share", "value"), [(0, 1.0), (0.5, 2.5), (1, 4.0), (0.1, 1.3)])
def test_between_the_two_nearest_in_proportion(share: float, value: float) -> None:
    assert quantile(share, [4, 1, 3, 2]) == pytest.approx(value)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("value", [5e-324, 0.1, 1e12])
def test_never_outside_of_what_was_seen(share: float, value: float) -> None:
    assert quantile(share, [value, value]) == value


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        quantile(0.5, [])
