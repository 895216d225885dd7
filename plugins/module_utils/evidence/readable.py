# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Amounts as evidence shows them to people: short, not exact."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.quantities import format_millicores

_SIZES = ((1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki"))


def show_bytes(value: int | None) -> str:
    """Bytes as people read them: 64Mi, 1.5Gi; 'not set' for None."""
    if value is None:
        return "not set"
    for size, suffix in _SIZES:
        if value >= size:
            shown = f"{value / size:.1f}".removesuffix(".0")
            return f"{shown}{suffix}"
    return f"{value}"


def show_cpu(value: int | None) -> str:
    """Millicores as people read them: 200m, 2; 'not set' for None."""
    if value is None:
        return "not set"
    return format_millicores(value) if value else "0m"
