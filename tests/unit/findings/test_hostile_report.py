# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever a cluster's texts hold, they stay text: on the page, in JSON and SARIF, on the screen and in a shell."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from findings_made import finding, report
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.pasting import command, visible
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Fix, NotAssessed, Section, Table
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import saying
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import bounded, publish

EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> [a link](https://evil.example) \x1b[2J\x1b]0;title\x07"
    "\u202egnp.exe \u200b{{ 7 * 7 }} $(touch /tmp/pwned49) `id` ${HOME} '\"; # | \r\n# Heading\n---\nx"
)
LONG = "x" * 1_000_000


def hostile(text: str = EVIL) -> dict[str, Any]:
    """The text wherever a cluster can put one."""
    # No name is longer: the API server refuses it.
    fix = Fix("do", command("kubectl", text[:253]))
    bad = finding(name=text[:253], message=text, evidence=(text, text), part=text, fix=fix)
    chart = {"type": "bars", "unit": "", "bars": [{"label": text, "value": 1.0}]}
    sections = (Section("Load", text, Table((text,), ((text,),)), chart),)
    return report(bad, finding(name="web"), not_assessed=(NotAssessed(text, text, text),), sections=sections)


@pytest.fixture
def forms(tmp_path: Path) -> dict[str, str]:
    published = publish(hostile(), tmp_path, forms=["sarif"], advice=[{"advisor": EVIL, "text": EVIL}])
    texts = {name: Path(path).read_text() for name, path in published.files.items()}
    texts["screen"] = "\n".join(line for line, _colour in saying.lines(published))
    texts["notice"] = saying.urgent_text(hostile()["findings"])
    return texts


def test_nothing_that_a_terminal_obeys_is_in_any_form(forms: dict[str, str]) -> None:
    for name, text in forms.items():
        assert not [letter for letter in text if ord(letter) < 32 and letter not in "\n\t"], name
        assert "\u202e" not in text, name


def test_the_page_holds_no_element_of_theirs_and_nothing_is_a_template(forms: dict[str, str]) -> None:
    for name in ("html", "index"):
        assert "<script" not in forms[name]
        assert "<img" not in forms[name]
    assert "49" not in forms["html"].replace("pwned49", "")


def test_sarif_makes_no_link_of_theirs_and_its_addresses_are_addresses(forms: dict[str, str]) -> None:
    [run] = json.loads(forms["sarif"])["runs"]
    for result in run["results"]:
        assert "[a link]" not in result["message"]["text"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert not set(uri) & set("<>\"' \\^`{|}\n\x1b")


def test_json_is_what_the_cluster_said(forms: dict[str, str]) -> None:
    assert json.loads(forms["json"])["findings"][0]["name"] == EVIL


def test_a_text_of_a_megabyte_is_cut_everywhere(tmp_path: Path) -> None:
    published = publish(hostile(LONG), tmp_path, forms=["sarif"])
    for name, path in published.files.items():
        assert Path(path).stat().st_size < 120_000, name
    assert len(json.dumps(published.event)) < 120_000
    assert len("\n".join(line for line, _colour in saying.lines(published))) < 20_000


def test_a_secret_at_the_cut_is_no_half_secret() -> None:
    assert bounded({"a": ["y" * 30], "command": "z" * 30}, 10) == {
        "a": ["y" * 10 + " … 20 more letters"],
        "command": "z" * 30,
    }


@given(some.text(some.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_a_name_in_a_command_looks_like_no_other(name: str) -> None:
    assert command(name).isascii()
    assert command(name).isprintable()
    assert visible(name).isascii()
    assert visible(name).isprintable()


@pytest.mark.parametrize("name", [EVIL, "$(touch x)", "a b", "it's", "\u200badmin", "-n", "back\\slash\u00fc'"])
def test_a_shell_takes_each_word_of_a_command_as_it_is(name: str) -> None:
    line = command("printf", "%s|", "before", name)
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert done.stdout.decode() == f"before|{name}|"
