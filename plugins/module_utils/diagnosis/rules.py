# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules advisor's table: a failure class is one function and one row here.

Of several causes that hold, the root is the one that no other explains; of these the surer one, then the one that comes
first in the table. A row's last column names the classes that are only consequences where both hold.
"""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis import (
    image,
    network,
    node,
    probes,
    run,
    schedule,
    start,
    storage,
    workload,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Rule

# What any finer cause explains.
_COARSE = frozenset({"init-container-failed", "rollout-stuck", "job-failed", "app-exits"})
_PROBES = frozenset({"liveness-probe-wrong", "readiness-probe-wrong", "startup-too-slow"})
_CRASHES = _COARSE | _PROBES | {"app-crash"}
_SAID_BY_THE_PROGRAM = _CRASHES | {"config-invalid"}
_NODE = _CRASHES | {"sandbox-failed", "volume-mount-failed", "dependency-unavailable", "dns-failure"}
_OTHER_FILTERS = frozenset({"unschedulable-taint", "unschedulable-selector", "unschedulable-affinity"})

RULES: tuple[Rule, ...] = (
    # Node
    Rule("node-not-ready", node.node_not_ready, _NODE),
    Rule("node-pressure-evicted", node.node_pressure_evicted, _NODE),
    Rule("sandbox-failed", node.sandbox_failed, _COARSE),
    # Image
    Rule("image-name-invalid", image.image_name_invalid, _COARSE),
    Rule("image-never-pulled", image.image_never_pulled, _COARSE),
    Rule("image-auth", image.image_auth, _COARSE),
    Rule("image-registry-unreachable", image.image_registry_unreachable, _COARSE),
    Rule("image-not-found", image.image_not_found, _COARSE),
    # Start
    Rule("service-account-missing", start.service_account_missing, _COARSE),
    Rule("security-context-violation", start.security_context_violation, _COARSE),
    Rule("missing-configmap", start.missing_configmap, _COARSE | {"volume-mount-failed"}),
    Rule("missing-secret", start.missing_secret, _COARSE | {"volume-mount-failed"}),
    Rule("missing-config-key", start.missing_config_key, _COARSE | {"volume-mount-failed"}),
    Rule("bad-command", start.bad_command, _SAID_BY_THE_PROGRAM | {"file-permission-denied"}),
    Rule("oom-killed", run.oom_killed, _SAID_BY_THE_PROGRAM | {"dependency-unavailable"}),
    Rule("missing-env", start.missing_env, _SAID_BY_THE_PROGRAM),
    Rule("post-start-hook-failed", start.post_start_hook_failed, _CRASHES),
    # Run
    Rule("disk-full", run.disk_full, _SAID_BY_THE_PROGRAM | {"file-permission-denied", "node-pressure-evicted"}),
    Rule("rbac-denied", network.rbac_denied, _SAID_BY_THE_PROGRAM),
    Rule("file-permission-denied", start.file_permission_denied, _SAID_BY_THE_PROGRAM),
    Rule("port-conflict", run.port_conflict, _SAID_BY_THE_PROGRAM | {"unschedulable-resources"} | _OTHER_FILTERS),
    Rule("dns-failure", network.dns_failure, _SAID_BY_THE_PROGRAM | {"dependency-unavailable"}),
    Rule("dependency-unavailable", network.dependency_unavailable, _SAID_BY_THE_PROGRAM),
    Rule("config-invalid", start.config_invalid, _CRASHES),
    Rule(
        "startup-too-slow",
        probes.startup_too_slow,
        _COARSE | {"liveness-probe-wrong", "readiness-probe-wrong", "app-crash"},
    ),
    Rule("liveness-probe-wrong", probes.liveness_probe_wrong, _COARSE | {"readiness-probe-wrong", "app-crash"}),
    Rule("app-crash", run.app_crash, _COARSE | {"readiness-probe-wrong"}),
    Rule("readiness-probe-wrong", probes.readiness_probe_wrong, _COARSE - {"app-exits"}),
    Rule("app-exits", run.app_exits, frozenset({"rollout-stuck", "job-failed", "readiness-probe-wrong"})),
    # Storage
    Rule("pvc-missing", storage.pvc_missing, _COARSE | _OTHER_FILTERS),
    Rule("pvc-unbound", storage.pvc_unbound, _COARSE | _OTHER_FILTERS),
    Rule("volume-mount-failed", storage.volume_mount_failed, _COARSE),
    # Schedule
    Rule("scheduling-gated", schedule.scheduling_gated, _COARSE | _OTHER_FILTERS),
    # A node that lacks room has passed the other filters, so room is what keeps the pod from it.
    Rule("unschedulable-resources", schedule.unschedulable_resources, _COARSE | _OTHER_FILTERS),
    Rule(
        "unschedulable-affinity",
        schedule.unschedulable_affinity,
        _COARSE | {"unschedulable-taint", "unschedulable-selector"},
    ),
    Rule("unschedulable-selector", schedule.unschedulable_selector, _COARSE | {"unschedulable-taint"}),
    Rule("unschedulable-taint", schedule.unschedulable_taint, _COARSE),
    Rule("quota-exceeded", schedule.quota_exceeded, _COARSE),
    Rule("limit-range-violation", schedule.limit_range_violation, _COARSE),
    Rule("admission-denied", schedule.admission_denied, _COARSE),
    Rule("priority-preempted", schedule.priority_preempted, _COARSE),
    # Where nothing finer is known
    Rule("init-container-failed", start.init_container_failed, frozenset({"rollout-stuck", "job-failed"})),
    Rule("job-failed", workload.job_failed),
    Rule("rollout-stuck", workload.rollout_stuck),
)
