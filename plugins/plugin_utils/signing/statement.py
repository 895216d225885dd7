# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is signed: six lines that name the decision, the plan, the record, the time and the reason (pure).

    aiops.kubernetes decision
    decision: approved
    plan: sha256:…
    record: 20261120T120000Z-0a1b2c3d
    time: 2026-11-20T12:00:00Z
    why: measured 180Mi, the limit is 64Mi

A signed file is this text followed by what `ssh-keygen -Y sign` made over it.
"""

from __future__ import annotations

import base64
import binascii
import textwrap
from dataclasses import dataclass
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import times
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused

HEADING: Final = "aiops.kubernetes decision"
DECISIONS: Final = ("approved", "rejected", "emergency")
# What stands in the printed command until a person puts a reason there.
REASON: Final = "WHY THIS CHANGE IS RIGHT"
LONGEST_BYTES: Final = 64 * 1024
_KEYS: Final = ("decision", "plan", "record", "time", "why")
_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_END: Final = "-----END SSH SIGNATURE-----"
_ARMOR_WIDTH: Final = 70


@dataclass(frozen=True)
class Statement:
    """A decision as it was signed; `time` is RFC 3339 in UTC."""

    decision: str
    plan: str
    record: str
    time: str
    why: str

    def text(self) -> str:
        """The canonical text."""
        return "".join([HEADING + "\n", *(f"{key}: {getattr(self, key)}\n" for key in _KEYS)])


@dataclass(frozen=True)
class Signed:
    """A text and the signature over it (the base64 of SSHSIG, without armour)."""

    text: str
    signature: str

    def armoured(self) -> str:
        """The signature as ssh-keygen reads it."""
        return "\n".join([_BEGIN, *textwrap.wrap(self.signature, _ARMOR_WIDTH), _END, ""])

    def key_blob(self) -> str:
        """The base64 of the public key (or certificate) that the signature names (PROTOCOL.sshsig); "" for none."""
        try:
            blob = base64.b64decode(self.signature, validate=True)
        except binascii.Error:
            return ""
        length = int.from_bytes(blob[10:14], "big")
        return base64.b64encode(blob[14 : 14 + length]).decode() if blob[:6] == b"SSHSIG" else ""


def split(content: bytes) -> Signed:
    """Part a signed file; raises `SignatureRefused`."""
    try:
        text, begin, rest = content.decode("utf-8").replace("\r\n", "\n").partition(_BEGIN)
    except UnicodeDecodeError:
        raise SignatureRefused("the signed decision is no text") from None
    armour, end, after = rest.partition(_END)
    if not begin or not end or after.strip() or not text:
        raise SignatureRefused("the file is no signed decision: it has to be the text, then the signature over it")
    return Signed(text, "".join(armour.split()))


def read(signed: Signed) -> Statement:
    """The statement in a signed text; raises `SignatureRefused` for anything but exactly such a text."""
    lines = signed.text.split("\n")
    pairs = [line.partition(": ") for line in lines[1:-1]]
    if lines[0] != HEADING or lines[-1] or tuple(key for key, _colon, _value in pairs) != _KEYS:
        raise SignatureRefused(
            f'the signed text is no decision: it has "{HEADING}" and {", ".join(_KEYS)}, a line each'
        )
    statement = Statement(*(value for _key, _colon, value in pairs))
    if statement.decision not in DECISIONS:
        raise SignatureRefused(f"the signed decision is {statement.decision!r}: use one of {', '.join(DECISIONS)}")
    if times.parse(statement.time) is None:
        raise SignatureRefused(f"the signed time is {statement.time!r}: it has to be like 2026-11-20T12:00:00Z")
    if statement.decision != "rejected" and (not statement.why.strip() or statement.why.strip() == REASON):
        raise SignatureRefused("the signed decision gives no reason: put one after why:, and sign again")
    if not statement.why.isprintable() and statement.why:
        raise SignatureRefused("the signed reason holds control characters: sign again without them")
    if redacted(signed.text) != signed.text:
        raise SignatureRefused("the signed reason holds what looks like a secret: sign again without it")
    return statement


def command(plan: str, record: str, decision: str = "approved") -> list[str]:
    """The lines to paste into a shell wherever the key is, and to edit: they make `decision.signed`."""
    statement = Statement(decision, plan, record, "$(date -u +%Y-%m-%dT%H:%M:%SZ)", REASON)
    return [
        "cat > decision.txt <<END",
        *statement.text().splitlines(),
        "END",
        "ssh-keygen -Y sign -n aiops.kubernetes -f ~/.ssh/id_ed25519 < decision.txt |",
        "  cat decision.txt - > decision.signed",
    ]
