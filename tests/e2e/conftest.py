# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One embedded cluster for all end-to-end tests, and a namespace of its own for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from support.cluster import Cluster, embedded
from support.playbook import Playbook

CLUSTER_NAME = "e2e"


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The shared cluster; it stays for the next group of tests, and the last group removes it."""
    return embedded(CLUSTER_NAME, prometheus=True, registry=True, simulated_nodes=3, simulated_pods=30)


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    yield name
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def playbook() -> Playbook:
    return Playbook()
