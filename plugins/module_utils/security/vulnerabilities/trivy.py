# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From Trivy's resources and files to image reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import (
    Document,
    Entry,
    FileEntry,
    ImageReport,
    Resource,
    Result,
    Vulnerability,
    VulnerabilityReport,
)

API_VERSION = "aquasecurity.github.io/v1alpha1"
KIND = "VulnerabilityReport"
_LABEL = "trivy-operator.resource."
# Whose CVSS is taken, where several gave one: the national database, then the distributor's.
_PREFERRED = ("nvd", "redhat", "ghsa")
# Results that tell of packages; until 0.20 a result had no class.
_LANGUAGE = "lang-pkgs"
_PACKAGES = ("", "os-pkgs", _LANGUAGE)


def from_operator(reports: Iterable[VulnerabilityReport]) -> list[ImageReport]:
    """Of the custom resources of trivy-operator."""
    return [_of_resource(item) for item in reports]


def _of_resource(item: VulnerabilityReport) -> ImageReport:
    labels, artifact = item.metadata.labels, item.report.artifact
    server = item.report.registry.server
    name = f"{server}/{artifact.repository}" if server else artifact.repository
    image = f"{name}:{artifact.tag}" if artifact.tag else name
    return ImageReport(
        source=f"VulnerabilityReport {item.metadata.namespace}/{item.metadata.name}",
        image=image,
        vulnerabilities=tuple(_of_entry(entry) for entry in item.report.vulnerabilities),
        kind=labels.get(f"{_LABEL}kind", ""),
        namespace=labels.get(f"{_LABEL}namespace", item.metadata.namespace),
        name=labels.get(f"{_LABEL}name", ""),
        digests=(artifact.digest,) if artifact.digest else (),
    )


def _of_entry(entry: Entry) -> Vulnerability:
    score, vector = _cvss(entry.cvss)
    return Vulnerability(
        id=entry.vulnerabilityID,
        package=entry.resource,
        installed=entry.installedVersion,
        fixed=entry.fixedVersion,
        severity=entry.severity.upper() or "UNKNOWN",
        score=entry.score or score,
        vector=vector,
        title=entry.title,
    )


def read_file(path: Path) -> list[ImageReport]:
    """A JSON file of `trivy image` or `trivy k8s`, of any version since 0.12. Raises BadInput."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise BadInput(f"the Trivy report {path} cannot be read: {error.strerror or error}") from error
    try:
        # Until 0.20 the file of an image was only the list of its results.
        if body.lstrip()[:1] == b"[":
            document = decode(b'{"Results":' + body + b"}", Document)
        else:
            document = decode(body, Document)
    except ClusterError as error:
        raise BadInput(
            f"{path} is no JSON report of Trivy's: make one with trivy image --format json or "
            "trivy k8s --report all --format json"
        ) from error
    resources = next((found for found in _resources(document) if found is not None), None)
    if resources is not None:
        return [report for item in resources for report in _of_cluster(item, path)]
    if document.Results is None and not document.ArtifactName and document.ClusterName is None:
        raise BadInput(f"{path} is JSON, but no report of Trivy's: it has neither Results nor Resources")
    return _of_image(document, path)


def _resources(document: Document) -> Iterator[list[Resource] | None]:
    yield document.Resources
    yield document.Findings
    yield document.Vulnerabilities


def _of_cluster(item: Resource, path: Path) -> Iterator[ImageReport]:
    """One report for each image of a workload whose packages were looked at.

    Only the packages of its system name an image, "nginx:1.16 (debian 10.3)"; those of languages, which follow them,
    name a file or "Node.js".
    """
    results = [result for result in item.Results if result.Class in _PACKAGES]
    metadata = item.Metadata if isinstance(item.Metadata, list) else [item.Metadata]
    names = [_image_of(result) for result in results if result.Class != _LANGUAGE]
    names += [name for known in metadata for name in (*known.RepoTags, *known.RepoDigests)]
    image = names[0] if names else f"of {item.Kind} {item.Name}"
    by_image: dict[str, list[Vulnerability]] = {}
    for result in results:
        if result.Class != _LANGUAGE:
            image = _image_of(result)
        by_image.setdefault(image, []).extend(_of_file_entry(entry) for entry in result.Vulnerabilities)
    for image, found in by_image.items():
        yield ImageReport(path.name, image, tuple(found), item.Kind, item.Namespace, item.Name)


def _of_image(document: Document, path: Path) -> list[ImageReport]:
    """None where only something else than packages was looked for; an image without any has no results at all."""
    results = [result for result in document.Results or () if result.Class in _PACKAGES]
    if document.Results and not results:
        return []
    image = document.ArtifactName or (_image_of(results[0]) if results else "")
    found = tuple(_of_file_entry(entry) for result in results for entry in result.Vulnerabilities)
    digests = tuple(text.partition("@")[2] for text in document.Metadata.RepoDigests)
    return [ImageReport(path.name, image, found, digests=digests)]


def _image_of(result: Result) -> str:
    return result.Target.partition(" (")[0]


def _of_file_entry(entry: FileEntry) -> Vulnerability:
    score, vector = _cvss(entry.CVSS)
    return Vulnerability(
        id=entry.VulnerabilityID,
        package=entry.PkgName,
        installed=entry.InstalledVersion,
        fixed=entry.FixedVersion,
        severity=entry.Severity.upper() or "UNKNOWN",
        score=score,
        vector=vector,
        title=entry.Title,
    )


def _cvss(given: Mapping[str, Any]) -> tuple[float, str]:
    """Score and vector, the newest version that there is."""
    for source in (*_PREFERRED, *sorted(given)):
        found = given.get(source)
        if not isinstance(found, Mapping):
            continue
        for version in ("V40", "V3", "V2"):
            score = found.get(f"{version}Score")
            if score and isinstance(score, (int, float)):
                return float(score), str(found.get(f"{version}Vector") or "")
    return 0.0, ""
