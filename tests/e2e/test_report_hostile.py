# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Objects whose names and texts are attacks, and Secrets that are no text, in both reports of a real cluster."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support import hardened
from support.cluster import Cluster
from support.playbook import ROOT
from support.story import Story

# It looks at the whole cluster: beside what other tests plant, its own would not be among the first.
pytestmark = pytest.mark.xdist_group("security")
# Made where the commands run, were a name taken for one.
CANARY = ROOT / "pwned-by-a-report"
# RBAC's names may be anything without / and %; the subjects' names anything at all.
NAMES = (
    "<img src=x onerror=alert(1)>",
    f"$(touch {CANARY.name})",
    "\u200bview",
    "\x1b[2J\x1b[31mred",
    "{{ lookup('pipe', 'id') }}",
    "[click](javascript:alert(1))",
)
BINARY = bytes(range(256)) * 4
PASSWORD = "hunter2hunter2hunter2"


def planted(namespace: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for number, name in enumerate(NAMES):
        subject = hardened.user(f"{name}-{number}\n# Approved\x1b]0;t\x07")
        items += hardened.bound(name, [hardened.rule("list create", "secrets")], [subject])
    # As much as the API server lets annotations be together.
    notes = {"note.example/long": "<script>" * 32_000, "note.example/escape": "\x1b[2J\x1b]8;;https://evil.example\x07"}
    pod = {**hardened.deployment("noted", lambda template: template["metadata"].update(annotations=notes))}
    pod["metadata"]["annotations"] = notes
    secrets = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": f"binary-{number}"},
            "type": kind,
            "data": {key: base64.b64encode(BINARY).decode() for key in keys},
        }
        for number, (kind, keys) in enumerate([("Opaque", ["blob"]), ("kubernetes.io/tls", ["tls.crt", "tls.key"])])
    ]
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "mixed"},
        "data": {"page": "<script>alert(1)</script>\x1b[2J", "database": f"password={PASSWORD}"},
        "binaryData": {"blob": base64.b64encode(BINARY).decode()},
    }
    return [
        {**item, "metadata": {**item["metadata"], "namespace": namespace}} for item in (*items, pod, *secrets, config)
    ]


@pytest.fixture(scope="module")
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"hostile-{uuid.uuid4().hex[:6]}"
    cluster.kubectl("create", "namespace", name)
    document = {"apiVersion": "v1", "kind": "List", "items": planted(name)}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(document))
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false", check=False)


class Page(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _value in attrs if name.startswith("on")]
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


@pytest.mark.parametrize(("name", "playbook"), [("health", "health_report.yml"), ("security", "security_audit.yml")])
def test_everything_stays_text(cluster: Cluster, namespace: str, tmp_path: Path, name: str, playbook: str) -> None:
    story = Story(cluster, namespace, tmp_path / "records")
    settings = {"settled_seconds": 0, "unused_seconds": 0}
    done = story.run(playbook, reports=str(tmp_path / "reports"), health_report_settings=settings)
    assert done.code == 0, done.output
    [page] = (tmp_path / "reports").glob(f"*/{name}-*.html")
    report = json.loads(page.with_suffix(".json").read_text())
    ours = [item for item in report["findings"] if item["namespace"] == namespace]
    assert ours
    seen = Page(page.read_text())
    assert not seen.tags & {"script", "img", "iframe", "object", "embed", "form"}
    assert not seen.handlers
    assert {address for address in seen.addresses if not address.startswith("#")} == {"data:,"}
    texts = {"page": page.read_text(), "record": story.record(), "screen": done.output}
    texts |= {path.suffix: path.read_text() for path in page.parent.glob(f"{name}-*") if path.suffix != ".html"}
    texts["journal"] = story.journals()[-1].read_text()
    for where, text in texts.items():
        assert not [letter for letter in text if ord(letter) < 32 and letter not in "\n\t\r"], where
        # A journal keeps names to the letter; nobody reads it on a screen.
        assert where == "journal" or "\u200b" not in text, where
        assert PASSWORD not in text, where
        assert base64.b64encode(BINARY).decode()[:60] not in text, where
        assert len(text) < 3_000_000, where
    assert "<script" not in texts["record"].replace("&lt;script", "")
    assert "# Approved" not in [line.strip() for line in texts["record"].splitlines()]
    assert not CANARY.exists()
    if name == "security":
        bindings = {item["name"] for item in ours if item["code"] == "rbac-secrets"}
        assert bindings == set(NAMES)
        told = [item for item in ours if item["code"] == "secret-in-configmap"]
        assert [item["name"] for item in told] == ["mixed"]


def test_a_command_takes_away_what_it_names_and_nothing_else(cluster: Cluster, namespace: str, tmp_path: Path) -> None:
    """Of two bindings whose names look the same, the pasted command finds the right one."""
    cluster.kubectl("create", "rolebinding", "view", "--role=x", "--user=somebody@example.com", "-n", namespace)
    story = Story(cluster, namespace, tmp_path / "records")
    done = story.run("security_audit.yml", reports=str(tmp_path / "reports"))
    assert done.code == 0, done.output
    [written] = (tmp_path / "reports").glob("*/security-*.json")
    report = json.loads(written.read_text())
    commands = {
        item["name"]: item["fix"]["command"]
        for item in report["findings"]
        if item["namespace"] == namespace and item["code"] == "rbac-secrets"
    }
    for name in ("\u200bview", NAMES[1]):
        assert commands[name].isascii()
        cluster.shell(commands[name])
    assert not CANARY.exists()
    left = {item["metadata"]["name"] for item in cluster.get("rolebindings", "-n", namespace)["items"]}
    assert "view" in left
    assert not {"\u200bview", NAMES[1]} & left
