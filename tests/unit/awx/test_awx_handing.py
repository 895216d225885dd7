# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A journal travels whole from job to job, and what is no journal, or another one, is not taken over."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path

import jinja2
import pytest
import yaml

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import opening
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import Journal, trusted_events


def journal(folder: Path, name: str = "007-shop-checkout.jsonl", run_id: str = "r1") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    opened = Journal.create(folder / name)
    opened.append("opened", {"run_id": run_id, "stage": "diagnosis", "text": "{{ no template }} – ✓"})
    opened.append("planned", {"digest": "sha256:1"})
    opened.close()
    return folder / name


def test_it_arrives_as_it_was_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    source = journal(tmp_path / "there")
    word = handing.pack(source)
    assert word.isascii()
    assert not set("{}%# \n") & set(word)
    path = handing.take_over(word, tmp_path / "here", "aiops-operations")
    assert path == (tmp_path / "here/aiops-operations/007-shop-checkout.jsonl").absolute()
    assert path.read_bytes() == source.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_number_where_that_one_is_taken(tmp_path: Path) -> None:
    journal(tmp_path / "here/aiops-operations", "007-other.jsonl", "r9")
    path = handing.take_over(handing.pack(journal(tmp_path / "there")), tmp_path / "here", "aiops-operations")
    assert path.name == "008-shop-checkout.jsonl"


def test_in_a_shared_folder_the_one_that_is_there_goes_on(tmp_path: Path) -> None:
    source = journal(tmp_path / "here/aiops-operations")
    word = handing.pack(source)
    longer = Journal.open(source)
    longer.append("sealed", {"status": "waiting"})
    longer.close()
    assert handing.take_over(word, tmp_path / "here", "aiops-operations") == source.absolute()
    assert [item.event for item in trusted_events(source)] == ["opened", "planned", "sealed"]


def test_another_journal_of_the_same_run_is_refused(tmp_path: Path) -> None:
    word = handing.pack(journal(tmp_path / "there"))
    other = Journal.create(journal(tmp_path / "here/aiops-operations").with_name("008-x.jsonl"))
    other.close()
    there = tmp_path / "here/aiops-operations/007-shop-checkout.jsonl"
    there.unlink()
    forged = Journal.create(there)
    forged.append("opened", {"run_id": "r1", "stage": "diagnosis"})
    forged.close()
    with pytest.raises(AwxRefusal, match="says something else"):
        handing.take_over(word, tmp_path / "here", "aiops-operations")


def packed(**content: str) -> str:
    return base64.b64encode(zlib.compress(json.dumps(content).encode())).decode()


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("", "is no journal"),
        (None, "is no journal"),
        ("not base64!", "is no journal"),
        (packed(name="1"), "is no journal"),
        (packed(name="001-x.jsonl", lines="{}\n"), "was altered"),
        (packed(name="001-x.jsonl", lines=""), "was altered: the journal is empty"),
    ],
)
def test_what_is_no_journal(word: str | None, sentence: str) -> None:
    with pytest.raises(AwxRefusal, match=sentence):
        handing.unpack(word)


@pytest.mark.parametrize("name", ["../../etc/cron.d/001-x.jsonl", "x.jsonl", "001-x.md", "/001-x.jsonl"])
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    lines = journal(tmp_path).read_text()
    with pytest.raises(AwxRefusal, match="no name of a journal"):
        handing.unpack(packed(name=name, lines=lines))


def test_a_change_in_it_is_found(tmp_path: Path) -> None:
    lines = journal(tmp_path).read_text().replace('"sha256:1"', '"sha256:2"')
    with pytest.raises(AwxRefusal, match="was altered: line 2 was edited"):
        handing.unpack(packed(name="001-x.jsonl", lines=lines))


def test_too_long_a_journal_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "MOST_CHARACTERS", 10)
    with pytest.raises(AwxRefusal, match="too long to be handed to the next job"):
        handing.pack(journal(tmp_path))


def test_what_was_handed_over_is_no_variable_of_the_record(tmp_path: Path) -> None:
    given = {handing.ARTIFACT: handing.pack(journal(tmp_path)), "target": "deployment/checkout"}
    assert opening.variables(given) == {"target": "deployment/checkout"}


@pytest.mark.parametrize(
    ("variables", "node", "job"),
    [
        ({"aiops_node": "validate"}, "validate", ""),
        # The workflow for rollbacks was told whose change is undone: what is verified is the reversal.
        ({"aiops_node": "apply", "aiops_job": "41"}, "apply", ""),
        ({"aiops_node": "", "aiops_job": "41"}, "", ""),
        ({"aiops_job": 41}, "", "41"),
        ({"aiops_job": ""}, "apply", ""),
        ({}, "apply", ""),
    ],
)
def test_what_is_verified_is_what_the_job_template_says(variables: dict[str, object], node: str, job: str) -> None:
    [play, *_rest] = yaml.safe_load((Path(__file__).parents[3] / "playbooks/awx_verify.yml").read_text())
    asked = play["tasks"][0]["aiops.kubernetes.awx_take_over"]
    assert [jinja2.Template(asked[name]).render(variables) for name in ("node", "job")] == [node, job]
