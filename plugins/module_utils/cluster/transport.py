# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends one request once, and says in a sentence why no answer came."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Access
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    NotSent,
    TimedOut,
    TlsNotTrusted,
    Unreachable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.requests import Request
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.sockets import Exchange, begin

try:
    import urllib3
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, InsecureRequestWarning, ReadTimeoutError
except ImportError:
    # connection.py says so in a sentence before anything here is used.
    pass

READ_BYTES = 1 << 16


@dataclass(frozen=True)
class Answer:
    """A complete answer; body is cut at the limit that was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream:
    """An answer whose body arrives over time. Close it, or read it to its end."""

    def __init__(self, access: Access, request: Request, response: Any, exchange: Exchange, started: float) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self._access = access
        self._request = request
        self._response = response
        self._exchange = exchange
        self._started = started

    def read(self, limit_bytes: int | None = None) -> bytes:
        """All of the body, or its first limit_bytes."""
        try:
            body: bytes = self._response.read() if limit_bytes is None else self._response.read(limit_bytes)
        except (HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from error
        finally:
            self.close()
        return body

    def lines(self) -> Iterator[bytes]:
        """Line by line, as they come."""
        rest = b""
        try:
            for part in self._response.stream(READ_BYTES):
                *complete, rest = (rest + part).split(b"\n")
                yield from complete
        except (HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from error
        finally:
            self.close()
        if rest:
            yield rest

    def close(self) -> None:
        """Gives the connection back if the body was read to its end, else drops it."""
        if not self._response.closed:
            self._response.close()
        self._response.release_conn()

    def _failure(self, error: Exception) -> ClusterError:
        return failure(self._access, self._request, error, self._exchange, self._started)


def open_stream(access: Access, request: Request, user_agent: str, deadline: Deadline) -> Stream:
    """Sends the request and returns once the status is there. Any status is an answer, redirects included."""
    exchange = begin(deadline)
    started = deadline.clock.monotonic()
    headers = urllib3.HTTPHeaderDict({"User-Agent": user_agent, "Accept": request.accept})
    for name, value in access.headers:
        headers.add(name, value)
    if request.content_type:
        headers["Content-Type"] = request.content_type
    try:
        response = access.pool.request(
            request.method,
            access.url + request.target,
            body=request.body,
            headers=headers,
            timeout=urllib3.Timeout(total=max(deadline.remaining(), 0.001)),
            retries=False,
            redirect=False,
            preload_content=False,
        )
    except (HTTPError, OSError, ValueError) as error:
        raise failure(access, request, error, exchange, started) from error
    return Stream(access, request, response, exchange, started)


def failure(access: Access, request: Request, error: Exception, exchange: Exchange, started: float) -> ClusterError:
    """The error for a request that got no complete answer."""
    unknown = exchange.sent and not request.repeatable
    tail = ": it was sent, and nobody can tell whether it was carried out" if unknown else ""
    chain = list(_chain(error))
    if exchange.deadline.expired or any(
        isinstance(item, (TimeoutError, ConnectTimeoutError, ReadTimeoutError))
        and not isinstance(item, urllib3.exceptions.NewConnectionError)
        for item in chain
    ):
        spent = exchange.deadline.clock.monotonic() - started
        what = "no complete answer" if exchange.sent else "no connection"
        return TimedOut(
            f"cannot {request}: {what} from {_address(access)} within the {spent:.1f} s that it had{tail}",
            outcome_unknown=unknown,
        )
    tls = next((item for item in chain if isinstance(item, ssl.SSLError)), None)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return TlsNotTrusted(
            f"the certificate of {_address(access)} is not trusted ({tls.verify_message}):"
            " set ca_cert, or certificate-authority in the kubeconfig, to the CA that issued it"
        )
    if tls is not None and (tls.library == "X509" or "PEM lib" in str(tls)):
        return NotSent(f"the CA certificate, client certificate or key cannot be used: {_said(tls)}")
    if isinstance(chain[-1], ValueError) and not exchange.sent:
        return NotSent(f"cannot {request}: {chain[-1]}")
    return Unreachable(
        f"cannot reach the API server at {_address(access)}: {_said(tls or chain[-1])}{tail}", outcome_unknown=unknown
    )


def _address(access: Access) -> str:
    if not access.proxy:
        return access.url
    parts = urlsplit(access.proxy)
    return f"{access.url} through the proxy {parts.hostname}:{parts.port or 80}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the root last: urllib3 passes causes as arguments as well as by raise ... from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        inner = [item for item in current.args if isinstance(item, BaseException)]
        current = (inner[0] if inner else None) or current.__cause__ or getattr(current, "original_error", None)


def _said(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError):
        reason = (error.reason or "").replace("_", " ").lower() or str(error)
        return "it does not speak TLS" if reason == "wrong version number" else f"TLS failed, {reason}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def accept_untrusted() -> None:
    """validate_certs: false was asked for, so urllib3 need not warn about each request."""
    urllib3.disable_warnings(InsecureRequestWarning)
