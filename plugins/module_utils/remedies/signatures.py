# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each remedy is called, what it acts on and which parameters it takes: all that an advisor has to know of it.

Apart from the remedies, since whoever only asks or reads advice need not load how they plan and write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError

KINDS: Final = ("Deployment", "StatefulSet", "DaemonSet")
SCALABLE: Final = ("Deployment", "StatefulSet")
ROLLOUTS: Final = ("image", "manifest", "helm", "guard")
PROBE_FIELDS: Final = {"liveness": "livenessProbe", "readiness": "readinessProbe", "startup": "startupProbe"}
PROBE_TIMINGS: Final = {
    "initial_delay_seconds": "initialDelaySeconds",
    "period_seconds": "periodSeconds",
    "timeout_seconds": "timeoutSeconds",
    "failure_threshold": "failureThreshold",
}


@dataclass(frozen=True)
class Parameter:
    """A parameter's kind: text, count (whole number from 0), port (number or name), command (texts), amounts of CPU and
    memory, container_amounts (container → requests and limits), map."""

    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """Of the parameters `one_of` exactly one has to be given."""

    id: str
    parameters: Mapping[str, Parameter]
    kinds: tuple[str, ...] = KINDS
    one_of: tuple[str, ...] = ()


_HELM: Final = {"helm": Parameter("map")}
SIGNATURES: Final[Mapping[str, Signature]] = {
    signature.id: signature
    for signature in (
        Signature("restart_pod", {}, ("Pod",)),
        Signature("restart_rollout", {}),
        Signature("rollback_revision", {"to_revision": Parameter("count")}),
        Signature(
            "set_resources",
            {
                "container": Parameter("text"),
                "requests": Parameter("amounts"),
                "limits": Parameter("amounts"),
                "containers": Parameter("container_amounts"),
                "autoscaler": Parameter("text", choices=("move", "leave")),
            },
            one_of=("container", "containers"),
        ),
        Signature("set_image", {"container": Parameter("text", True), "image": Parameter("text", True)}),
        Signature(
            "set_probe",
            {
                "container": Parameter("text", True),
                "probe": Parameter("text", True, tuple(PROBE_FIELDS)),
                "port": Parameter("port"),
                "path": Parameter("text"),
                "scheme": Parameter("text", False, ("HTTP", "HTTPS")),
                "command": Parameter("command"),
                **{name: Parameter("count") for name in PROBE_TIMINGS},
            },
        ),
        Signature("scale", {"replicas": Parameter("count", True)}, SCALABLE),
        Signature(
            "set_hpa",
            {
                "max_replicas": Parameter("count", True),
                "min_replicas": Parameter("count"),
                "target_cpu_utilization_percent": Parameter("count"),
                "scale_up_stabilization_seconds": Parameter("count"),
                "scale_down_stabilization_seconds": Parameter("count"),
            },
            SCALABLE,
        ),
        Signature(
            "gated_rollout",
            {
                "change": Parameter("text", True, ROLLOUTS),
                "container": Parameter("text"),
                "image": Parameter("text"),
                "manifest": Parameter("map"),
                **_HELM,
                "gate": Parameter("map"),
            },
            SCALABLE,
        ),
        Signature("undo_rollout", _HELM, SCALABLE),
        Signature("continue_rollout", _HELM, SCALABLE),
        Signature("disarm_rollout", _HELM, SCALABLE),
    )
}


def find(remedy_id: Any) -> Signature:
    """The signature of that id; a sentence naming all where there is none."""
    if not isinstance(remedy_id, str) or remedy_id not in SIGNATURES:
        raise RemedyError(f"there is no remedy {remedy_id!r}; the catalogue has: {', '.join(SIGNATURES)}")
    return SIGNATURES[remedy_id]


def checked_parameters(remedy: Signature, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters in their own types; a sentence for an unknown, missing or wrong one. None counts as not given."""
    if not isinstance(given, Mapping):
        raise RemedyError(f"the parameters of remedy {remedy.id} must be a map, not {type(given).__name__}")
    present = {name: value for name, value in given.items() if value is not None}
    for name in present:
        if name not in remedy.parameters:
            known = ", ".join(remedy.parameters) or "none"
            raise RemedyError(f"remedy {remedy.id} has no parameter {name}; it takes: {known}")
    for name, parameter in remedy.parameters.items():
        if parameter.required and name not in present:
            raise RemedyError(f"remedy {remedy.id} needs the parameter {name}")
    if remedy.one_of and len(set(remedy.one_of) & set(present)) != 1:
        raise RemedyError(f"remedy {remedy.id} needs the parameter {' or '.join(remedy.one_of)}, and not both")
    return {name: _checked(remedy, name, value) for name, value in present.items()}


def _checked(remedy: Signature, name: str, value: Any) -> Any:
    parameter = remedy.parameters[name]
    try:
        checked = _CHECKS[parameter.kind](value)
    except (TypeError, ValueError) as wrong:
        raise RemedyError(f"parameter {name} of remedy {remedy.id} must be {wrong}, not {value!r}") from None
    if parameter.choices and checked not in parameter.choices:
        raise RemedyError(f"parameter {name} of remedy {remedy.id} must be one of {', '.join(parameter.choices)}")
    return checked


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value.strip()


def _count(value: Any) -> int:
    if isinstance(value, bool) or not str(value).strip().isdecimal():
        raise ValueError("a whole number from 0")
    return int(value)


def _port(value: Any) -> int | str:
    if not isinstance(value, bool) and str(value).isdecimal() and 0 < int(value) < 65536:
        return int(value)
    if isinstance(value, str) and value and not value.isdecimal():
        return value
    raise ValueError("a port from 1 to 65535 or a port's name")


def _command(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of texts")
    return list(value)


def _amounts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("a map of cpu and memory")
    present = {name: str(amount) for name, amount in value.items() if amount not in (None, "")}
    if any(isinstance(amount, bool) for amount in value.values()) or set(present) - {"cpu", "memory"}:
        raise ValueError("a map of cpu and memory only")
    return present


def _container_amounts(value: Any) -> dict[str, dict[str, dict[str, str]]]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError("a map from containers to requests and limits")
    found: dict[str, dict[str, dict[str, str]]] = {}
    for name, rooms in value.items():
        if not isinstance(rooms, Mapping) or set(rooms) - {"requests", "limits"}:
            raise ValueError("a map from containers to requests and limits")
        found[_text(name)] = {room: _amounts(amounts) for room, amounts in rooms.items() if amounts}
    return found


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("a map")
    return dict(value)


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "text": _text,
    "count": _count,
    "port": _port,
    "command": _command,
    "amounts": _amounts,
    "container_amounts": _container_amounts,
    "map": _map,
}
