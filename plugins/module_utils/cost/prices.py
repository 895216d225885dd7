# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an hour of CPU and memory costs: from a price file as OpenCost's custom pricing has it, else built-in defaults.

https://opencost.io/docs/configuration/on-prem: `{"CPU": "0.031611", "RAM": "0.004237", "currencyCode": "USD"}`, prices
of one core-hour and one GiB-hour. Other keys of such a file (GPU, storage, spot prices) are not used here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

# OpenCost's own defaults (configs/default.json), in US dollars: a common size of one large cloud's middle region.
DEFAULT_CPU = Decimal("0.031611")
DEFAULT_RAM = Decimal("0.004237")
DEFAULT_SOURCE = "default prices (OpenCost's, not yours)"
LARGEST_FILE_BYTES = 1 << 20
# No cloud asks as much for an hour; a price in another unit does.
MOST = Decimal(1_000_000)


class PriceFileError(ValueError):
    """A price file that cannot be used; the message says what is wrong, where, and what belongs there."""


@dataclass(frozen=True)
class Prices:
    """Price of a core-hour and of a GiB-hour in `currency`; `source` names where they come from."""

    cpu_core_hour: Decimal
    memory_gib_hour: Decimal
    currency: str
    source: str
    is_default: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; prices as numbers."""
        return {
            "cpu_core_hour": float(self.cpu_core_hour),
            "memory_gib_hour": float(self.memory_gib_hour),
            "currency": self.currency,
            "source": self.source,
            "is_default": self.is_default,
        }


DEFAULTS = Prices(DEFAULT_CPU, DEFAULT_RAM, "USD", DEFAULT_SOURCE, True)


def prices_from(path: str) -> Prices:
    """The prices of a file; the defaults, marked as such, where no path is given. Raises `PriceFileError`."""
    if not path:
        return DEFAULTS
    file = Path(path).expanduser()
    try:
        if file.exists() and not file.is_file():
            raise PriceFileError(f"price file {path} is no file: it has to be OpenCost's custom pricing")
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise PriceFileError(f"price file {path} is larger than 1 MiB: it has to be OpenCost's custom pricing")
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PriceFileError(f"price file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        if isinstance(error, PriceFileError):
            raise
        raise PriceFileError(f"price file {path} is not JSON: {error}") from error
    except RecursionError:
        raise PriceFileError(f"price file {path} is nested too deeply: it has to be a map with CPU and RAM") from None
    return parse(document, path)


def parse(document: Any, source: str) -> Prices:
    """The prices in an OpenCost custom pricing document. Raises `PriceFileError`. Pure."""
    if not isinstance(document, Mapping):
        raise PriceFileError(f"price file {source} must hold a map with CPU and RAM, not {type(document).__name__}")
    currency = document.get("currencyCode") or "USD"
    if not isinstance(currency, str) or len(currency) != 3 or not (currency.isalpha() and currency.isascii()):
        raise PriceFileError(f"currencyCode in price file {source} must be three letters such as EUR, not {currency!r}")
    cpu, memory = (_price(document, key, source) for key in ("CPU", "RAM"))
    return Prices(cpu, memory, currency.upper(), f"price file {source}")


def _price(document: Mapping[str, Any], key: str, source: str) -> Decimal:
    if key not in document:
        raise PriceFileError(f"price file {source} has no {key}: it must give the price of an hour, such as 0.03")
    given = document[key]
    try:
        price = Decimal(str(given)) if not isinstance(given, bool) else Decimal("NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= MOST:
        shown = repr(given)[:60]
        raise PriceFileError(f"{key} in price file {source} must be a price from 0 to {MOST} such as 0.03, not {shown}")
    return price
