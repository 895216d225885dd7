# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether kagent is in the cluster: its kinds, its controller, and our agent with tools that only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kagent import (
    NOT_SET_UP,
    BadSettings,
    KagentSettings,
    ask_kagent,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import QuestionTooLarge, build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import question
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup.checks import (
    FAILS,
    MISSING,
    UNKNOWN,
    WORKS,
    Check,
)

PART = "kagent"
VERSION = "v1alpha2"
API_VERSION = f"kagent.dev/{VERSION}"
# What the wire in advisors/a2a.py was written for.
KNOWN_RELEASE = "0.10"
# Of kagent's own tool server; every other tool of it, or of another, may write.
READING_TOOLS = frozenset(
    {
        "k8s_get_resources",
        "k8s_describe_resource",
        "k8s_get_resource_yaml",
        "k8s_get_events",
        "k8s_get_pod_logs",
        "k8s_get_available_api_resources",
        "prometheus_query_tool",
        "prometheus_query_range_tool",
    }
)
_INSTALL = "name its charts in kagent_chart and kagent_crds_chart, and run setup.yml with kagent_install=true"
_INSTALL_AGENT = "run setup.yml with kagent_agent=true"


def look(client: Client, namespace: str, agent: str, deadline: Deadline) -> list[Check]:
    """The cluster's part as things stand now. Raises nothing: what the cluster refuses to tell is a check too."""
    kinds = _kinds(client, deadline)
    if kinds.state != WORKS:
        return [kinds]
    return [kinds, _controller(client, namespace, deadline), *_agent(client, namespace, agent, deadline)]


def ask(settings: KagentSettings, deadline: Deadline) -> Check:
    """Whether the agent that the settings name answers a trial question."""
    to_do = "set aiops_kagent: its controller (by kubectl port-forward, say) or the agent's own url"
    if not settings.is_set_up:
        return Check(PART, "question", MISSING, NOT_SET_UP, to_do)
    try:
        asked = build_question(question.EXAMPLE, window_bytes=settings.window_bytes)
        answer = ask_kagent(asked, settings, deadline)
    except (BadSettings, QuestionTooLarge) as error:
        return Check(PART, "question", FAILS, str(error), "correct aiops_kagent")
    return question.check_of(PART, answer, to_do)


def _kinds(client: Client, deadline: Deadline) -> Check:
    try:
        answer = decode(client.get_raw("/apis/kagent.dev", deadline=deadline))
    except NotFound:
        return Check(PART, "kinds", MISSING, "this cluster has none of kagent's kinds (kagent.dev)", _INSTALL)
    except ClusterError as error:
        return Check(PART, "kinds", UNKNOWN, str(error), "use a kubeconfig that may read the cluster's APIs")
    versions = [str(item.get("version")) for item in answer.get("versions") or ()]
    if VERSION in versions:
        return Check(PART, "kinds", WORKS, f"kagent.dev/{VERSION}")
    return Check(
        PART, "kinds", FAILS, f"it has {', '.join(versions)}, not {VERSION}", f"install kagent {KNOWN_RELEASE}"
    )


def _controller(client: Client, namespace: str, deadline: Deadline) -> Check:
    path = f"/api/v1/namespaces/{namespace}/services/kagent-controller:8083/proxy/version"
    logs = f"look at: kubectl -n {namespace} logs deployment/kagent-controller"
    try:
        answer = decode(client.get_raw(path, deadline=deadline))
    except NotFound:
        found = f"there is no Service kagent-controller in namespace {namespace}"
        return Check(PART, "controller", MISSING, found, f"{_INSTALL}, or say by kagent_namespace where it is")
    except ClusterError as error:
        return Check(PART, "controller", FAILS, str(error), logs)
    version = str(answer.get("kagent_version") or "") if isinstance(answer, dict) else ""
    if not version:
        return Check(PART, "controller", FAILS, "it answers, but not with its version", logs)
    if version.lstrip("v").startswith(KNOWN_RELEASE + "."):
        return Check(PART, "controller", WORKS, f"version {version}")
    found = f"version {version}; this collection was written for {KNOWN_RELEASE}"
    return Check(PART, "controller", UNKNOWN, found, "see below whether the question was answered")


def _agent(client: Client, namespace: str, name: str, deadline: Deadline) -> Iterator[Check]:
    try:
        found = client.get(ObjectRef(API_VERSION, "Agent", name, namespace), deadline=deadline)
    except NotFound:
        yield Check(PART, "agent", MISSING, f"there is no Agent {name} in namespace {namespace}", _INSTALL_AGENT)
        return
    except ClusterError as error:
        yield Check(PART, "agent", UNKNOWN, str(error), "use a kubeconfig that may read Agents")
        return
    yield readiness(found, name, namespace)
    yield tools(found)


def readiness(agent: Mapping[str, Any], name: str, namespace: str) -> Check:
    """Whether kagent took the Agent and runs it: conditions Accepted and Ready (pure)."""
    conditions = {item.get("type"): item for item in (agent.get("status") or {}).get("conditions") or ()}
    for type_ in ("Accepted", "Ready"):
        condition = conditions.get(type_)
        if condition is None:
            found = f"kagent has not said whether {name} is {type_}"
            return Check(PART, "agent", UNKNOWN, found, "wait a minute, then look at kagent's controller")
        if condition.get("status") != "True":
            why = condition.get("message") or condition.get("reason") or "no reason given"
            look_at = f"look at: kubectl -n {namespace} describe agents.kagent.dev {name}"
            return Check(PART, "agent", FAILS, f"{name} is not {type_}: {why}", look_at)
    return Check(PART, "agent", WORKS, f"{name} is accepted and ready")


def tools(agent: Mapping[str, Any]) -> Check:
    """Whether every tool of the Agent only reads (pure). A tool server without names stands for all of its tools."""
    declared = ((agent.get("spec") or {}).get("declarative") or {}).get("tools") or ()
    other = []
    for tool in declared:
        server = tool.get("mcpServer") or {}
        names = server.get("toolNames") or [f"all of {server.get('name') or tool.get('type') or 'a tool'}"]
        other += [str(name) for name in names if name not in READING_TOOLS]
    if other:
        return Check(PART, "tools", FAILS, f"may do more than read: {', '.join(other[:4])}", _INSTALL_AGENT)
    return Check(PART, "tools", WORKS, "all of them only read")
