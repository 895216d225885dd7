# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables of Kubernetes quantities, and what holds for all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import (
    format_bytes,
    format_millicores,
    millicores,
    parse_quantity,
    to_bytes,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250m", 250),
        ("1", 1000),
        (1, 1000),
        (0.25, 250),
        ("0.1", 100),
        (".5", 500),
        ("1.", 1000),
        ("2e3", 2_000_000),
        ("2E-1", 200),
        ("100u", 1),
        ("1n", 1),
        ("123456789n", 124),
        ("0", 0),
        ("+2", 2000),
        ("-1500m", -1500),
        (" 250m ", 250),
        ("2k", 2_000_000),
    ],
)
def test_millicores(text: str | int | float, value: int) -> None:
    assert millicores(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64Mi", 67_108_864),
        ("64M", 64_000_000),
        ("1Ki", 1024),
        ("1k", 1000),
        ("1.5Gi", 1_610_612_736),
        ("0.1Gi", 107_374_183),
        ("1Ti", 1 << 40),
        ("1Pi", 1 << 50),
        ("2Ei", 1 << 61),
        ("1E", 10**18),
        ("1E3", 1000),
        ("1e3", 1000),
        ("128974848", 128_974_848),
        ("129e6", 129_000_000),
        ("128974848000m", 128_974_848),
        ("1m", 1),
        (4096, 4096),
    ],
)
def test_bytes(text: str | int | float, value: int) -> None:
    assert to_bytes(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "m", "1 Mi", "1mi", "1MI", "1K", "1KI", "ten", "1..2", "1e", "0x10", "1Mi2", "NaN", "inf", "1,5", "9" * 70],
)
def test_what_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        parse_quantity(text)


@pytest.mark.parametrize("text", ["1e999999999999999999", "1e40", "9999999999999Ei"])
def test_what_is_too_large(text: str) -> None:
    with pytest.raises(ValueError, match="out of the range"):
        to_bytes(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1000, "1000"),
        (1024, "1Ki"),
        (1536, "1536"),
        (67_108_864, "64Mi"),
        (3 << 29, "1536Mi"),
        (1 << 40, "1Ti"),
    ],
)
def test_bytes_as_kubernetes_writes_them(value: int, text: str) -> None:
    assert format_bytes(value) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (250, "250m"), (2000, "2"), (1001, "1001m")])
def test_millicores_as_kubernetes_writes_them(value: int, text: str) -> None:
    assert format_millicores(value) == text


@given(st.integers(0, 1 << 62))
def test_what_is_written_is_read_back(value: int) -> None:
    assert to_bytes(format_bytes(value)) == value
    assert millicores(format_millicores(value)) == value


@given(st.integers(0, 10**6), st.sampled_from(["m", "", "k", "M", "G", "Ki", "Mi", "Gi"]))
def test_rounding_never_takes_away(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"
    assert 0 <= to_bytes(text) - parse_quantity(text) < 1
    assert 0 <= millicores(text) - parse_quantity(text) * 1000 < 1
