# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The command lines of the cluster's programs, in the order in which they start."""

from __future__ import annotations

import shlex

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.components import KWOK
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.configuration import pod_targets
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.health import http_ok, listens
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.layout import (
    COREDNS_HEALTH_PORT,
    ETCD_HEALTH_PORT,
    KUBELET_HEALTH_PORT,
    METRICS_SERVER_PORT,
    PROMETHEUS_PORT,
    REGISTRY_PORT,
    Layout,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.supervision import Program

# The defaults (20 and 50 a second) make thousands of simulated pods a matter of an hour.
_FAST_CLIENT = ["--kube-api-qps=300", "--kube-api-burst=600"]


def stages(layout: Layout) -> list[list[Program]]:
    """Programs of one stage start together; the next stage starts when all of it are healthy."""
    last = [_kubelet(layout), _kube_proxy(layout), _coredns(layout), _metrics_server(layout)]
    if layout.settings.simulated_nodes:
        last.append(_kwok(layout))
    if layout.settings.prometheus:
        last += [_prometheus(layout), _prometheus_targets(layout)]
    if layout.settings.registry:
        last.append(_registry(layout))
    return [
        [_etcd(layout), _containerd(layout)],
        [_apiserver(layout)],
        [_controller_manager(layout), _scheduler(layout), *last],
    ]


def _etcd(layout: Layout) -> Program:
    health = f"http://{layout.addresses.node}:{ETCD_HEALTH_PORT}"
    command = [
        layout.program("etcd"),
        "--name=aiops",
        f"--data-dir={layout.settings.folder}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        f"--listen-metrics-urls={health}",
        "--auto-compaction-retention=10m",
        "--quota-backend-bytes=4294967296",
        "--log-level=warn",
        # A throw-away cluster need not survive a power cut, and slow disks make every write slow.
        "--unsafe-no-fsync",
    ]
    return Program("etcd", command, http_ok(f"{health}/health"))


def _containerd(layout: Layout) -> Program:
    command = [layout.program("containerd"), "--config", str(layout.configuration / "containerd.toml")]
    return Program("containerd", command, listens(layout.containerd_socket))


def _apiserver(layout: Layout) -> Program:
    node = str(layout.addresses.node)
    command = [
        layout.program("kube-apiserver"),
        f"--advertise-address={node}",
        f"--bind-address={node}",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--service-cluster-ip-range={layout.addresses.services}",
        "--allow-privileged=true",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--client-ca-file={layout.certificate('ca')}",
        f"--tls-cert-file={layout.certificate('apiserver')}",
        f"--tls-private-key-file={layout.key('apiserver')}",
        f"--kubelet-certificate-authority={layout.certificate('ca')}",
        f"--kubelet-client-certificate={layout.certificate('apiserver-kubelet')}",
        f"--kubelet-client-key={layout.key('apiserver-kubelet')}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--requestheader-client-ca-file={layout.certificate('ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={layout.certificate('front-proxy')}",
        f"--proxy-client-key-file={layout.key('front-proxy')}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={layout.certificates}/service-account.pub",
        f"--service-account-signing-key-file={layout.certificates}/service-account.key",
        f"--audit-policy-file={layout.configuration}/audit-policy.yaml",
        f"--audit-log-path={layout.settings.audit_log}",
        "--audit-log-maxsize=200",
        "--audit-log-maxbackup=2",
        "--max-requests-inflight=1200",
        "--max-mutating-requests-inflight=600",
    ]
    certificate = (layout.certificate("admin"), layout.key("admin"))
    return Program("kube-apiserver", command, http_ok(f"{layout.server}/readyz", certificate))


def _controller_manager(layout: Layout) -> Program:
    node, kubeconfig = str(layout.addresses.node), layout.kubeconfig("kube-controller-manager")
    command = [
        layout.program("kube-controller-manager"),
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--bind-address={node}",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={layout.certificates}/service-account.key",
        f"--root-ca-file={layout.certificate('ca')}",
        f"--cluster-signing-cert-file={layout.certificate('ca')}",
        f"--cluster-signing-key-file={layout.key('ca')}",
        f"--service-cluster-ip-range={layout.addresses.services}",
        f"--cluster-name={layout.cluster_name}",
        "--leader-elect=false",
        *_FAST_CLIENT,
    ]
    return Program("kube-controller-manager", command, http_ok(f"https://{node}:10257/healthz"))


def _scheduler(layout: Layout) -> Program:
    node, kubeconfig = str(layout.addresses.node), layout.kubeconfig("kube-scheduler")
    command = [
        layout.program("kube-scheduler"),
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--bind-address={node}",
        "--leader-elect=false",
        *_FAST_CLIENT,
    ]
    return Program("kube-scheduler", command, http_ok(f"https://{node}:10259/healthz"))


def _kubelet(layout: Layout) -> Program:
    node = str(layout.addresses.node)
    command = [
        layout.program("kubelet"),
        f"--config={layout.configuration}/kubelet.yaml",
        f"--kubeconfig={layout.kubeconfig('kubelet')}",
        f"--hostname-override={layout.settings.node_name}",
        f"--node-ip={node}",
        f"--root-dir={layout.settings.folder}/kubelet",
        f"--cert-dir={layout.settings.folder}/kubelet",
    ]
    return Program("kubelet", command, http_ok(f"http://{node}:{KUBELET_HEALTH_PORT}/healthz"))


def _kube_proxy(layout: Layout) -> Program:
    node = str(layout.addresses.node)
    command = [
        layout.program("kube-proxy"),
        f"--kubeconfig={layout.kubeconfig('kube-proxy')}",
        f"--hostname-override={layout.settings.node_name}",
        f"--cluster-cidr={layout.addresses.pods}",
        "--proxy-mode=iptables",
        f"--healthz-bind-address={node}:10256",
        f"--metrics-bind-address={node}:10249",
        # The connection table's size belongs to the host.
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
        "--oom-score-adj=0",
    ]
    return Program("kube-proxy", command, http_ok(f"http://{node}:10256/healthz"))


def _coredns(layout: Layout) -> Program:
    command = [layout.program("coredns"), "-conf", str(layout.configuration / "Corefile")]
    return Program("coredns", command, http_ok(f"http://{layout.addresses.node}:{COREDNS_HEALTH_PORT}/health"))


def _metrics_server(layout: Layout) -> Program:
    node, kubeconfig = str(layout.addresses.node), layout.kubeconfig("metrics-server")
    command = [
        layout.program("metrics-server"),
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--bind-address={node}",
        f"--secure-port={METRICS_SERVER_PORT}",
        f"--tls-cert-file={layout.certificate('metrics-server-serving')}",
        f"--tls-private-key-file={layout.key('metrics-server-serving')}",
        f"--kubelet-certificate-authority={layout.certificate('ca')}",
        "--kubelet-preferred-address-types=InternalIP",
        # Simulated nodes have no kubelet.
        "--node-selector=type!=kwok",
        "--metric-resolution=15s",
    ]
    return Program("metrics-server", command, http_ok(f"https://{node}:{METRICS_SERVER_PORT}/livez"))


def _kwok(layout: Layout) -> Program:
    node = str(layout.addresses.node)
    stages_folder = layout.programs["kwok"].parent
    command = [
        layout.program("kwok"),
        f"--kubeconfig={layout.kubeconfig('kwok')}",
        "--manage-all-nodes=false",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
        f"--server-address={node}:10247",
        *[f"--config={stages_folder / name}" for name in KWOK.files],
    ]
    return Program("kwok", command, http_ok(f"http://{node}:10247/healthz"))


def _prometheus(layout: Layout) -> Program:
    address = f"{layout.addresses.node}:{PROMETHEUS_PORT}"
    command = [
        layout.program("prometheus"),
        f"--config.file={layout.configuration}/prometheus.yaml",
        f"--storage.tsdb.path={layout.settings.folder}/prometheus",
        "--storage.tsdb.retention.time=60d",
        f"--web.listen-address={address}",
        "--web.enable-lifecycle",
        "--web.enable-admin-api",
    ]
    return Program("prometheus", command, http_ok(f"http://{address}/-/ready"))


def _prometheus_targets(layout: Layout) -> Program:
    """Writes the pods to scrape every 5 s; only the real node has any."""
    targets = pod_targets(layout)
    kubectl = [layout.program("kubectl"), f"--kubeconfig={layout.kubeconfig('prometheus')}", "get", "pods"]
    selection = ["--all-namespaces", f"--field-selector=spec.nodeName={layout.settings.node_name}"]
    template = f"--output=go-template-file={layout.configuration}/pod-targets.tmpl"
    listing = shlex.join([*kubectl, *selection, template])
    part, whole = shlex.quote(f"{targets}.part"), shlex.quote(str(targets))
    loop = f"while :; do {listing} > {part} && mv {part} {whole}; sleep 5; done"
    return Program("prometheus-targets", ["sh", "-c", loop], targets.exists)


def _registry(layout: Layout) -> Program:
    command = [
        layout.program("crane"),
        "registry",
        "serve",
        f"--address=:{REGISTRY_PORT}",
        f"--disk={layout.settings.folder}/registry",
    ]
    return Program("registry", command, http_ok(f"http://{layout.addresses.node}:{REGISTRY_PORT}/v2/"))
