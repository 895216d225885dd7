# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kubernetes quantities as evidence shows them and as people write them in manifests."""

from __future__ import annotations

from decimal import Decimal

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import millicores, parse_quantity, to_bytes

MIB = 1024**2
GIB = 1024**3
# Steps that people write in manifests, between powers of two.
_STEPS_MIB = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048)


def number(quantity: object) -> Decimal | None:
    """The number that a quantity stands for, or None where it is not one."""
    try:
        return parse_quantity(str(quantity))
    except ValueError:
        return None


def cpu_millicores(quantity: object) -> int | None:
    """Millicores, rounded up; None where there is no quantity."""
    return None if number(quantity) is None else millicores(str(quantity))


def whole(quantity: object) -> int | None:
    """A count or bytes, rounded up; None where there is no quantity."""
    return None if number(quantity) is None else to_bytes(str(quantity))


def show_bytes(value: int | None) -> str:
    """Bytes as people read them: 64Mi, 1.5Gi; 'not set' for None."""
    if value is None:
        return "not set"
    for size, suffix in ((GIB, "Gi"), (MIB, "Mi"), (1024, "Ki")):
        if value >= size:
            shown = f"{value / size:.1f}".removesuffix(".0")
            return f"{shown}{suffix}"
    return f"{value}"


def show_cpu(value: int | None) -> str:
    """Millicores as people read them: 200m, 2; 'not set' for None."""
    if value is None:
        return "not set"
    return str(value // 1000) if value and value % 1000 == 0 else f"{value}m"


def memory_step(value: int) -> str:
    """The next quantity at or over `value` bytes that people write: 48Mi, 256Mi, 2560Mi, 3Gi …"""
    mib = -(-value // MIB)
    for step in _STEPS_MIB:
        if mib <= step:
            return f"{step // 1024}Gi" if step % 1024 == 0 else f"{step}Mi"
    rounded = -(-mib // 512) * 512
    return f"{rounded // 1024}Gi" if rounded % 1024 == 0 else f"{rounded}Mi"


def cpu_step(value: int) -> str:
    """The next CPU quantity at or over `value` millicores: tens under 100m, fifties under 1, hundreds above."""
    size = 10 if value <= 100 else 50 if value <= 1000 else 100
    return show_cpu(max(10, -(-value // size) * size))
