# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Our Pod Security controls against Kubernetes' own fixtures: every pass and fail file of every version since 1.25.

The fixtures are those of k8s.io/pod-security-admission (Apache-2.0), fetched by `go mod download` at the version that
pod_security/go.mod pins and go.sum proves.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import (
    NEWEST_MINOR,
    Subject,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.policy import (
    CONTROLS,
    allowed,
    violations,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Pod
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.toolchain import find_go

HERE = Path(__file__).parent / "pod_security"
CACHE = Path.home() / ".cache" / "aiops-kubernetes"
OLDEST_MINOR = 25
# Files are called after the check that they are about, in lower case.
BY_FILE = {name.lower(): name for name in CONTROLS}
MODULE = "k8s.io/pod-security-admission"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    go = find_go([HERE], CACHE, Progress(lambda _line: None))
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    command = [str(go), "mod", "download", "-json", MODULE]
    finished = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return Path(json.loads(finished.stdout)["Dir"]) / "test" / "testdata"


def subject(path: Path, minor: int) -> Subject:
    pod: Pod = decode(json.dumps(yaml.safe_load(path.read_text())).encode(), Pod)
    return Subject(pod.spec, pod.metadata.annotations, minor)


@pytest.mark.parametrize("minor", range(OLDEST_MINOR, NEWEST_MINOR + 1))
@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_agrees_with_kubernetes(fixtures: Path, level: str, minor: int) -> None:
    folder = fixtures / level / f"v1.{minor}"
    passing, failing = sorted((folder / "pass").glob("*.yaml")), sorted((folder / "fail").glob("*.yaml"))
    assert len(passing) > 10
    assert len(failing) > 20
    wrong = [path.name for path in passing if not allowed(subject(path, minor), level)]
    wrong += [path.name for path in failing if allowed(subject(path, minor), level)]
    assert not wrong


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_names_the_control_that_a_file_is_about(fixtures: Path, level: str) -> None:
    for path in sorted((fixtures / level / f"v1.{NEWEST_MINOR}" / "fail").glob("*.yaml")):
        wanted = BY_FILE[path.stem.rstrip("0123456789")]
        found = {item.control for item in violations(subject(path, NEWEST_MINOR))}
        # A stricter form gives way to the baseline control where that is broken already.
        assert {wanted, CONTROLS[wanted].overrides} & found, (path.name, found)


def test_the_newest_policy_is_the_one_that_is_written_here(fixtures: Path) -> None:
    newest = max(int(path.name.removeprefix("v1.")) for path in (fixtures / "baseline").iterdir())
    assert newest == NEWEST_MINOR
    files = {path.stem.rstrip("0123456789") for path in (fixtures / "restricted" / f"v1.{newest}" / "fail").iterdir()}
    assert {BY_FILE[name] for name in files} == set(CONTROLS)
