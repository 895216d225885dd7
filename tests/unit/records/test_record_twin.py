# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record's page and its JSON: for runs that measured something, escaped, without gaps drawn over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import render, svg, twin, view
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import FIRST_PREV, Event, make_event

CHART = {
    "title": "CPU of <b>checkout</b>",
    "unit": "millicores",
    "points": [[0, 10], [60, 20], [120, 15], [600, 12], [660, 13]],
    "lines": [{"name": "request now", "value": 500}, {"name": "request then", "value": 200}],
}
TABLE = {"title": "Usage", "columns": ["workload", "now"], "rows": [["Deployment shop/<script>", "cpu 500m | more"]]}


def event(name: str, **body: Any) -> Event:
    return make_event(1, name, body, FIRST_PREV, "2026-11-20T12:00:00Z")


OBSERVED = event("observed", tables=[TABLE], charts=[CHART], containers=[{"name": "app"}], savings={"cpu_percent": 60})


def test_a_run_that_measured_nothing_has_no_twins(tmp_path: Path) -> None:
    twin.write(tmp_path / "001-x.diagnosis.prompt.md", [event("observed", evidence=[])], "# text")
    assert list(tmp_path.iterdir()) == []


def test_a_page_and_json_lie_beside_the_record(tmp_path: Path) -> None:
    verified = event("verified", realised={"cpu_percent": 58}, tables=[{**TABLE, "title": "Realised savings"}])
    twin.write(tmp_path / "001-x.optimization.prompt.md", [OBSERVED, verified], "# text & <img src=x>")
    html = (tmp_path / "001-x.optimization.prompt.html").read_text()
    assert html.count("<svg") == 1
    assert "Usage</h2>" in html and "Realised savings</h2>" in html
    assert "<script" not in html and "<img" not in html and "<b>" not in html
    figures = json.loads((tmp_path / "001-x.optimization.prompt.json").read_text())
    assert figures["containers"] == [{"name": "app"}]
    assert figures["realised"] == [{"time": "2026-11-20T12:00:00Z", "cpu_percent": 58}]


def test_a_gap_is_not_drawn_over_and_every_level_is_named() -> None:
    drawn = svg.chart(CHART["title"], CHART["unit"], CHART["points"], CHART["lines"])  # type: ignore[arg-type]
    assert drawn.count("<polyline") == 2
    assert "request now 500" in drawn and "request then 200" in drawn
    assert "&lt;b&gt;" in drawn
    # What a browser would stumble over, a parser says.
    assert ElementTree.fromstring(drawn).tag == "svg"


@pytest.mark.parametrize("points", [[[0, 0]], [[0, 5], [0, 5]], [[0, 0.0], [60, 0.0]]])
def test_little_or_nothing_used_is_drawn_too(points: list[list[float]]) -> None:
    assert svg.chart("x", "y", points, []).endswith("</svg>")


def test_no_points_are_no_chart() -> None:
    assert svg.chart("x", "y", [], []) == ""


def test_a_curve_that_is_none_says_so() -> None:
    page = twin.page("x", [], [{"title": "x", "points": [["a", "b"]]}], "")
    assert "no times and values" in page


def test_the_record_has_the_table(tmp_path: Path) -> None:
    events = [event("opened", stage="optimization", run_id="r"), OBSERVED]
    text = render.render(events, "done", tmp_path / "001-x.jsonl")
    assert "## Usage" in text
    assert r"| Deployment shop/&lt;script> | cpu 500m \| more |" in text
    assert view.view(events, "done")["tables"][0]["title"] == "Usage"
