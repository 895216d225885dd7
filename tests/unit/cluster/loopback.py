# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A real HTTP server on the loopback interface that answers as the test says, and certificates made for it."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Seen:
    """One request as the server saw it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What the server does: an answer, or dropping the connection, or sending slowly.

    parts: body in pieces, sent as chunks; a number waits that many seconds. drip_seconds: one byte at a time.
    drip_head: the status line and headers too.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    parts: list[Any] | None = None
    drop: bool = False
    drip_seconds: float = 0.0
    drip_head: bool = False
    wait_seconds: float = 0.0
    short: bool = False


def status(code: int, reason: str = "", message: str = "", **more: Any) -> Reply:
    """A Status object as the API server answers it."""
    headers = more.pop("headers", {})
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, **more}
    return Reply({**body, "message": message}, status=code, headers=headers)


class Api:
    """The server. answer(seen) is asked for each request; what it saw is in seen."""

    def __init__(self, answer: Callable[[Seen], Reply], context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.answer = answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_address[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            api.connections += 1
            super().setup()

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                super().handle()

        def log_message(self, *_args: Any) -> None:
            pass

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            seen = Seen(self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body)
            api.seen.append(seen)
            self._send(api.answer(seen))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def _send(self, reply: Reply) -> None:
            time.sleep(reply.wait_seconds)
            if reply.drop:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            head = {"Content-Type": "application/json", **reply.headers}
            if reply.parts is None:
                head["Content-Length"] = str(len(body) * (2 if reply.short else 1))
            else:
                head["Transfer-Encoding"] = "chunked"
            lines = [f"HTTP/1.1 {reply.status} x", *(f"{name}: {value}" for name, value in head.items()), "", ""]
            self._write("\r\n".join(lines).encode(), reply.drip_seconds if reply.drip_head else 0)
            if reply.parts is None:
                self._write(body, reply.drip_seconds)
            else:
                self._chunks(reply.parts)
            if reply.short:
                self.close_connection = True

        def _chunks(self, parts: list[Any]) -> None:
            for part in parts:
                if isinstance(part, (int, float)):
                    time.sleep(part)
                elif part is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                else:
                    data = part if isinstance(part, bytes) else json.dumps(part).encode() + b"\n"
                    self._write(b"%x\r\n%s\r\n" % (len(data), data), 0)
            self._write(b"0\r\n\r\n", 0)

        def _write(self, data: bytes, pause: float) -> None:
            if not pause:
                self.wfile.write(data)
                return
            for byte in data:
                self.wfile.write(bytes([byte]))
                time.sleep(pause)

    return Handler


@contextlib.contextmanager
def serving(answer: Callable[[Seen], Reply], context: ssl.SSLContext | None = None) -> Iterator[Api]:
    api = Api(answer, context)
    try:
        yield api
    finally:
        api.close()


def in_turn(*replies: Reply) -> Callable[[Seen], Reply]:
    """Answers with each reply once, and with the last one ever after."""
    left = list(replies)
    return lambda _seen: left.pop(0) if len(left) > 1 else left[0]


@dataclass(frozen=True)
class Certificate:
    """PEM files: certificate and key."""

    certificate: Path
    key: Path


_CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A CA that was made a moment ago."""

    def __init__(self, folder: Path, name: str = "test CA") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        made = made.add_extension(_CA_USAGE, critical=True)
        self.certificate = self._save("ca", made, self._key).certificate

    def issue(self, name: str, address: str = "127.0.0.1") -> Certificate:
        """A certificate for an address, for a server or a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        return self._save(name, self._builder(subject, key).add_extension(names, critical=False), key)

    def server_context(self, certificate: Certificate, *, ask_client: bool = False) -> ssl.SSLContext:
        """TLS for Api; with ask_client it wants a client certificate of this CA."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        if ask_client:
            context.load_verify_locations(self.certificate)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        # Python 3.13 and later refuse certificates without key identifiers.
        return (
            x509.CertificateBuilder()
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    def _save(self, name: str, builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> Certificate:
        pem = serialization.Encoding.PEM
        files = Certificate(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        files.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(pem))
        files.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return files
