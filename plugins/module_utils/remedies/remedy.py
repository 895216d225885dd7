# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shape that every remedy has: its signature, what it may write, how it drafts.

A remedy is a file with a `REMEDY`, a row in `signatures.py` and one in `catalogue.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import Signature
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document


class Any_(Enum):
    """Wild cards of a pattern: one list element chosen by name, or everything below."""

    ELEMENT = "element"
    BELOW = "below"


ELEMENT: Final = Any_.ELEMENT
BELOW: Final = Any_.BELOW
Pattern = tuple[Any, ...]
CONTAINER: Final[Pattern] = ("spec", "template", "spec", frozenset({"containers", "initContainers"}), ELEMENT)


@dataclass(frozen=True)
class Remedy:
    """`may_write` are patterns over the path of every single field written; whatever matches none is refused.

    `may_write_beside` are those of the workload's HorizontalPodAutoscaler, where a remedy has to write it too.
    """

    signature: Signature
    may_write: tuple[Pattern, ...]
    draft: Callable[[Client, Document, Mapping[str, Any], datetime], Draft]
    changes_template: bool = True
    may_write_beside: tuple[Pattern, ...] = ()

    @property
    def id(self) -> str:
        """Its name."""
        return self.signature.id

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of object that it acts on."""
        return self.signature.kinds


def allows(remedy: Remedy, leaf: Sequence[Any]) -> bool:
    """Whether the remedy may write the single field at `leaf` of its target."""
    return any(_matches(pattern, leaf) for pattern in remedy.may_write)


def allows_beside(remedy: Remedy, leaf: Sequence[Any]) -> bool:
    """Whether the remedy may write the single field at `leaf` of the target's autoscaler."""
    return any(_matches(pattern, leaf) for pattern in remedy.may_write_beside)


def _matches(pattern: Pattern, leaf: Sequence[Any]) -> bool:
    if pattern and pattern[-1] is BELOW:
        fixed = pattern[:-1]
        return len(leaf) >= len(fixed) and _matches(fixed, leaf[: len(fixed)])
    return len(pattern) == len(leaf) and all(_step_matches(*pair) for pair in zip(pattern, leaf, strict=True))


def _step_matches(wanted: Any, step: Any) -> bool:
    if wanted is ELEMENT:
        return isinstance(step, Mapping)
    if isinstance(wanted, frozenset):
        return isinstance(step, str) and step in wanted
    return bool(wanted == step)
