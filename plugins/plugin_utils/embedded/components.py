# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The programs of an embedded cluster: what each is built from, and which of them a cluster needs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.settings import Settings


@dataclass(frozen=True)
class Component:
    """One Go module below `files/go`.

    module: the upstream module, whose version in go.mod is the component's ("" for a program of our own).
    programs: {file name: package to build}.
    files: {file name: path inside the upstream module}, kept beside the programs.
    """

    name: str
    module: str
    programs: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    ldflags: str = "-s -w"

    def sources(self, assets: Path) -> Path:
        return assets / "go" / self.name

    def version(self, assets: Path) -> str:
        """The upstream version that go.mod pins, without the leading v."""
        if not self.module:
            return "1"
        text = (self.sources(assets) / "go.mod").read_text()
        found = re.search(rf"^(?:require )?\s*{re.escape(self.module)} v(\S+)", text, re.MULTILINE)
        if not found:
            raise EmbeddedClusterError(f"{self.sources(assets)}/go.mod does not require {self.module}.")
        return found.group(1)

    def linker_flags(self, assets: Path) -> str:
        version = self.version(assets)
        major, minor, *_rest = [*version.split("."), ""]
        return self.ldflags.format(version=version, major=major, minor=minor)

    def key(self, assets: Path) -> str:
        """Names the cache folder: the version for people, a digest of everything that goes into the build."""
        recipe = f"{self.linker_flags(assets)}{sorted(self.programs.items())}{sorted(self.files.items())}"
        digest = hashlib.sha256(recipe.encode())
        for source in sorted(self.sources(assets).iterdir()):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
        return f"{self.name}-{self.version(assets)}-{digest.hexdigest()[:12]}"


KUBERNETES = Component(
    "kubernetes",
    "k8s.io/kubernetes",
    {
        program: f"k8s.io/kubernetes/cmd/{program}"
        for program in (
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kube-proxy",
            "kubelet",
            "kubectl",
        )
    },
    # Without these every part calls itself v0.0.0, and kubelet and API server refuse each other.
    ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v{version}"
    " -X k8s.io/component-base/version.gitMajor={major} -X k8s.io/component-base/version.gitMinor={minor}",
)
ETCD = Component("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"})
COREDNS = Component("coredns", "github.com/coredns/coredns", {"coredns": "."})
METRICS_SERVER = Component(
    "metrics-server", "sigs.k8s.io/metrics-server", {"metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server"}
)
PAUSE = Component("pause", "", {"pause": "."})
PODINFO = Component(
    "podinfo", "github.com/stefanprodan/podinfo", {"podinfo": "github.com/stefanprodan/podinfo/cmd/podinfo"}
)
HELM = Component("helm", "helm.sh/helm/v3", {"helm": "helm.sh/helm/v3/cmd/helm"})
HEY = Component("hey", "github.com/rakyll/hey", {"hey": "github.com/rakyll/hey"})
KWOK = Component(
    "kwok",
    "sigs.k8s.io/kwok",
    {"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
    files={
        f"{path.replace('/', '-')}.yaml": f"kustomize/stage/{path}.yaml"
        for path in (
            "node/fast/node-initialize",
            "node/heartbeat/node-heartbeat",
            "pod/fast/pod-ready",
            "pod/fast/pod-complete",
            "pod/fast/pod-delete",
        )
    },
)
REGISTRY = Component(
    "registry",
    "github.com/google/go-containerregistry",
    {"crane": "github.com/google/go-containerregistry/cmd/crane"},
)


def needed(settings: Settings) -> list[Component]:
    """The components that a cluster with these settings is made of; the one that takes minutes comes first."""
    wanted = [ETCD, COREDNS, METRICS_SERVER, PAUSE]
    if settings.demo_images:
        wanted += [PODINFO, HEY]
    if settings.helm:
        wanted.append(HELM)
    if settings.simulated_nodes:
        wanted.append(KWOK)
    if settings.registry:
        wanted.append(REGISTRY)
    return [KUBERNETES, *wanted]
