# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record: Markdown rendered from a journal's events, never read back."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import SandboxedEnvironment

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    front_matter,
    markdown,
    names,
    outcome,
    view,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Event

BUILT_IN = Path(__file__).parent / "templates"


def render(events: Sequence[Event], status: str, journal: Path, templates: str = "") -> str:
    """The record of a journal with these events and this status.

    `templates` is a folder of the user's; `<stage>.md.j2` or `record.md.j2` there replace the collection's. A template
    that cannot be rendered does not cost the record: the built-in one takes its place and says so.
    """
    seen = view.view(events, status)
    stage = str(seen["opened"].get("stage") or "run")
    values = {
        **seen,
        "title": front_matter.title(seen),
        "target_text": view.target_text(seen["target"]),
        "journal": journal.name,
        "outcomes": outcome.outcome(seen, str(seen["opened"].get("run_id") or journal.name)),
        "trouble": "",
    }
    head = front_matter.dump(
        front_matter.front_matter(
            seen, names.id_of(journal.name), [names.record_path(journal, stage).name, journal.name]
        )
    )
    try:
        return head + "\n" + _environment(templates).select_template(_candidates(stage)).render(values).strip() + "\n"
    except (
        jinja2.TemplateError,
        OSError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        if not templates:
            raise
        values["trouble"] = f"The template in {templates} could not be rendered ({error}); this is the built-in one."
        return head + "\n" + _environment("").select_template(_candidates(stage)).render(values).strip() + "\n"


def _candidates(stage: str) -> list[str]:
    return [f"{names.slug(stage)}.md.j2", "record.md.j2"]


# Its templates are compiled once a process: a record is rendered anew at each event.
@functools.cache
def _environment(templates: str) -> SandboxedEnvironment:
    folders = [str(Path(templates).expanduser())] if templates else []
    environment = SandboxedEnvironment(
        loader=jinja2.FileSystemLoader([*folders, str(BUILT_IN)]),
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        inline=markdown.inline,
        code=markdown.code,
        fenced=markdown.fenced,
        as_text=view.as_text,
        each=_each,
        figure=_figure,
        metric_rows=view.metric_rows,
    )
    return environment


def _each(value: Any) -> list[Any]:
    """The items of a list; anything else that is there is one item."""
    if isinstance(value, list):
        return value
    return [value] if value else []


def _figure(value: Any) -> str:
    """A metric's value for a table cell."""
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return "–" if value is None else markdown.inline(view.as_text(value), 80)
