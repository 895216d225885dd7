# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When certificates end: TLS Secrets, by the date inside them. Their keys are never decoded."""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils import certificate_end
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import TlsSecret
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot


def judge(seen: Snapshot) -> Iterator[Finding]:
    """H821, H822: the first certificate of each Secret, which is the server's own."""
    for item in seen.of("TlsSecret"):
        end = end_of(item)
        if end is None:
            continue
        days = (end - seen.now).total_seconds() / 86400
        if days > seen.settings.certificate_days:
            continue
        when = f"{end:%Y-%m-%dT%H:%M:%SZ}"
        told = f"since {when}" if days < 0 else f"{days:.0f} days from now, {when}"
        fix = fixes.look("Renew it", "get", "secret", item.metadata.name, namespace=item.metadata.namespace)
        code = "H821" if days < 0 else "H822"
        yield found(code, "Secret", item.metadata, told, [f"tls.crt: notAfter {when}"], fix)


def end_of(secret: TlsSecret) -> datetime.datetime | None:
    """notAfter of a TLS Secret's first certificate; None where it cannot be read."""
    try:
        return certificate_end.end_of(base64.b64decode(secret.data.get("tls.crt", "")))
    except binascii.Error:
        return None
