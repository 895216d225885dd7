# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which workloads are short of CPU right now, and which targets can be scaled at all."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from scaling_objects import pod, subject

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.kinds import BadTarget
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.searching import Candidate, ranked
from ansible_collections.aiops.kubernetes.plugins.module_utils.scaling.subject import scalable


def usage(name: str, cpu: str) -> dict[str, Any]:
    return {"metadata": {"namespace": "shop", "name": name}, "containers": [{"usage": {"cpu": cpu}}]}


def of_another(name: str, number: int) -> dict[str, Any]:
    document = pod(number)
    document["metadata"]["name"] = name
    document["metadata"]["ownerReferences"][0]["name"] = "api-7d9c"
    return document


def test_the_highest_share_comes_first() -> None:
    pods = [pod(1), pod(2), of_another("api-1", 3), pod(4, "StatefulSet")]
    figures = [usage("web-7d9c-abcd1", "10m"), usage("web-7d9c-abcd2", "20m"), usage("api-1", "60m")]
    assert ranked(pods, [*figures, usage("web-7d9c-abcd4", "2m")], 70) == [
        Candidate("Deployment", "shop", "api", 300),
        Candidate("Deployment", "shop", "web", 75),
    ]
    assert ranked(pods, [], 70) == []


REFUSED = [
    ("", "web", "'web' would be a pod, and one pod is not scaled: name its workload, such as deployment/web"),
    ("", "ds/web", "a DaemonSet cannot be scaled \\(one runs on each node\\)"),
    ("", "job/web", "a Job cannot be scaled \\(it has no replicas to set\\)"),
    ("", "web/", "is not a target"),
    ("", "secret/web", "cannot be diagnosed"),
]


@pytest.mark.parametrize(("kind", "name", "sentence"), REFUSED)
def test_what_cannot_be_scaled(kind: str, name: str, sentence: str) -> None:
    with pytest.raises(BadTarget, match=sentence):
        scalable(kind, name)


@pytest.mark.parametrize(
    ("kind", "name", "target"),
    [("", "deploy/web", ("Deployment", "web")), ("sts", "web", ("StatefulSet", "web")), ("", "", ("", ""))],
)
def test_targets(kind: str, name: str, target: tuple[str, str]) -> None:
    assert scalable(kind, name) == target


@pytest.mark.parametrize(
    ("kind", "pattern"), [("Deployment", "web-[a-z0-9]+-[a-z0-9]{5}"), ("StatefulSet", "web-[0-9]+")]
)
def test_names_of_pods_that_may_be_gone(kind: str, pattern: str) -> None:
    assert subject(kind=kind).pod_names == pattern


@pytest.mark.parametrize("length", [46, 47, 50, 63])
def test_names_of_pods_of_a_long_name(length: int) -> None:
    name = "checkout-" + "x" * (length - 9)
    about = dataclasses.replace(subject(), target=dataclasses.replace(subject().target, name=name))
    # As the API server makes it of a ReplicaSet's name: at most 58 characters of it, and five of its own.
    pod = f"{name}-7d9c6f5b4d-"[:58] + "x2k4z"
    assert re.fullmatch(about.pod_names, pod)
    assert not re.fullmatch(about.pod_names, "checkout-7d9c6f5b4d-x2k4z")
