# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module cluster_info, run by Ansible itself against a server on the loopback interface: in the controller, and
packed for a Python process of its own, which has to come to the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import Reply, Seen, serving, status

from ansible_collections.aiops.kubernetes.plugins.doc_fragments.auth import ModuleDocFragment
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import auth_argument_spec

ROOT = Path(__file__).parents[3]
NODE = {
    "metadata": {"name": "n1", "labels": {"node-role.kubernetes.io/control-plane": ""}},
    "status": {
        "allocatable": {"cpu": "2", "memory": "1Gi"},
        "conditions": [{"type": "Ready", "status": "True"}],
        "nodeInfo": {"kubeletVersion": "v1.34.4"},
    },
}
DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}},
    },
    "status": {"readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 2},
}
POD = {"metadata": {"name": "web-1"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}


# The same Python by another name is another Python to whoever compares names.
WAYS = {"controller": [], "process": ["-e", f"ansible_python_interpreter={Path(sys.executable).parent}/./python"]}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> list[str]:
    """Options for Ansible."""
    return WAYS[request.param]


def answer(seen: Seen) -> Reply:
    found: dict[str, Any] = {
        "/version": {"gitVersion": "v1.34.4"},
        "/api/v1/nodes": {"metadata": {}, "items": [NODE]},
        "/apis/apps/v1/namespaces/shop/deployments/web": DEPLOYMENT,
        "/api/v1/namespaces/shop/pods": {"metadata": {}, "items": [POD]},
    }
    return Reply(found[seen.path]) if seen.path in found else status(404, "NotFound", "not found")


def run(tmp_path: Path, arguments: dict[str, Any], *options: str) -> dict[str, Any]:
    settings = tmp_path / "ansible.cfg"
    settings.touch()
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "playbooks" / "collections"),
        "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal",
        "ANSIBLE_LOCAL_TEMP": str(tmp_path),
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_LOCALHOST_WARNING": "0",
    }
    command = [str(Path(sys.executable).parent / "ansible"), "localhost", "-m", "aiops.kubernetes.cluster_info"]
    ran = subprocess.run(
        [*command, "-a", json.dumps(arguments), *options], capture_output=True, text=True, env=environment, check=False
    )
    # Whether it was packed at all: at -vvv Ansible says so.
    assert ("AnsiballZ" in ran.stdout) == ("-e" in options and "-vvv" in options), ran.stdout
    result: dict[str, Any] = json.loads(ran.stdout.rpartition(" => ")[2])
    return result


def test_nodes_and_a_workload(tmp_path: Path, way: list[str]) -> None:
    with serving(answer) as api:
        where = {"host": api.url, "api_key": "s3cret", "run_id": "r-1"}
        result = run(tmp_path, {**where, "kind": "deploy", "namespace": "shop", "name": "web"}, "--check", *way)
        assert result["changed"] is False
        assert result["server_version"] == "v1.34.4"
        assert result["nodes"][0] == {
            "name": "n1",
            "ready": True,
            "roles": ["control-plane"],
            "kubelet_version": "v1.34.4",
            "cpu_allocatable_millicores": 2000,
            "memory_allocatable_bytes": 1 << 30,
            "unschedulable": False,
            "simulated": False,
        }
        assert result["workload"] == {
            "desired": 2,
            "ready": 1,
            "available": 1,
            "updated": 2,
            "images": ["web:1"],
            "pods": [{"name": "web-1", "phase": "Running", "ready": False, "restarts": 0, "node": "n1"}],
        }
        assert result["requests"] == len(api.seen) == 4
        assert 0 < result["duration_seconds"] < 5
        assert {seen.method for seen in api.seen} == {"GET"}
        assert "(run r-1)" in api.seen[0].headers["User-Agent"]
        assert api.seen[-1].query["labelSelector"] == "app=web"


def test_a_workload_that_is_not_there(tmp_path: Path) -> None:
    with serving(answer) as api:
        where = {"host": api.url, "api_key": "s3cret"}
        assert run(tmp_path, {**where, "kind": "Pod", "name": "gone"})["workload"] is None


def test_a_failure_is_one_sentence_that_may_name_the_kubeconfig(tmp_path: Path, way: list[str]) -> None:
    result = run(tmp_path, {"kubeconfig": "/no/kubeconfig"}, *way)
    assert result["msg"] == "kubeconfig /no/kubeconfig does not exist"
    assert (result["reason"], result["changed"]) == ("NotSent", False)


def test_secrets_of_a_kubeconfig_given_as_a_dictionary_stay_hidden(tmp_path: Path, way: list[str]) -> None:
    with serving(answer) as api:
        content = {
            "current-context": "dev",
            "contexts": [{"name": "dev", "context": {"cluster": "dev", "user": "me"}}],
            "clusters": [{"name": "dev", "cluster": {"server": api.url}}],
            "users": [{"name": "me", "user": {"token": "s3cret"}}],
        }
        result = run(tmp_path, {"kubeconfig": content}, "-vvv", *way)
    assert result["cluster"] == "dev"
    assert "s3cret" not in json.dumps(result)


def test_documentation_and_arguments_agree() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    spec = auth_argument_spec()
    assert set(documented) == set(spec)
    for word, option in spec.items():
        assert documented[word]["type"] == option["type"], word
        assert documented[word].get("aliases", []) == option.get("aliases", []), word
        assert documented[word].get("default") == option.get("default"), word


@pytest.mark.parametrize("word", ["kubeconfig", "api_key", "password"])
def test_secrets_are_not_logged(word: str) -> None:
    assert auth_argument_spec()[word]["no_log"] is True
