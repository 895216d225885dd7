# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A whole audit of a made-up cluster: the planted faults, what is unread, exceptions, folding."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

import pytest
from made_up import NOW, Object, cluster_of
from support import hardened, security_faults

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, judge, to_json
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.all import CATALOGUE
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.checks.table import CHECKS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.exceptions import Accepted
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Settings
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.reading import LISTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.folding import CODE

SETTINGS = Settings(allowed_registries=("registry.example.com", "k8s.gcr.io"))
FAULTS = security_faults.all_planted("shop", NOW)


def objects() -> list[Object]:
    everything = [item for fault in FAULTS for item in (*fault.with_it, fault.object)]
    return [*everything, *security_faults.healthy(NOW), *security_faults.exposed("shop")]


def audit(items: list[Object], given: Given | None = None, **more: Any) -> dict[str, Any]:
    given = given or Given()
    return to_json(judge(cluster_of(items, settings=SETTINGS, **more), given), "test", given)


def codes(report: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in report["findings"]:
        found[item["kind"], item["name"]].add(item["code"])
    return dict(found)


def test_every_planted_fault_is_found_with_its_code_and_nothing_else() -> None:
    wanted = {fault.key: set(fault.codes) for fault in FAULTS}
    wanted["ClusterRoleBinding", "shop-deployer"] = {"rbac-cluster-admin"}
    assert codes(audit(objects())) == wanted


def test_every_code_of_the_catalogue_belongs_to_a_check() -> None:
    assert {code for check in CHECKS for code in check.codes} | {CODE} == set(CATALOGUE)


@pytest.mark.parametrize("what", [item.what for item in LISTS] + ["version"])
def test_a_list_that_is_refused_is_said_and_nothing_of_it_passes(what: str) -> None:
    report = audit(objects(), unread={what: "these credentials may not list it"})
    [said] = [item for item in report["not_assessed"] if item["what"] == what]
    assert said["why"] == "these credentials may not list it"
    assert "report-access.yaml" in said["how"]
    blind = {code for check in CHECKS if what in check.needs for code in check.codes}
    assert blind <= set(said["codes"])
    assert not blind & {item["code"] for item in report["findings"]}
    assert report["summary"]["grade"]["letter"] != "A"


def test_without_permissions_no_path_is_promised() -> None:
    report = audit(objects(), unread={"clusterrolebindings": "forbidden"})
    assert report["attack_paths"] == []
    assert "attack paths" in {item["what"] for item in report["not_assessed"]}
    assert report["sections"][0]["text"].startswith("Not assessed")
    [item] = [item for item in report["findings"] if item["name"] == "privileged" and item["code"] == "pod-privileged"]
    assert "reach unknown" in item["factors"]


def test_an_exception_holds_until_its_last_day_and_not_longer() -> None:
    last = NOW.date()
    entry = Accepted("pod-privileged", "a driver", "storage team", last, namespace="shop", name="privileged")
    held = audit(objects(), Given(exceptions=(entry,)))
    assert ("Deployment", "privileged") in codes(held)
    assert "pod-privileged" not in codes(held)["Deployment", "privileged"]
    assert [item["finding"]["name"] for item in held["exceptions"]] == ["privileged"]
    over = audit(objects(), Given(exceptions=(entry,)), now=NOW + datetime.timedelta(days=1))
    [back] = [item for item in over["findings"] if item["code"] == "pod-privileged"]
    assert "storage team accepted it until 2026-09-01 (a driver): that day has passed" in back["evidence"]


def test_components_of_the_cluster_are_counted_and_not_told() -> None:
    items = [hardened.deployment("proxy", lambda template: template["spec"].update(hostNetwork=True))]
    report = audit(items, namespace="kube-system")
    assert codes(report) == {}
    [folded] = [item for item in report["sections"] if item["title"] == "Folded"]
    assert ["kube-system", "pod-host-namespaces", 1.0] in folded["table"]["rows"]


def token(audience: str, seconds: int = 3600) -> Object:
    asked = {"path": "token", "audience": audience, "expirationSeconds": seconds}
    return {"name": "asked", "projected": {"sources": [{"serviceAccountToken": asked}]}}


@pytest.mark.parametrize(
    ("mounted", "volume", "wanted"),
    [
        (True, token("istio-ca"), {"token-unneeded"}),
        # Somebody wants to ask the API.
        (True, token("https://kubernetes.default.svc.cluster.local"), set()),
        (True, token(""), set()),
        (False, token("sts.amazonaws.com"), set()),
        (False, token("sts.amazonaws.com", 90000), {"token-long-lived"}),
    ],
)
def test_tokens_for_others_are_no_tokens_of_the_api(mounted: bool, volume: Object, wanted: set[str]) -> None:
    more = {"automountServiceAccountToken": mounted, "serviceAccountName": "own", "volumes": [volume]}
    app = hardened.deployment("app", lambda template: template["spec"].update(more))
    found = codes(audit([app, hardened.account("own"), *hardened.policies()]))
    assert found.get(("Deployment", "app"), set()) == wanted


@pytest.mark.parametrize(("value", "wanted"), [("/etc/gcp/key.json", set()), ("hunter2", {"secret-literal"})])
def test_the_path_of_a_secret_is_none(value: str, wanted: set[str]) -> None:
    env = [{"name": "GOOGLE_APPLICATION_CREDENTIALS", "value": value}]
    app = hardened.deployment("app", lambda template: template["spec"]["containers"][0].update(env=env))
    assert codes(audit([app, *hardened.policies()])).get(("Deployment", "app"), set()) == wanted


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [({}, set()), ({"matchLabels": {"app": "gone"}}, {"network-policy-selects-nothing"})],
)
def test_a_policy_for_every_pod_waits_for_them(selector: Object, wanted: set[str]) -> None:
    policy = {"kind": "NetworkPolicy", "metadata": {"name": "deny"}, "spec": {"podSelector": selector}}
    assert codes(audit([policy])).get(("NetworkPolicy", "deny"), set()) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://127.0.0.1:23443/mutate", set()),
        ("https://[::1]/mutate", set()),
        ("https://localhost:1/x", set()),
        ("https://127.0.0.1.example.com/x", {"webhook-external"}),
        ("https://[gone", {"webhook-external"}),
    ],
)
def test_a_webhook_beside_the_api_server_is_not_outside(url: str, wanted: set[str]) -> None:
    hook = {"name": "hook.example.com", "clientConfig": {"url": url}}
    kind = "MutatingWebhookConfiguration"
    found = codes(audit([{"kind": kind, "metadata": {"name": "hook"}, "webhooks": [hook]}]))
    assert found.get((kind, "hook"), set()) == wanted


def test_a_secret_grows_old() -> None:
    items = [hardened.secret("mounted", metadata={"creationTimestamp": "2025-01-01T00:00:00Z"})]
    spec = hardened.pod_spec(volumes=[{"name": "s", "secret": {"secretName": "mounted"}}])
    items.append(hardened.deployment("app", lambda template: template.update(spec=spec)))
    assert codes(audit([*items, *hardened.policies()])) == {("Secret", "mounted"): {"secret-old"}}


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("v1.33.2", {"kubernetes-past-end"}),
        ("v1.34.4", {"kubernetes-near-end"}),
        ("v1.36.0", set()),
        ("v1.20.7-eks", {"kubernetes-past-end"}),
    ],
)
def test_versions_end(version: str, wanted: set[str]) -> None:
    assert codes(audit([], version=version)).get(("Cluster", "kubernetes"), set()) == wanted


def test_a_version_beyond_the_table_is_not_assessed() -> None:
    said = [item["what"] for item in audit([], version="v1.99.0")["not_assessed"]]
    assert "end of the Kubernetes version" in said


def test_nodes_that_nobody_updates() -> None:
    info = {"kubeletVersion": "v1.31.2", "containerRuntimeVersion": "containerd://1.6.20"}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "old"}, "status": {"nodeInfo": info}}
    assert codes(audit([node])) == {("Node", "old"): {"kubelet-past-end", "runtime-past-end"}}


def component(name: str, *flags: str) -> Object:
    """A static pod of the control plane."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{name}-m", "namespace": "kube-system", "labels": {"component": name}},
        "spec": {"containers": [{"name": name, "image": hardened.IMAGE, "command": [name, *flags]}]},
        "status": {"phase": "Running"},
    }


# As kubeadm has them, with what the CIS benchmark asks for beyond it.
SOUND = {
    "kube-apiserver": (
        *("--anonymous-auth=false", "--authorization-mode=Node,RBAC", "--audit-log-path=/a", "--profiling=false"),
        *("--encryption-provider-config=/e", "--enable-admission-plugins=NodeRestriction"),
        "--kubelet-certificate-authority=/ca",
    ),
    "kube-controller-manager": ("--use-service-account-credentials=true", "--profiling=false"),
    "kube-scheduler": ("--profiling=false",),
    "etcd": ("--client-cert-auth=true", "--peer-client-cert-auth=true"),
}


def test_a_sound_control_plane_has_no_findings() -> None:
    assert codes(audit([component(name, *flags) for name, flags in SOUND.items()])) == {}


def test_values_of_flags_may_be_words_of_their_own() -> None:
    flags = [word for flag in SOUND["kube-apiserver"] for word in flag.split("=")]
    assert codes(audit([component("kube-apiserver", *flags)])) == {}


@pytest.mark.parametrize("words", [(), ("-c", "exec kube-apiserver --authorization-mode=Node,RBAC")])
def test_options_that_the_command_line_does_not_show_are_not_assessed(words: tuple[str, ...]) -> None:
    report = audit([component("kube-apiserver", *words)])
    assert codes(report) == {}
    [said] = [item for item in report["not_assessed"] if item["what"] == "options of kube-apiserver"]
    assert "apiserver-authorization" in said["codes"]


@pytest.mark.parametrize(
    ("name", "flag", "code"),
    [
        ("kube-apiserver", "--disable-admission-plugins=PodSecurity", "apiserver-admission-off"),
        ("kube-controller-manager", "--use-service-account-credentials=false", "controller-manager-one-account"),
        ("etcd", "--peer-client-cert-auth=false", "etcd-no-peer-certificates"),
        ("etcd", "--client-cert-auth=false", "etcd-no-client-certificates"),
        ("etcd", "--auto-tls", "etcd-self-signed"),
        ("etcd", "--peer-auto-tls=true", "etcd-self-signed"),
    ],
)
def test_a_flag_that_is_wrong(name: str, flag: str, code: str) -> None:
    assert codes(audit([component(name, *SOUND[name], flag)])) == {("Pod", f"{name}-m"): {code}}


def test_a_control_plane_that_runs_as_pods_is_looked_at() -> None:
    report = audit(
        [
            component(
                "kube-apiserver",
                *("--authorization-mode=AlwaysAllow", "--token-auth-file=/tokens", "--profiling=false"),
            )
        ]
    )
    assert codes(report) == {
        ("Pod", "kube-apiserver-m"): {
            *("apiserver-anonymous", "apiserver-authorization", "apiserver-token-file", "apiserver-no-audit"),
            *("apiserver-no-encryption", "apiserver-admission", "apiserver-kubelet-authority"),
        }
    }
    assert "options of kube-apiserver" not in {item["what"] for item in report["not_assessed"]}
    assert "options of etcd" in {item["what"] for item in report["not_assessed"]}
