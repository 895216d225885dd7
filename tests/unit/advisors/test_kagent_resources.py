# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Agent and the ModelConfig that the role kagent installs fit kagent's own schemas, and can only read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

try:
    from ansible.template import trust_as_template
except ImportError:
    # Before ansible-core 2.19 every text was a template.
    def trust_as_template(value: str) -> str:  # type: ignore[misc]
        return value


ROLE = Path(__file__).resolve().parents[3] / "roles" / "kagent"
SCHEMAS = json.loads((Path(__file__).parent / "kagent-schemas.json").read_text())
READING = {"k8s_get_resources", "k8s_describe_resource", "k8s_get_events", "k8s_get_pod_logs"}


def resources(**settings: Any) -> dict[str, dict[str, Any]]:
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    template = trust_as_template((ROLE / "templates" / "agent.yaml.j2").read_text())
    rendered = Templar(loader=DataLoader(), variables={**defaults, **settings}).template(template)
    return {item["kind"]: item for item in yaml.safe_load_all(rendered)}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kagent_model_settings": {"openAI": {"baseUrl": "http://llm-gateway.kagent:8080/v1", "temperature": "0"}}},
        {"kagent_tool_server": ""},
        {"kagent_agent_name": "analyst", "kagent_namespace": "ai"},
    ],
)
def test_the_resources_fit_kagents_schemas(settings: dict[str, Any]) -> None:
    found = resources(**settings)
    assert set(found) == {"Agent", "ModelConfig"}
    for kind, item in found.items():
        assert item["apiVersion"] == "kagent.dev/v1alpha2"
        jsonschema.validate(item["spec"], SCHEMAS[kind])
    assert found["Agent"]["spec"]["declarative"]["modelConfig"] == found["ModelConfig"]["metadata"]["name"]
    assert found["Agent"]["metadata"]["namespace"] == found["ModelConfig"]["metadata"]["namespace"]


def test_a_field_that_kagent_does_not_know_would_be_noticed() -> None:
    spec = resources()["Agent"]["spec"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**spec, "declarative": {**spec["declarative"], "tool": []}}, SCHEMAS["Agent"])


def test_the_agent_has_tools_that_read_and_no_others() -> None:
    [tool] = resources()["Agent"]["spec"]["declarative"]["tools"]
    assert set(tool["mcpServer"]["toolNames"]) <= READING
    assert "requireApproval" not in tool["mcpServer"]
