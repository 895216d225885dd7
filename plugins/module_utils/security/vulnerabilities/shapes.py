# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Known vulnerabilities as the audit uses them, and the parts of Trivy's documents that they are read from.

Custom resource: https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
Files: https://trivy.dev/latest/docs/configuration/reporting/#json
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Meta


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """severity in Trivy's words (CRITICAL … UNKNOWN); score 0 and vector empty where nobody gave them."""

    id: str
    package: str
    installed: str
    fixed: str
    severity: str
    score: float = 0.0
    vector: str = ""
    title: str = ""


@dataclass(frozen=True)
class ImageReport:
    """What a scan found in one image. kind, namespace and name of a workload where the scan knows it; else empty."""

    source: str
    image: str
    vulnerabilities: tuple[Vulnerability, ...]
    kind: str = ""
    namespace: str = ""
    name: str = ""
    digests: tuple[str, ...] = ()


# The custom resource


@dataclass(slots=True)
class Artifact:
    repository: str = ""
    tag: str = ""
    digest: str = ""


@dataclass(slots=True)
class Registry:
    server: str = ""


@dataclass(slots=True)
class Entry:
    vulnerabilityID: str = ""
    resource: str = ""
    installedVersion: str = ""
    fixedVersion: str = ""
    severity: str = ""
    score: float | None = None
    title: str = ""
    cvss: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class OperatorReport:
    artifact: Artifact = field(default_factory=Artifact)
    registry: Registry = field(default_factory=Registry)
    vulnerabilities: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class VulnerabilityReport:
    metadata: Meta = field(default_factory=Meta)
    report: OperatorReport = field(default_factory=OperatorReport)


# Files


@dataclass(slots=True)
class FileEntry:
    VulnerabilityID: str = ""
    PkgName: str = ""
    InstalledVersion: str = ""
    FixedVersion: str = ""
    Severity: str = ""
    Title: str = ""
    CVSS: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Result:
    """Class: what was looked for (os-pkgs, lang-pkgs, config, secret …); empty until 0.20."""

    Target: str = ""
    Class: str = ""
    Vulnerabilities: list[FileEntry] = field(default_factory=list)


@dataclass(slots=True)
class ImageMetadata:
    RepoTags: list[str] = field(default_factory=list)
    RepoDigests: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Resource:
    """Of `trivy k8s`: a workload, or a control of the cluster without vulnerabilities. Metadata became a list later."""

    Namespace: str = ""
    Kind: str = ""
    Name: str = ""
    Metadata: list[ImageMetadata] | ImageMetadata = field(default_factory=list)
    Results: list[Result] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """Any JSON file of Trivy's since 0.20: one image, or a cluster in one of its three shapes.

    Resources: `trivy k8s --report all` since 0.32; Findings: the same consolidated (`--report summary`);
    Vulnerabilities: 0.28 to 0.31.
    """

    ArtifactName: str = ""
    ClusterName: str | None = None
    Metadata: ImageMetadata = field(default_factory=ImageMetadata)
    Results: list[Result] | None = None
    Resources: list[Resource] | None = None
    Findings: list[Resource] | None = None
    Vulnerabilities: list[Resource] | None = None
