# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Starts, finds again and removes one embedded cluster."""

from __future__ import annotations

import json
import os
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded import cgroups, host, namespaces
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.addons import (
    Kubectl,
    apply_manifests,
    import_images,
    simulate,
    wait_for_node,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.addresses import (
    Addresses,
    choose,
    host_networks,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.builds import built, ensure_built
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.components import KUBERNETES, needed
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.configuration import write_configuration
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.debian import (
    ensure_host_programs,
    ensure_programs,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.images import BUSYBOX, PODINFO
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.layout import (
    PROMETHEUS_PORT,
    REGISTRY_PORT,
    Layout,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.locks import locked
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.namespaces import Process
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.programs import stages
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.progress import Progress
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.settings import Settings
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.supervision import (
    Supervisor,
    configuration,
    supervisord_command,
    write_configuration_file,
)

# Of the whole host, whatever folder the clusters are in.
_ADDRESSES_LOCK = Path("/run/lock/aiops-kubernetes-addresses.lock")
_NODE_PROGRAMS = ["containerd", "containerd-shim-runc-v2", "ctr", "runc", "bridge", "host-local", "loopback", "portmap"]
# What a person at a terminal wants on their PATH.
_USER_PROGRAMS = ("kubectl", "helm", "hey", "crane", "promtool")


@dataclass(frozen=True)
class State:
    """What `cluster.json` keeps. `complete` turns true when the cluster has been ready once."""

    kubernetes_version: str
    slot: int
    process: Process | None
    complete: bool


def present(settings: Settings, progress: Progress) -> tuple[bool, dict[str, Any]]:
    """Makes the cluster be there; returns (changed, facts about it as `facts` gives them)."""
    host.check_kind(platform.system(), os.geteuid())
    settings.cache.mkdir(parents=True, exist_ok=True)
    with locked(_lock(settings), lambda: progress.still("cluster", f"another run works on '{settings.name}', waiting")):
        state = _read_state(settings)
        _check_version(state, settings)
        if state and not state.complete:
            progress.step("cluster", f"removing what a start of '{settings.name}' left that was cut short")
            _remove(settings, state)
            state = None
        built_now = ensure_built(needed(settings), settings.assets, settings.cache, progress)
        ensure_host_programs(progress)
        programs = _programs(settings, progress)
        running = namespaces.alive(state.process if state else None)
        if state and running:
            layout = Layout(settings, Addresses(state.slot), programs)
        else:
            layout, state = _start_at_free_addresses(settings, state, programs, progress)
        kubectl = Kubectl(layout)
        changed = _start_programs(layout, kubectl, progress)
        _write_state(settings, State(state.kubernetes_version, state.slot, state.process, True))
        changed |= simulate(layout, kubectl, progress)
        # For scripts and tests, which have no Ansible result to read.
        known = facts(layout)
        (settings.folder / "facts.json").write_text(json.dumps(known, indent=1))
    return changed or built_now or not running, known


def absent(settings: Settings, progress: Progress) -> bool:
    """Leaves no process, mount, interface, address, chain, cgroup or file of the cluster; returns whether any was."""
    host.check_kind(platform.system(), os.geteuid())
    settings.cache.mkdir(parents=True, exist_ok=True)
    with locked(_lock(settings), lambda: progress.still("cluster", f"another run works on '{settings.name}', waiting")):
        if not settings.folder.exists():
            return False
        progress.step("cluster", f"removing '{settings.name}'")
        _remove(settings, _read_state(settings))
    return True


def exists(settings: Settings) -> bool:
    return settings.folder.exists()


def facts(layout: Layout) -> dict[str, Any]:
    """What a user of the cluster needs to know; paths as text."""
    settings, node = layout.settings, str(layout.addresses.node)
    return {
        "driver": "embedded",
        "name": settings.name,
        "kubeconfig": str(settings.kubeconfig),
        "context": layout.cluster_name,
        "server": layout.server,
        "node": settings.node_name,
        "node_address": node,
        "host_address": str(layout.addresses.host),
        "kubernetes_version": KUBERNETES.version(settings.assets),
        "bin": str(settings.folder / "bin"),
        "logs": str(settings.logs),
        "audit_log": str(settings.audit_log),
        "images": {"busybox": BUSYBOX, "podinfo": PODINFO} if settings.demo_images else {},
        "prometheus": f"http://{node}:{PROMETHEUS_PORT}" if settings.prometheus else "",
        "registry": f"{node}:{REGISTRY_PORT}" if settings.registry else "",
    }


def _lock(settings: Settings) -> Path:
    return settings.cache / f"{settings.name}.lock"


def _check_version(state: State | None, settings: Settings) -> None:
    wanted = KUBERNETES.version(settings.assets)
    if state and state.kubernetes_version != wanted:
        raise EmbeddedClusterError(
            f"A cluster '{settings.name}' of Kubernetes {state.kubernetes_version} is there and this collection brings "
            f"{wanted}: remove it with local_cluster_state=absent, or choose another local_cluster_name."
        )


def _programs(settings: Settings, progress: Progress) -> dict[str, Path]:
    packaged = [*_NODE_PROGRAMS]
    if settings.demo_images:
        packaged.append("busybox")
    if settings.prometheus:
        packaged += ["prometheus", "promtool"]
    found = ensure_programs(packaged, settings.cache, progress)
    for component in needed(settings):
        folder = built(component, settings.assets, settings.cache)
        found.update({program: folder / program for program in component.programs})
    return found


def _start_at_free_addresses(
    settings: Settings, state: State | None, programs: dict[str, Path], progress: Progress
) -> tuple[Layout, State]:
    """From the choice of the addresses until the host has them, no other start may choose."""
    with locked(_ADDRESSES_LOCK, lambda: progress.still("node", "another cluster is starting, waiting for it")):
        # The certificates of a cluster that was stopped name its addresses.
        addresses = choose(state.slot if state else settings.slot, host_networks())
        layout = Layout(settings, addresses, programs)
        return layout, _start_node(layout, state, progress)


def _start_node(layout: Layout, state: State | None, progress: Progress) -> State:
    """Process 1 of the node's namespaces, and its link to the host; the state is on disk before either is."""
    settings = layout.settings
    host.check_disk(settings.cache)
    _sweep(settings)
    host.check_inotify(host.most_inotify_instances(), host.used_inotify_instances())
    progress.step("node", f"starting '{settings.name}' at {layout.addresses.node}")
    settings.logs.mkdir(parents=True, exist_ok=True)
    version, slot = KUBERNETES.version(settings.assets), layout.addresses.slot
    complete = bool(state and state.complete)
    _write_state(settings, State(version, slot, None, complete))
    if not complete:
        write_configuration(layout)
    (settings.folder / "registry").mkdir(exist_ok=True)
    _write_supervisor_configuration(layout)
    cgroups.create(settings.cgroup)
    process = namespaces.start(supervisord_command(settings.python, settings.folder), settings.logs / "node.log")
    started = State(version, slot, process, complete)
    _write_state(settings, started)
    namespaces.connect(process, layout.addresses)
    return started


def _start_programs(layout: Layout, kubectl: Kubectl, progress: Progress) -> bool:
    """Starts what does not run, stage by stage; the last stage needs the rights that the manifests give."""
    settings = layout.settings
    supervisor = Supervisor(settings.folder, settings.logs)
    supervisor.wait_until_it_answers()
    # Another run may have wished for other programs.
    _write_supervisor_configuration(layout)
    supervisor.reload()
    first, second, third = stages(layout)
    changed = supervisor.start(first, progress, settings.start_timeout_seconds)
    changed |= supervisor.start(second, progress, settings.start_timeout_seconds)
    if changed:
        progress.step("cluster", "installing DNS and metrics")
        apply_manifests(layout, kubectl)
    changed |= supervisor.start(third, progress, settings.start_timeout_seconds)
    if changed:
        _link_user_programs(layout)
        import_images(layout, progress)
        wait_for_node(layout, kubectl, settings.start_timeout_seconds)
        progress.step("cluster", "the node is Ready")
    return changed


def _write_supervisor_configuration(layout: Layout) -> None:
    settings = layout.settings
    programs = [program for stage in stages(layout) for program in stage]
    folders = {str(path.parent) for path in layout.programs.values()}
    path = ":".join([*sorted(folders), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    write_configuration_file(configuration(programs, settings.folder, settings.logs, path), settings.folder)


def _link_user_programs(layout: Layout) -> None:
    folder = layout.settings.folder / "bin"
    folder.mkdir(exist_ok=True)
    for name in _USER_PROGRAMS:
        if name in layout.programs:
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(layout.programs[name])


def _remove(settings: Settings, state: State | None) -> None:
    if state and state.process and namespaces.alive(state.process):
        namespaces.kill({state.process.pid})
    _sweep(settings)
    shutil.rmtree(settings.folder)


def _sweep(settings: Settings) -> None:
    """Ends what a start or a removal that was killed may have left."""
    namespaces.kill(namespaces.members(settings.folder) | cgroups.processes(settings.cgroup))
    cgroups.remove(settings.cgroup)


def _read_state(settings: Settings) -> State | None:
    if not settings.folder.exists():
        return None
    try:
        known = json.loads(settings.state_file.read_text())
        process = Process(**known.pop("process")) if known["process"] else known.pop("process")
        return State(process=process, **known)
    except (OSError, ValueError, TypeError, KeyError):
        # A folder without a readable state is a start that was cut short.
        return State(KUBERNETES.version(settings.assets), 0, None, False)


def _write_state(settings: Settings, state: State) -> None:
    settings.folder.mkdir(parents=True, exist_ok=True)
    part = settings.state_file.with_suffix(".part")
    part.write_text(json.dumps(asdict(state)))
    part.replace(settings.state_file)
