# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Money is what the price file says, and the defaults say that they are defaults."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.amounts import cost_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import (
    DEFAULTS,
    PriceFileError,
    Prices,
    parse,
    prices_from,
)


def test_the_file_is_opencosts_custom_pricing(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"CPU": "0.05", "RAM": 0.01, "currencyCode": "eur", "GPU": "1.2", "provider": "custom"}))
    prices = prices_from(str(file))
    assert prices == Prices(Decimal("0.05"), Decimal("0.01"), "EUR", f"price file {file}")
    assert cost_of(1000, 2 * 1024**3, prices).words() == f"51.10 EUR a month (price file {file})"


def test_defaults_are_marked_as_such() -> None:
    cost = cost_of(1000, 0, prices_from("")).to_json()
    assert cost["default_prices"] is True
    assert "default prices" in cost["source"]
    assert cost["per_hour"] == 0.0316


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "must hold a map"),
        ({"RAM": 1}, "has no CPU"),
        ({"CPU": 1}, "has no RAM"),
        ({"CPU": "cheap", "RAM": 1}, "CPU in price file p.json must be a price from 0"),
        ({"CPU": 1, "RAM": -1}, "RAM in price file p.json must be a price from 0"),
        ({"CPU": True, "RAM": 1}, "must be a price"),
        ({"CPU": "NaN", "RAM": 1}, "must be a price"),
        ({"CPU": 1, "RAM": 1, "currencyCode": "dollars"}, "three letters such as EUR"),
        ({"CPU": 1, "RAM": 1, "currencyCode": "ÄÖÜ"}, "three letters such as EUR"),
        ({"CPU": float("inf"), "RAM": 1}, "CPU in price file p.json must be a price from 0 to 1000000"),
        ({"CPU": "1e999999", "RAM": 1}, "CPU in price file p.json must be a price from 0 to 1000000"),
        ({"CPU": 1, "RAM": 10**40}, "RAM in price file p.json must be a price from 0 to 1000000"),
        ({"CPU": {"price": 1}, "RAM": 1}, "must be a price"),
    ],
)
def test_a_price_file_that_is_wrong(document: Any, sentence: str) -> None:
    with pytest.raises(PriceFileError, match=sentence):
        parse(document, "p.json")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("\xff", "not JSON"),
        ('{"CPU": NaN, "RAM": 1}', "CPU in price file .* must be a price"),
        ("[" * 100_000, "nested too deeply"),
        (" " * ((1 << 20) + 1), "larger than 1 MiB"),
    ],
)
def test_a_price_file_that_is_none(tmp_path: Path, content: str | None, sentence: str) -> None:
    file = tmp_path / "prices.json"
    if content is not None:
        file.write_bytes(content.encode("latin-1"))
    with pytest.raises(PriceFileError, match=sentence):
        prices_from(str(file))


def test_a_price_file_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ""):
        with pytest.raises(PriceFileError, match="is no file"):
            prices_from(str(tmp_path / name))


def test_the_largest_amounts_cost_something_too() -> None:
    cost = cost_of(2**63, 2**63, parse({"CPU": 10**6, "RAM": 10**6}, "p.json"), 2**31).to_json()
    assert 0 < cost["per_month"] < float("inf")


AMOUNTS = st.integers(min_value=0, max_value=10**6)
MONEY = st.decimals(min_value=0, max_value=100, places=6)


@given(cpu=AMOUNTS, memory=st.integers(0, 2**45), replicas=st.integers(0, 1000), core=MONEY, gib=MONEY)
def test_money_is_price_times_amount(cpu: int, memory: int, replicas: int, core: Decimal, gib: Decimal) -> None:
    cost = cost_of(cpu, memory, Prices(core, gib, "USD", "test"), replicas)
    exact = (cpu / 1000 * float(core) + memory / 2**30 * float(gib)) * replicas
    assert float(cost.per_hour) == pytest.approx(exact)
    assert cost.per_month == cost.per_hour * 730


def test_a_difference_may_be_negative() -> None:
    assert cost_of(-500, 0, DEFAULTS).per_hour == -cost_of(500, 0, DEFAULTS).per_hour
