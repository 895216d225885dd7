# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One GET over HTTP or HTTPS under one deadline, for sources of metrics outside the cluster's own API."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlencode, urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.metrics.errors import (
    NoSource,
    SourceTimedOut,
    SourceUnreachable,
)

READ_BYTES = 1 << 18
# A namespace of thousands of pods over weeks is some 20 MB.
LONGEST_ANSWER_BYTES = 512 << 20
USER_AGENT = "aiops.kubernetes"


@dataclass(frozen=True)
class Endpoint:
    """Where a source listens and how it is spoken to. What would show a secret stays out of repr().

    `url` may have a path (`https://mimir.example/prometheus`). `tenant` goes out as `X-Scope-OrgID`, as Mimir, Cortex
    and Thanos read it; `headers` are sent as they are.
    """

    url: str
    bearer_token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    ca_cert: str = ""
    client_cert: str = ""
    client_key: str = ""
    validate_certs: bool = True
    tenant: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def get(endpoint: Endpoint, path: str, query: Mapping[str, str], deadline: Deadline) -> tuple[int, bytes]:
    """Status and body. Any status is an answer; redirects are not followed, for they would take the token along."""
    parts = urlsplit(endpoint.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoSource(f"{endpoint.url!r} is not the address of a Prometheus: write it like http://prometheus:9090")
    address = shown(endpoint)
    started = deadline.clock.monotonic()
    connection = _connection(endpoint, parts.scheme, parts.hostname, parts.port, max(0.001, deadline.remaining()))
    try:
        target = f"{parts.path.rstrip('/')}{path}?{urlencode(query)}"
        connection.request("GET", target, headers=headers_of(endpoint))
        _allow(connection, deadline)
        response = connection.getresponse()
        return response.status, _body(response, connection, deadline)
    except (TimeoutError, _Late):
        spent = deadline.clock.monotonic() - started
        raise SourceTimedOut(f"{address} gave no complete answer within the {spent:.1f} s that it had") from None
    except ssl.SSLCertVerificationError as error:
        raise SourceUnreachable(
            f"the certificate of {address} is not trusted ({error.verify_message}): name the CA that issued it"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        raise SourceUnreachable(f"{address} cannot be reached: {said}") from error
    finally:
        connection.close()


def shown(endpoint: Endpoint) -> str:
    """The address for people: without what a URL may carry of credentials."""
    parts = urlsplit(endpoint.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}"


class _Late(Exception):
    """The deadline passed between two reads."""


def _connection(
    endpoint: Endpoint, scheme: str, host: str, port: int | None, seconds: float
) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_cert or None)
        if endpoint.client_cert:
            context.load_cert_chain(endpoint.client_cert, endpoint.client_key or None)
    except (OSError, ssl.SSLError) as error:
        raise NoSource(f"the CA or client certificate for {endpoint.url} cannot be used: {error}") from error
    if not endpoint.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)


def headers_of(endpoint: Endpoint) -> dict[str, str]:
    """The headers of a request: who asks, with what right, for which tenant."""
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **endpoint.headers}
    if endpoint.bearer_token:
        headers["Authorization"] = f"Bearer {endpoint.bearer_token}"
    elif name := endpoint.username or unquote(urlsplit(endpoint.url).username or ""):
        password = endpoint.password or unquote(urlsplit(endpoint.url).password or "")
        pair = base64.b64encode(f"{name}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    if endpoint.tenant:
        headers["X-Scope-OrgID"] = endpoint.tenant
    return headers


def _body(response: http.client.HTTPResponse, connection: http.client.HTTPConnection, deadline: Deadline) -> bytes:
    """The whole body; each read has what is left of the deadline."""
    parts: list[bytes] = []
    size = 0
    while True:
        _allow(connection, deadline)
        part = response.read1(READ_BYTES)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > LONGEST_ANSWER_BYTES:
            raise http.client.HTTPException(f"its answer is longer than {LONGEST_ANSWER_BYTES >> 20} MiB")
        parts.append(part)


def _allow(connection: http.client.HTTPConnection, deadline: Deadline) -> None:
    if deadline.expired:
        raise _Late
    # The socket goes with the last of a body that ends by closing; then nothing is left to wait for.
    if isinstance(connection.sock, socket.socket):
        connection.sock.settimeout(max(0.001, deadline.remaining()))
