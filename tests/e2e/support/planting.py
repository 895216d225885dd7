# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plants the faults of the health report on the cluster, and takes them away again."""

from __future__ import annotations

import base64
import datetime
import json
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support import health_faults as faults
from support.cluster import Cluster, eventually
from support.health_faults import Fault
from support.health_objects import Object, job, merged, other, pod_spec

NO_NAMESPACE = (
    *("Node", "PersistentVolume", "StorageClass", "ValidatingWebhookConfiguration", "CertificateSigningRequest"),
    *("APIService", "CustomResourceDefinition", "Namespace"),
)
Expected = tuple[str, str, str]


@dataclass
class Planted:
    """Namespaces, and (code, namespace, name) of what has to be found."""

    cluster: Cluster
    name: str
    expected: set[Expected] = field(default_factory=set)
    wide: list[str] = field(default_factory=list)

    @property
    def bad(self) -> str:
        return f"{self.name}-bad"

    @property
    def good(self) -> str:
        return f"{self.name}-good"

    @property
    def namespaces(self) -> list[str]:
        return [self.bad, self.good, f"{self.name}-quota", f"{self.name}-jobs"]


def plant(cluster: Cluster, name: str) -> Planted:
    """Everything but the nodes, which are judged lost after some 40 seconds without a kubelet (plant_nodes)."""
    planted = Planted(cluster, name)
    cluster.kubectl("label", "nodes", "-l", "type=kwok", "--overwrite", "kubernetes.io/os=linux")
    for number in range(3):
        node = f"simulated-{number}"
        cluster.kubectl("label", "node", node, "--overwrite", f"kubernetes.io/hostname={node}")
    for namespace in planted.namespaces:
        cluster.kubectl("create", "namespace", namespace)
    _apply(cluster, planted.good, faults.healthy())
    # Other faults lead to its Service; it is sound, and stays without findings.
    around = [item for item in faults.healthy() if item["metadata"]["name"] == "web" and item["kind"] != "Ingress"]
    _apply(cluster, planted.bad, around)
    listed = [
        *faults.workloads(),
        *faults.pods(),
        *faults.scaling(),
        *faults.storage(planted.bad),
        *faults.network(),
        *faults.jobs(),
        *faults.configuration(),
        *faults.cluster_wide(planted.bad),
    ]
    _plant(planted, planted.bad, listed)
    quota = faults.quota(planted.bad)
    _plant(planted, f"{name}-quota", quota[:1])
    _plant(planted, f"{name}-quota", quota[1:])
    _plant(planted, planted.bad, [*_certificates(), *_apis(), _waiting_request(f"{planted.bad}-h824")])
    _heap(planted)
    _hold(planted)
    _afterwards(planted)
    return planted


def plant_nodes(planted: Planted) -> None:
    """Nodes under pressure, unready, old, full."""
    _plant(planted, planted.bad, faults.nodes())


def _plant(planted: Planted, namespace: str, listed: list[Fault]) -> None:
    cluster = planted.cluster
    _apply(cluster, namespace, [item for fault in listed for item in fault.objects])
    for fault in listed:
        planted.expected.add((fault.code, "" if fault.kind in NO_NAMESPACE else namespace, fault.name))
        planted.wide += [
            f"{item['kind'].lower()}/{item['metadata']['name']}"
            for item in fault.objects
            if item["kind"] in NO_NAMESPACE
        ]
        # A node's status is a subresource: apply leaves it out.
        for item in fault.objects:
            if item["kind"] == "Node":
                _status(cluster, "", "node", item["metadata"]["name"], item["status"])
        if fault.status is not None:
            where = ("-n", namespace, "pod", fault.name, "-o", "jsonpath={.status.phase}")
            assert eventually(lambda where=where: cluster.kubectl("get", *where) == "Running", 30), fault
            _status(cluster, namespace, "pod", fault.name, fault.status)


def _apply(cluster: Cluster, namespace: str, items: list[Object]) -> None:
    cluster.apply(namespace, json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def _status(cluster: Cluster, namespace: str, kind: str, name: str, status: Object) -> None:
    place = ["-n", namespace] if namespace else []
    body = json.dumps({"status": status})
    cluster.kubectl("patch", *place, kind, name, "--subresource=status", "--type=merge", "-p", body)


def _certificates() -> list[Fault]:
    def fault(code: str, days: float) -> Fault:
        name = code.lower()
        secret = {**other("v1", "Secret", name), "type": "kubernetes.io/tls", "data": certificate(days)}
        return Fault(code, "Secret", name, [secret])

    return [fault("H821", -3), fault("H822", 12)]


def _waiting_request(name: str) -> Fault:
    """A certificate request that nobody answers."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "planted.example")])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    body = base64.b64encode(signed.public_bytes(serialization.Encoding.PEM)).decode()
    spec = {"signerName": "planted.example/none", "usages": ["client auth"], "request": body}
    kind = "CertificateSigningRequest"
    return Fault("H824", kind, name, [other("certificates.k8s.io/v1", kind, name, **spec)])


def certificate(days: float) -> dict[str, str]:
    """tls.crt and tls.key as a Secret holds them, of a certificate that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "planted.example")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=90))
    signed = built.not_valid_after(now + datetime.timedelta(days=days)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = signed.public_bytes(serialization.Encoding.PEM)
    return {"tls.crt": base64.b64encode(public).decode(), "tls.key": base64.b64encode(private).decode()}


def _apis() -> list[Fault]:
    """An API service behind which nobody is, and a custom resource whose kind another one has taken."""

    def resource(plural: str) -> Object:
        names = {"plural": plural, "kind": "Planted", "listKind": f"{plural.capitalize()}List"}
        schema = {"openAPIV3Schema": {"type": "object"}}
        version = {"name": "v1", "served": True, "storage": True, "schema": schema}
        group = {"group": "taken.planted.example", "scope": "Namespaced", "names": names, "versions": [version]}
        return other("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.taken.planted.example", **group)

    served = {"namespace": "default", "name": "planted-gone"}
    spec = {"group": "gone.planted.example", "version": "v1", "service": served, "insecureSkipTLSVerify": True}
    api = other(
        "apiregistration.k8s.io/v1",
        "APIService",
        "v1.gone.planted.example",
        **spec,
        groupPriorityMinimum=10,
        versionPriority=10,
    )
    crds = [resource("planteds"), resource("plantedtwos")]
    return [
        Fault("H826", "APIService", "v1.gone.planted.example", [api]),
        Fault("H827", "CustomResourceDefinition", "plantedtwos.taken.planted.example", crds),
    ]


def _heap(planted: Planted) -> None:
    """More finished Jobs than a namespace should keep; simulated pods end at once."""
    namespace = f"{planted.name}-jobs"
    _apply(planted.cluster, namespace, [job(f"done-{number}", pod_spec()) for number in range(4)])
    planted.expected.add(("H706", "", namespace))


def _hold(planted: Planted) -> None:
    """A namespace that cannot end."""
    namespace = f"{planted.name}-held"
    planted.cluster.kubectl("create", "namespace", namespace)
    held = {**other("v1", "ConfigMap", "held"), "data": {}}
    held["metadata"]["finalizers"] = ["planted.example/hold"]
    _apply(planted.cluster, namespace, [held])
    planted.cluster.kubectl("delete", "namespace", namespace, "--wait=false")
    planted.expected.add(("H807", "", namespace))


def _afterwards(planted: Planted) -> None:
    """What has to follow on something that is there already."""
    cluster, bad = planted.cluster, planted.bad
    cluster.kubectl("create", "job", "h703-1", "--from=cronjob/h703", "-n", bad)
    cluster.kubectl("delete", "pod", "h109", "-n", bad, "--wait=false")
    # A Service without a selector gets a new revision of a StatefulSet that nobody rolls out.
    [by_hand] = [fault.objects[0] for fault in faults.workloads() if fault.code == "H326"]
    assert eventually(lambda: cluster.get("statefulset", "h326", "-n", bad)["status"].get("updateRevision"), 30)
    changed = merged(by_hand, {"spec": {"template": {"metadata": {"labels": {"release": "2"}}}}})
    _apply(cluster, bad, [changed])


def remove(planted: Planted) -> None:
    """All of it, held back or not."""
    cluster = planted.cluster
    for kind, name, namespace in (("pod", "h109", planted.bad), ("configmap", "held", f"{planted.name}-held")):
        free = ("--type=merge", "-p", '{"metadata": {"finalizers": null}}')
        cluster.kubectl("patch", kind, name, "-n", namespace, *free, check=False)
    bound = cluster.get("pods", "-n", planted.bad)["items"]
    on_nodes = [item["metadata"]["name"] for item in bound if item["metadata"]["name"].startswith("on-planted")]
    if on_nodes:
        cluster.kubectl("delete", "pod", *on_nodes, "-n", planted.bad, "--force", "--grace-period=0", check=False)
    for name in planted.wide:
        cluster.kubectl("delete", name, "--wait=false", "--ignore-not-found", check=False)
    cluster.kubectl("delete", "namespace", *planted.namespaces, "--wait=false", "--ignore-not-found", check=False)
    cluster.kubectl("label", "nodes", "-l", "type=kwok", "kubernetes.io/hostname-", check=False)
