# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Both reports' pages in a real browser: on a desk, on a phone, in the dark, on paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Browser, browser, driver
from support.sample_audit import publish_two_audits
from support.sample_report import publish_two

pytestmark = pytest.mark.xdist_group("browser")
STORIES = {"health-report": publish_two, "security-audit": publish_two_audits}
SIZES = {"desk": (1280, 800), "phone": (375, 812)}
# With AIOPS_SCREENSHOTS the pictures of the documentation are taken anew.
PICTURES = os.environ.get("AIOPS_SCREENSHOTS", "")
WIDEST = "return Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
SMALLEST = """
const all = [...document.querySelectorAll('body *')];
const seen = all.filter(item => item.children.length === 0 && item.textContent.trim() && item.tagName !== 'title');
return Math.min(...seen.map(item => {
  const scale = item.ownerSVGElement ? item.getScreenCTM().a : 1;
  return parseFloat(getComputedStyle(item).fontSize) * scale;
}))
"""
TOP_ENDS = "return [...document.querySelectorAll('#top li')].map(item => item.getBoundingClientRect().bottom)"
CONTRAST = """
const parse = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
const light = text => parse(text).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
const paper = light(getComputedStyle(document.body).backgroundColor);
const inks = [...document.querySelectorAll('h1, p, li, td, th, .grade, .critical, .high, .medium, .low, .soft')];
return Math.min(...inks.map(item => light(getComputedStyle(item).color)).map(ink =>
  (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05)))
"""


@pytest.fixture(scope="module", params=list(STORIES))
def story(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(story: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(STORIES[story](tmp_path_factory.mktemp("reports")).files["html"])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with driver() as started:
        yield started


@pytest.fixture(params=list(SIZES))
def tab(request: pytest.FixtureRequest, address: str, page: Path, story: str) -> Iterator[Browser]:
    width, height = SIZES[request.param]
    with browser(address, width, height) as opened:
        opened.emulate(prefers_color_scheme="light")
        opened.open(page)
        yield opened
        if PICTURES:
            opened.screenshot(Path(PICTURES) / f"{story}-{request.param}.png")


def test_it_asks_for_nothing_and_complains_of_nothing(tab: Browser, page: Path) -> None:
    assert set(tab.requested()) - {"data:,"} == {page.as_uri()}
    assert tab.complaints() == []


def test_it_is_readable_and_never_wider_than_the_screen(tab: Browser) -> None:
    assert tab.run(WIDEST) <= tab.run("return window.innerWidth")
    assert tab.run(SMALLEST) >= 9


def test_the_three_most_important_things_need_no_scrolling(tab: Browser) -> None:
    ends = tab.run(TOP_ENDS)
    assert len(ends) == 3
    assert max(ends) <= tab.run("return window.innerHeight")
    # Each says what to do, and leads to all that is known of it.
    assert tab.run("return [...document.querySelectorAll('#top li br + .soft')].every(i => i.textContent.length > 9)")
    leads = "return [...document.querySelectorAll('#top li a, nav a')].every(i => document.querySelector(i.hash))"
    assert tab.run(leads) is True


def test_a_table_stands_under_every_chart_but_the_drawn_paths(tab: Browser) -> None:
    charts = "return [...document.querySelectorAll('section svg')].length"
    tables = "return [...document.querySelectorAll('section svg + .wide table')].length"
    assert tab.run(charts) >= 4
    assert tab.run(tables) >= tab.run(charts) - 1


def test_what_changed_and_the_trends_are_there(tab: Browser, story: str) -> None:
    text = tab.run("return document.body.innerText")
    assert ("2 new, 2 gone, 5 continuing" if story == "health-report" else "7 new, 1 gone, ") in text
    assert ("Restarts over time" if story == "health-report" else "Attack paths from the outside") in text
    assert "Findings over time" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(address: str, page: Path, story: str, scheme: str) -> None:
    with browser(address) as opened:
        opened.emulate(prefers_color_scheme=scheme)
        opened.open(page)
        # WCAG 2.2, 1.4.3: 4.5 to 1.
        assert opened.run(CONTRAST) >= 4.5
        paper = opened.run("return getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
        if PICTURES and scheme == "dark":
            opened.screenshot(Path(PICTURES) / f"{story}-dark.png")


def test_on_paper_it_is_black_on_white_and_whole(address: str, page: Path) -> None:
    with browser(address) as opened:
        opened.emulate(prefers_color_scheme="dark", media="print")
        opened.open(page)
        assert opened.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert opened.run(CONTRAST) >= 4.5
        clips = "item => getComputedStyle(item).overflowX !== 'visible'"
        clipped = f"return [...document.querySelectorAll('.wide')].some({clips})"
        assert opened.run(clipped) is False
        printed = opened.printed()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 20000


def test_the_index_leads_to_every_report(address: str, page: Path) -> None:
    with browser(address) as opened:
        opened.open(page.parent.parent / "index.html")
        links = opened.run("return [...document.querySelectorAll('a')].map(item => item.href)")
        assert len(links) == 2
        opened.run("document.querySelector('a').click()")
        assert opened.run("return location.href") == page.as_uri()
        assert opened.complaints() == []
