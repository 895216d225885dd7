# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The certificates of one cluster, from a certificate authority of its own. They live as long as the cluster."""

from __future__ import annotations

import datetime
import sys
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.embedded.errors import EmbeddedClusterError

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
except ImportError as missing:
    MISSING = str(missing)
else:
    MISSING = ""

_LIFETIME = datetime.timedelta(days=365)


@dataclass(frozen=True)
class Subject:
    """Who a certificate is for. `organizations` are Kubernetes' groups."""

    file: str
    common_name: str
    organizations: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[IPv4Address, ...] = field(default=())


def write_certificates(folder: Path, subjects: list[Subject]) -> None:
    """Writes ca.crt/ca.key, NAME.crt/NAME.key for each subject, and the key pair that signs ServiceAccount tokens."""
    if MISSING:
        raise EmbeddedClusterError(
            f"Certificates need the Python package cryptography, which {sys.executable} cannot import ({MISSING}): "
            "pip install cryptography (ansible-core brings it)."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _certificate(Subject("ca", "aiops-local-cluster"), authority_key, None)
    _write_pair(folder, "ca", authority, authority_key)
    for subject in subjects:
        key = ec.generate_private_key(ec.SECP256R1())
        _write_pair(folder, subject.file, _certificate(subject, key, (authority, authority_key)), key)
    signer = ec.generate_private_key(ec.SECP256R1())
    _write_key(folder / "service-account.key", signer)
    public = signer.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / "service-account.pub").write_bytes(public)


def _certificate(
    subject: Subject,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
) -> x509.Certificate:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in subject.organizations]
    name = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer[0].subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of containers and hosts may differ by minutes.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is None:
        # Python 3.13 verifies strictly and refuses an authority that does not say what its key is for.
        builder = builder.add_extension(_authority_usage(), critical=True)
    else:
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key())
        builder = builder.add_extension(identifier, critical=False)
    alternatives: list[x509.GeneralName] = [x509.DNSName(text) for text in subject.names]
    alternatives += [x509.IPAddress(address) for address in subject.addresses]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_pair(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(folder / f"{name}.key", key)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
