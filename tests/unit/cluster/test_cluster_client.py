# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given what the API server does, what the client sends, returns and raises."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import Reply, Seen, in_turn, serving, status

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client, ObjectRef
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    TimedOut,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.session import VERSION
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.shapes import PodShape

POD = ObjectRef("v1", "Pod", "web-1", "shop", "u-1")
DEPLOYMENT = ObjectRef("apps/v1", "Deployment", "web", "shop")


def client(url: str, **settings: Any) -> Client:
    return Client(Connection(host=url, api_key="secret"), **settings)


def pod(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "uid": f"u-{name}"}, "spec": {}, "status": {}}


def page(names: list[str], following: str = "", version: str = "10") -> Reply:
    metadata = {"resourceVersion": version, "continue": following} if following else {"resourceVersion": version}
    return Reply({"kind": "PodList", "apiVersion": "v1", "metadata": metadata, "items": [pod(name) for name in names]})


# Refusals: each an error of its own with one sentence that says what, where and what to do.


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        (
            status(401, "Unauthorized", "Unauthorized"),
            Unauthorized,
            "the API server at {url} does not accept the credentials (401 Unauthorized):"
            " renew them or check the context",
        ),
        (
            status(
                403,
                "Forbidden",
                'pods "web-1" is forbidden: User "system:serviceaccount:ops:reader" cannot get resource "pods" in API'
                ' group "" in the namespace "shop"',
            ),
            Forbidden,
            'user "system:serviceaccount:ops:reader" may not get pods in namespace shop (403):'
            " grant the verb with a Role or ClusterRole",
        ),
        (
            status(
                403,
                "Forbidden",
                'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at'
                ' the cluster scope: RBAC: role.rbac.authorization.k8s.io "x" not found',
            ),
            Forbidden,
            'user "jane" may not list deployments.apps in the whole cluster:'
            ' RBAC: role.rbac.authorization.k8s.io "x" not found (403): grant the verb with a Role or ClusterRole',
        ),
        (
            status(403, "Forbidden", 'pods "web-1" is forbidden: exceeded quota: small, requested: cpu=2'),
            Forbidden,
            'cannot get pods web-1 in namespace shop: pods "web-1" is forbidden: exceeded quota: small, requested:'
            " cpu=2",
        ),
        (
            status(404, "NotFound", 'pods "web-1" not found', details={"name": "web-1", "kind": "pods"}),
            NotFound,
            'pods "web-1" not found in namespace shop',
        ),
        (
            Reply(b"<html><h1>404 page not found</h1></html>", status=404),
            NotFound,
            'pods "web-1" not found in namespace shop',
        ),
        (
            status(409, "Conflict", "the object has been modified"),
            Conflict,
            "cannot get pods web-1 in namespace shop: the object has been modified",
        ),
        (status(410, "Expired", "too old"), Gone, "cannot get pods web-1 in namespace shop: too old"),
        (
            status(
                422,
                "Invalid",
                "long",
                details={
                    "causes": [
                        {"reason": "FieldValueInvalid", "field": "spec.replicas", "message": "must be >= 0"},
                        {"reason": "FieldValueRequired", "field": "spec.selector", "message": "Required value"},
                    ]
                },
            ),
            Invalid,
            "cannot get pods web-1 in namespace shop: spec.replicas: must be >= 0; spec.selector: Required value",
        ),
        (
            status(400, "BadRequest", 'container "app" is waiting to start: ContainerCreating'),
            ClusterError,
            "cannot get pods web-1 in namespace shop: the API server at {url} answered 400:"
            ' container "app" is waiting to start: ContainerCreating',
        ),
        (
            Reply(b"<html><title>Moved</title><body>login here</body></html>", status=302),
            ClusterError,
            "cannot get pods web-1 in namespace shop: the API server at {url} answered 302: Moved login here",
        ),
    ],
)
def test_a_refusal_is_one_sentence(reply: Reply, error: type[ClusterError], sentence: str) -> None:
    with serving(in_turn(reply)) as api:
        with pytest.raises(ClusterError) as caught:
            client(api.url).get(POD)
        assert str(caught.value) == sentence.format(url=api.url)
        assert caught.type is error
        assert caught.value.status == reply.status
        assert len(api.seen) == 1


def test_a_denial_says_verb_resource_namespace_and_user() -> None:
    message = 'secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "shop"'
    with serving(in_turn(status(403, "Forbidden", message))) as api, pytest.raises(Forbidden) as caught:
        client(api.url).list("v1", "Secret", namespace="shop")
    denied = caught.value
    assert (denied.verb, denied.resource, denied.namespace, denied.user) == ("list", "secrets", "shop", "jane")


def test_an_answer_that_is_not_json_says_so() -> None:
    with serving(in_turn(Reply(b"<html>please log in</html>"))) as api, pytest.raises(ClusterError) as caught:
        client(api.url).get(POD)
    assert "is not JSON" in str(caught.value)
    assert "<html>please log in" in str(caught.value)


# Lists


def test_a_list_follows_every_page() -> None:
    with serving(in_turn(page(["a", "b"], "t1"), page(["c"], "t2"), page(["d"]))) as api:
        listed = client(api.url).list("v1", "Pod", namespace="shop", page_size=2, label_selector="app=web")
    assert [item["metadata"]["name"] for item in listed] == ["a", "b", "c", "d"]
    assert {item["kind"] for item in listed} == {"Pod"}
    assert [seen.query.get("continue") for seen in api.seen] == [None, "t1", "t2"]
    assert {seen.path for seen in api.seen} == {"/api/v1/namespaces/shop/pods"}
    assert api.seen[0].query == {"limit": "2", "labelSelector": "app=web"}


def test_a_list_decodes_into_shapes() -> None:
    with serving(in_turn(page(["a"]))) as api:
        (found,) = client(api.url).list("v1", "Pod", shape=PodShape)
    assert isinstance(found, PodShape)
    assert (found.metadata.name, found.status.containerStatuses) == ("a", [])
    assert api.seen[0].path == "/api/v1/pods"


def test_a_continue_token_that_expired_begins_the_list_again() -> None:
    expired = status(410, "Expired", "The provided continue parameter is too old")
    with serving(in_turn(page(["a"], "t1"), expired, page(["a"], "t2"), page(["b"]))) as api:
        listed = client(api.url).list("v1", "Pod")
    assert [item["metadata"]["name"] for item in listed] == ["a", "b"]
    assert [seen.query.get("continue") for seen in api.seen] == [None, "t1", None, "t2"]


def test_a_list_that_always_expires_ends() -> None:
    with serving(in_turn(status(410, "Expired", "too old"))) as api, pytest.raises(Gone):
        client(api.url).list("v1", "Pod")
    assert len(api.seen) == 4


# Retries


def test_reads_are_repeated_after_5xx_and_dropped_connections(quick: Any) -> None:
    troubles = (status(503, message="starting"), Reply(drop=True), status(500), Reply({"ok": 1}, short=True))
    with serving(in_turn(*troubles, Reply(pod("web-1")))) as api:
        asked = client(api.url, clock=quick)
        assert asked.get(POD)["metadata"]["name"] == "web-1"
        assert asked.requests == len(api.seen) == 5
    assert len(quick.waits) == 4
    assert all(0.05 * 2**n <= wait <= 0.1 * 2**n for n, wait in enumerate(quick.waits))


def test_retries_end(quick: Any) -> None:
    with serving(in_turn(status(502, message="bad gateway"))) as api:
        with pytest.raises(ClusterError, match="answered 502: bad gateway"):
            client(api.url, clock=quick, retries=2).get(POD)
        assert len(api.seen) == 3


def test_retry_after_is_kept_to(quick: Any) -> None:
    busy = status(429, "TooManyRequests", "busy", headers={"Retry-After": "2"})
    with serving(in_turn(busy, Reply(pod("web-1")))) as api:
        client(api.url, clock=quick).patch(POD, {"metadata": {}})
        assert len(api.seen) == 2
    assert 2.0 <= quick.waits[0] <= 2.2


def test_no_wait_that_outlasts_the_deadline() -> None:
    busy = status(429, "TooManyRequests", "busy", headers={"Retry-After": "30"})
    with serving(in_turn(busy)) as api:
        started = time.monotonic()
        with pytest.raises(TooManyRequests, match="is busy and asks to wait 30 s") as caught:
            client(api.url, timeout_seconds=1).get(POD)
        assert time.monotonic() - started < 0.5
    assert caught.value.retry_after_seconds == 30


WRITES = {
    "create": lambda asked, dry: asked.create({"apiVersion": "v1", "kind": "Pod", **pod("web-1")}, dry_run=dry),
    "replace": lambda asked, dry: asked.replace({"apiVersion": "v1", "kind": "Pod", **pod("web-1")}, dry_run=dry),
    "patch": lambda asked, dry: asked.patch(POD, {}, dry_run=dry),
    "delete": lambda asked, dry: asked.delete(POD, dry_run=dry),
    "evict": lambda asked, dry: asked.evict(POD, dry_run=dry),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_whose_outcome_is_unknown_is_not_repeated(name: str, quick: Any) -> None:
    with serving(in_turn(Reply(drop=True), Reply({}))) as api:
        with pytest.raises(Unreachable, match="it was sent, and nobody can tell whether it was carried out") as caught:
            WRITES[name](client(api.url, clock=quick), False)
        assert len(api.seen) == 1
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_not_repeated_after_5xx(name: str, quick: Any) -> None:
    with serving(in_turn(status(503, message="etcd is gone"), Reply({}))) as api:
        with pytest.raises(ClusterError, match="etcd is gone"):
            WRITES[name](client(api.url, clock=quick), False)
        assert len(api.seen) == 1


@pytest.mark.parametrize("name", WRITES)
def test_a_dry_run_is_repeated_like_a_read(name: str, quick: Any) -> None:
    with serving(in_turn(Reply(drop=True), status(503), Reply({}))) as api:
        WRITES[name](client(api.url, clock=quick), True)
        assert [seen.query["dryRun"] for seen in api.seen] == ["All"] * 3


def test_a_write_that_never_left_is_repeated(quick: Any) -> None:
    with pytest.raises(Unreachable) as caught:
        client("http://127.0.0.1:1", clock=quick, retries=3).patch(POD, {})
    assert len(quick.waits) == 3
    assert not caught.value.outcome_unknown


def test_a_disruption_budget_is_an_answer(quick: Any) -> None:
    details = {"causes": [{"reason": "DisruptionBudget", "message": "The disruption budget web needs 2 healthy pods"}]}
    with serving(in_turn(status(429, "TooManyRequests", "Cannot evict pod", details=details))) as api:
        with pytest.raises(TooManyRequests, match="a PodDisruptionBudget forbids it: .* web needs 2") as caught:
            client(api.url, clock=quick).evict(POD)
        assert len(api.seen) == 1
    assert caught.value.reason == "DisruptionBudget"


# Deadlines


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"a": "b" * 500}, drip_seconds=0.02),
        Reply({"a": 1}, drip_seconds=0.05, drip_head=True),
        Reply({}, wait_seconds=2),
        Reply(parts=[b"[1,", 0.1, b"2,"] * 20),
    ],
    ids=["body byte by byte", "headers byte by byte", "silence", "chunk by chunk"],
)
def test_no_server_outlives_the_deadline(reply: Reply) -> None:
    with serving(in_turn(reply)) as api:
        started = time.monotonic()
        with pytest.raises(TimedOut, match=r"no complete answer from http://.* within the 0\.\d s that it had"):
            client(api.url).get(POD, deadline=Deadline.after(0.4))
        assert 0.3 < time.monotonic() - started < 1.5


def test_one_deadline_covers_all_pages() -> None:
    endless = Reply({"metadata": {"continue": "more"}, "items": []}, wait_seconds=0.1)
    with serving(in_turn(endless)) as api:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            client(api.url).list("v1", "Pod", deadline=Deadline.after(0.45))
        assert 0.3 < time.monotonic() - started < 1.5
        assert 3 <= len(api.seen) <= 5


def test_connecting_keeps_the_deadline() -> None:
    # TEST-NET-1 answers nothing; a machine without a route refuses at once, which is as good.
    started = time.monotonic()
    with pytest.raises((TimedOut, Unreachable)):
        client("http://192.0.2.1:6443").get(POD, deadline=Deadline.after(0.3))
    assert time.monotonic() - started < 2


def test_an_expired_deadline_sends_nothing() -> None:
    with serving(in_turn(Reply({}))) as api:
        asked = client(api.url)
        with pytest.raises(TimedOut, match="before it was sent"):
            asked.get(POD, deadline=Deadline.after(-1))
        assert (asked.requests, api.seen) == (0, [])


def test_a_write_that_times_out_says_that_its_outcome_is_unknown() -> None:
    with serving(in_turn(Reply({}, wait_seconds=1))) as api, pytest.raises(TimedOut) as caught:
        client(api.url).patch(POD, {}, deadline=Deadline.after(0.2))
    assert caught.value.outcome_unknown


# What is sent


def test_the_user_agent_carries_the_run_id() -> None:
    with serving(in_turn(Reply({}))) as api:
        client(api.url, run_id="2026-11-20T12:00:00Z-ab12").get_raw("/version")
        client(api.url, run_id="a\r\nX-Evil: 1").get_raw("/version")
        client(api.url).get_raw("/version")
    assert [seen.headers["User-Agent"] for seen in api.seen] == [
        f"aiops.kubernetes/{VERSION} (run 2026-11-20T12:00:00Z-ab12)",
        f"aiops.kubernetes/{VERSION} (run a__X-Evil:_1)",
        f"aiops.kubernetes/{VERSION}",
    ]


def test_the_version_is_galaxy_ymls() -> None:
    galaxy = yaml.safe_load((Path(__file__).parents[3] / "galaxy.yml").read_text())
    assert galaxy["version"] == VERSION


@pytest.mark.parametrize(
    ("call", "method", "path", "query", "content_type", "body"),
    [
        (
            lambda asked: asked.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}),
            "POST",
            "/api/v1/namespaces",
            {"fieldManager": "aiops.kubernetes"},
            "application/json",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}},
        ),
        (
            lambda asked: asked.replace(
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "s"}}
            ),
            "PUT",
            "/api/v1/namespaces/s/pods/a",
            {"fieldManager": "aiops.kubernetes"},
            "application/json",
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "s"}},
        ),
        (
            lambda asked: asked.patch(DEPLOYMENT, [{"op": "test"}], patch_type="json", dry_run=True),
            "PATCH",
            "/apis/apps/v1/namespaces/shop/deployments/web",
            {"dryRun": "All", "fieldManager": "aiops.kubernetes"},
            "application/json-patch+json",
            [{"op": "test"}],
        ),
        (
            lambda asked: asked.patch(DEPLOYMENT, {"spec": {"replicas": 2}}, patch_type="merge", subresource="scale"),
            "PATCH",
            "/apis/apps/v1/namespaces/shop/deployments/web/scale",
            {"fieldManager": "aiops.kubernetes"},
            "application/merge-patch+json",
            {"spec": {"replicas": 2}},
        ),
        (
            lambda asked: asked.patch(DEPLOYMENT, {}),
            "PATCH",
            "/apis/apps/v1/namespaces/shop/deployments/web",
            {"fieldManager": "aiops.kubernetes"},
            "application/strategic-merge-patch+json",
            {},
        ),
        (
            lambda asked: asked.delete(POD, resource_version="7", grace_period_seconds=0),
            "DELETE",
            "/api/v1/namespaces/shop/pods/web-1",
            {},
            "application/json",
            {
                "apiVersion": "v1",
                "kind": "DeleteOptions",
                "propagationPolicy": "Background",
                "preconditions": {"uid": "u-1", "resourceVersion": "7"},
                "gracePeriodSeconds": 0,
            },
        ),
        (
            lambda asked: asked.evict(POD),
            "POST",
            "/api/v1/namespaces/shop/pods/web-1/eviction",
            {"fieldManager": "aiops.kubernetes"},
            "application/json",
            {
                "apiVersion": "policy/v1",
                "kind": "Eviction",
                "metadata": {"name": "web-1", "namespace": "shop"},
                "deleteOptions": {"preconditions": {"uid": "u-1"}},
            },
        ),
    ],
    ids=["create", "replace", "json patch", "scale", "strategic patch", "delete", "evict"],
)
def test_writes_as_the_api_wants_them(
    call: Any, method: str, path: str, query: dict[str, str], content_type: str, body: Any
) -> None:
    with serving(in_turn(Reply({"kind": "Done"}))) as api:
        call(client(api.url))
    (seen,) = api.seen
    assert (seen.method, seen.path, seen.query) == (method, path, query)
    assert seen.headers["Content-Type"] == content_type
    assert seen.json() == body


@pytest.mark.parametrize("name", ["delete", "evict"])
def test_a_dry_run_of_a_deletion_is_said_in_the_body_which_is_all_that_the_server_reads(name: str) -> None:
    with serving(in_turn(Reply({}))) as api:
        WRITES[name](client(api.url), True)
        WRITES[name](client(api.url), False)
    dry, real = (seen.json() if name == "delete" else seen.json()["deleteOptions"] for seen in api.seen)
    assert dry["dryRun"] == ["All"]
    assert "dryRun" not in real


def test_logs_are_bytes_with_the_options_that_were_asked_for() -> None:
    with serving(in_turn(Reply(b"\x00\xffline\n" * 100))) as api:
        text = client(api.url).logs(
            "shop", "web-1", "app", previous=True, tail_lines=5, limit_bytes=10, since_seconds=60
        )
    assert text == b"\x00\xffline\n\x00\xffl"
    assert api.seen[0].path == "/api/v1/namespaces/shop/pods/web-1/log"
    assert api.seen[0].query == {
        "container": "app",
        "previous": "true",
        "tailLines": "5",
        "limitBytes": "10",
        "sinceSeconds": "60",
        "timestamps": "true",
    }


def test_a_limit_is_kept_without_reading_the_rest() -> None:
    with serving(in_turn(Reply(parts=[b"x" * 4096, 0.5] * 10))) as api:
        started = time.monotonic()
        assert client(api.url).get_raw("/metrics", limit_bytes=4096) == b"x" * 4096
        assert time.monotonic() - started < 2


def test_may_i() -> None:
    with serving(in_turn(Reply({"status": {"allowed": True}}), Reply({"status": {"allowed": False}}))) as api:
        asked = client(api.url)
        assert asked.can_i("patch", "deployments", group="apps", namespace="shop") is True
        assert asked.can_i("list", "secrets") is False
    assert api.seen[0].path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert api.seen[0].json()["spec"]["resourceAttributes"] == {
        "verb": "patch",
        "resource": "deployments",
        "group": "apps",
        "namespace": "shop",
    }


def test_a_kind_that_is_not_built_in_is_asked_for_once() -> None:
    listed = {
        "resources": [
            {"name": "rollouts", "kind": "Rollout", "namespaced": True},
            {"name": "rollouts/status", "kind": "Rollout", "namespaced": True},
            {"name": "clusteranalyses", "kind": "ClusterAnalysis", "namespaced": False},
        ]
    }

    def answer(seen: Seen) -> Reply:
        return Reply(listed if seen.path == "/apis/argoproj.io/v1alpha1" else {"metadata": {}, "items": None})

    with serving(answer) as api:
        asked = client(api.url)
        asked.get(ObjectRef("argoproj.io/v1alpha1", "Rollout", "web", "shop"))
        assert asked.list("argoproj.io/v1alpha1", "ClusterAnalysis", namespace="shop") == []
        with pytest.raises(NotFound, match="no kind Rolout in argoproj.io/v1alpha1: did you mean Rollout"):
            asked.list("argoproj.io/v1alpha1", "Rolout")
    assert [seen.path for seen in api.seen] == [
        "/apis/argoproj.io/v1alpha1",
        "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web",
        "/apis/argoproj.io/v1alpha1/clusteranalyses",
    ]


def test_an_address_with_a_path_keeps_it() -> None:
    with serving(in_turn(Reply({}))) as api:
        client(f"{api.url}/k8s/clusters/c-1/").get_raw("/version")
    assert api.seen[0].path == "/k8s/clusters/c-1/version"


# Threads


def test_many_threads_share_a_client_and_its_connections() -> None:
    with serving(lambda seen: Reply(pod(seen.path.rpartition("/")[2]))) as api:
        asked = client(api.url)

        def fetch(number: int) -> str:
            name: str = asked.get(ObjectRef("v1", "Pod", f"p-{number}", "shop"))["metadata"]["name"]
            return name

        with ThreadPoolExecutor(8) as threads:
            names = list(threads.map(fetch, range(200)))
        assert names == [f"p-{number}" for number in range(200)]
        assert asked.requests == 200
        assert api.connections <= 8


def test_a_slow_call_does_not_hold_up_another_threads() -> None:
    with serving(lambda seen: Reply({}, wait_seconds=1.5 if seen.path == "/slow" else 0)) as api:
        asked = client(api.url)
        slow = threading.Thread(target=asked.get_raw, args=("/slow",), daemon=True)
        slow.start()
        started = time.monotonic()
        asked.get_raw("/fast", deadline=Deadline.after(1))
        assert time.monotonic() - started < 1


def test_streams_of_one_thread_keep_their_own_deadlines() -> None:
    event = {"type": "ADDED", "object": {"metadata": {"resourceVersion": "11"}}}

    def answer(seen: Seen) -> Reply:
        return Reply(parts=[event, 0.3, event]) if seen.query.get("watch") else Reply({"a": 1})

    with serving(answer) as api:
        asked = client(api.url)
        watch = asked.watch("v1", "Pod", resource_version="10", deadline=Deadline.after(5))
        next(watch)
        asked.get_raw("/version", deadline=Deadline.after(0.1))
        assert next(watch).type == "ADDED"
        watch.close()


def test_json_of_errors_never_reaches_the_sentence_raw() -> None:
    with serving(in_turn(Reply(json.dumps({"odd": "x" * 5000}).encode(), status=418))) as api:
        with pytest.raises(ClusterError) as caught:
            client(api.url).get(POD)
        assert len(str(caught.value)) < 300
