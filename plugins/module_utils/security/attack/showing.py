# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Attack paths as JSON, as a chart, and as sentences."""

from __future__ import annotations

from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.graph import Vertex
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.paths import ChokePoint, Path

_EVERY = {"accounts": "every ServiceAccount", "workloads": "every pod", "secrets": "Secrets with tokens"}


def label(vertex: Vertex) -> str:
    """What a vertex is called."""
    kind, *rest = vertex
    if kind == "workload":
        return f"{rest[0]} {rest[1]}/{rest[2]}"
    if kind == "account":
        return f"ServiceAccount {'/'.join(rest)}"
    if kind == "node":
        return f"Node {rest[0]}"
    if kind in ("user", "group"):
        return f"{kind.title()} {rest[0]}"
    if kind in _EVERY:
        named = f" with the name {rest[1]}" if rest[1:] else ""
        return f"{_EVERY[kind]} of {f'namespace {rest[0]}' if rest[0] else 'the cluster'}{named}"
    return "any node" if kind == "nodes" else "the whole cluster"


def to_json(path: Path, exposed_by: list[str]) -> dict[str, Any]:
    """from, exposed_by, goal, steps (from, to, through, cut), length."""
    kind, namespace, name = path.start[1:]
    return {
        "from": {"kind": kind, "namespace": namespace, "name": name},
        "exposed_by": exposed_by,
        "goal": path.goal,
        "length": len(path.steps),
        "steps": [
            {"from": label(edge.source), "to": label(edge.target), "through": edge.through, "cut": edge.cut}
            for edge in path.steps
        ],
        "text": sentence(path),
    }


def sentence(path: Path) -> str:
    """Deployment shop/web → ServiceAccount shop/ci → the whole cluster."""
    return " → ".join([label(path.start), *(label(edge.target) for edge in path.steps)])


def drawn(path: Path) -> list[dict[str, str]]:
    """One row of a chart of type paths: each vertex, and by what the next one is reached."""
    vertices = [path.start, *(edge.target for edge in path.steps)]
    through = [*(edge.through for edge in path.steps), ""]
    return [
        {"kind": vertex[0], "label": label(vertex), "through": text}
        for vertex, text in zip(vertices, through, strict=True)
    ]


def choke_point_json(point: ChokePoint) -> dict[str, Any]:
    """what, frees and of: so many of the exposed workloads with a path lose one when it goes."""
    return {"what": point.cut, "frees": point.freed, "of": point.of}
