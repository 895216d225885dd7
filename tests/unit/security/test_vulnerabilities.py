# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Trivy's documents in every shape, folded to workloads and ranked; trivy/SOURCES.md says where they come from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from made_up import cluster_of
from support import hardened

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, judge, to_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.scores import (
    Scores,
    read_scores,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import (
    ImageReport,
    Vulnerability,
    VulnerabilityReport,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.trivy import (
    from_operator,
    read_file,
)

DOCUMENTS = Path(__file__).parent / "trivy"


def operator_reports() -> list[Any]:
    return decode_page((DOCUMENTS / "operator.json").read_bytes(), VulnerabilityReport).items


@pytest.mark.parametrize(
    ("name", "image", "place", "first"),
    [
        ("image-new.json", "alpine:3.10", ("", "", ""), ("CVE-2019-1549", "libcrypto1.1", 5.3)),
        ("image-old.json", "alpine:3.10", ("", "", ""), ("CVE-2019-1549", "openssl", 0.0)),
        ("k8s-new.json", "ubuntu:latest", ("Deployment", "default", "app"), ("CVE-2016-2781", "coreutils", 6.5)),
        (
            "k8s-consolidated.json",
            "ubuntu:latest",
            ("Deployment", "default", "app"),
            ("CVE-2016-2781", "coreutils", 6.5),
        ),
        ("k8s-old.json", "ubuntu:latest", ("Deployment", "default", "app"), ("CVE-2016-2781", "coreutils", 6.5)),
    ],
)
def test_every_shape_of_a_file(
    name: str, image: str, place: tuple[str, str, str], first: tuple[str, str, float]
) -> None:
    reports = [item for item in read_file(DOCUMENTS / name) if item.vulnerabilities]
    [report] = reports
    assert report.image == image
    assert (report.kind, report.namespace, report.name) == place
    found = report.vulnerabilities[0]
    assert (found.id, found.package, found.score) == first


def test_the_operators_resource() -> None:
    [report] = from_operator(operator_reports())
    assert (report.kind, report.namespace, report.name) == ("ReplicaSet", "default", "nginx-6d4cf56db6")
    assert report.image == "index.docker.io/library/nginx:1.16"
    assert [(item.id, item.fixed, item.severity, item.score) for item in report.vulnerabilities] == [
        ("CVE-2019-20367", "0.9.1-2+deb10u1", "CRITICAL", 9.1),
        ("CVE-2018-25009", "", "CRITICAL", 9.1),
    ]


def judged(given: Given, *objects: Any, namespace: str = "default", reports: Any = None) -> dict[str, Any]:
    reading = cluster_of([*objects, *hardened.policies()], namespace=namespace)
    reading.reports = reports
    return to_json(judge(reading, given), "test", given)


def test_a_replica_sets_report_belongs_to_its_deployment() -> None:
    report = judged(Given(), hardened.deployment("nginx"), reports=operator_reports())
    [finding] = [item for item in report["findings"] if item["code"] == "image-vulnerable"]
    assert (finding["kind"], finding["name"], finding["severity"]) == ("Deployment", "nginx", "critical")
    assert "2 critical; first CVE-2019-20367 in libbsd0" in finding["message"]
    assert "vulnerabilities" not in {item["what"] for item in report["not_assessed"]}


def test_an_image_file_belongs_to_whoever_runs_the_image() -> None:
    given = Given(images=tuple(read_file(DOCUMENTS / "image-new.json")))
    runs = hardened.deployment("runs", lambda one: one["spec"]["containers"][0].update(image="docker.io/alpine:3.10"))
    report = judged(given, runs, hardened.deployment("other"))
    assert [item["name"] for item in report["findings"] if item["code"] == "image-vulnerable"] == ["runs"]
    [blind] = [item for item in report["not_assessed"] if item["what"].startswith("vulnerabilities")]
    assert blind["what"] == "vulnerabilities of 1 of 2 workloads"
    assert "default/other" in blind["why"]


def test_without_trivy_nothing_passes() -> None:
    [blind] = [
        item
        for item in judged(Given(), hardened.deployment("app"))["not_assessed"]
        if item["what"] == "vulnerabilities"
    ]
    assert "trivy-operator" in blind["how"]
    assert blind["codes"] == ["image-vulnerable"]


def result(target: str, kind: str, *ids: str) -> dict[str, Any]:
    found = [{"VulnerabilityID": name, "PkgName": "p", "Severity": "HIGH"} for name in ids]
    return {"Target": target, "Class": kind, "Vulnerabilities": found}


def read_document(folder: Path, document: dict[str, Any]) -> list[ImageReport]:
    path = folder / "report.json"
    path.write_text(json.dumps(document))
    return read_file(path)


WORKLOAD = {"Namespace": "shop", "Kind": "Deployment", "Name": "web"}
CONFIG = {"Target": "Deployment/web", "Class": "config", "Type": "kubernetes", "Misconfigurations": []}
NODE, PROGRAM = result("Node.js", "lang-pkgs", "CVE-2"), result("usr/local/bin/app", "lang-pkgs", "CVE-3")


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"Results": [CONFIG]}, {}),
        ({"Error": "scan error: unauthorized"}, {}),
        ({"Results": [result("/key.pem", "secret")]}, {}),
        # Looked at, with nothing found.
        ({"Results": [result("web:1 (debian 12.1)", "os-pkgs")]}, {"web:1": []}),
        (
            {"Results": [result("web:1 (debian 12.1)", "os-pkgs", "CVE-1"), NODE, PROGRAM, CONFIG]},
            {"web:1": ["CVE-1", "CVE-2", "CVE-3"]},
        ),
        ({"Results": [NODE, result("web:1 (debian 12.1)", "os-pkgs", "CVE-1")]}, {"web:1": ["CVE-2", "CVE-1"]}),
        # Several images of one workload, as --report summary puts them together.
        (
            {"Results": [result("a:1 (x 1)", "os-pkgs", "CVE-1"), NODE, result("b:1 (x 1)", "os-pkgs"), PROGRAM]},
            {"a:1": ["CVE-1", "CVE-2"], "b:1": ["CVE-3"]},
        ),
        # Without a system in the image only the metadata name it.
        (
            {"Metadata": [{"RepoTags": ["web:1"], "RepoDigests": ["web@sha256:1"]}], "Results": [NODE, PROGRAM]},
            {"web:1": ["CVE-2", "CVE-3"]},
        ),
        ({"Metadata": {"RepoDigests": ["web@sha256:1"]}, "Results": [PROGRAM]}, {"web@sha256:1": ["CVE-3"]}),
        ({"Metadata": None, "Results": [PROGRAM]}, {"of Deployment web": ["CVE-3"]}),
    ],
)
def test_a_workload_is_covered_where_packages_of_an_image_were_looked_at(
    tmp_path: Path, more: dict[str, Any], wanted: dict[str, list[str]]
) -> None:
    found = read_document(tmp_path, {"ClusterName": "k", "Resources": [{**WORKLOAD, **more}]})
    assert {item.image: [one.id for one in item.vulnerabilities] for item in found} == wanted
    assert {(item.kind, item.namespace, item.name) for item in found} <= {("Deployment", "shop", "web")}


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        (None, [0]),
        ([result("/key.pem", "secret")], []),
        ([result("/key.pem", "secret"), result("web:1 (x 1)", "os-pkgs", "CVE-1")], [1]),
    ],
)
def test_an_image_is_covered_where_its_packages_were_looked_at(
    tmp_path: Path, results: list[dict[str, Any]] | None, wanted: list[int]
) -> None:
    found = read_document(tmp_path, {"SchemaVersion": 2, "ArtifactName": "web:1", "Results": results})
    assert [len(item.vulnerabilities) for item in found] == wanted


def test_a_score_that_is_no_number_is_none(tmp_path: Path) -> None:
    entry = result("web:1 (x 1)", "os-pkgs", "CVE-1")
    entry["Vulnerabilities"][0]["CVSS"] = {"nvd": {"V3Score": "x"}, "redhat": {"V3Score": 7}}
    [found] = read_document(tmp_path, {"ArtifactName": "web:1", "Results": [entry]})
    assert found.vulnerabilities[0].score == 7.0


AFAR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.mark.parametrize(
    ("scores", "fixed", "vector", "wanted"),
    [
        (Scores(), "", "", (1.0, "KEV and EPSS unknown, no fix yet")),
        (Scores(), "", AFAR, (1.5, "KEV and EPSS unknown, usable from afar by CVSS, no fix yet")),
        (Scores({"CVE-1": 0.02}, frozenset()), "", AFAR, (2.0, "EPSS 0.020, no fix yet")),
        (Scores({"CVE-1": 0.9}, frozenset()), "2", "", (4.8, "EPSS 0.900, fixed in 2")),
        (Scores({"CVE-1": 0.9}, frozenset(["CVE-1"])), "2", "", (6.0, "known to be exploited (KEV), fixed in 2")),
        (Scores({}, frozenset()), "", "", (1.0, "EPSS unknown, no fix yet")),
    ],
)
def test_known_use_before_likelihood_before_cvss(
    scores: Scores, fixed: str, vector: str, wanted: tuple[float, str]
) -> None:
    assert scores.factor(Vulnerability("CVE-1", "p", "1", fixed, "HIGH", 9.8, vector)) == wanted


def test_what_is_exploited_comes_first_and_is_high_at_least() -> None:
    found = (
        Vulnerability("CVE-2024-1", "a", "1", "", "CRITICAL"),
        Vulnerability("CVE-2024-2", "b", "1", "2", "HIGH"),
    )
    low = (Vulnerability("CVE-2024-3", "c", "1", "2", "LOW"),)
    scores = Scores({"CVE-2024-2": 0.001}, frozenset(["CVE-2024-3"]))
    images = (
        ImageReport("f", "x:1", found, "Deployment", "default", "one"),
        ImageReport("f", "y:1", low, "Deployment", "default", "two"),
    )
    report = judged(Given(images, scores), hardened.deployment("one"), hardened.deployment("two"))
    one, two = (
        next(i for i in report["findings"] if i["name"] == n and i["code"] == "image-vulnerable")
        for n in ("one", "two")
    )
    assert "first CVE-2024-1" in one["message"]
    assert two["severity"] == "high"
    assert two["factors"]["exploitability"] == 6.0


def test_files_of_scores(tmp_path: Path) -> None:
    text = "#model_version:v2025.03.14,score_date:2026-11-19T12:55:00Z\ncve,epss,percentile\nCVE-2024-1,0.5,0.97\n"
    epss, kev = tmp_path / "epss.csv.gz", tmp_path / "kev.json"
    epss.write_bytes(gzip.compress(text.encode()))
    kev.write_text(json.dumps({"title": "CISA KEV", "vulnerabilities": [{"cveID": "CVE-2024-2"}]}))
    scores = read_scores(epss, kev)
    assert scores.epss == {"CVE-2024-1": 0.5}
    assert scores.exploited == {"CVE-2024-2"}
    table = tmp_path / "kev.csv"
    table.write_text("cveID,vendorProject\nCVE-2024-3,x\n")
    assert read_scores(None, table).exploited == {"CVE-2024-3"}


@pytest.mark.parametrize("text", ["", "no json", "{}", '{"a": 1}', "[1]", '{"Results": 3}'])
def test_what_is_no_report_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(BadInput) as error:
        read_file(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_cut_or_changed_on_its_way_is_refused(tmp_path: Path) -> None:
    path, whole = tmp_path / "epss.csv.gz", gzip.compress(b"cve,epss\nCVE-1,0.5\n" * 200)
    for body in (whole[:20], whole[:15] + b"\xff" * 5 + whole[20:]):
        path.write_bytes(body)
        with pytest.raises(BadInput, match="cannot be read"):
            read_scores(path, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("epss", "a,b\n1,2\n"), ("kev", "{}"), ("kev", "a,b\n1,2\n"), ("kev", "[]")),
        *((name, text) for name in ("epss", "kev") for text in ("", "\n", "<html>gone</html>")),
        pytest.param("kev", "x" * 200_000, id="more than a field of CSV may have"),
    ],
)
def test_what_is_no_file_of_scores_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "scores"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_scores(path if name == "epss" else None, path if name == "kev" else None)
    with pytest.raises(BadInput, match="cannot be read"):
        read_scores(tmp_path / "gone", None)
