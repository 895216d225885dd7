# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The difference that a person approves: unified, of the object's spec alone, as the API server's dry run answered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import yaml_text
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.masking import masked


def unified(label: str, before: Mapping[str, Any], after: Mapping[str, Any], context: int = 2) -> str:
    """Unified text of two specs, secrets masked; each hunk is headed by the field that it changes."""
    old, new = list(yaml_text.lines(masked(before))), list(yaml_text.lines(masked(after, before)))
    matcher = difflib.SequenceMatcher(None, [line.text for line in old], [line.text for line in new], autojunk=False)
    shown = [f"--- {label} now", f"+++ {label} then"]
    for group in matcher.get_grouped_opcodes(context):
        shown += _hunk(group, old, new)
    return "\n".join(shown) + "\n" if len(shown) > 2 else ""


def _hunk(group: Iterable[tuple[Any, ...]], old: list[yaml_text.Line], new: list[yaml_text.Line]) -> list[str]:
    body: list[str] = []
    where = ""
    for tag, start, end, new_start, new_end in group:
        if tag == "equal":
            body += [f" {line.text}" for line in old[start:end]]
            continue
        first = old[start] if end > start else new[new_start]
        where = where or yaml_text.section(first.path)
        body += [f"-{line.text}" for line in old[start:end]]
        body += [f"+{line.text}" for line in new[new_start:new_end]]
    return [f"@@ {where} @@", *_dedented(body)]


def _dedented(body: list[str]) -> list[str]:
    """The hunk moved left: its head says where it lies, so the common indentation is only width."""
    spare = min((len(line) - 1 - len(line[1:].lstrip()) for line in body if line[1:].strip()), default=0)
    return [line[0] + line[1 + spare :] for line in body]
