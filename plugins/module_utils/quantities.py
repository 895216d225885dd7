# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kubernetes quantities ("250m", "64Mi", "1.5", "2e3") as whole millicores and bytes, and back.

Grammar and suffixes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
Fractions are rounded up, as Kubernetes does: a request of 100 micro-cores takes 1 millicore.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation, Overflow

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?")
_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
    "E": Decimal("1e18"),
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
_LONGEST = 64
_BINARY_SUFFIXES = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki")


def parse_quantity(text: str | int | float) -> Decimal:
    """The exact value in the quantity's own unit (cores, bytes, pieces). ValueError names what is not a quantity."""
    written = str(text).strip()
    match = _QUANTITY.fullmatch(written) if len(written) <= _LONGEST else None
    if match is None:
        raise ValueError(f"{written[:_LONGEST]!r} is not a Kubernetes quantity such as 250m, 64Mi or 1.5")
    number, exponent, suffix = match.groups()
    try:
        return Decimal(number + (exponent or "")) * _FACTORS[suffix or ""]
    except (InvalidOperation, Overflow):
        raise ValueError(f"{written!r} is out of the range of a Kubernetes quantity") from None


def millicores(text: str | int | float) -> int:
    """A CPU quantity in millicores, rounded up: "250m" and 0.25 are 250."""
    return _round_up(parse_quantity(text) * 1000, text)


def to_bytes(text: str | int | float) -> int:
    """A memory or storage quantity in bytes, rounded up: "64Mi" is 67108864."""
    return _round_up(parse_quantity(text), text)


def _round_up(value: Decimal, text: str | int | float) -> int:
    if abs(value) >= Decimal(2) ** 80:
        raise ValueError(f"{text!r} is out of the range of a Kubernetes quantity")
    return math.ceil(value)


def number_or_none(quantity: object) -> Decimal | None:
    """The exact value; None for what is missing or not a quantity."""
    try:
        return parse_quantity(str(quantity))
    except ValueError:
        return None


def millicores_or_none(quantity: object) -> int | None:
    """Millicores, rounded up; None for what is missing or not a quantity."""
    return None if number_or_none(quantity) is None else millicores(str(quantity))


def whole_or_none(quantity: object) -> int | None:
    """Bytes or pieces, rounded up; None for what is missing or not a quantity."""
    return None if number_or_none(quantity) is None else to_bytes(str(quantity))


def format_millicores(value: int) -> str:
    """Millicores as Kubernetes writes them: 250 is "250m", 2000 is "2"."""
    return str(value // 1000) if value % 1000 == 0 else f"{value}m"


def format_bytes(value: int) -> str:
    """Bytes by the largest binary suffix that keeps them exact: 67108864 is "64Mi", 1000 is "1000"."""
    for suffix in _BINARY_SUFFIXES:
        factor = int(_FACTORS[suffix])
        if value and value % factor == 0:
            return f"{value // factor}{suffix}"
    return str(value)
