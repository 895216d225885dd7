# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connections whose every step keeps one deadline: name look-up, connect, handshake, headers, body.

urllib3's own timeouts bound each read, so a server that sends a byte now and then would hold a call forever.
With connection.py and transport.py the only files that import urllib3 (which comes with the kubernetes client).
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
from dataclasses import dataclass
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

try:
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
except ImportError:
    # connection.py says so in a sentence before anything here is used.
    HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]

READ_BUFFER_BYTES = 1 << 16
# A peer that vanished without a word is noticed after a minute, also in a watch that waits for hours.
SOCKET_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        [
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        ]
        if hasattr(socket, "TCP_KEEPIDLE")
        else []
    ),
]


@dataclass
class Exchange:
    """One request under way in this thread. sent: the server may have seen it."""

    deadline: Deadline
    sent: bool = False


_under_way = threading.local()


def begin(deadline: Deadline) -> Exchange:
    """Makes the next connect, send and answer of this thread keep to the deadline."""
    exchange = Exchange(deadline)
    _under_way.exchange = exchange
    return exchange


def under_way() -> Exchange:
    """The exchange that this thread began last."""
    exchange: Exchange = _under_way.exchange
    return exchange


def _seconds_left(exchange: Exchange) -> float:
    left = exchange.deadline.remaining()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _DeadlineReader(io.RawIOBase):
    """Reads a socket, giving each read no more time than the exchange has left."""

    def __init__(self, sock: Any, exchange: Exchange) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_seconds_left(self._exchange))
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class DeadlineResponse(http.client.HTTPResponse):
    """An answer whose headers and body keep the deadline of the exchange under way in this thread."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_DeadlineReader(sock, _under_way.exchange), READ_BUFFER_BYTES)


class _DeadlineConnection:
    """Mixed into urllib3's connections."""

    response_class = DeadlineResponse
    sock: Any
    host: str
    port: int
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        exchange: Exchange = _under_way.exchange
        try:
            return connect(self._dns_host.strip("[]"), self.port, exchange)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "connecting timed out") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error  # type: ignore[arg-type]

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        _under_way.exchange.sent = True
        super().endheaders(*args, **kwargs)  # type: ignore[misc]


def connect(host: str, port: int, exchange: Exchange) -> socket.socket:
    """A socket to the first address that accepts; each gets what is left, the earlier ones at most an equal share."""
    addresses = _look_up(host, port, exchange)
    for number, (family, kind, protocol, _name, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in SOCKET_OPTIONS:
                sock.setsockopt(*option)
            sock.settimeout(_seconds_left(exchange) / (len(addresses) - number))
            sock.connect(address)
            sock.settimeout(_seconds_left(exchange))
            return sock
        except OSError:
            sock.close()
            if number == len(addresses) - 1:
                raise
    raise OSError(f"{host} has no address")


def _look_up(host: str, port: int, exchange: Exchange) -> list[Any]:
    """getaddrinfo knows no deadline, so names (not addresses) are looked up in a thread that may be left behind."""
    try:
        return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except socket.gaierror:
        pass
    found: list[Any] = []
    failed: list[OSError | UnicodeError] = []

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=look_up, daemon=True, name=f"look-up-{host}")
    thread.start()
    thread.join(_seconds_left(exchange))
    if failed:
        raise failed[0] if isinstance(failed[0], OSError) else OSError(f"{host} is not a host name")
    if not found:
        raise TimeoutError(f"looking up {host} timed out")
    return found


class DeadlineHTTPConnection(_DeadlineConnection, HTTPConnection):  # type: ignore[misc]
    """http://"""


class DeadlineHTTPSConnection(_DeadlineConnection, HTTPSConnection):  # type: ignore[misc]
    """https://"""


class DeadlineHTTPPool(HTTPConnectionPool):
    """Connections to one http:// address."""

    ConnectionCls = DeadlineHTTPConnection


class DeadlineHTTPSPool(HTTPSConnectionPool):
    """Connections to one https:// address."""

    ConnectionCls = DeadlineHTTPSConnection


def keep_deadlines(pool: Any) -> Any:
    """Makes a PoolManager or ProxyManager of urllib3 build connections of this file. SOCKS proxies keep their own."""
    if not type(pool).__module__.endswith("socks"):
        pool.pool_classes_by_scheme = {"http": DeadlineHTTPPool, "https": DeadlineHTTPSPool}
    return pool
