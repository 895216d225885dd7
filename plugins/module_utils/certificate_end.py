# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a certificate ends, read from its DER without a cryptography library (RFC 5280, section 4.1)."""

from __future__ import annotations

import base64
import binascii
import datetime

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def end_of(pem: bytes) -> datetime.datetime | None:
    """notAfter of the first certificate in a PEM text; None where there is none that can be read."""
    body = pem.partition(_BEGIN)[2].partition(_END)[0]
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
        return not_after(der)
    except (binascii.Error, IndexError, ValueError):
        return None


def not_after(der: bytes) -> datetime.datetime | None:
    """The end of a certificate in DER, None where something else stands. ValueError, IndexError: it is cut off."""
    _tag, certificate, _rest = _element(der)
    _tag, to_be_signed, _rest = _element(certificate)
    tag, _value, rest = _element(to_be_signed)
    if tag == _VERSION:
        _tag, _serial, rest = _element(rest)
    _tag, _algorithm, rest = _element(rest)
    _tag, _issuer, rest = _element(rest)
    tag, validity, _rest = _element(rest)
    if tag != _SEQUENCE:
        return None
    _tag, _not_before, rest = _element(validity)
    tag, text, _rest = _element(rest)
    return _time(tag, text.decode("ascii"))


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag and content of the first element, and what follows it."""
    tag, length, start = data[0], data[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
    if start + length > len(data):
        raise ValueError("the certificate is cut off")
    return tag, data[start : start + length], data[start + length :]


def _time(tag: int, text: str) -> datetime.datetime | None:
    # A year of two digits below 50 is of this century.
    if tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    elif tag != _GENERALIZED_TIME:
        return None
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.UTC)
