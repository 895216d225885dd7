# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Helm 4, built once as the embedded cluster builds its Helm 3; only the tests that ask for it wait for it."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded import builds
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.components import Component
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from support.cluster import CACHE
from support.workloads import FOLDER

HELM4 = Component("helm4", "helm.sh/helm/v4", {"helm": "helm.sh/helm/v4/cmd/helm"})


def program() -> str:
    """Where it lies."""
    builds.ensure_built([HELM4], FOLDER, CACHE, Progress(print))
    return str(builds.built(HELM4, FOLDER, CACHE) / "helm")
