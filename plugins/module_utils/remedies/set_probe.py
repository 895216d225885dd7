# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Change or add a probe of one container: what it asks for (port, path, scheme, command) and how patiently."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import (
    BELOW,
    CONTAINER,
    Remedy,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import (
    PROBE_FIELDS,
    PROBE_TIMINGS,
    SIGNATURES,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

_HANDLERS: Final = ("httpGet", "tcpSocket", "exec", "grpc")


def draft(_client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The container with the new probe; relies on its image, whose ports and paths the probe must fit."""
    workloads.refuse_if_held(workload)
    name, probe = parameters["container"], parameters["probe"]
    path = workloads.container_path(workload, name)
    desired = copy.deepcopy(workload)
    container = paths.read(desired, path)
    field = PROBE_FIELDS[probe]
    words = f"the {probe} probe of container {name} in {workloads.words(workloads.ref_of(workload))}"
    _refuse_unknown_port(container, parameters.get("port"))
    before = container.get(field)
    container[field] = probe_after(before, parameters, words)
    if container[field] == before:
        raise NothingToChange(f"{words[0].upper()}{words[1:]} is so already")
    return Draft(
        summary=f"{'Change' if before else 'Add'} {words}: {_words(parameters)}.",
        desired=desired,
        relies_on=[[*path, "image"], [*path, field]],
    )


def probe_after(before: Mapping[str, Any] | None, parameters: Mapping[str, Any], words: str) -> Document:
    """The probe with the fields given; what is asked for moves to another handler only where it has to."""
    after = copy.deepcopy(dict(before or {}))
    aims = {key: parameters[key] for key in ("port", "path", "scheme", "command") if key in parameters}
    timings = {PROBE_TIMINGS[key]: parameters[key] for key in PROBE_TIMINGS if key in parameters}
    if not aims and not timings:
        raise RemedyError("remedy set_probe needs something to change: port, path, scheme, command or a duration")
    if aims:
        kind, handler = _handler(after, aims, words)
        after = {key: value for key, value in after.items() if key not in _HANDLERS}
        after[kind] = handler
    if not any(kind in after for kind in _HANDLERS):
        raise RemedyError(f"{words[0].upper()}{words[1:]} does not exist: give a port, a path or a command")
    return {**after, **timings}


def _handler(probe: Mapping[str, Any], aims: Mapping[str, Any], words: str) -> tuple[str, Document]:
    if "command" in aims:
        if len(aims) > 1:
            raise RemedyError(f"For {words}, give either a command or a port with path and scheme, not both")
        return "exec", {"command": aims["command"]}
    now = next((kind for kind in _HANDLERS if kind in probe), "")
    if "path" in aims or "scheme" in aims or now == "httpGet":
        kind = "httpGet"
    else:
        kind = now if now in ("tcpSocket", "grpc") else "tcpSocket"
    handler = {**(probe.get(kind) or {}), **aims}
    port = (probe.get(now) or {}).get("port") if now else None
    if "port" not in handler and port is None:
        raise RemedyError(f"For {words}, give the port too")
    handler.setdefault("port", port)
    return kind, handler


def _refuse_unknown_port(container: Mapping[str, Any], port: Any) -> None:
    names = [item["name"] for item in container.get("ports") or [] if item.get("name")]
    if isinstance(port, str) and port not in names:
        known = f"it names: {', '.join(sorted(names))}" if names else "it names none"
        raise RemedyError(f"Container {container['name']} has no port named {port!r}; {known}")


def _words(parameters: Mapping[str, Any]) -> str:
    shown = {key: value for key, value in parameters.items() if key not in ("container", "probe")}
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in sorted(shown.items()))


REMEDY = Remedy(
    SIGNATURES["set_probe"],
    ((*CONTAINER, frozenset(PROBE_FIELDS.values()), BELOW),),
    draft,
)
