# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The documentation as a site: it is built without a broken link, and opens in a real browser without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Browser, browser, driver
from support.cluster import eventually
from support.playbook import BIN, ROOT

pytestmark = pytest.mark.xdist_group("site")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
ROLES = {path.parent.parent.name for path in ROOT.glob("roles/*/meta/argument_specs.yml")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    command = [str(ROOT / "docs" / "site" / "build"), str(folder)]
    built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert built.returncode == 0, built.stderr[-4000:]
    return folder


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with driver() as address, browser(address) as opened:
        yield opened


def test_every_page_is_reached(site: Path) -> None:
    """A page in no list of the index is found by nobody; Sphinx fails on it, and on links that lead nowhere."""
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    missing = [str(page) for page in pages if page.parts[0] != "site" and not (site / page).is_file()]
    assert not missing


def test_modules_and_roles_tell_of_themselves(site: Path) -> None:
    pages = {path.stem for path in (site / "reference").glob("*.html")}
    assert {f"{name}_module" for name in MODULES} | {f"{name}_role" for name in ROLES} <= pages
    assert "K8S_AUTH_KUBECONFIG" in (site / "reference" / "pod_diagnosis_info_module.html").read_text()


def test_it_opens_without_a_network(site: Path, tab: Browser) -> None:
    for page in ("index.html", "runbooks/oomkilled.html", "health-report.html", "reference/index.html"):
        tab.open(site / page)
        assert tab.run("return document.querySelector('h1').textContent.length > 3")
    asked = [address for address in tab.requested() if not address.startswith(("file:", "data:", "chrome:"))]
    assert not asked
    assert not [line for line in tab.complaints() if "favicon" not in line]


def test_it_is_searched_without_a_network(site: Path, tab: Browser) -> None:
    tab.open(site / "search.html")
    # As the form does it: a query in the address of the page.
    tab.run("location.search = '?q=OOMKilled'; return true")
    found = eventually(lambda: tab.run("return document.querySelectorAll('ul.search li').length"), 20)
    assert found and "oomkilled" in tab.run("return document.querySelector('ul.search').innerHTML")


def test_links_of_the_readme_lead_somewhere() -> None:
    links = [link for link in LINK.findall((ROOT / "README.md").read_text()) if not link.startswith("http")]
    assert len(links) > 10
    assert not [link for link in links if not (ROOT / link).exists()]


def test_what_was_asked_is_where_the_table_says() -> None:
    """Each row of the specification's table names files, and a test by `file::name`; both have to exist."""
    rows = [line for line in (ROOT / "docs" / "specification.md").read_text().splitlines() if line.startswith("| ")]
    named = re.findall(r"`([^`]+)`", "\n".join(rows))
    tests = [name for name in named if "::" in name]
    assert len(tests) > 25
    wrong = [name for name in tests if not _is_test(*name.split("::"))]
    files = [name for name in named if "/" in name and "::" not in name and " " not in name]
    wrong += [name for name in files if not list(ROOT.glob(name))]
    assert not wrong, json.dumps(wrong, indent=1)


def _is_test(file: str, name: str) -> bool:
    path = ROOT / "tests" / file
    return path.is_file() and f"def {name}(" in path.read_text()
