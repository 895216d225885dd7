# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which addresses a cluster takes, and whether the host has them free.

Every cluster has a network namespace of its own, so ports cannot collide; the host only needs a link to the node and
routes to the cluster's Services and pods. A slot fixes all three, so that several clusters lie side by side.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.processes import run

SLOTS = 256


@dataclass(frozen=True)
class Addresses:
    """The networks of one slot: link 10.201.S.0/30, pods 10.202.S.0/24, Services the S-th /20 from 10.208.0.0 on."""

    slot: int

    @property
    def link(self) -> IPv4Network:
        return IPv4Network(f"10.201.{self.slot}.0/30")

    @property
    def pods(self) -> IPv4Network:
        return IPv4Network(f"10.202.{self.slot}.0/24")

    @property
    def services(self) -> IPv4Network:
        return IPv4Network((int(IPv4Address("10.208.0.0")) + self.slot * 4096, 20))

    @property
    def host(self) -> IPv4Address:
        return self.link[1]

    @property
    def node(self) -> IPv4Address:
        return self.link[2]

    @property
    def api_service(self) -> IPv4Address:
        return self.services[1]

    @property
    def dns_service(self) -> IPv4Address:
        return self.services[10]

    @property
    def interface(self) -> str:
        """The host's end of the link to the node."""
        return f"aiops{self.slot}"

    @property
    def networks(self) -> tuple[IPv4Network, ...]:
        return (self.link, self.pods, self.services)


def host_networks() -> dict[IPv4Network, str]:
    """{network: interface} of everything that the host has an address in or a route to, the default route left out."""
    found: dict[IPv4Network, str] = {}
    for interface in json.loads(run(["ip", "-json", "-4", "address"], what="read the host's addresses")):
        for address in interface.get("addr_info", []):
            found[IPv4Network(f"{address['local']}/{address['prefixlen']}", strict=False)] = interface["ifname"]
    for route in json.loads(run(["ip", "-json", "-4", "route", "show", "table", "all"], what="read the host's routes")):
        if route["dst"] != "default" and route.get("type", "unicast") == "unicast":
            found[IPv4Network(route["dst"], strict=False)] = route.get("dev", "a route")
    return found


def conflict(addresses: Addresses, taken: dict[IPv4Network, str]) -> str:
    """'10.201.3.0/30 overlaps 10.0.0.0/8 of eth0' or ''. Pure."""
    for wanted in addresses.networks:
        for network, interface in taken.items():
            if wanted.overlaps(network):
                return f"{wanted} overlaps {network} of {interface}"
    return ""


def choose(slot: int | None, taken: dict[IPv4Network, str]) -> Addresses:
    """The addresses of the wished slot, or of the first that is free; refuses what is taken. Pure."""
    if slot is not None:
        addresses = Addresses(slot)
        found = conflict(addresses, taken)
        if found:
            raise EmbeddedClusterError(
                f"The addresses of slot {slot} are taken: {found}; choose another local_cluster_slot."
            )
        return addresses
    for candidate in range(SLOTS):
        if not conflict(Addresses(candidate), taken):
            return Addresses(candidate)
    first = conflict(Addresses(0), taken)
    raise EmbeddedClusterError(
        f"None of the {SLOTS} address slots is free (the first: {first}); remove a cluster, or that route or interface."
    )
