# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pods while they are read: thousands that differ in name and node alone share one spec and one set of labels.

That keeps memory and judging in the number of workloads. A pod whose spec differs in anything else keeps its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Owner, Pod, PodSpec

# The API server appends five random characters to the volume of a pod's own token.
_TOKEN_VOLUME = re.compile(r"kube-api-access-[a-z0-9]{5}")
TOKEN_VOLUME = "kube-api-access"
_ENDED = ("Succeeded", "Failed")


@dataclass(slots=True)
class RunningPod:
    """One pod that has not ended."""

    namespace: str
    name: str
    node: str
    labels: dict[str, str]
    annotations: dict[str, str]
    owner: Owner | None
    spec: PodSpec


class Sharing:
    """Turns decoded pods into RunningPods page by page; pods of one owner that look the same share their parts."""

    def __init__(self) -> None:
        self._specs: dict[tuple[str, str], list[PodSpec]] = {}
        self._maps: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    def page(self, pods: list[Pod]) -> list[RunningPod]:
        """Those that have not ended. Safe to be given the same page twice."""
        return [self._one(pod) for pod in pods if pod.status.phase not in _ENDED]

    def _one(self, pod: Pod) -> RunningPod:
        meta, spec = pod.metadata, pod.spec
        owner = next((item for item in meta.ownerReferences if item.controller), None)
        node, spec.nodeName = spec.nodeName, ""
        _name_token_volume(spec)
        known = self._specs.setdefault((meta.namespace, owner.uid if owner else meta.name), [])
        shared = next((item for item in known if item == spec), None)
        if shared is None:
            known.append(spec)
            shared = spec
        labels, annotations = self._shared(meta.labels), self._shared(meta.annotations)
        return RunningPod(meta.namespace, meta.name, node, labels, annotations, owner, shared)

    def _shared(self, texts: dict[str, str]) -> dict[str, str]:
        return self._maps.setdefault(tuple(texts.items()), texts)


def _name_token_volume(spec: PodSpec) -> None:
    for volume in spec.volumes:
        if _TOKEN_VOLUME.fullmatch(str(volume.get("name"))):
            volume["name"] = TOKEN_VOLUME
    for container in (*spec.initContainers, *spec.containers):
        for mount in container.volumeMounts:
            if _TOKEN_VOLUME.fullmatch(mount.name):
                mount.name = TOKEN_VOLUME
