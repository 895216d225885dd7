# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The templates that users copy name what there is, with the defaults that it has."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.aiops.kubernetes.plugins.callback import phr
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import kagent

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "docs" / "templates"
# What kubectl-ai v0.0.28 reads from its file (the JSON names of Options in cmd/main.go), less those of sessions.
KUBECTL_AI = {
    "llmProvider",
    "model",
    "skipPermissions",
    "enableToolUseShim",
    "quiet",
    "mcpServer",
    "mcpClient",
    "externalTools",
    "maxIterations",
    "mcpServerMode",
    "sseEndpointPort",
    "kubeConfigPath",
    "promptTemplateFilePath",
    "extraPromptPaths",
    "removeWorkDir",
    "uiType",
    "uiListenAddress",
    "skipVerifySSL",
    "showToolOutput",
}


def uncommented(name: str) -> str:
    """A template with its settings switched on: a setting follows its # at once, an explanation after a blank."""
    return re.sub(r"^#(?=\w|  \w)", "", (TEMPLATES / name).read_text(), flags=re.MULTILINE)


def documented() -> dict[str, dict[str, Any]]:
    """Every option of every role and entry point."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(ROOT.glob("roles/*/meta/argument_specs.yml")):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            for name, option in entry.get("options", {}).items():
                found.setdefault(name, option)
    return found


def test_every_setting_is_named_once_and_no_other() -> None:
    named = re.findall(r"^#(\w+):", (TEMPLATES / "settings.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(documented())


def test_the_defaults_are_those_of_the_roles() -> None:
    given = yaml.safe_load(uncommented("settings.yml"))
    assert {name: given[name] for name, option in documented().items() if "default" in option} == {
        name: option["default"] for name, option in documented().items() if "default" in option
    }


def test_a_copied_settings_file_changes_nothing() -> None:
    assert yaml.safe_load((TEMPLATES / "settings.yml").read_text()) is None


def _ini(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


# What a playbook is for, or is told on its command line alone.
GIVEN = {"local_cluster_name", "training_lab", "training_step"}


def offered() -> set[str]:
    """The settings that may stand in group_vars."""
    text = (TEMPLATES / "settings.yml").read_text()
    sections = [part for part in re.split(r"^# --- ", text, flags=re.MULTILINE) if "not to be set here" not in part]
    return set(re.findall(r"^#(\w+):", "".join(sections), re.MULTILINE)) - GIVEN


def variables(part: Any) -> Iterator[tuple[str, Any]]:
    """What a playbook sets, at any depth. All of it wins over the inventory."""
    for item in part if isinstance(part, list) else [part]:
        for key, value in item.items() if isinstance(item, dict) else []:
            if key in ("vars", "ansible.builtin.set_fact"):
                yield from value.items()
            elif isinstance(value, list):
                yield from variables(value)


@pytest.mark.parametrize("playbook", sorted((ROOT / "playbooks").glob("*.yml")), ids=lambda path: path.stem)
def test_no_playbook_takes_a_setting_from_the_inventory(playbook: Path) -> None:
    settings = offered()
    for name, value in variables(yaml.safe_load(playbook.read_text())):
        if name in settings:
            assert re.search(rf"hostvars\[inventory_hostname\]\.{name}\b", str(value)), name


def played(playbook: str, folder: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(ROOT / "playbooks" / playbook), *arguments]
    environ = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "AIOPS_RECORD_FOLDER": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr


@pytest.mark.terminal
@pytest.mark.parametrize(("arguments", "where"), [((), "theirs"), (("-e", "records=mine"), "mine")])
def test_a_setting_holds_until_the_command_line_says_otherwise(
    tmp_path: Path, arguments: tuple[str, ...], where: str
) -> None:
    (tmp_path / "inventory.yml").write_text("all: {hosts: {cluster: {ansible_connection: local}}}")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("audit_records_folder: theirs")
    said = played("audit_records.yml", tmp_path, "-i", "inventory.yml", *arguments)
    assert f"there is no folder {where}:" in " ".join(said.split()), said


@pytest.mark.terminal
def test_a_rollback_refuses_a_stage_that_it_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "inventory.yml").write_text("all: {hosts: {cluster: {ansible_connection: local}}}")
    said = played("rollback.yml", tmp_path, "-i", "inventory.yml", "-e", "record=1", "-e", "stage=observe")
    assert "one of: plan, all, got: observe" in " ".join(said.split()), said


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"manifest": "web.yaml"}, "{here}/web.yaml"),
        ({"release": "web", "chart": "charts/web"}, "{here}/charts/web is not there"),
        ({"release": "web", "chart": "https://charts.example/web.tgz"}, "https:/charts.example/web.tgz is not there"),
        ({"release": "web", "chart": "here", "values_files": "values.yaml"}, "{here}/values.yaml is not there"),
        ({"stage": "observe"}, "one of: plan, all, got: observe"),
    ],
)
def test_a_rollouts_files_are_from_where_it_was_started(tmp_path: Path, given: dict[str, str], why: str) -> None:
    (tmp_path / "inventory.yml").write_text("all: {hosts: {cluster: {ansible_connection: local}}}")
    (tmp_path / "here").mkdir()
    told = {"ansible_python_interpreter": sys.executable, "target": "deployment/web", **given}
    said = played("rollout.yml", tmp_path, "-i", "inventory.yml", "-e", json.dumps(told))
    assert why.format(here=tmp_path) in " ".join(said.split()), said


def test_settings_of_records_are_those_of_the_callback() -> None:
    options = yaml.safe_load(phr.DOCUMENTATION)["options"]
    expected = {option["ini"][0]["key"]: _ini(option["default"]) for option in options.values()}
    sections = {option["ini"][0]["section"] for option in options.values()}
    parsed = configparser.ConfigParser()
    parsed.read_string(uncommented("ansible.cfg"))
    assert sections == {"aiops_records"}
    assert dict(parsed["aiops_records"]) == expected
    for option in options.values():
        assert option["env"][0]["name"] in (TEMPLATES / "ansible.cfg").read_text()


def test_the_ansible_settings_do_not_differ_from_the_collections_own() -> None:
    template, own = configparser.ConfigParser(), configparser.ConfigParser()
    template.read(TEMPLATES / "ansible.cfg")
    own.read(ROOT / "ansible.cfg")
    for key in set(template["defaults"]) - {"inventory"}:
        assert template["defaults"][key] == own["defaults"][key]


def test_settings_beside_the_fleet_reach_its_clusters(tmp_path: Path) -> None:
    (tmp_path / "inventory.yml").write_text((TEMPLATES / "fleet-inventory.yml").read_text())
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text(uncommented("settings.yml"))
    (tmp_path / "group_vars" / "production.yml").write_text("change_tier_floor: {set_image: 4}")
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", "inventory.yml", "--list"]
    listed = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "ANSIBLE_CONFIG": ""}, capture_output=True, text=True, check=True
    )
    variables = json.loads(listed.stdout)["_meta"]["hostvars"]
    assert set(variables) == {"staging-eu", "production-eu", "production-us"}
    assert variables["staging-eu"]["change_tier_floor"] == {}
    assert variables["production-eu"]["change_tier_floor"] == {"set_image": 4}
    assert variables["production-us"]["context"] == "production-us"
    assert variables["production-us"]["change_monitor_seconds"] == 3600


def test_kubectl_ai_is_given_only_what_it_reads_and_nothing_dangerous() -> None:
    settings = yaml.safe_load((TEMPLATES / "kubectl-ai.yaml").read_text())
    assert set(settings) <= KUBECTL_AI
    assert settings["skipPermissions"] is False
    assert settings["skipVerifySSL"] is False
    assert settings["kubeConfigPath"]


def test_kagent_can_only_read() -> None:
    values = yaml.safe_load((TEMPLATES / "kagent-values.yaml").read_text())
    tools = values["kagent-tools"]
    assert "--read-only" in tools["tools"]["args"]
    assert tools["rbac"] == {"readOnly": True, "allowSecrets": False}
    assert not any(agent["enabled"] for agent in values["agents"].values())
    assert values["providers"]["default"] in values["providers"]


def test_setup_installs_kagent_with_the_same_values() -> None:
    values = yaml.safe_load((TEMPLATES / "kagent-values.yaml").read_text())
    safe = yaml.safe_load((ROOT / "roles" / "kagent" / "vars" / "main.yml").read_text())["kagent_safe_values"]
    assert safe == {key: values[key] for key in safe}
    assert {"kagent-tools", "agents"} <= set(safe)


def test_our_agent_gets_tools_that_read_and_no_other() -> None:
    """What setup calls reading is what setup gives it."""
    text = (ROOT / "roles" / "kagent" / "templates" / "agent.yaml.j2").read_text()
    [names] = re.findall(r"toolNames: \[(.+)\]", text)
    assert set(names.split(", ")) <= kagent.READING_TOOLS
    assert "requireApproval" not in text


@pytest.mark.parametrize("name", ["kubectl-ai.yaml", "kagent-values.yaml"])
def test_no_key_is_in_a_template(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert not re.search(r"(?i)^[^#]*\bapi_?key:", text, re.MULTILINE)


def test_every_template_is_explained() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    for path in TEMPLATES.iterdir():
        assert f"(templates/{path.name})" in page
