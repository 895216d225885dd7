# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security faults to plant, each in an object of its own, with every code that has to be found on it."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support import hardened
from support.hardened import DIGEST, RBAC, REGISTRY, Object, rule

_ADMISSION = "admissionregistration.k8s.io/v1"


@dataclass(frozen=True)
class Planted:
    """An object with its faults. with_it: objects that it takes and that have no fault of their own."""

    codes: frozenset[str]
    object: Object
    with_it: tuple[Object, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.object["kind"], self.object["metadata"]["name"]


def planted(codes: str, item: Object, *with_it: Object) -> Planted:
    return Planted(frozenset(codes.split()), item, with_it)


def _in_container(**more: Any) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        container = template["spec"]["containers"][0]
        context = more.pop("securityContext", {})
        container["securityContext"].update(context)
        container.update(more)

    return spoil


def _in_pod(**more: Any) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        template["spec"]["securityContext"].update(more.pop("securityContext", {}))
        template["spec"].update(more)

    return spoil


def _host_path(path: str, read_only: bool) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        template["spec"]["volumes"] = [{"name": "node", "hostPath": {"path": path}}]
        template["spec"]["containers"][0]["volumeMounts"] = [{"name": "node", "mountPath": "/n", "readOnly": read_only}]

    return spoil


def _without(field: str) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        for context in (template["spec"]["securityContext"], template["spec"]["containers"][0]["securityContext"]):
            context.pop(field, None)

    return spoil


def _windows(template: Object) -> None:
    template["spec"] |= {"os": {"name": "windows"}, "hostNetwork": True}
    template["spec"]["securityContext"] = {"runAsNonRoot": True, "windowsOptions": {"hostProcess": True}}
    template["spec"]["containers"][0].pop("securityContext")


def _label(name: str, value: str) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        template["metadata"]["labels"][name] = value

    return spoil


def _two_containers(template: Object) -> None:
    template["spec"]["shareProcessNamespace"] = True
    template["spec"]["containers"].append(hardened.container("sidecar"))


def _tolerate(key: str) -> Callable[[Object], None]:
    def spoil(template: Object) -> None:
        template["spec"]["tolerations"].append({"key": key, "operator": "Exists", "effect": "NoSchedule"})

    return spoil


def _token(seconds: int) -> Callable[[Object], None]:
    source = {"serviceAccountToken": {"path": "token", "expirationSeconds": seconds, "audience": "vault"}}
    return _in_pod(volumes=[{"name": "vault", "projected": {"sources": [source]}}])


def pods() -> Iterator[Planted]:
    """One Deployment each: what is wrong with its template."""

    def one(name: str, codes: str, spoil: Callable[[Object], None]) -> Planted:
        return planted(codes, hardened.deployment(name, spoil))

    yield one(
        "privileged",
        "pod-privileged pod-privilege-escalation",
        _in_container(securityContext={"privileged": True, "allowPrivilegeEscalation": True}),
    )
    yield one("host-network", "pod-host-namespaces network-policy-bypassed", _in_pod(hostNetwork=True))
    yield one("host-pid", "pod-host-namespaces", _in_pod(hostPID=True))
    yield one("host-ipc", "pod-host-namespaces", _in_pod(hostIPC=True))
    yield one("host-path", "pod-host-path", _host_path("/mnt/share", True))
    yield one("host-path-etc", "pod-host-path-sensitive", _host_path("/etc", False))
    yield one("runtime-socket", "pod-runtime-socket", _host_path("/run/containerd/containerd.sock", True))
    yield one("host-port", "pod-host-port", _in_container(ports=[{"containerPort": 8080, "hostPort": 31888}]))
    probe = {"httpGet": {"host": "169.254.169.254", "port": 80}}
    yield one("probe-host", "pod-probe-host", _in_container(readinessProbe=probe))
    yield one(
        "apparmor", "pod-apparmor-off", _in_container(securityContext={"appArmorProfile": {"type": "Unconfined"}})
    )
    added = {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}
    yield one("capabilities", "pod-capabilities-added", _in_container(securityContext=added))
    yield one("selinux", "pod-selinux-options", _in_pod(securityContext={"seLinuxOptions": {"user": "system_u"}}))

    def unmasked(template: Object) -> None:
        template["spec"]["hostUsers"] = False
        template["spec"]["containers"][0]["securityContext"]["procMount"] = "Unmasked"

    yield one("proc-mount", "pod-proc-unmasked", unmasked)
    unconfined = {"seccompProfile": {"type": "Unconfined"}}
    yield one("seccomp", "pod-seccomp-off", _in_container(securityContext=unconfined))
    sysctl = {"sysctls": [{"name": "kernel.msgmax", "value": "65536"}]}
    yield one("sysctl", "pod-sysctls", _in_pod(securityContext=sysctl))
    yield one("windows", "pod-windows-host-process pod-host-namespaces network-policy-bypassed", _windows)
    yield one("escalation", "pod-privilege-escalation", _without("allowPrivilegeEscalation"))
    yield one("capabilities-kept", "pod-capabilities-kept", _without("capabilities"))
    nfs = [{"name": "share", "nfs": {"server": "nfs.example.com", "path": "/"}}]
    yield one("volume-kind", "pod-volume-kind", _in_pod(volumes=nfs))
    yield one("may-be-root", "pod-may-run-as-root", _without("runAsNonRoot"))
    yield one("is-root", "pod-runs-as-root", _in_pod(securityContext={"runAsUser": 0}))
    yield one("no-seccomp", "pod-seccomp-missing", _without("seccompProfile"))
    yield one("writable-root", "pod-writable-root", _without("readOnlyRootFilesystem"))
    yield one("shared-processes", "pod-shared-processes", _two_containers)
    yield one("control-plane", "pod-control-plane", _tolerate("node-role.kubernetes.io/control-plane"))
    yield one("ssh", "pod-ssh-server", _in_container(ports=[{"containerPort": 2222}]))
    yield one("default-token", "token-default-account", _in_pod(automountServiceAccountToken=True))
    yield planted(
        "token-unneeded",
        hardened.deployment("idle-token", _in_pod(automountServiceAccountToken=True, serviceAccountName="idle-token")),
        hardened.account("idle-token"),
    )
    yield one("long-token", "token-long-lived", _token(604800))
    yield one("latest", "image-latest", _in_container(image=f"{REGISTRY}/app:latest"))
    yield one("no-digest", "image-no-digest", _in_container(image=f"{REGISTRY}/app:1.0"))
    yield one("foreign", "image-registry", _in_container(image=f"docker.io/somebody/app@{DIGEST}"))
    yield one("frozen", "image-registry-frozen", _in_container(image=f"k8s.gcr.io/pause:3.9@{DIGEST}"))
    yield one("literal", "secret-literal", _in_container(env=[{"name": "DB_PASSWORD", "value": "hunter2-very-long"}]))
    reference = {"secretKeyRef": {"name": "used", "key": "password"}}
    yield one("environment", "secret-in-environment", _in_container(env=[{"name": "DB", "valueFrom": reference}]))
    yield one("command", "secret-in-command", _in_container(args=["--api-key=9f86d081884c7d659a2feaa0c55ad015"]))
    yield one("open-ingress", "network-ingress-open", _label("ingress", "open"))
    yield one("open-egress", "network-egress-open", _label("egress", "open"))


def network() -> Iterator[Planted]:
    """Policies, Services, Ingresses."""

    def policy(name: str, spec: Object) -> Object:
        kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}}
        return {**kind, "spec": spec}

    some = {"matchLabels": {"app": "volume-kind"}}
    yield planted("network-allow-all-ingress", policy("let-in", {"podSelector": some, "ingress": [{}]}))
    out = {"podSelector": some, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}
    yield planted("network-allow-all-egress", policy("let-out", out))
    nothing = {"podSelector": {"matchLabels": {"app": "renamed-long-ago"}}, "ingress": []}
    yield planted("network-policy-selects-nothing", policy("of-nothing", nothing))
    ranges = {"loadBalancerSourceRanges": ["192.0.2.0/24"]}
    yield planted("service-load-balancer-open", hardened.service("balanced", type="LoadBalancer"))
    yield planted("service-node-port", hardened.service("on-nodes", type="NodePort"))
    yield planted("service-external-ips", hardened.service("claims", externalIPs=["203.0.113.7"]))
    metadata = {"type": "ExternalName", "externalName": "169.254.169.254", "selector": None}
    yield planted("service-external-name", hardened.service("metadata", **metadata))
    redis = [{"port": 6379}]
    yield planted("service-sensitive-port", hardened.service("redis", type="LoadBalancer", ports=redis, **ranges))
    yield planted("service-dashboard-exposed", hardened.service("kubernetes-dashboard", type="LoadBalancer", **ranges))
    yield planted("ingress-no-tls", hardened.ingress("plain", tls=[]))
    every = {"http": {"paths": hardened.ingress("x")["spec"]["rules"][0]["http"]["paths"]}}
    yield planted("ingress-any-host", hardened.ingress("any-host", rules=[every], tls=[{"secretName": "certificate"}]))
    snippet = {"nginx.ingress.kubernetes.io/configuration-snippet": "more_set_headers 'X: y';"}
    yield planted("ingress-snippet", hardened.ingress("snippet", snippet))


def secrets(now: datetime.datetime) -> Iterator[Planted]:
    """Secrets and ConfigMaps."""
    yield planted("secret-in-configmap", hardened.config_map("by-name", {"database.password": "correct horse"}))
    properties = "level=debug\nsigning=kJ8s0Zq3VbR7yXw2LmT9cPf5HdGa6NeU\n"
    yield planted("secret-in-configmap", hardened.config_map("by-entropy", {"app.properties": properties}))
    yield planted("secret-unused", hardened.secret("forgotten"))
    owner = {"annotations": {"kubernetes.io/service-account.name": "token-owner"}}
    token = {"type": "kubernetes.io/service-account-token", "stringData": None}
    yield planted(
        "secret-token", hardened.secret("old-token", metadata=owner, **token), hardened.account("token-owner")
    )
    copied = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":{"password":"eA=="}}'}}
    yield planted("secret-in-annotation", hardened.secret("copied", metadata=copied))
    day = datetime.timedelta(days=1)
    yield planted("tls-expired", certificate("ended", now - day))
    yield planted("tls-expiring", certificate("ending", now + 10 * day))


def certificate(name: str, end: datetime.datetime) -> Object:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - datetime.timedelta(days=90))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none)
    data = {"tls.crt": made.public_bytes(pem), "tls.key": private}
    encoded = {name: base64.b64encode(text).decode() for name, text in data.items()}
    return hardened.secret(name, type="kubernetes.io/tls", stringData=None, data=encoded)


def permissions(namespace: str) -> Iterator[Planted]:
    """Bindings in the namespace, and such of the whole cluster, whose names begin with the namespace's."""

    def here(name: str, codes: str, *rules: Object) -> Planted:
        role, binding = hardened.bound(name, list(rules), [hardened.user()])
        return planted(codes, binding, role)

    def everywhere(name: str, codes: str, *rules: Object) -> Planted:
        role, binding = hardened.bound(f"{namespace}-{name}", list(rules), [hardened.user()], cluster=True)
        return planted(codes, binding, role)

    admin = hardened.binding(f"{namespace}-admin", "ClusterRole", "cluster-admin", [hardened.user()], cluster=True)
    yield planted("rbac-cluster-admin", admin)
    yield planted("rbac-namespace-admin", hardened.binding("whole", "ClusterRole", "admin", [hardened.user()]))
    yield here("wildcard", "rbac-wildcard", rule("*", "configmaps"))
    yield here("reads-secrets", "rbac-secrets", rule("get list", "secrets"))
    yield everywhere("reads-secrets", "rbac-secrets", rule("watch", "secrets"))
    yield here("creates-pods", "rbac-create-pods", rule("create", "deployments", "apps"))
    yield here("execs", "rbac-exec", rule("create", "pods/exec"))
    yield here("debugs", "rbac-ephemeral-containers", rule("patch", "pods/ephemeralcontainers"))
    yield here("forwards", "rbac-port-forward", rule("create", "pods/portforward"))
    yield here("leads", "rbac-network", rule("patch", "endpointslices", "discovery.k8s.io"))
    default = [{"kind": "ServiceAccount", "name": "default"}]
    role, binding = hardened.bound("to-default", [rule("get", "configmaps")], default)
    yield planted("rbac-default-account", binding, role)
    view = hardened.binding("masters", "ClusterRole", "view", [hardened.group("system:masters")])
    yield planted("rbac-system-masters", view)
    group = "rbac.authorization.k8s.io"
    yield everywhere("escalates", "rbac-escalate", rule("escalate", "clusterroles", group))
    yield everywhere("binds", "rbac-bind", rule("bind", "clusterroles", group))
    yield everywhere("impersonates", "rbac-impersonate", rule("impersonate", "users groups"))
    yield everywhere("volumes", "rbac-persistent-volumes", rule("create", "persistentvolumes"))
    yield everywhere("kubelets", "rbac-nodes-proxy", rule("get", "nodes/proxy"))
    certificates = "certificates.k8s.io"
    approves = rule("approve", "signers", certificates)
    yield everywhere(
        "approves",
        "rbac-approve-certificates",
        rule("update", "certificatesigningrequests/approval", certificates),
        approves,
    )
    webhooks = rule("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io")
    yield everywhere("hooks", "rbac-webhooks", webhooks)
    yield here("tokens", "rbac-create-tokens", rule("create", "serviceaccounts/token"))
    yield everywhere("nodes", "rbac-nodes", rule("patch", "nodes"))
    yield here("grants", "rbac-change-permissions", rule("create", "rolebindings", group))
    yield everywhere(
        "kinds", "rbac-config-of-cluster", rule("update", "customresourcedefinitions", "apiextensions.k8s.io")
    )
    role, binding = hardened.bound("anybody", [rule("get", "configmaps")], [hardened.group("system:unauthenticated")])
    yield planted("rbac-anonymous", binding, role)
    role, binding = hardened.bound("everybody", [rule("get", "configmaps")], [hardened.group("system:authenticated")])
    yield planted("rbac-everybody", binding, role)
    yield planted("rbac-role-missing", hardened.binding("dangling", "Role", "gone", [hardened.user()]))
    role, binding = hardened.bound("ghost", [rule("get", "configmaps")], [{"kind": "ServiceAccount", "name": "gone"}])
    yield planted("rbac-account-missing", binding, role)


def cluster_objects(namespace: str) -> Iterator[Planted]:
    """Namespaces, webhooks and policies. They are about a namespace that does not exist, so they stop nobody."""

    def named(name: str, labels: Object) -> Object:
        metadata = {"name": f"{namespace}-{name}", "labels": labels}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    enforce = "pod-security.kubernetes.io/enforce"
    yield planted("namespace-not-enforced", named("bare", {}))
    yield planted("namespace-privileged", named("privileged", {enforce: "privileged"}))
    yield planted("namespace-policy-pinned", named("pinned", {enforce: "baseline", f"{enforce}-version": "v1.28"}))
    nowhere = {"matchLabels": {"kubernetes.io/metadata.name": f"{namespace}-nowhere"}}
    rules = [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}]

    def webhook(kind: str, name: str, client: Object, failure_policy: str) -> Object:
        hook = {
            "name": "check.example.com",
            "clientConfig": client,
            "rules": rules,
            "namespaceSelector": nowhere,
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "failurePolicy": failure_policy,
        }
        return {"apiVersion": _ADMISSION, "kind": kind, "metadata": {"name": f"{namespace}-{name}"}, "webhooks": [hook]}

    validating, mutating = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"
    there = {"service": {"name": "healthy", "namespace": namespace}}
    gone = {"service": {"name": "gone", "namespace": namespace}}
    yield planted("webhook-fails-open", webhook(validating, "open", there, "Ignore"))
    yield planted("webhook-service-missing", webhook(validating, "gone", gone, "Fail"))
    yield planted("webhook-external", webhook(mutating, "away", {"url": "https://hooks.example.com/x"}, "Fail"))

    def policy(name: str, failure_policy: str) -> Object:
        spec = {
            "failurePolicy": failure_policy,
            "matchConstraints": {"resourceRules": rules, "namespaceSelector": nowhere},
            "validations": [{"expression": "true"}],
        }
        metadata = {"name": f"{namespace}-{name}"}
        return {"apiVersion": _ADMISSION, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": spec}

    deny = {
        "apiVersion": _ADMISSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": f"{namespace}-ignores"},
        "spec": {"policyName": f"{namespace}-ignores", "validationActions": ["Deny"]},
    }
    yield planted("policy-fails-open", policy("ignores", "Ignore"), deny)
    yield planted("policy-not-enforced", policy("unbound", "Fail"))


def healthy(now: datetime.datetime) -> list[Object]:
    """Objects of every kind in question with which nothing is wrong."""
    spec = hardened.pod_spec()
    mounted = hardened.pod_spec(
        volumes=[{"name": "s", "secret": {"secretName": "mounted"}}], serviceAccountName="works"
    )
    mounted |= {"automountServiceAccountToken": True}
    works = [{"kind": "ServiceAccount", "name": "works"}]
    job = {"template": hardened.template("job", {**spec, "restartPolicy": "Never"})}
    text = (
        "listen: 8080\nurl: https://shop.example.com/catalogue/v2/products\ncommit: 9f86d081884c7d659a2feaa0c55ad015\n"
    )
    used = hardened.pod_spec(
        volumes=[
            {"name": "a", "secret": {"secretName": "used"}},
            {"name": "b", "secret": {"secretName": "copied"}},
            {"name": "c", "secret": {"secretName": "ended"}},
            {"name": "d", "secret": {"secretName": "ending"}},
        ]
    )

    def workload(api_version: str, kind: str, name: str, spec_: Object) -> Object:
        return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": spec_}

    selector = {"selector": {"matchLabels": {"app": "stateful"}}, "serviceName": "healthy"}
    return [
        *hardened.policies(),
        hardened.deployment("healthy", replicas=2),
        workload("apps/v1", "StatefulSet", "stateful", {**selector, "template": hardened.template("stateful", used)}),
        workload(
            "apps/v1",
            "DaemonSet",
            "daemon",
            {"selector": {"matchLabels": {"app": "daemon"}}, "template": hardened.template("daemon", spec)},
        ),
        workload("batch/v1", "Job", "job", job),
        workload("batch/v1", "CronJob", "cron", {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job}}),
        hardened.account("works"),
        workload(
            "apps/v1",
            "Deployment",
            "works",
            {"selector": {"matchLabels": {"app": "works"}}, "template": hardened.template("works", mounted)},
        ),
        *hardened.bound(
            "works", [rule("get", "secrets", resourceNames=["mounted"]), rule("get list", "configmaps")], works
        ),
        hardened.secret("used"),
        hardened.secret("mounted"),
        hardened.config_map("settings", {"app.yaml": text, "TOKEN_TTL": "3600", "passwordFile": "/run/secrets/db"}),
        hardened.service("healthy"),
        hardened.service("ranged", type="LoadBalancer", loadBalancerSourceRanges=["192.0.2.0/24"]),
        hardened.ingress("healthy"),
        certificate("certificate", now + datetime.timedelta(days=200)),
    ]


def exposed(namespace: str) -> list[Object]:
    """A path: a Deployment that the outside reaches, its ServiceAccount, and a binding to everything."""
    subject = {"kind": "ServiceAccount", "name": "deployer", "namespace": namespace}
    return [
        hardened.account("deployer"),
        hardened.deployment("shopfront", _in_pod(automountServiceAccountToken=True, serviceAccountName="deployer")),
        hardened.service("shopfront", type="LoadBalancer", loadBalancerSourceRanges=["192.0.2.0/24"]),
        {
            **hardened.binding(f"{namespace}-deployer", "ClusterRole", "cluster-admin", [subject], cluster=True),
            "apiVersion": RBAC,
        },
    ]


def all_planted(namespace: str, now: datetime.datetime) -> list[Planted]:
    return [
        *pods(),
        *network(),
        *secrets(now),
        *permissions(namespace),
        *cluster_objects(namespace),
    ]
