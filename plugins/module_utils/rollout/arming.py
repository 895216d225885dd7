# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate in the object itself: the fields that make the controller hold after the first new pods. Pure.

Deployment: `maxSurge` 3, `maxUnavailable` 0, and a new pod counts as available only after a day, so the controller
replaces no old pod, whether or not anybody watches. StatefulSet: a `partition` that leaves all but the last 3 ordinals.
What the fields were before is kept in an annotation, so that a later run can restore them. Each function takes an
object as the API server returned it and gives the object as it should be.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths, tiers
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import (
    REVISION,
    Document,
    desired_replicas,
    ref_of,
    words,
)

ANNOTATION: Final = tiers.GATE
HELD_SECONDS: Final = 86_400
PROGRESS_SECONDS: Final = 90_000
DEFAULT_DEADLINE_SECONDS: Final = 600
PAUSED: Final = ["spec", "paused"]
TEMPLATE: Final = ["spec", "template"]
_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Deployment": (
        ("spec", "strategy", "rollingUpdate", "maxSurge"),
        ("spec", "strategy", "rollingUpdate", "maxUnavailable"),
        ("spec", "minReadySeconds"),
        ("spec", "progressDeadlineSeconds"),
    ),
    "StatefulSet": (("spec", "updateStrategy", "rollingUpdate", "partition"),),
}
_DEADLINE: Final = "spec.progressDeadlineSeconds"
_READY: Final = "spec.minReadySeconds"
_TOGETHER: Final = {
    _DEADLINE: _READY,
    "spec.strategy.rollingUpdate.maxSurge": "spec.strategy.rollingUpdate.maxUnavailable",
}


def refuse(document: Document) -> None:
    """Raise `RemedyError` with the reason where this workload cannot be gated, or is already."""
    label, spec = words(ref_of(document)), document["spec"]
    if document["kind"] not in _FIELDS:
        raise RemedyError(f"{label} cannot be gated: a {document['kind']} cannot be paused")
    if (spec.get("strategy") or {}).get("type") == "Recreate":
        raise RemedyError(
            f"{label} cannot be gated: its strategy Recreate stops every old pod before the first new one"
        )
    if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
        raise RemedyError(f"{label} cannot be gated: with updateStrategy OnDelete pods are replaced by hand")
    if spec.get("podManagementPolicy") == "Parallel" and (rolling(document).get("maxUnavailable") or 1) != 1:
        raise RemedyError(f"{label} cannot be gated: with maxUnavailable over 1 it stops several pods at a time")
    if gate_of(document):
        raise RemedyError(
            f"{label} is gated already, by an earlier run: state=undo takes it back, state=continue lets it go on, "
            "state=disarm restores its strategy"
        )
    if spec.get("paused"):
        raise RemedyError(f"{label} is paused: resume it first")
    if desired_replicas(document) < 1:
        raise RemedyError(f"{label} has no replicas, so no new pod would show how the release does")
    if spec.get("revisionHistoryLimit") == 0:
        raise RemedyError(f"{label} keeps no old revision (revisionHistoryLimit 0), so it could not be taken back")


def rolling(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of the rolling update."""
    strategy = document["spec"].get("strategy") or document["spec"].get("updateStrategy") or {}
    found: Mapping[str, Any] = strategy.get("rollingUpdate") or {}
    return found


def template_digest(document: Mapping[str, Any]) -> str:
    """Names a pod template; what is null counts as absent, as in stored revisions."""
    return canonical.sha256(without_nulls(document["spec"]["template"]))


def without_nulls(value: Any) -> Any:
    """The same without fields that are null."""
    if isinstance(value, Mapping):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def gate_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the annotation holds: `fields` (path in words → former value, absent ones null), `armed` (path in words →
    value that was written), `first`, `template`, `revision`.

    Empty where the workload is not gated; `RemedyError` where the annotation is not one of ours.
    """
    text = (document["metadata"].get("annotations") or {}).get(ANNOTATION)
    if not text:
        return {}
    try:
        gate = json.loads(text)
        shapes = {"fields": dict, "armed": dict, "template": str, "first": int}
        if all(isinstance(gate[name], shape) for name, shape in shapes.items()):
            return dict(gate)
    except (ValueError, KeyError, TypeError):
        pass
    raise RemedyError(f"the annotation {ANNOTATION} cannot be read: it was altered, so what to restore is not known")


def field_names(kind: str) -> list[str]:
    """The fields of the gate, as paths in words."""
    return [paths.text(path) for path in _FIELDS[kind]]


def beside(document: Mapping[str, Any], first: int, sets: Collection[str]) -> dict[str, Any]:
    """What is armed before an upgrade whose chart sets some of the fields itself, `sets` (their paths in words).

    Those are left, and what the API server may refuse beside them: the deadline has to be over `minReadySeconds`, and
    surge and unavailable cannot both be 0.
    """
    left = {*sets, *(other for name, other in _TOGETHER.items() if name in sets)}
    return {name: value for name, value in armed_values(document, first).items() if name not in left}


def awaiting(document: Mapping[str, Any], first: int) -> dict[str, Any]:
    """What is armed before an upgrade of somebody else's, which may set its deadline again: that is left.

    `minReadySeconds` just below it holds what such an upgrade resumes until the gate, a second later, arms all.
    """
    values = armed_values(document, first)
    if _DEADLINE in values:
        deadline = document["spec"].get("progressDeadlineSeconds") or DEFAULT_DEADLINE_SECONDS
        values[_READY] = min(HELD_SECONDS, deadline - 1)
        del values[_DEADLINE]
    return values


def armed_values(document: Mapping[str, Any], first: int) -> dict[str, Any]:
    """Path in words → the value that holds the rollout after `first` new pods."""
    if document["kind"] == "StatefulSet":
        values: list[Any] = [max(desired_replicas(document) - first, 0)]
    else:
        values = [first, 0, HELD_SECONDS, PROGRESS_SECONDS]
    return {paths.text(path): value for path, value in zip(_FIELDS[document["kind"]], values, strict=True)}


def armed(
    document: Document,
    first: int,
    *,
    pause: bool,
    values: Mapping[str, Any] | None = None,
    helm: Mapping[str, Any] | None = None,
) -> Document:
    """The workload gated; with `pause` no rollout even begins (until `started`).

    `values` are what is written until then, by default all `armed_values`; `helm` names the release and its revision.
    """
    values = armed_values(document, first) if values is None else values
    former = {paths.text(path): _value(document, path) for path in _FIELDS[document["kind"]]}
    gate = {
        "version": 1,
        "first": first,
        "fields": former,
        "armed": dict(values),
        "template": template_digest(document),
        "revision": (document["metadata"].get("annotations") or {}).get(REVISION, ""),
        **({"helm": dict(helm)} if helm else {}),
    }
    return _held(_with_gate(document, gate), values, pause=pause)


def started(document: Document) -> Document:
    """The workload gated and going, its template changed. Fields that the change brought become the former."""
    gate = gate_of(document)
    for path in _FIELDS[document["kind"]]:
        name, now = paths.text(path), _value(document, path)
        held_back = document["kind"] == "StatefulSet" and now == desired_replicas(document)
        if (name not in gate["armed"] or now != gate["armed"][name]) and not held_back:
            gate["fields"][name] = now
    gate["armed"] = armed_values(document, gate["first"])
    return _held(_with_gate(document, gate), gate["armed"], pause=False)


def paused(document: Document) -> Document:
    """The workload with its rollout stopped where it is."""
    return _stopped(copy.deepcopy(document))


def released(document: Document) -> Document:
    """The workload with its own strategy again, going on; the annotation stays, so that it can still be taken back."""
    return _restored(document, gate_of(document))


def disarmed(document: Document) -> Document:
    """The workload with its own strategy and without the gate.

    A rollout that is half out is not let go: it is paused and keeps the annotation, so that it can still be taken back.
    """
    gate = gate_of(document)
    result = _restored(document, gate)
    if template_digest(document) != gate["template"] and not finished(document):
        return _stopped(result)
    del result["metadata"]["annotations"][ANNOTATION]
    return result


def let_go(document: Document) -> Document:
    """The workload with its own strategy and without the gate, its rollout going on."""
    result = _restored(document, gate_of(document))
    del result["metadata"]["annotations"][ANNOTATION]
    return result


def undone(document: Document, template: Mapping[str, Any]) -> Document:
    """The workload with the old template, going, with its own strategy and without the gate: all in one write."""
    result = _restored(document, gate_of(document))
    result["spec"]["template"] = copy.deepcopy(dict(template))
    del result["metadata"]["annotations"][ANNOTATION]
    return result


def finished(document: Mapping[str, Any]) -> bool:
    """Whether every pod is of the newest template."""
    status, wanted = document.get("status") or {}, desired_replicas(document)
    observed = status.get("observedGeneration", 0) >= document["metadata"].get("generation", 0)
    return bool(observed and status.get("updatedReplicas", 0) >= wanted and status.get("replicas", 0) <= wanted)


def is_armed(document: Mapping[str, Any]) -> bool:
    """Whether the fields still hold the rollout (an upgrade may have overwritten them)."""
    gate = gate_of(document)
    if not gate:
        return False
    if document["kind"] == "StatefulSet":
        return bool((rolling(document).get("partition") or 0) >= desired_replicas(document) - gate["first"])
    return all(
        paths.read(document, _split(name)) == value for name, value in armed_values(document, gate["first"]).items()
    )


def _held(document: Document, values: Mapping[str, Any], *, pause: bool) -> Document:
    for name, value in values.items():
        _put(document, _split(name), value)
    if pause:
        return _stopped(document)
    document["spec"].pop("paused", None)
    return document


def _stopped(document: Document) -> Document:
    if document["kind"] == "StatefulSet":
        _put(document, _FIELDS["StatefulSet"][0], desired_replicas(document))
    else:
        document["spec"]["paused"] = True
    return document


def _restored(document: Document, gate: Mapping[str, Any]) -> Document:
    result = copy.deepcopy(document)
    for name, value in gate["fields"].items():
        path = _split(name)
        if path not in _FIELDS[document["kind"]]:
            raise RemedyError(f"the annotation {ANNOTATION} names {name}, which is no field of the gate")
        if value is None:
            _remove(result, path)
        else:
            _put(result, path, value)
    result["spec"].pop("paused", None)
    return result


def _with_gate(document: Document, gate: Mapping[str, Any]) -> Document:
    result = copy.deepcopy(document)
    annotations = result["metadata"].get("annotations") or {}
    result["metadata"]["annotations"] = {**annotations, ANNOTATION: json.dumps(gate, sort_keys=True)}
    return result


def _split(name: str) -> tuple[str, ...]:
    return tuple(name.split("."))


def _value(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found = paths.read(document, path)
    return None if found is paths.ABSENT else found


def _put(document: Document, path: tuple[str, ...], value: Any) -> None:
    place: Any = document
    for step in path[:-1]:
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    place[path[-1]] = value


def _remove(document: Document, path: tuple[str, ...]) -> None:
    place = paths.read(document, path[:-1])
    if isinstance(place, dict):
        place.pop(path[-1], None)
