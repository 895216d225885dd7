# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signatures that count, and every kind that does not, by real keys."""

from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from signing_keys import ABOUT, CAROL, DIGEST, RECORD, SAID, Keys, Write, ssh_keygen

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing import signed_decision, statement
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.errors import SignatureRefused
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.signed_decision import Signers
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.signing.statement import REASON, Statement


def _allowed(keys: Keys) -> str:
    return f"""# who may approve
alice@example.com,alice namespaces="aiops.kubernetes" {keys.public("alice")} token of alice, role=security
bob@example.com {keys.public("bob")}
bobby@example.com {keys.public("bob")} role=approver
"""


def _read(
    keys: Keys, write: Write, content: bytes, allowed: str | None = None, revoked: str = "", wanted: str = ""
) -> tuple[str, Any]:
    path = write("allowed", _allowed(keys) if allowed is None else allowed)
    signers = Signers(path, write("revoked", revoked) if revoked else "")
    return signed_decision.read(Path(write("decision.signed", content)), ABOUT, signers, wanted)


def test_a_signature_of_a_listed_key_counts_with_its_role(keys: Keys, write: Write) -> None:
    decision, approval = _read(keys, write, keys.signed("alice"))
    assert decision == "approved"
    assert (approval.by, approval.role, approval.identity) == ("alice@example.com", "security", "ssh-key")
    assert approval.strength == "ssh-signature"
    assert approval.also == ["alice"]
    assert approval.fingerprint in ssh_keygen("-l", "-f", str(keys.path("alice")))
    assert (approval.digest, approval.at, approval.justification) == (DIGEST, SAID.time, "it needs it")


def test_all_names_of_a_key_belong_to_one_person(keys: Keys, write: Write) -> None:
    _decision, approval = _read(keys, write, keys.signed("bob"))
    assert (approval.by, approval.role, approval.also) == ("bob@example.com", "approver", ["bobby@example.com"])


@pytest.mark.parametrize("decision", ["rejected", "emergency"])
def test_other_decisions_are_signed_too(keys: Keys, write: Write, decision: str) -> None:
    said = dataclasses.replace(SAID, decision=decision)
    found, approval = _read(keys, write, keys.signed("bob", said), wanted=decision)
    assert found == decision
    assert approval.emergency == (decision == "emergency")


def _altered(keys: Keys) -> bytes:
    return keys.signed("bob", dataclasses.replace(SAID, decision="rejected")).replace(b": rejected", b": approved")


def _of(**changes: str) -> Callable[[Keys], bytes]:
    return lambda keys: keys.signed("bob", dataclasses.replace(SAID, **changes))


# (what is handed in, why it does not count)
REFUSED: list[tuple[Callable[[Keys], bytes], str]] = [
    (lambda keys: keys.signed("eve"), "is not listed in"),
    (lambda keys: keys.signed("bob", namespace="git"), "does not fit its text"),
    (_altered, "does not fit its text"),
    (lambda keys: keys.signed("bob").replace(b"it needs it", b"it needs me"), "does not fit its text"),
    (_of(plan="sha256:" + "2" * 64), "read the plan, and sign that"),
    (_of(record="20261120T120000Z-ffffffff"), "it counts in its own alone"),
    (_of(decision="maybe"), "use one of approved, rejected, emergency"),
    (_of(time="yesterday"), "it has to be like 2026"),
    (_of(why=" "), "gives no reason"),
    (_of(why=REASON), "gives no reason"),
    (_of(why="ring\x07"), "control characters"),
    (_of(why="DB_PASSWORD=hunter2hunter2"), "looks like a secret"),
    (_of(why="good\nmore: lines"), "is no decision"),
    (lambda keys: SAID.text().encode(), "is no signed decision"),
    (lambda keys: keys.signed("bob") + b"and more", "is no signed decision"),
    (lambda keys: keys.signed("bob").replace(b"=\n", b"\n").replace(b"U1NI", b"U1NJ"), "does not fit its text"),
    (lambda keys: b"\xff\xfe", "is no text"),
    (lambda keys: b"x" * 70000, "is longer than"),
    (lambda keys: b"", "is no signed decision"),
]


@pytest.mark.parametrize(("content", "sentence"), REFUSED)
def test_what_does_not_count(keys: Keys, write: Write, content: Callable[[Keys], bytes], sentence: str) -> None:
    with pytest.raises(SignatureRefused, match=sentence):
        _read(keys, write, content(keys))


def test_a_signature_over_another_decision_than_the_one_named(keys: Keys, write: Write) -> None:
    with pytest.raises(SignatureRefused, match="over the decision 'approved', not over 'rejected'"):
        _read(keys, write, keys.signed("bob"), wanted="rejected")


# (lines of the file, with {bob} for the key; why it does not count)
LISTS: list[tuple[str, str]] = [
    ('bob valid-before="20200101" {bob}', "may not sign .any more.: key has expired"),
    ('bob valid-after="20990101" {bob}', "may not sign .any more.: key is not yet valid"),
    ('bob namespaces="git" {bob}', "may not sign this"),
    ("*@example.com {bob}", "the pattern '.*', which names nobody"),
    ("bob cert-authority {bob}", "is not listed in"),
    ("bob {bob} role=secuirty", "line 1 has role=secuirty: use role=security or role=approver"),
    ("", "is not listed in"),
    ("nonsense", "is not listed in"),
]


@pytest.mark.parametrize(("lines", "sentence"), LISTS)
def test_keys_that_may_not_sign(keys: Keys, write: Write, lines: str, sentence: str) -> None:
    with pytest.raises(SignatureRefused, match=sentence):
        _read(keys, write, keys.signed("bob"), lines.format(bob=keys.public("bob")) + "\n")


def test_a_role_in_another_line_is_not_the_keys(keys: Keys, write: Write) -> None:
    """Neither an expired line nor another key under the same name lends its role."""
    bob, eve = keys.public("bob"), keys.public("eve")
    lines = f'bob {eve} role=security\nbob valid-before="20200101" {bob} role=security\nbob {bob}\n'
    assert _read(keys, write, keys.signed("bob"), lines)[1].role == "approver"


def test_a_revoked_key(keys: Keys, write: Write, tmp_path: Path) -> None:
    with pytest.raises(SignatureRefused, match="of bob@example.com is revoked"):
        _read(keys, write, keys.signed("bob"), revoked=keys.public("bob") + "\n")
    assert _read(keys, write, keys.signed("alice"), revoked=keys.public("bob") + "\n")[0] == "approved"
    ssh_keygen("-k", "-q", "-f", str(tmp_path / "krl"), str(keys.path("bob").with_suffix(".pub")))
    signers = Signers(write("allowed", _allowed(keys)), str(tmp_path / "krl"))
    with pytest.raises(SignatureRefused, match="is revoked"):
        signed_decision.read(Path(write("s", keys.signed("bob"))), ABOUT, signers)


@pytest.mark.parametrize(("validity", "sentence"), [("-1h:+1h", ""), ("-2h:-1h", "is valid .any more. for no name in")])
def test_a_certificate(keys: Keys, write: Write, tmp_path: Path, validity: str, sentence: str) -> None:
    key = Keys(tmp_path)
    key.path("dora")
    ssh_keygen(
        *("-q", "-s", str(keys.path("authority")), "-I", "dora", "-n", "dora@example.com", "-V", validity),
        str(tmp_path / "dora.pub"),
    )
    allowed = f"*@example.com cert-authority {keys.public('authority')} role=security\n"
    text = SAID.text()
    signature = ssh_keygen("-Y", "sign", "-f", str(tmp_path / "dora-cert.pub"), "-n", "aiops.kubernetes", text=text)
    content = (text + signature).encode()
    if sentence:
        with pytest.raises(SignatureRefused, match=sentence):
            _read(keys, write, content, allowed)
        return
    approval = _read(keys, write, content, allowed)[1]
    assert (approval.by, approval.role) == ("dora@example.com", "security")
    assert approval.fingerprint in ssh_keygen("-l", "-f", str(tmp_path / "dora"))


def test_files_that_are_not_there(keys: Keys, write: Write, tmp_path: Path) -> None:
    decision = Path(write("s", keys.signed("bob")))
    allowed = write("allowed", _allowed(keys))
    missing = str(tmp_path / "missing")
    for path, signers, sentence in (
        (decision, Signers(), "change_allowed_signers names no file"),
        (decision, Signers(missing), "missing cannot be"),
        (decision, Signers(allowed, missing), "missing cannot be"),
        (Path(missing), Signers(allowed), "missing cannot be read"),
    ):
        with pytest.raises(SignatureRefused, match=sentence):
            signed_decision.read(path, ABOUT, signers)


def test_a_file_that_the_requester_can_write(keys: Keys, write: Write, tmp_path: Path) -> None:
    path = write("allowed", _allowed(keys))
    Path(path).chmod(0o666)
    with pytest.raises(SignatureRefused, match=r"proves nothing: uid 1501 asked for this change, and .* by anybody"):
        signed_decision.read(Path(write("s", keys.signed("bob"))), ABOUT, Signers(path))
    Path(path).chmod(0o644)
    revoked = write("revoked", "")
    Path(revoked).chmod(0o666)
    with pytest.raises(SignatureRefused, match="revoked proves nothing"):
        signed_decision.read(Path(write("s", keys.signed("bob"))), ABOUT, Signers(path, revoked))


@pytest.mark.parametrize(
    ("requester", "sentence"),
    [
        ({**CAROL, "name": "root"}, "root can write every file"),
        ({**CAROL, "sudo_user": "root"}, "root can write every file"),
        ({**CAROL, "name": "nobody-of-this-name"}, "is unknown here"),
    ],
)
def test_requesters_who_prove_nothing(keys: Keys, write: Write, requester: dict[str, Any], sentence: str) -> None:
    about = dataclasses.replace(ABOUT, requesters=(requester,))
    with pytest.raises(SignatureRefused, match=sentence):
        signed_decision.read(Path(write("s", keys.signed("bob"))), about, Signers(write("allowed", _allowed(keys))))


def _recorded(keys: Keys, write: Write, **changes: Any) -> dict[str, Any]:
    return {**_read(keys, write, keys.signed("alice"))[1].to_json(), **changes}


def test_a_journal_proves_a_signature_again(keys: Keys, write: Write) -> None:
    approval = _recorded(keys, write)
    signers = Signers(write("allowed", _allowed(keys)))
    assert signed_decision.why_not_proved(approval, ABOUT, signers) == ""
    other = dataclasses.replace(ABOUT, record="20261120T120000Z-ffffffff")
    assert "it counts in its own alone" in signed_decision.why_not_proved(approval, other, signers)
    revoked = Signers(signers.allowed, write("revoked", keys.public("alice") + "\n"))
    assert "is revoked" in signed_decision.why_not_proved(approval, ABOUT, revoked)


# (what was altered in the journal, why it is not proved)
ALTERED: list[tuple[dict[str, Any], str]] = [
    ({"by": "bob@example.com"}, "is that of alice@example.com"),
    ({"fingerprint": "SHA256:other"}, "is that of alice@example.com"),
    ({"emergency": True}, "over the decision 'approved', not over 'emergency'"),
    ({"proof": None}, "no signature"),
    ({"proof": {}}, "is no decision"),
]


@pytest.mark.parametrize(("changes", "sentence"), ALTERED)
def test_a_journal_that_says_more_than_was_signed(
    keys: Keys, write: Write, changes: dict[str, Any], sentence: str
) -> None:
    signers = Signers(write("allowed", _allowed(keys)))
    assert sentence in signed_decision.why_not_proved(_recorded(keys, write, **changes), ABOUT, signers)


def test_a_role_that_was_taken_away_does_not_count(keys: Keys, write: Write) -> None:
    approval = _recorded(keys, write)
    signers = Signers(write("allowed", _allowed(keys).replace("role=security", "role=approver")))
    assert signed_decision.why_not_proved(approval, ABOUT, signers) == "its role is approver by now"


def test_the_printed_command_makes_what_is_read(keys: Keys, write: Write, tmp_path: Path) -> None:
    lines = "\n".join(statement.command(DIGEST, RECORD)).replace(REASON, "it needs it")
    lines = lines.replace("~/.ssh/id_ed25519", str(keys.path("bob")))
    assert all(len(line) <= 80 for line in statement.command(DIGEST, RECORD))
    subprocess.run(["sh", "-euc", lines], cwd=tmp_path, check=True, capture_output=True)
    signers = Signers(write("allowed", _allowed(keys)))
    assert signed_decision.read(tmp_path / "decision.signed", ABOUT, signers)[1].by == "bob@example.com"


def test_a_text_is_read_as_it_was_made() -> None:
    said = Statement("approved", DIGEST, RECORD, "2026-11-20T12:00:00Z", "it: needs it")
    assert statement.read(statement.Signed(said.text(), "")) == said
