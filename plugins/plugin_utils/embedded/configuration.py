# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Writes the files that the cluster's programs read."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.certificates import Subject, write_certificates
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import PAUSE
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.layout import (
    COREDNS_HEALTH_PORT,
    KUBELET_PORT,
    PROMETHEUS_PORT,
    Layout,
)

_SYSTEM_SERVICE_ACCOUNTS = ("system:serviceaccounts", "system:serviceaccounts:kube-system")
# {kubeconfig: (common name, groups)}: who each program is for the API server, so that the audit log tells them apart.
_USERS = {
    "admin": ("aiops-admin", ("system:masters",)),
    "kube-controller-manager": ("system:kube-controller-manager", ()),
    "kube-scheduler": ("system:kube-scheduler", ()),
    "kube-proxy": ("system:kube-proxy", ()),
    "coredns": ("system:serviceaccount:kube-system:coredns", _SYSTEM_SERVICE_ACCOUNTS),
    "metrics-server": ("system:serviceaccount:kube-system:metrics-server", _SYSTEM_SERVICE_ACCOUNTS),
    "prometheus": ("system:serviceaccount:kube-system:prometheus", _SYSTEM_SERVICE_ACCOUNTS),
    "kwok": ("system:kwok", ("system:masters",)),
}
_MAXIMUM_PODS = 200
# kubectl's template for Prometheus' file discovery: one entry a pod that asks to be scraped and has an address.
_POD_TARGETS = """\
[{{- $comma := "" -}}
{{- range .items -}}
{{- $wishes := .metadata.annotations -}}
{{- if and $wishes .status.podIP (eq .status.phase "Running") -}}
{{- if eq (or (index $wishes "prometheus.io/scrape") "") "true" -}}
{{ $comma }}{"targets": ["{{ .status.podIP }}:{{ or (index $wishes "prometheus.io/port") "80" }}"], "labels": {
"__metrics_path__": "{{ or (index $wishes "prometheus.io/path") "/metrics" }}",
"namespace": "{{ .metadata.namespace }}", "pod": "{{ .metadata.name }}", "node": "{{ .spec.nodeName }}"}}
{{- $comma = "," -}}
{{- end -}}{{- end -}}{{- end -}}]
"""


def write_configuration(layout: Layout) -> None:
    """Certificates, kubeconfigs and every program's own file, below the cluster's folder."""
    layout.configuration.mkdir(parents=True, exist_ok=True)
    write_certificates(layout.certificates, _subjects(layout))
    for user in [*_USERS, "kubelet"]:
        _write_private(Path(layout.kubeconfig(user)), _kubeconfig(layout, user))
    _write_private(layout.settings.kubeconfig, _kubeconfig(layout, "admin"))
    for name, document in {
        "audit-policy.yaml": _audit_policy(),
        "kubelet.yaml": _kubelet(layout),
        "prometheus.yaml": _prometheus(layout),
    }.items():
        (layout.configuration / name).write_text(yaml.safe_dump(document, sort_keys=False))
    (layout.configuration / "pod-targets.tmpl").write_text(_POD_TARGETS)
    (layout.configuration / "containerd.toml").write_text(_containerd(layout))
    (layout.configuration / "Corefile").write_text(_corefile(layout))
    (layout.configuration / "resolv.conf").write_text(f"nameserver {layout.addresses.node}\n")
    _write_cni(layout)


def _subjects(layout: Layout) -> list[Subject]:
    node = layout.settings.node_name
    names = (
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    )
    addresses = layout.addresses
    users = [Subject(user, name, groups) for user, (name, groups) in _USERS.items()]
    return [
        Subject("apiserver", "kube-apiserver", names=names, addresses=(addresses.node, addresses.api_service)),
        Subject("kubelet", f"system:node:{node}", ("system:nodes",), names=(node,), addresses=(addresses.node,)),
        Subject("front-proxy", "front-proxy-client"),
        Subject("apiserver-kubelet", "kube-apiserver-kubelet-client", ("system:masters",)),
        Subject("metrics-server-serving", "metrics-server", names=("metrics-server.kube-system.svc",)),
        *users,
    ]


def _kubeconfig(layout: Layout, user: str) -> dict[str, Any]:
    def embedded(path: str) -> str:
        return base64.b64encode(Path(path).read_bytes()).decode()

    name = layout.cluster_name
    cluster = {"server": layout.server, "certificate-authority-data": embedded(layout.certificate("ca"))}
    credentials = {
        "client-certificate-data": embedded(layout.certificate(user)),
        "client-key-data": embedded(layout.key(user)),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
    }


def _write_private(path: Path, document: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(document, sort_keys=False))


def _audit_policy() -> dict[str, Any]:
    """Every write with its body, whoever makes it, but for heartbeats and simulated objects; reads by name."""
    coordination = {"group": "coordination.k8s.io", "resources": ["leases"]}
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            {"level": "None", "users": ["system:kwok", "system:apiserver"]},
            {"level": "None", "resources": [coordination]},
            {"level": "None", "userGroups": ["system:nodes"], "verbs": ["get", "list", "watch"]},
            {
                "level": "None",
                "users": ["system:kube-scheduler", "system:kube-proxy"],
                "verbs": ["get", "list", "watch"],
            },
            {"level": "None", "userGroups": ["system:serviceaccounts:kube-system"], "verbs": ["get", "list", "watch"]},
            {"level": "None", "users": ["system:kube-controller-manager"], "verbs": ["get", "list", "watch"]},
            {"level": "None", "nonResourceURLs": ["/readyz*", "/livez*", "/healthz*", "/metrics", "/openapi*"]},
            {"level": "Metadata", "verbs": ["get", "list", "watch"]},
            {"level": "Request", "verbs": ["create", "update", "patch", "delete", "deletecollection"]},
        ],
    }


def _kubelet(layout: Layout) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": layout.certificate("ca")},
        },
        "authorization": {"mode": "Webhook"},
        "address": str(layout.addresses.node),
        "healthzBindAddress": str(layout.addresses.node),
        "tlsCertFile": layout.certificate("kubelet"),
        "tlsPrivateKeyFile": layout.key("kubelet"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.settings.cgroup}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "containerRuntimeEndpoint": f"unix://{layout.containerd_socket}",
        "clusterDNS": [str(layout.addresses.dns_service)],
        "clusterDomain": "cluster.local",
        "resolvConf": str(layout.configuration / "resolv.conf"),
        "maxPods": _MAXIMUM_PODS,
        "serializeImagePulls": False,
        "podLogsDir": str(layout.settings.folder / "pod-logs"),
        # The disk is the host's and may be nearly full for reasons of its own: that must not evict everything.
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "100Mi", "imagefs.available": "100Mi"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "nodeStatusUpdateFrequency": "4s",
        "syncFrequency": "10s",
    }


def _containerd(layout: Layout) -> str:
    """restrict_oom_score_adj: a root without CAP_SYS_RESOURCE may not lower it, and no sandbox would start."""
    folder = layout.settings.folder
    snapshotter = "native" if _filesystem(folder) == "overlay" else "overlayfs"
    return f"""\
version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-state"

[grpc]
  address = "{layout.containerd_socket}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{folder}/cni/bin"
    conf_dir = "{folder}/cni/conf"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "{layout.program("runc")}"
        SystemdCgroup = false
"""


def _filesystem(folder: Path) -> str:
    """The kind of file system that the folder is on: overlay does not stack on overlay."""
    best = ("", "")
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _device, mount, kind, *_rest = line.split(" ")
        if (folder == Path(mount) or Path(mount) in folder.parents) and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]


def _write_cni(layout: Layout) -> None:
    programs, networks = layout.settings.folder / "cni" / "bin", layout.settings.folder / "cni" / "conf"
    for folder in (programs, networks):
        folder.mkdir(parents=True, exist_ok=True)
    for plugin in ("bridge", "host-local", "loopback", "portmap"):
        (programs / plugin).unlink(missing_ok=True)
        (programs / plugin).symlink_to(layout.programs[plugin])
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.settings.folder / "cni" / "addresses"),
            "ranges": [[{"subnet": str(layout.addresses.pods)}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    portmap = {"type": "portmap", "capabilities": {"portMappings": True}}
    network = {"cniVersion": "0.4.0", "name": "aiops", "plugins": [bridge, portmap]}
    (networks / "10-aiops.conflist").write_text(json.dumps(network, indent=1))


def _corefile(layout: Layout) -> str:
    """Names of the cluster are answered; every other name does not exist, since the node has no way out."""
    return f"""\
cluster.local in-addr.arpa {{
    bind {layout.addresses.node}
    errors
    health {layout.addresses.node}:{COREDNS_HEALTH_PORT}
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {layout.kubeconfig("coredns")}
        pods insecure
        ttl 5
    }}
}}
. {{
    bind {layout.addresses.node}
    template ANY ANY {{
        rcode NXDOMAIN
    }}
}}
"""


def _prometheus(layout: Layout) -> dict[str, Any]:
    """Debian builds Prometheus without Kubernetes' service discovery: pods come from a file (see `pod_targets`)."""
    tls = {
        "ca_file": layout.certificate("ca"),
        "cert_file": layout.certificate("prometheus"),
        "key_file": layout.key("prometheus"),
    }

    def job(name: str, target: str, path: str = "/metrics") -> dict[str, Any]:
        targets = [{"targets": [target], "labels": {"node": layout.settings.node_name}}]
        return {
            "job_name": name,
            "scheme": "https",
            "metrics_path": path,
            "tls_config": dict(tls),
            "static_configs": targets,
        }

    kubelet = f"{layout.addresses.node}:{KUBELET_PORT}"
    return {
        "global": {"scrape_interval": "5s", "evaluation_interval": "15s"},
        "scrape_configs": [
            job("kubelet", kubelet),
            job("cadvisor", kubelet, "/metrics/cadvisor"),
            job("apiserver", layout.server.removeprefix("https://")),
            {
                "job_name": "pods",
                "file_sd_configs": [{"files": [str(pod_targets(layout))], "refresh_interval": "5s"}],
            },
            {"job_name": "prometheus", "static_configs": [{"targets": [f"{layout.addresses.node}:{PROMETHEUS_PORT}"]}]},
        ],
    }


def pod_targets(layout: Layout) -> Path:
    """The file in which Prometheus finds the pods annotated `prometheus.io/scrape: "true"`."""
    return layout.configuration / "pod-targets.json"
