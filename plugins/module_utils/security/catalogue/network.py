# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Findings about the network: policies, Services, Ingresses."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.entry import Entry

_NSA = "NSA network separation"

NETWORK = {
    "network-ingress-open": Entry(
        "medium",
        "any pod of the cluster, one that was taken included, reaches every port of these pods",
        "add a NetworkPolicy that denies, and allow who calls them",
        ("CIS 5.3.2", _NSA, "T1046"),
    ),
    "network-egress-open": Entry(
        "low",
        "a taken pod loads tools, sends data out and reaches the cloud's metadata address",
        "add a NetworkPolicy for egress that allows DNS and what the pods call",
        ("CIS 5.3.2", _NSA, "T1041"),
    ),
    "network-allow-all-ingress": Entry(
        "medium",
        "the policy looks like protection and lets everybody in",
        "name in the policy who may call",
        ("CIS 5.3.2", _NSA, "T1046"),
    ),
    "network-allow-all-egress": Entry(
        "low",
        "the policy looks like protection and lets everything out",
        "name in the policy what may be called",
        ("CIS 5.3.2", _NSA, "T1041"),
    ),
    "network-policy-selects-nothing": Entry(
        "low",
        "the pods that it was written for are not protected by it, or are gone",
        "correct podSelector, or delete the policy",
        ("CIS 5.3.2", _NSA),
    ),
    "network-policy-bypassed": Entry(
        "medium",
        "a pod with hostNetwork has its node's address: no policy of the namespace holds for it",
        "remove hostNetwork, or filter on the node",
        ("CIS 5.3.2", "CIS 5.2.5", _NSA),
    ),
    "service-load-balancer-open": Entry(
        "medium",
        "the port is reachable from everywhere that the load balancer is",
        "set loadBalancerSourceRanges, or ask for an internal load balancer",
        (_NSA, "T1133", "T1190"),
    ),
    "service-node-port": Entry(
        "low",
        "the port is open on every node",
        "use type ClusterIP behind an Ingress or Gateway",
        (_NSA, "T1133"),
    ),
    "service-external-ips": Entry(
        "high",
        "a Service can draw to itself the traffic to any address it names (CVE-2020-8554)",
        "remove externalIPs, and forbid them with the admission plugin DenyServiceExternalIPs",
        ("CIS 1.2.3", _NSA, "T1557"),
    ),
    "service-external-name": Entry(
        "medium",
        "pods that trust the Service's name are led to the node, the cloud's metadata or the cluster's inside",
        "point externalName to the host that is meant",
        (_NSA, "T1557"),
    ),
    "service-sensitive-port": Entry(
        "high",
        "databases and control interfaces of this kind are looked for and attacked within minutes",
        "use type ClusterIP, and reach it by kubectl port-forward or a VPN",
        (_NSA, "T1133", "T1190"),
    ),
    "service-dashboard-exposed": Entry(
        "critical",
        "a dashboard that the outside reaches has been the way into many clusters",
        "use type ClusterIP, and reach it by kubectl port-forward",
        (_NSA, "T1133"),
    ),
    "ingress-no-tls": Entry(
        "medium",
        "passwords and cookies cross the network in the clear",
        "add tls with a certificate for the host",
        (_NSA, "NSA encryption", "T1040"),
    ),
    "ingress-any-host": Entry(
        "low",
        "the Ingress answers for names that nobody meant to publish",
        "name the host",
        (_NSA,),
    ),
    "ingress-snippet": Entry(
        "high",
        "whoever may write the Ingress runs configuration of his own in the controller and reads its Secrets "
        "(CVE-2021-25742)",
        "remove the annotation, and turn snippets off in the controller (allow-snippet-annotations: false)",
        (_NSA, "T1609"),
    ),
}
