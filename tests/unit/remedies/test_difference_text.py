# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person sees of a change: YAML that says what it means, narrow, without secrets."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from remedies_objects import container, workload

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import difference_text, yaml_text

# UTF-8 carries no half of a surrogate pair.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["yes", "1e3", "0x1F", "2026-11-20", "a: b", "- x", "64Mi", "5m", "a\nb", "a\n\n"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(lambda key: "\n" not in key), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=80, deadline=None)
@given(value=st.dictionaries(st.sampled_from(["a", "name", "b c"]), VALUES, min_size=1))
def test_the_text_is_yaml_of_the_same_value(value: Any) -> None:
    assert yaml.safe_load(yaml_text.dump(value)) == value


@pytest.mark.parametrize("text", ["\x1b[2J", "a\r\nb", "a\u202eb", "a\u2028b", "\x7f", "a\n\x1b]0;x"])
def test_what_would_move_the_cursor_or_turn_the_text_is_escaped(text: str) -> None:
    shown = yaml_text.dump({"command": [text]})
    assert shown.replace("\n", "").isprintable()
    assert yaml.safe_load(shown) == {"command": [text]}


def spec(**fields: Any) -> dict[str, Any]:
    return dict(workload(containers=[container(**fields)])["spec"])


def test_a_hunk_says_where_it_lies_and_stays_narrow() -> None:
    before, after = spec(), spec()
    after["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] = "128Mi"
    assert difference_text.unified("deployment/web", before, after) == (
        "--- deployment/web now\n"
        "+++ deployment/web then\n"
        "@@ template.spec.containers[app].resources.limits @@\n"
        " resources:\n"
        "   limits:\n"
        "-    memory: 64Mi\n"
        "+    memory: 128Mi\n"
        "   requests:\n"
        "     memory: 32Mi\n"
    )


def test_no_difference_is_no_text() -> None:
    assert difference_text.unified("x", spec(), spec()) == ""


SECRETS = [
    {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
    {"command": ["run", "--password", "hunter2"]},
    {"args": ["--db=postgres://shop:hunter2@db/shop"]},
]


@pytest.mark.parametrize("fields", SECRETS, ids=lambda fields: next(iter(fields)))
def test_secrets_are_not_shown(fields: dict[str, Any]) -> None:
    text = difference_text.unified("x", spec(), spec(**fields))
    assert "hunter2" not in text
    assert "[redacted]" in text


def test_a_secret_that_changes_is_seen_to_change() -> None:
    before = spec(env=[{"name": "DB_PASSWORD", "value": "hunter2"}])
    after = copy.deepcopy(before)
    after["template"]["spec"]["containers"][0]["env"][0]["value"] = "hunter3"
    text = difference_text.unified("x", before, after)
    assert "hunter" not in text
    assert "(another value)" in text
