# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The amounts that remedies propose: round ones, as people write them in manifests."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_bytes, format_millicores

_MIB = 1024**2
# Steps that people write in manifests, between powers of two.
_STEPS_MIB = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048)


def memory_step(value: int) -> str:
    """The next quantity at or over `value` bytes that people write: 48Mi, 256Mi, 2560Mi, 3Gi …"""
    mib = -(-value // _MIB)
    step = next((step for step in _STEPS_MIB if step >= mib), -(-mib // 512) * 512)
    return format_bytes(step * _MIB)


def cpu_step(value: int) -> str:
    """The next CPU quantity at or over `value` millicores: tens under 100m, fifties under 1, hundreds above."""
    size = 10 if value <= 100 else 50 if value <= 1000 else 100
    return format_millicores(max(10, -(-value // size) * size))
