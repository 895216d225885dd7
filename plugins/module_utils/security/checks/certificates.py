# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates in Secrets of type kubernetes.io/tls."""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.certificate_end import end_of
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault

CODES = ("tls-expired", "tls-expiring")


def check(facts: Facts) -> Iterator[Fault]:
    """Each that has ended, or soon will."""
    soon = facts.now + datetime.timedelta(days=facts.settings.certificate_days)
    for secret in facts.tls_secrets:
        meta = secret.metadata
        try:
            end = end_of(base64.b64decode(secret.data.get("tls.crt", "")))
        except binascii.Error:
            end = None
        if end is None:
            continue
        if end < facts.now:
            yield Fault("tls-expired", "Secret", meta.namespace, meta.name, f"its certificate ended at {end:%Y-%m-%d}")
        elif end < soon:
            yield Fault("tls-expiring", "Secret", meta.namespace, meta.name, f"its certificate ends at {end:%Y-%m-%d}")
