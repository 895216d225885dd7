# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What requested CPU and memory cost (pure): money is a price of prices.py times an amount, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cost.prices import Prices

# As OpenCost and the clouds' price lists count a month.
HOURS_PER_MONTH: Final = 730
_GIB: Final = Decimal(2) ** 30
# Room for the largest amounts that the API server takes.
_DIGITS: Final = Context(prec=60)


@dataclass(frozen=True)
class Cost:
    """Money for an amount of CPU and memory, exact; `to_json` rounds. Negative where it is a difference."""

    per_hour: Decimal
    prices: Prices

    @property
    def per_month(self) -> Decimal:
        """For 730 hours."""
        return self.per_hour * HOURS_PER_MONTH

    def to_json(self) -> dict[str, Any]:
        """`per_hour` with 4 digits, `per_month` with 2, the currency, where the prices come from."""
        return {
            "per_hour": float(_rounded(self.per_hour, "0.0001")),
            "per_month": float(_rounded(self.per_month, "0.01")),
            "currency": self.prices.currency,
            "source": self.prices.source,
            "default_prices": self.prices.is_default,
        }

    def words(self) -> str:
        """`12.40 USD a month (price file prices.json)`."""
        return f"{_rounded(self.per_month, '0.01')} {self.prices.currency} a month ({self.prices.source})"


def cost_of(cpu_millicores: int, memory_bytes: int, prices: Prices, replicas: int = 1) -> Cost:
    """The cost of so much requested CPU and memory in each of so many pods."""
    cpu = Decimal(cpu_millicores) / 1000 * prices.cpu_core_hour
    memory = Decimal(memory_bytes) / _GIB * prices.memory_gib_hour
    return Cost((cpu + memory) * replicas, prices)


def _rounded(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), ROUND_HALF_UP, _DIGITS)
