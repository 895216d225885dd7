# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose signature a decision carries, and whether it counts: for this plan, in this record, by a key that is allowed.

Asked when a signature is handed in, and again by the barrier from what the journal holds of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Approval
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import signers, ssh_keygen, statement, writable
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused

STRENGTH = "ssh-signature"


@dataclass(frozen=True)
class Signers:
    """OpenSSH's files of allowed signers and of revoked keys (paths, "" for none)."""

    allowed: str = ""
    revoked: str = ""


@dataclass(frozen=True)
class About:
    """What a signature has to be about: the plan's digest and the record's run id; and who asked for the change."""

    digest: str
    record: str
    requesters: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class _Key:
    """A key that may sign: its names, the first as it is called, its fingerprint and the role of its signer."""

    names: list[str]
    fingerprint: str
    role: str


def read(path: Path, about: About, by: Signers, wanted: str = "") -> tuple[str, Approval]:
    """The decision in a signed file, and whose word it is; `wanted` is a decision that was also named ("" for none).

    Raises `SignatureRefused`.
    """
    try:
        with path.expanduser().open("rb") as stream:
            content = stream.read(statement.LONGEST_BYTES + 1)
    except OSError as error:
        raise SignatureRefused(f"the signed decision {path} cannot be read: {error.strerror}") from None
    if len(content) > statement.LONGEST_BYTES:
        raise SignatureRefused(f"the signed decision {path} is longer than {statement.LONGEST_BYTES} bytes")
    signed = statement.split(content)
    said, key = _proved(signed, about, by)
    if wanted and wanted != said.decision:
        raise SignatureRefused(f"the signature is over the decision {said.decision!r}, not over {wanted!r}")
    return said.decision, Approval(
        by=key.names[0],
        role=key.role,
        identity="ssh-key",
        strength=STRENGTH,
        at=said.time,
        digest=said.plan,
        justification=said.why.strip(),
        emergency=said.decision == "emergency",
        also=key.names[1:],
        fingerprint=key.fingerprint,
        proof={"text": signed.text, "signature": signed.signature},
    )


def why_not_proved(approval: Mapping[str, Any], about: About, by: Signers) -> str:
    """Why an approval in a journal is not (or no longer) proved by the signature beside it; "" if it is."""
    proof = approval.get("proof")
    if not isinstance(proof, Mapping):
        return "the journal holds no signature"
    try:
        said, key = _proved(statement.Signed(str(proof.get("text")), str(proof.get("signature"))), about, by)
    except SignatureRefused as refused:
        return str(refused)
    meant = "emergency" if approval.get("emergency") is True else "approved"
    if said.decision != meant:
        return f"the signature is over the decision {said.decision!r}, not over {meant!r}"
    if approval.get("by") != key.names[0] or approval.get("fingerprint") != key.fingerprint:
        return f"the signature is that of {key.names[0]}"
    return "" if approval.get("role") in (key.role, "approver") else f"its role is {key.role} by now"


def _proved(signed: statement.Signed, about: About, by: Signers) -> tuple[statement.Statement, _Key]:
    if not by.allowed:
        raise SignatureRefused("signatures do not count here: change_allowed_signers names no file")
    _refuse_writable(by, about.requesters)
    said = statement.read(signed)
    allowed, revoked = _content(by.allowed), _content(by.revoked) if by.revoked else ""
    if fault := signers.fault_of(allowed):
        raise SignatureRefused(f"{by.allowed} is wrong: {fault}")
    with tempfile.TemporaryDirectory(prefix="aiops-signature-") as folder:
        files = _Files(Path(folder), signed, allowed, revoked)
        fingerprint = ssh_keygen.fingerprint_of(files.text, files.signature)
        if not fingerprint:
            raise SignatureRefused("the signature does not fit its text: one of them was altered")
        _require_about(said, about)
        return said, _key(files, fingerprint, by)


def _require_about(said: statement.Statement, about: About) -> None:
    if said.plan != about.digest:
        raise SignatureRefused(
            f"the signature is over the plan {said.plan}, this record's is {about.digest}: read the plan, and sign that"
        )
    if said.record != about.record:
        raise SignatureRefused(
            f"the signature was made for the record {said.record}, this is {about.record}: it counts in its own alone"
        )


class _Files:
    """Private copies of what ssh-keygen reads, so that every question is about the same content."""

    def __init__(self, folder: Path, signed: statement.Signed, allowed: str, revoked: str) -> None:
        self.text = signed.text.encode()
        self.signature = folder / "signature"
        self.signature.write_text(signed.armoured())
        self.allowed, self.security, self.revoked = folder / "allowed", folder / "security", folder / "revoked"
        self.allowed.write_text(allowed, errors="surrogateescape")
        self.security.write_text(signers.of_role(allowed, "security"), errors="surrogateescape")
        self.revoked.write_bytes(revoked.encode("utf-8", errors="surrogateescape"))
        self.names = signers.principals_of(allowed, signed.key_blob())


def _key(files: _Files, fingerprint: str, by: Signers) -> _Key:
    found = ssh_keygen.principals_of(files.signature, files.allowed)
    if not found.good:
        raise SignatureRefused(_why_not_allowed(found.complaint, fingerprint, by.allowed))
    names = signers.names_in(found.output)
    told = ssh_keygen.verify(files.text, files.signature, files.allowed, names[0])
    if not told.good:
        raise SignatureRefused(f"the key {fingerprint} of {names[0]} may not sign this: {_last(told.complaint)}")
    if not ssh_keygen.verify(files.text, files.signature, files.allowed, names[0], files.revoked).good:
        raise SignatureRefused(f"the key {fingerprint} of {names[0]} is revoked ({by.revoked})")
    security = ssh_keygen.verify(files.text, files.signature, files.security, names[0]).good
    others = [name for name in files.names if name not in names and not any(mark in name for mark in "*?!")]
    return _Key([*names, *others], fingerprint, "security" if security else "approver")


def _why_not_allowed(complaint: str, fingerprint: str, allowed: str) -> str:
    told = [line.partition(": ")[2] for line in complaint.splitlines() if "expired" in line or "not yet valid" in line]
    if told:
        return f"the key {fingerprint} may not sign (any more): {told[0]}"
    if "no valid principals" in complaint:
        return f"the certificate of the key {fingerprint} is valid (any more) for no name in {allowed}"
    return f"the key {fingerprint} is not listed in {allowed}: whoever keeps that file has to list it"


def _last(complaint: str) -> str:
    return next((line.strip() for line in reversed(complaint.splitlines()) if line.strip()), "no reason was given")


def _content(path: str) -> str:
    try:
        return Path(path).expanduser().read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        raise SignatureRefused(f"{path} cannot be read: {error.strerror}") from None


def _refuse_writable(by: Signers, requesters: Sequence[Mapping[str, Any]]) -> None:
    """Whoever asked for a change must not be able to say whose signature counts."""
    accounts = [item for item in requesters if item.get("identity") == "os-user"]
    for name in dict.fromkeys(
        str(item.get(key)) for item in accounts for key in ("name", "sudo_user") if item.get(key)
    ):
        user = writable.user_of(name)
        if user is None:
            raise SignatureRefused(
                f"{name} asked for this change and is unknown here: what they may write cannot be told"
            )
        for path in filter(None, (by.allowed, by.revoked)):
            if reason := writable.how(Path(path).expanduser(), user):
                raise SignatureRefused(f"{path} proves nothing: {name} asked for this change, and {reason}")
