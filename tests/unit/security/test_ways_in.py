# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the outside reaches and by what, and which ways in are said not to be looked at."""

from __future__ import annotations

import json
from typing import Any

import pytest
from made_up import Fixed, Object, cluster_of
from support import hardened

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Forbidden, NotFound
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Asked, Given, judge, run


def route(backend: Object, parent: Object | None = None) -> Object:
    spec = {"parentRefs": [{"name": "gate", **(parent or {})}], "rules": [{"backendRefs": [backend]}, {}]}
    return {"kind": "HTTPRoute", "metadata": {"name": "shop", "namespace": "ways"}, "spec": spec}


def on_port(**port: Any) -> Object:
    def publish(template: Object) -> None:
        template["spec"]["containers"][0]["ports"] = [{"containerPort": 80, **port}]

    return hardened.deployment("app", publish)


FRONT = [hardened.deployment("front"), hardened.service("front")]


@pytest.mark.parametrize(
    ("objects", "wanted"),
    [
        ([*FRONT, route({"name": "front", "namespace": "shop"})], ["HTTPRoute ways/shop"]),
        ([*FRONT, route({"name": "front"})], None),
        ([*FRONT, route({"name": "front", "namespace": "shop", "kind": "Bucket"})], None),
        # A mesh's: what the pods of the mesh call.
        ([*FRONT, route({"name": "front", "namespace": "shop"}, {"kind": "Service"})], None),
        ([on_port(hostPort=80)], ["a port of its node"]),
        ([on_port(hostPort=80, hostIP="0.0.0.0")], ["a port of its node"]),
        ([on_port(hostPort=80, hostIP="127.0.0.1")], None),
        ([on_port(hostPort=80, hostIP="::1")], None),
    ],
)
def test_ways_in(objects: list[Object], wanted: list[str] | None) -> None:
    through = judge(cluster_of(objects), Given()).around.exposure.through
    assert list(through.values()) == ([wanted] if wanted else [])


@pytest.mark.parametrize(
    ("ranges", "wanted"),
    [([], True), (["10.0.0.0/8"], False), (["10.0.0.0/8", "0.0.0.0/0"], True), (["::/0"], True)],
)
def test_a_load_balancer_for_everybody(ranges: list[str], wanted: bool) -> None:
    service = hardened.service("front", type="LoadBalancer", loadBalancerSourceRanges=ranges)
    codes = {item.code for item in judge(cluster_of([service]), Given()).findings}
    assert ("service-load-balancer-open" in codes) is wanted


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        (["apps"], []),
        (["route.openshift.io"], ["exposure by Routes of OpenShift"]),
        (
            ["networking.istio.io", "gateway.networking.k8s.io"],
            ["exposure by routes of the Gateway API other than HTTPRoutes, VirtualServices of Istio"],
        ),
    ],
)
def test_ways_in_that_are_not_looked_at_are_said_where_they_can_be(groups: list[str], wanted: list[str]) -> None:
    said = Cluster(groups).audit()["not_assessed"]
    assert [item["what"] for item in said if item["what"].startswith("exposure")] == wanted
    assert "httproutes" not in {item["what"] for item in said}


def test_routes_that_may_not_be_read_leave_exposure_open() -> None:
    report = Cluster(["gateway.networking.k8s.io"], Forbidden("forbidden", status=403)).audit()
    said = {item["what"]: item["why"] for item in report["not_assessed"]}
    assert said["httproutes"] == "forbidden"
    assert "httproutes" in said["exposure of pods"]


def test_routes_that_are_not_served_need_no_permission() -> None:
    report = Cluster(["apps"], Forbidden("forbidden", status=403)).audit()
    assert not {"httproutes", "exposure of pods"} & {item["what"] for item in report["not_assessed"]}


class Cluster:
    """As much of a client as the audit asks, with nothing in it."""

    cluster = "test"

    def __init__(self, groups: list[str], routes: Exception | None = None) -> None:
        self._groups = groups
        self._routes = routes or NotFound("the cluster has no kind HTTPRoute", status=404)

    def audit(self) -> dict[str, Any]:
        return run(self, Asked(dry_runs=0), deadline=Deadline.after(20), clock=Fixed())  # type: ignore[arg-type]

    def get_raw(self, path: str, **_more: Any) -> bytes:
        answers = {"/version": {"gitVersion": "v1.37.1"}, "/apis": {"groups": [{"name": n} for n in self._groups]}}
        return json.dumps(answers[path]).encode()

    def list(self, api_version: str, kind: str, *, shape: type, **_more: Any) -> list[Any]:
        if kind == "HTTPRoute":
            raise self._routes
        return decode_page(json.dumps({"kind": f"{kind}List", "apiVersion": api_version}).encode(), shape).items
