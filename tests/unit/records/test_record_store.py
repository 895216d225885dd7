# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers without races, and finding a record again."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import names, store
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import (
    RecordAmbiguous,
    RecordError,
    RecordNotFound,
)


def _create(folder: Path, run_id: str = "", feature: str = "aiops-operations", slug: str = "shop") -> Path:
    journal = store.create(folder, feature, slug)
    journal.append("opened", {"run_id": run_id, "stage": "diagnosis"})
    journal.close()
    return journal.path


def test_numbers_follow_one_another_also_after_records_of_others(tmp_path: Path) -> None:
    assert _create(tmp_path).name == "001-shop.jsonl"
    (tmp_path / "aiops-operations" / "007-somebody-elses.spec.prompt.md").touch()
    assert _create(tmp_path).name == "008-shop.jsonl"


def test_a_thousandth_record_has_a_longer_number(tmp_path: Path) -> None:
    (tmp_path / "aiops-operations").mkdir()
    (tmp_path / "aiops-operations" / "999-x.jsonl").touch()
    assert _create(tmp_path).name == "1000-shop.jsonl"


def test_a_reservation_left_by_a_crash_costs_a_number_only(tmp_path: Path) -> None:
    (tmp_path / "aiops-operations").mkdir()
    (tmp_path / "aiops-operations" / ".001.reserved").touch()
    assert _create(tmp_path).name == "002-shop.jsonl"


def _create_many(folder: Path, name: str) -> None:
    for number in range(10):
        _create(folder, slug=f"{name}-{number}")


def test_many_processes_never_share_a_number(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_create_many, args=(tmp_path, f"w{number}")) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    numbers = [names.number_of(path.name) for path in store.journals(tmp_path)]
    assert len(numbers) == 60
    assert len(set(numbers)) == 60
    assert not list(tmp_path.glob("*/.*.reserved"))


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("")
    with pytest.raises(RecordError, match="no record can be written in .*history"):
        _create(tmp_path / "history")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("shop Deployment/checkout", "shop-deployment-checkout"),
        ("../../etc/passwd", "etc-passwd"),
        ("Café Größe", "cafe-groe"),
        ("", "run"),
        ("…", "run"),
        ("x" * 500, "x" * 48),
        ("a" * 47 + "-b", "a" * 47),
        ("a\nb\x00c", "a-b-c"),
    ],
)
def test_a_slug_is_short_and_harmless(text: str, slug: str) -> None:
    assert names.slug(text) == slug


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _create(tmp_path, "20261120T120000Z-aaaaaaaa")
    _create(tmp_path, "20261120T130000Z-bbbbbbbb")
    _create(tmp_path, "20261120T140000Z-cccccccc", feature="nightly")
    return tmp_path


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("2", "aiops-operations/002-shop.jsonl"),
        ("002", "aiops-operations/002-shop.jsonl"),
        (" 002 ", "aiops-operations/002-shop.jsonl"),
        ("20261120T130000Z-bbbbbbbb", "aiops-operations/002-shop.jsonl"),
        ("20261120T140000Z-cccccccc", "nightly/001-shop.jsonl"),
        ("nightly/001-shop.jsonl", "nightly/001-shop.jsonl"),
        ("nightly/001-shop.diagnosis.prompt.md", "nightly/001-shop.jsonl"),
    ],
)
def test_a_record_is_found(folder: Path, reference: str, found: str) -> None:
    assert store.find(reference, folder) == folder / found


def test_a_record_is_found_by_its_absolute_path_anywhere(folder: Path) -> None:
    path = folder / "nightly" / "001-shop.jsonl"
    assert store.find(str(path), Path("/nowhere")) == path


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("", "no record was named"),
        ("9", r"no record 9 in .* \(3 journals there\)"),
        ("20261120T150000Z-dddddddd", "no record 20261120T150000Z-dddddddd"),
        ("nightly/002-shop.jsonl", "neither the file nor its journal"),
    ],
)
def test_a_missing_record_says_what_to_do(folder: Path, reference: str, sentence: str) -> None:
    with pytest.raises(RecordNotFound, match=sentence):
        store.find(reference, folder)


def test_an_ambiguous_number_names_the_candidates(folder: Path) -> None:
    with pytest.raises(RecordAmbiguous, match="1 names 2 records: give one path of .*aiops-operations.*nightly"):
        store.find("1", folder)
