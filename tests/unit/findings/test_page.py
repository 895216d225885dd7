# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page and the drawings, by what a browser would be given."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from findings_made import finding, report
from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.comparing import compare
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Fix, NotAssessed, Section, Table
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import charts
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.page import groups, render_page
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.trends import trends

BARS = {"type": "bars", "unit": "%", "bars": [{"label": "node-1", "value": 93.0, "limit": 90}]}
LINES = {"type": "lines", "times": ["2026-11-16", "2026-11-23"], "lines": [{"label": "p99", "values": [0.2, 0.4]}]}
PATHS = {"type": "paths", "paths": [[{"kind": "Pod", "label": "web"}, {"kind": "Node", "label": "n", "through": "h"}]]}


class Page(HTMLParser):
    """What a browser sees: tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def page(given_report: dict[str, Any], before: dict[str, Any] | None = None) -> str:
    return render_page(
        given_report, compare(given_report, before).to_json(), trends([before, given_report] if before else [])
    )


def test_no_script_and_no_address() -> None:
    sections = (Section("Load", chart=BARS, table=Table(("node", "load"), (("node-1", 93.0),))),)
    text = page(report(finding(), sections=sections))
    seen = Page(text)
    assert "script" not in seen.tags
    addresses = [value for name, value in seen.attributes if name in ("href", "src")]
    ids = {f"#{value}" for name, value in seen.attributes if name == "id"}
    assert set(addresses) - ids == {"data:,"}
    assert not re.search(r"url\(|@import|https?://", text)


def test_text_from_a_cluster_stays_text() -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m{{ 7 * 7 }}"
    bad = finding(name=evil, message=evil, evidence=(evil,), fix=Fix(evil, evil), why=evil, part=evil)
    chart = {"type": "bars", "bars": [{"label": evil, "value": 1.0}]}
    text = page(report(bad, sections=(Section(evil, evil, Table((evil,), ((evil,),)), chart),)))
    seen = Page(text)
    assert "script" not in seen.tags
    assert "img" not in seen.tags
    assert "\x1b" not in text
    assert "{{ 7 * 7 }}" in seen.text


def test_the_three_most_important_come_first() -> None:
    ranked = report(*(finding(severity=severity, name=severity) for severity in ("low", "critical", "high", "medium")))
    text = page(ranked)
    top = text[text.index('id="top"') : text.index('id="changes"')]
    assert re.findall(r"Deployment shop/(\w+)", top) == ["critical", "high", "medium"]


def test_the_three_say_what_to_do_and_stay_short_whatever_a_cluster_says() -> None:
    long = "0/200 nodes are available: " + "x" * 1_000_000
    text = page(report(*(finding(name=f"d{number}", message=long, fix=Fix("remove it")) for number in range(4))))
    top = Page(text[text.index('id="top"') : text.index('id="changes"')]).text
    assert top.count("Remove it") == 3
    assert len(top) < 1200
    assert len(text) < 30_000


def test_what_to_do_is_said_once_where_it_is_the_same_for_all() -> None:
    same = [finding(name=name, fix=Fix("remove it")) for name in ("a", "b")]
    text = page(report(*same))
    assert text[text.index('id="findings"') :].count("Remove it") == 1
    other = [*same, finding(name="c", fix=Fix("keep it"))]
    text = page(report(*other))
    assert text[text.index('id="findings"') :].count("emove it") == 2


def test_what_could_not_be_seen_is_said_where_nothing_was_found() -> None:
    blind = NotAssessed("nodes", "forbidden", "grant list on nodes")
    text = Page(page(report(not_assessed=(blind,)))).text
    assert "Nothing was found in what could be looked at; 1 things could not" in text
    assert "grant list on nodes" in text


def test_changes_and_trends_are_drawn() -> None:
    before = report(finding(name="goes"), at="2026-11-16T00:00:00Z", figures={"Restarts": 4})
    now = report(finding(name="comes"), at="2026-11-23T00:00:00Z", figures={"Restarts": 9, "Added": 1})
    text = page(now, before)
    assert "1 new" in text
    assert text.count("<svg") == 3
    [restarts] = [item for item in trends([before, now]) if item["title"] == "Restarts over time"]
    assert restarts["table"]["rows"] == [["2026-11-16T00:00:00Z", 4], ["2026-11-23T00:00:00Z", 9]]
    [added] = [item for item in trends([before, now]) if item["title"] == "Added over time"]
    assert added["chart"]["lines"] == [{"label": "Added", "values": [None, 1]}]


def test_a_code_with_many_objects_does_not_drown_the_page() -> None:
    [group] = groups(report(*(finding(name=f"d{number}") for number in range(80)))["findings"])
    assert (len(group["shown"]), group["more"], group["count"]) == (50, 30, 80)


@pytest.mark.parametrize("chart", [BARS, LINES, PATHS], ids=lambda chart: str(chart["type"]))
def test_every_chart_is_drawn_with_a_title(chart: dict[str, Any]) -> None:
    drawn = charts.draw(chart, "Load")
    assert drawn.startswith("<svg ")
    assert "<title>Load</title>" in drawn


@pytest.mark.parametrize("chart", [None, {}, {"type": "pie"}, {"type": "bars", "bars": []}, {**LINES, "times": []}])
def test_nothing_is_drawn_of_nothing(chart: dict[str, Any] | None) -> None:
    assert charts.draw(chart, "Load") == ""


def test_a_gap_breaks_a_line() -> None:
    gap = {**LINES, "times": list("abcde"), "lines": [{"label": "p99", "values": [1, 2, None, 4, 5]}]}
    assert charts.draw(gap, "p99").count("<polyline") == 2


numbers = some.one_of(some.none(), some.floats(), some.integers(-(10**18), 10**18))


@given(some.lists(numbers, max_size=8))
def test_any_numbers_give_a_drawing_without_nan(values: list[float | None]) -> None:
    times = [str(at) for at in range(len(values))]
    drawn = charts.draw({"type": "lines", "times": times, "lines": [{"label": "x", "values": values}]}, "x")
    drawn += charts.draw({"type": "bars", "bars": [{"label": "x", "value": value} for value in values]}, "x")
    assert not re.search(r'="[^"]*(nan|inf)', drawn)
