# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the labels of a namespace make admission enforce."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

ENFORCE = "pod-security.kubernetes.io/enforce"
ENFORCE_VERSION = "pod-security.kubernetes.io/enforce-version"
CODES = ("namespace-not-enforced", "namespace-privileged", "namespace-policy-pinned")
# A policy of up to so many versions ago is what Kubernetes itself supports.
_RECENT = 3
# Admission takes whatever else is written for the latest.
_PINNED = re.compile(r"v1\.(\d+)")


def check(facts: Facts) -> Iterator[Fault]:
    """Each namespace that was asked about."""
    for item in facts.namespaces:
        meta = item.metadata
        if not facts.sees(meta.name):
            continue
        level, version = meta.labels.get(ENFORCE, ""), meta.labels.get(ENFORCE_VERSION, "")
        pinned = _PINNED.fullmatch(version)
        if not level:
            message = "no level of the Pod Security Standards is enforced"
            yield Fault("namespace-not-enforced", "Namespace", "", meta.name, message)
        elif level == "privileged":
            message = "the level privileged is enforced, which forbids nothing"
            yield Fault("namespace-privileged", "Namespace", "", meta.name, message)
        elif facts.minor and pinned and facts.minor - int(pinned[1]) > _RECENT:
            message = f"the policy of {version} is enforced, on Kubernetes 1.{facts.minor}"
            yield Fault("namespace-policy-pinned", "Namespace", "", meta.name, message)
