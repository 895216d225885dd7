# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""playbooks/setup.yml on a cluster that lacks everything: what it reports, what it installs, what it leaves alone."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from a2a_agent import A2AAgent
from bubblewrap import folder as bubblewrap
from openai_model import Model
from support import audit
from support.cluster import Cluster, embedded, remove
from support.images import push
from support.playbook import ROOT, Playbook, Run, clean_environment
from support.story import plain

pytestmark = pytest.mark.xdist_group("setup")
STANDINS = ROOT / "tests" / "standins"
ADDON = ("service/metrics-server", "endpointslice/metrics-server", "apiservice/v1beta1.metrics.k8s.io")
RIGHT = {
    "target": {"kind": "Deployment", "namespace": "example", "name": "checkout"},
    "diagnosis": {
        "verdict": "failing",
        "root_cause": {"class": "oom-killed", "summary": "its limit is 20Mi", "confidence": 0.9, "evidence": ["E1"]},
    },
    "recommendation": None,
}
MINIKUBE = """#!/bin/sh
# Stands in for minikube: notes how it was called, and enables the addon of its cluster.
echo "$*" >> "{log}"
exec {kubectl} --kubeconfig={kubeconfig} apply -f {manifest}
"""


@pytest.fixture(scope="module")
def bare() -> Iterator[Cluster]:
    """A cluster of its own, since others' tests rely on the shared one's metrics-server."""
    cluster = embedded("e2e-setup", registry=True)
    yield cluster
    removed = remove("e2e-setup")
    assert removed.code == 0, removed.output


@pytest.fixture(scope="module")
def addon(bare: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cluster's own metrics API as a manifest, to be enabled again; it is gone now."""
    found = [bare.get(name, "--namespace", "kube-system") for name in ADDON]
    for item in found:
        kept = ("name", "namespace", "labels")
        item["metadata"] = {key: value for key, value in item["metadata"].items() if key in kept}
        item.pop("status", None)
        for address in ("clusterIP", "clusterIPs"):
            item["spec"].pop(address, None) if "spec" in item else None
    manifest = tmp_path_factory.mktemp("addon") / "metrics.json"
    manifest.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": found}))
    take_metrics_away(bare)
    return manifest


def take_metrics_away(cluster: Cluster) -> None:
    for name in ("deployment/metrics-server", *ADDON):
        cluster.kubectl("delete", name, "--namespace", "kube-system", "--ignore-not-found")


def setup(
    cluster: Cluster,
    *arguments: str,
    folders: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
    **variables: Any,
) -> Run:
    """As a person runs it; settings that name nothing install nothing."""
    helm = str(Path(cluster.program("helm")).parent)
    path = ":".join([*folders, bubblewrap(), helm, clean_environment()["PATH"]])
    person = Playbook(environment={"PATH": path, **(environment or {})})
    run = person("setup.yml", *arguments, kubeconfig=cluster.kubeconfig, **variables)
    assert "Traceback" not in run.output
    return run


def row(run: Run, what: str) -> str:
    """A line of the table with the lines that go on with it, after `what`."""
    found = re.search(rf"^  (\w+ +{what} .*(?:\n {{29,}}.*)*)", run.output, re.MULTILINE)
    assert found, run.output
    return plain(found.group(1))


def archive_of(program: Path, folder: Path) -> tuple[str, str]:
    """A release as its makers publish it: the URL and the checksum."""
    archive = folder / "kubectl-ai_Linux_x86_64.tar.gz"
    with tarfile.open(archive, "w:gz") as content:
        content.add(program, "kubectl-ai")
    return f"file://{archive}", hashlib.sha256(archive.read_bytes()).hexdigest()


def package(cluster: Cluster, name: str, folder: Path) -> tuple[str, str]:
    """A stand-in chart as a package: its path and checksum."""
    command = [cluster.program("helm"), "package", str(STANDINS / "charts" / name), "--destination", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    made = folder / f"{name}-0.10.4.tgz"
    return str(made), hashlib.sha256(made.read_bytes()).hexdigest()


@pytest.fixture
def charts(bare: Cluster, tmp_path: Path) -> dict[str, Any]:
    kinds, kagent = package(bare, "kagent-crds", tmp_path), package(bare, "kagent", tmp_path)
    return {
        "kagent_install": True,
        "kagent_version": "0.10.4",
        "kagent_crds_chart": kinds[0],
        "kagent_crds_sha256": kinds[1],
        "kagent_chart": kagent[0],
        "kagent_chart_sha256": kagent[1],
        "kagent_agent": True,
        "kagent_wait_seconds": 30,
    }


def test_check_reports_and_writes_nothing(bare: Cluster, addon: Path, charts: dict[str, Any]) -> None:
    assert addon.exists()
    before = len(audit.all_writes(bare))
    run = setup(bare, "--check", metrics_server_source="manifest", kubectl_ai_program="kubectl-ai", **charts)
    assert (run.code, run.changed) == (0, 0), run.output
    assert row(run, "API").startswith("missing API this cluster has no metrics API")
    assert row(run, "program").startswith("missing program kubectl-ai is not on the PATH To do: install")
    assert row(run, "sandbox") == "works sandbox bubblewrap"
    assert "does not exist" in row(run, "account")
    assert row(run, "model").startswith("missing")
    assert row(run, "kinds").startswith("missing")
    assert re.search(r"^1 of \d work\.$", run.output, re.MULTILINE)
    assert len(audit.all_writes(bare)) == before
    assert max(map(len, run.output.splitlines())) <= 80 or "PLAY" in run.output


def test_metrics_server_by_its_manifest_gives_real_figures(bare: Cluster, addon: Path, tmp_path: Path) -> None:
    take_metrics_away(bare)
    image = push(bare, "metrics-server", "metrics-server:v0.9.0", tmp_path)
    settings = {"metrics_server_source": "manifest", "metrics_server_image": image}
    run = setup(bare, **settings)
    assert run.code == 0, run.output
    assert row(run, "figures") == "works figures CPU and memory of 1 of 1 nodes"
    assert re.search(r"\d+m +\d+% +\d+Mi", bare.kubectl("top", "nodes"))
    again = setup(bare, **settings)
    assert (again.code, again.changed) == (0, 0), again.output


def test_minikubes_addon_is_enabled_where_minikube_made_the_nodes(bare: Cluster, addon: Path, tmp_path: Path) -> None:
    take_metrics_away(bare)
    log, minikube = tmp_path / "calls", tmp_path / "minikube"
    words = {"log": log, "kubectl": bare.program("kubectl"), "kubeconfig": bare.kubeconfig, "manifest": addon}
    minikube.write_text(MINIKUBE.format(**words))
    minikube.chmod(0o755)
    assert "no metrics API" in row(setup(bare, folders=(str(tmp_path),)), "API")
    assert not log.exists()
    bare.kubectl("label", "node", str(bare.facts["node"]), "minikube.k8s.io/name=shop", "--overwrite")
    try:
        run = setup(bare, folders=(str(tmp_path),))
        assert row(run, "figures") == "works figures CPU and memory of 1 of 1 nodes"
        again = setup(bare, folders=(str(tmp_path),))
    finally:
        bare.kubectl("label", "node", str(bare.facts["node"]), "minikube.k8s.io/name-")
    assert log.read_text().splitlines() == ["addons enable metrics-server --profile=shop"]
    assert (again.code, again.changed) == (0, 0), again.output


def test_kubectl_ai_is_installed_from_what_was_named_and_asked(bare: Cluster, tmp_path: Path) -> None:
    url, checksum = archive_of(STANDINS / "kubectl-ai", tmp_path)
    settings: dict[str, Any] = {
        "kubectl_ai_url": url,
        "kubectl_ai_version": "0.0.28",
        "kubectl_ai_folder": str(tmp_path / "bin"),
        "kubectl_ai_cache": str(tmp_path / "cache"),
    }
    refused = setup(bare, **{**settings, "kubectl_ai_sha256": "0" * 64})
    assert refused.code == 2 and "checksum" in refused.output, refused.output
    assert not (tmp_path / "bin" / "kubectl-ai").exists()
    settings["kubectl_ai_sha256"] = checksum
    # A key may come out of a vault; the address is in the environment.
    key = {"OPENAI_API_KEY": "sk-trial-0123456789"}
    settings["aiops_kubectl_ai"] = [{"provider": "openai", "model": "scripted", "environment": key}]
    with Model([json.dumps(RIGHT)]) as model:
        environment = {"OPENAI_ENDPOINT": model.url}
        run = setup(bare, environment=environment, **settings)
        again = setup(bare, environment=environment, **settings)
    assert (run.code, again.code, again.changed) == (0, 0, 0), run.output + again.output
    for shown in (run, again):
        assert "version 0.0.28" in row(shown, "program")
        assert row(shown, "account").startswith("works account aiops-system/aiops-advisor reads")
        assert row(shown, "provider") == f"works provider {model.url} answers"
        assert re.fullmatch(r"works question answered rightly in \d+\.\d s", row(shown, "question"))
        assert "sk-trial" not in shown.output
    assert all("OOMKilled" in seen.text for seen in model.seen) and len(model.seen) == 2
    gone = setup(bare, environment=environment, **settings)
    assert row(gone, "provider").startswith(f"fails provider {model.url} does not answer")
    assert "answered rightly" not in gone.output


def test_the_account_of_kubectl_ai_has_lost_its_innocence(bare: Cluster) -> None:
    binding = ("clusterrolebinding", "too-much")
    bare.kubectl("create", *binding, "--clusterrole=edit", "--serviceaccount=aiops-system:aiops-advisor")
    try:
        assert re.search("fails account .* can do more than read: .*; take away", row(setup(bare), "account"))
    finally:
        bare.kubectl("delete", *binding)


def test_kagent_by_its_charts_with_an_agent_that_only_reads(bare: Cluster, charts: dict[str, Any]) -> None:
    refused = setup(bare, **{**charts, "kagent_chart_sha256": "0" * 64})
    assert refused.code == 2 and "nothing was installed" in plain(refused.output), refused.output
    unnamed = setup(bare, **{**charts, "kagent_version": ""})
    assert unnamed.code == 2 and "needs its package, version and SHA-256" in plain(unnamed.output), unnamed.output

    run = setup(bare, **charts)
    assert run.code == 0, run.output
    assert row(run, "kinds") == "works kinds kagent.dev/v1alpha2"
    assert row(run, "controller") == "works controller version v0.10.4"
    assert row(run, "tools") == "works tools all of them only read"
    # Only kagent's own controller says so, and there is none here.
    assert row(run, "agent").startswith("unknown agent kagent has not said whether aiops-analyst is Accepted")
    [server] = bare.get("remotemcpservers", "--namespace", "kagent")["items"]
    assert server["spec"]["description"] == "--read-only"
    agents = {agent["metadata"]["name"]: agent for agent in bare.get("agents", "--namespace", "kagent")["items"]}
    assert set(agents) == {"aiops-analyst"}

    ready = [{"type": type_, "status": "True", "reason": "r", "message": ""} for type_ in ("Accepted", "Ready")]
    patch = json.dumps({"status": {"conditions": ready}})
    bare.kubectl("patch", "agent", "aiops-analyst", "-n", "kagent", "--subresource=status", "--type=merge", "-p", patch)
    with A2AAgent(reply=json.dumps(RIGHT)) as agent:
        again = setup(bare, **charts, aiops_kagent={"url": agent.url})
    assert (again.code, again.changed) == (0, 0), again.output
    assert row(again, "agent") == "works agent aiops-analyst is accepted and ready"
    assert re.fullmatch(r"works question answered rightly in \d+\.\d s", row(again, "question"))
    assert len(agent.questions) == 1 and not agent.executed


def test_a_tool_that_writes_is_found(bare: Cluster) -> None:
    tool = {"mcpServer": {"name": "kagent-tool-server", "toolNames": ["k8s_patch_resource"]}, "type": "McpServer"}
    patch = json.dumps({"spec": {"declarative": {"tools": [tool]}}})
    bare.kubectl("patch", "agent", "aiops-analyst", "--namespace", "kagent", "--type=merge", "-p", patch)
    assert "fails tools may do more than read: k8s_patch_resource" in row(setup(bare), "tools")
