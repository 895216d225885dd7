# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When certificates end: TLS Secrets, by the date inside them. Their keys are never decoded."""

from __future__ import annotations

import base64
import binascii
import datetime
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Finding
from ansible_collections.aiops.kubernetes.plugins.module_utils.health import fixes
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import found
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.shapes import TlsSecret
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.snapshot import Snapshot

# DER: a certificate's validity is SEQUENCE { notBefore, notAfter }, each UTCTime (0x17, 13 bytes) or GeneralizedTime
# (0x18, 15 bytes): RFC 5280, 4.1.2.5.
_TIMES = {0x17: 13, 0x18: 15}
_PEM_BEGIN, _PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


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
        pem = base64.b64decode(secret.data.get("tls.crt", "")).decode("ascii", "replace")
        body = pem.split(_PEM_BEGIN, 1)[1].split(_PEM_END, 1)[0]
        return not_after(base64.b64decode("".join(body.split())))
    except (binascii.Error, IndexError, ValueError):
        return None


def not_after(der: bytes) -> datetime.datetime:
    """The end of a certificate. ValueError where these bytes are none.

    Certificate > tbsCertificate > [0] version?, serialNumber, signature, issuer, validity.
    """
    certificate = _content(der, 0)[0]
    inside = _content(certificate, 0)[0]
    at = 0
    if inside[at] == 0xA0:
        at = _content(inside, at)[1]
    for _serial_signature_issuer in range(3):
        at = _content(inside, at)[1]
    validity = _content(inside, at)[0]
    end = _content(validity, 0)[1]
    kind, text = validity[end], _content(validity, end)[0].decode("ascii")
    if _TIMES.get(kind) != len(text):
        raise ValueError("no time where a certificate's end should be")
    # RFC 5280: two digits of 50 and more are of the century before.
    century = "" if kind == 0x18 else ("19" if int(text[:2]) >= 50 else "20")
    return datetime.datetime.strptime(century + text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)


def _content(der: bytes, at: int) -> tuple[bytes, int]:
    """The content of the element that begins there, and where the next begins."""
    if at + 2 > len(der):
        raise ValueError("the certificate ends too early")
    length, begin = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + size], "big"), begin + size
    if begin + length > len(der):
        raise ValueError("the certificate ends too early")
    return der[begin : begin + length], begin + length
