# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single decisions: permissions, policies, secrets, images, certificates, paths, exceptions, SARIF."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies
from made_up import NOW, Object, cluster_of
from support import hardened, security_faults
from support.hardened import rule

from ansible_collections.aiops.kubernetes.plugins.module_utils.certificate_end import end_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security import exceptions
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack import showing
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.graph import ADMIN, Graph
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.attack.paths import Reach
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, judge, to_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.host_paths import (
    is_sensitive,
    reaches_socket,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.images import parse
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.literals import holds_secret
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.network import allows_everything
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.effective import Grant, Grants
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.permissions.powers import powers_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import (
    Binding,
    NetworkPolicy,
    PolicySpec,
    Rule,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.surroundings import Surroundings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports import sarif

RBAC = "rbac.authorization.k8s.io"
CERTIFICATES = "certificates.k8s.io"
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}


def approves(*signers: str) -> list[Object]:
    """The rules of an approver of certificates of these signers."""
    writes = rule("update", "certificatesigningrequests/approval", CERTIFICATES)
    return [writes, rule("approve", "signers", CERTIFICATES, resourceNames=list(signers))]


def codes_of(rules: list[Object], in_namespace: bool) -> set[str]:
    made = tuple(Rule(**item) for item in rules)
    return {power.code for power in powers_of(Grant(Binding(), None, made, "shop" if in_namespace else ""))}


@pytest.mark.parametrize(
    ("rules", "in_namespace", "wanted"),
    [
        ([rule("get", "secrets", resourceNames=["own"])], True, set()),
        ([rule("list", "secrets")], True, {"rbac-secrets"}),
        ([rule("get", "nodes/proxy")], False, {"rbac-nodes-proxy"}),
        # What has no namespace is not granted by a RoleBinding.
        ([rule("get", "nodes/proxy"), rule("create", "persistentvolumes")], True, set()),
        ([rule("impersonate", "users groups")], True, set()),
        ([rule("impersonate", "serviceaccounts")], True, {"rbac-impersonate"}),
        ([rule("create", "*/exec")], True, set()),
        ([rule("create", "pods/*")], True, set()),
        ([rule("get", "pods")], True, set()),
        ([rule("update", "certificatesigningrequests/approval", CERTIFICATES)], False, set()),
        # The API server accepts no login by what these signers sign.
        (approves("kubernetes.io/kubelet-serving", "example.com/*"), False, set()),
        (approves("kubernetes.io/kube-apiserver-client-kubelet"), False, {"rbac-approve-certificates"}),
        (approves("kubernetes.io/*"), False, {"rbac-approve-certificates"}),
        (approves(), False, {"rbac-approve-certificates"}),
        # The role of that name may be one's own.
        ([rule("escalate", "clusterroles", RBAC, resourceNames=["own"])], False, {"rbac-escalate"}),
        ([rule("bind", "clusterroles", RBAC, resourceNames=["view"])], False, set()),
        ([rule("bind", "clusterroles", RBAC, resourceNames=["cluster-admin"])], False, {"rbac-bind"}),
        ([rule("patch", "deployments", "apps")], True, {"rbac-create-pods"}),
    ],
)
def test_what_rules_effectively_give(rules: list[Object], in_namespace: bool, wanted: set[str]) -> None:
    if rules[0]["resources"] == ["*/exec"]:
        wanted = {"rbac-exec"}
    assert codes_of(rules, in_namespace) == wanted


def test_groups_aggregation_and_scope_are_resolved() -> None:
    part = {
        "kind": "ClusterRole",
        "metadata": {"name": "part", "labels": {"add": "yes"}},
        "rules": [rule("list", "secrets")],
    }
    whole = {
        "kind": "ClusterRole",
        "metadata": {"name": "whole"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"add": "yes"}}]},
    }
    binding = hardened.binding("all", "ClusterRole", "whole", [hardened.group("system:serviceaccounts:shop")])
    facts = cluster_of([part, whole, binding]).facts
    grants = Grants.of(facts)
    [grant] = grants.of_account("shop", "anybody")
    assert grant.namespace == "shop"
    assert [item.resources for item in grant.rules] == [["secrets"]]
    assert grants.of_account("other", "anybody") == []


@pytest.mark.parametrize(
    ("ingress", "wanted"),
    [
        ([], False),
        ([{}], True),
        ([{"from": []}], True),
        ([{"ports": [{"port": 80}]}], False),
        ([{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}], True),
        ([{"from": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}], False),
        ([{"from": [{"namespaceSelector": {}}]}], True),
        ([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}]}], False),
        ([{"from": [{"podSelector": {}}]}], False),
    ],
)
def test_policies_that_let_everybody_in(ingress: list[Object], wanted: bool) -> None:
    assert allows_everything(NetworkPolicy(spec=PolicySpec(ingress=ingress)), "Ingress") is wanted


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        ("busybox", ("docker.io/library/busybox", "", "")),
        ("index.docker.io/library/nginx:1.16", ("docker.io/library/nginx", "1.16", "")),
        ("docker.io/alpine:3.10", ("docker.io/library/alpine", "3.10", "")),
        ("grafana/grafana:11", ("docker.io/grafana/grafana", "11", "")),
        ("localhost:5000/a/b@sha256:1", ("localhost:5000/a/b", "", "sha256:1")),
        ("registry.example.com:443/a:1@sha256:2", ("registry.example.com:443/a", "1", "sha256:2")),
    ],
)
def test_names_of_images(image: str, wanted: tuple[str, str, str]) -> None:
    assert parse(image) == wanted


@pytest.mark.parametrize(
    ("path", "writable", "wanted"),
    [
        ("/", False, True),
        ("/etc/kubernetes/pki", False, True),
        ("/var/lib", False, True),
        ("/etc/localtime", False, False),
        ("/etc/cron.d", True, True),
        ("/var/log", True, False),
        ("/mnt/data", True, False),
        ("/etc/../root/.ssh", False, True),
    ],
)
def test_folders_of_the_node(path: str, writable: bool, wanted: bool) -> None:
    assert is_sensitive(path, writable) is wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("/var/run/docker.sock", True), ("/run/containerd", True), ("/run", False), ("/var/run/secrets", False)],
)
def test_sockets_of_the_runtime(path: str, wanted: bool) -> None:
    assert reaches_socket(path) is wanted


CERTIFICATE = (
    "-----BEGIN CERTIFICATE-----\n"
    + "MIIBszCCAVmgAwIBAgIUQ1b9Zx8K3vT5yLw2RcHn7PqJd0a\n" * 8
    + "-----END CERTIFICATE-----\n"
)


SSH_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("db.password", "hunter2", True),
        ("password", "", False),
        ("passwordFile", "/run/secrets/db", False),
        ("config", "url: postgres://app:s3cr3tpw@db/shop", True),
        ("config", "token: $(TOKEN)", False),
        ("config", "AKIAIOSFODNN7EXAMPLE", True),
        ("ca.crt", CERTIFICATE, False),
        ("id", "123e4567-e89b-12d3-a456-426614174000", False),
        ("digest", "sha256:" + "9f86d081884c7d65" * 4, False),
        ("x", "Jk3v9QpL2xW8sZ0bTn5RmYc7HdGf4Ua1", True),
        ("path", "/usr/local/share/Applications2/kubernetesDashboard/index", False),
        ("text", "TheQuickBrownFoxJumpsOverTheLazyDog", False),
        ("credentials", "/etc/gcp/key.json", False),
        ("credentials", "/Jk3v9QpL2xW8s/Z0bTn5RmYc7HdGf4Ua1", True),
        ("password", "/hunter2", True),
        ("hooks", "/hooks.slack.com/services/T0/B0/x", True),
        (
            "ssh_known_hosts",
            f"gitlab.com ssh-ed25519 {SSH_KEY}\n[gitlab.com]:22 ecdsa-sha2-nistp256 {SSH_KEY}\n",
            False,
        ),
        ("ssh_known_hosts", f"gitlab.com ssh-ed25519 {SSH_KEY}\nJk3v9QpL2xW8sZ0bTn5RmYc7HdGf4Ua1", True),
    ],
)
def test_what_looks_like_a_secret(key: str, value: str, wanted: bool) -> None:
    assert holds_secret(key, value) is wanted


@given(strategies.datetimes(datetime.datetime(1995, 1, 1), datetime.datetime(2090, 1, 1)))
def test_ends_of_certificates(end: datetime.datetime) -> None:
    end = end.replace(microsecond=0, tzinfo=datetime.UTC)
    import base64

    made = security_faults.certificate("x", end)
    assert end_of(base64.b64decode(made["data"]["tls.crt"])) == end


@given(strategies.binary(max_size=200))
def test_no_certificate_has_no_end(junk: bytes) -> None:
    import base64

    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(junk) + b"\n-----END CERTIFICATE-----"
    assert end_of(junk) is None
    end_of(pem)


Pairs = list[tuple[int, int]]


@given(strategies.lists(strategies.tuples(strategies.integers(0, 8), strategies.integers(0, 8)), max_size=30))
def test_paths_are_the_shortest_and_choke_points_cut_them(pairs: Pairs) -> None:
    """Against the plainest way to find both."""
    graph = Graph()
    for number, (start, end) in enumerate(pairs):
        target = ADMIN if end == 8 else ("workload", "Pod", "n", str(end))
        if start != 8:
            graph.add(("workload", "Pod", "n", str(start)), target, "x", f"cut {number % 5}")
    reach = Reach(graph)
    starts = [("workload", "Pod", "n", str(number)) for number in range(8)]
    paths = reach.paths(starts)
    for start in starts:
        wanted = _distance(graph, start, "")
        found = [path for path in paths if path.start == start]
        assert [len(path.steps) for path in found] == ([wanted] if wanted else [])
    for point in reach.choke_points(paths):
        freed = sum(not _distance(graph, path.start, point.cut) for path in paths)
        assert (point.freed, point.of) == (freed, len(paths))


def _distance(graph: Graph, start: tuple[str, ...], without: str) -> int:
    """Steps to the whole cluster, 0 where there is no way."""
    seen, now = {start}, [start]
    for steps in range(1, 12):
        now = [e.target for v in now for e in graph.edges.get(v, ()) if not without or e.cut != without]
        if ADMIN in now:
            return steps
        now = [vertex for vertex in now if vertex not in seen]
        seen.update(now)
    return 0


def way(*objects: Object, namespaces: tuple[Object, ...] = ()) -> list[str]:
    """The sentences of all paths from what the outside reaches; the pod front is."""
    public = hardened.service("front", type="LoadBalancer")
    facts = cluster_of([public, *objects, *namespaces]).facts
    return [showing.sentence(path) for path in Surroundings(facts).paths()]


def front(**more: Any) -> Object:
    def spoil(template: Object) -> None:
        template["spec"] |= {"serviceAccountName": "front", "automountServiceAccountToken": True, **more}

    return hardened.deployment("front", spoil)


FRONT = [{"kind": "ServiceAccount", "name": "front", "namespace": "shop"}]
RESTRICTED = {
    "kind": "Namespace",
    "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
}
BARE = {"kind": "Namespace", "metadata": {"name": "shop", "labels": {}}}


@pytest.mark.parametrize(
    ("objects", "namespace", "wanted"),
    [
        (hardened.bound("x", [rule("get", "configmaps")], FRONT), BARE, []),
        (
            hardened.bound("x", [rule("create", "pods")], FRONT),
            BARE,
            ["Deployment shop/front → ServiceAccount shop/front → any node"],
        ),
        (hardened.bound("x", [rule("create", "pods")], FRONT), RESTRICTED, []),
        (
            hardened.bound("x", [rule("escalate", "clusterroles", RBAC)], FRONT, cluster=True),
            RESTRICTED,
            ["Deployment shop/front → ServiceAccount shop/front → the whole cluster"],
        ),
        (hardened.bound("x", approves("kubernetes.io/kubelet-serving"), FRONT, cluster=True), RESTRICTED, []),
        (
            hardened.bound("x", approves("kubernetes.io/kube-apiserver-client-kubelet"), FRONT, cluster=True),
            RESTRICTED,
            ["Deployment shop/front → ServiceAccount shop/front → any node"],
        ),
        (
            hardened.bound("x", approves("kubernetes.io/kube-apiserver-client"), FRONT, cluster=True),
            RESTRICTED,
            ["Deployment shop/front → ServiceAccount shop/front → the whole cluster"],
        ),
        # A volume takes a pod that mounts it, whichever binding is read first.
        (hardened.bound("x", [rule("create", "persistentvolumes")], FRONT, cluster=True), RESTRICTED, []),
        (
            [
                *hardened.bound("a", [rule("create", "persistentvolumes")], FRONT, cluster=True),
                *hardened.bound("b", [rule("create", "pods")], FRONT, cluster=True),
            ],
            RESTRICTED,
            ["Deployment shop/front → ServiceAccount shop/front → any node"],
        ),
        # RBAC knows the account by the name of its user.
        (
            [
                hardened.binding(
                    "x",
                    "ClusterRole",
                    "cluster-admin",
                    [hardened.user("system:serviceaccount:shop:front")],
                    cluster=True,
                )
            ],
            RESTRICTED,
            ["Deployment shop/front → ServiceAccount shop/front → the whole cluster"],
        ),
    ],
)
def test_permissions_lead(objects: list[Object], namespace: Object, wanted: list[str]) -> None:
    assert way(front(), hardened.account("front"), *objects, namespaces=(namespace,)) == wanted


BOSS = {"kind": "ServiceAccount", "name": "boss", "namespace": "shop"}
# Who may do everything, and by what they can be named: front's rules name them below.
STRONG = [
    hardened.account("front"),
    hardened.account("boss"),
    hardened.secret("boss-token", metadata={"annotations": {"kubernetes.io/service-account.name": "boss"}}),
    hardened.binding(
        "strong", "ClusterRole", "cluster-admin", [BOSS, hardened.group("ops"), hardened.user("root@x")], cluster=True
    ),
    {"kind": "ClusterRole", "metadata": {"name": "strong"}, "rules": [EVERYTHING]},
    {"kind": "ClusterRole", "metadata": {"name": "escalates"}, "rules": [rule("escalate", "clusterroles", RBAC)]},
    {"kind": "ClusterRole", "metadata": {"name": "weak"}, "rules": [rule("get", "pods")]},
]


ALL_BOSSES = "every ServiceAccount of the cluster with the name boss → ServiceAccount shop/boss"


@pytest.mark.parametrize(
    ("named", "cluster", "wanted"),
    [
        (rule("create", "serviceaccounts/token", resourceNames=["boss"]), False, "ServiceAccount shop/boss"),
        (rule("create", "serviceaccounts/token", resourceNames=["boss"]), True, ALL_BOSSES),
        (rule("create", "serviceaccounts/token", resourceNames=["front", "other"]), True, None),
        (rule("impersonate", "serviceaccounts", resourceNames=["boss"]), True, ALL_BOSSES),
        (
            rule("impersonate", "users", resourceNames=["system:serviceaccount:shop:boss"]),
            True,
            "ServiceAccount shop/boss",
        ),
        (rule("impersonate", "users", resourceNames=["root@x"]), True, "User root@x"),
        (rule("impersonate", "groups", resourceNames=["ops"]), True, "Group ops"),
        # Users and groups have no namespace.
        (rule("impersonate", "users groups", resourceNames=["root@x", "ops"]), False, None),
        (rule("impersonate", "users groups", resourceNames=["nobody"]), True, None),
        (
            rule("get", "secrets", resourceNames=["boss-token"]),
            False,
            "Secrets with tokens of namespace shop with the name boss-token → ServiceAccount shop/boss",
        ),
        (
            rule("get", "secrets", resourceNames=["boss-token"]),
            True,
            "Secrets with tokens of the cluster with the name boss-token → ServiceAccount shop/boss",
        ),
        (rule("get", "secrets", resourceNames=["password"]), True, None),
        (rule("bind", "clusterroles", RBAC, resourceNames=["strong"]), True, ""),
        (rule("bind", "clusterroles", RBAC, resourceNames=["escalates"]), True, ""),
        (
            rule("bind", "clusterroles", RBAC, resourceNames=["strong"]),
            False,
            "every ServiceAccount of namespace shop → ServiceAccount shop/boss",
        ),
        (rule("bind", "clusterroles", RBAC, resourceNames=["weak", "gone"]), True, None),
        (rule("escalate update", "clusterroles", RBAC, resourceNames=["x"]), True, ""),
    ],
)
def test_what_rules_name_may_lead_on(named: Object, cluster: bool, wanted: str | None) -> None:
    found = way(front(), *STRONG, *hardened.bound("x", [named], FRONT, cluster=cluster), namespaces=(RESTRICTED,))
    middle = f"{wanted} → " if wanted else ""
    start = "Deployment shop/front → ServiceAccount shop/front"
    assert found == ([] if wanted is None else [f"{start} → {middle}the whole cluster"])


def test_a_token_in_a_readable_secret_leads_on() -> None:
    """front reads Secrets of its namespace; one holds the token of an account that may do everything."""
    metadata = {"annotations": {"kubernetes.io/service-account.name": "boss"}}
    boss = [{"kind": "ServiceAccount", "name": "boss", "namespace": "shop"}]
    [path] = way(
        front(),
        hardened.account("front"),
        hardened.account("boss"),
        *hardened.bound("reads", [rule("list", "secrets")], FRONT),
        hardened.secret("boss-token", metadata=metadata),
        hardened.binding("boss", "ClusterRole", "cluster-admin", boss, cluster=True),
        namespaces=(RESTRICTED,),
    )
    assert path == (
        "Deployment shop/front → ServiceAccount shop/front → Secrets with tokens of namespace shop → "
        "ServiceAccount shop/boss → the whole cluster"
    )


def test_a_break_out_leads_to_the_node_and_to_the_other_pods_on_it() -> None:
    def privileged(template: Object) -> None:
        template["spec"]["containers"][0]["securityContext"] = {"privileged": True}

    boss = [{"kind": "ServiceAccount", "name": "boss", "namespace": "shop"}]

    def of_boss(template: Object) -> None:
        template["spec"] |= {"serviceAccountName": "boss", "automountServiceAccountToken": True}

    [path] = way(
        hardened.deployment("front", privileged),
        hardened.deployment("operator", of_boss),
        hardened.account("boss"),
        hardened.binding("boss", "ClusterRole", "cluster-admin", boss, cluster=True),
        namespaces=(BARE,),
    )
    assert path == (
        "Deployment shop/front → Node node-0 → Deployment shop/operator → ServiceAccount shop/boss → the whole cluster"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exceptions: [", "is not YAML"),
        ("[]", "has no list exceptions"),
        ("exceptions: [3]", "entry 1"),
        ("exceptions: [{code: pod-privileged, reason: r, owner: o}]", "entry 1 of .* has no until"),
        (
            "exceptions: [{code: pod-privilged, reason: r, owner: o, until: 2026-12-31}]",
            "pod-privilged, which the audit",
        ),
        ("exceptions: [{code: pod-privileged, reason: r, owner: o, until: soon}]", "until 'soon': write a day"),
        (
            "exceptions: [{code: pod-privileged, reason: r, owner: o, until: 2026-12-31, who: x}]",
            "has who, which nobody",
        ),
    ],
)
def test_a_bad_exception_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "exceptions.yml"
    path.write_text(text)
    with pytest.raises(BadInput, match=said) as error:
        exceptions.read_file(path)
    assert "\n" not in str(error.value)


def test_sarif_has_a_rule_for_every_result_and_says_what_was_not_assessed() -> None:
    planted = [item for fault in security_faults.pods() for item in (*fault.with_it, fault.object)]
    report = to_json(judge(cluster_of(planted), Given()), "test", Given())
    run = json.loads(sarif.render(report))["runs"][0]
    rules = [item["id"] for item in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(run["results"]) == len(report["findings"]) > 30
    assert all(rules[item["ruleIndex"]] == item["ruleId"] for item in run["results"])
    prints = [item["partialFingerprints"]["aiopsFinding/v1"] for item in run["results"]]
    assert len(set(prints)) == len(prints)
    assert all(0 <= item["rank"] <= 100 for item in run["results"])
    notes = [item["message"]["text"] for item in run["invocations"][0]["toolExecutionNotifications"]]
    assert any("options of etcd" in note for note in notes)
    assert NOW.strftime("%Y") in run["invocations"][0]["endTimeUtc"]
