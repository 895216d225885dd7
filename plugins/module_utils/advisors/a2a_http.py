# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One POST of JSON to an agent, under one deadline, its answer bounded: a JSON body, or server-sent events.

No redirect is followed and no proxy of the environment is used: what is sent goes to the address that was set.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster import sockets
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

ANSWER_BYTES: Final = 1 << 20
_QUOTED_CHARACTERS: Final = 200
_EVENTS: Final = "text/event-stream"


class NoAnswer(Exception):
    """Nothing usable came back; str() says why in a sentence."""


class OutOfTime(NoAnswer):
    """The deadline passed."""


class Cut(NoAnswer):
    """The answer ended before it was whole."""


@dataclass(frozen=True)
class Address:
    """Where an agent listens. `headers` go with every request; `ca_cert` is a file, by default the system's CAs."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_cert: str = ""

    @property
    def shown(self) -> str:
        """The address for people, without what a URL may hold of credentials."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def check(url: str) -> str:
    """What is wrong with an address, in a clause; empty where nothing is."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it has to begin with http:// or https:// and a host"
    if parts.username or parts.password:
        return "credentials do not belong into an address: use token"
    return ""


def post(address: Address, body: Mapping[str, Any], headers: Mapping[str, str], deadline: Deadline) -> Iterator[Any]:
    """The JSON values of the answer, one of a JSON body, as many as come of an event stream. Raises NoAnswer."""
    text = json.dumps(body).encode()
    connection = _connection(address)
    try:
        exchange = sockets.begin(deadline)
        connection.request("POST", _path(urlsplit(address.url)), text, {**_HEADERS, **address.headers, **headers})
        exchange.sent = True
        yield from _values(address, connection.getresponse())
    except TimeoutError:
        raise OutOfTime(f"{address.shown} had not answered in time") from None
    except (http.client.IncompleteRead, ConnectionResetError, BrokenPipeError, http.client.BadStatusLine):
        raise Cut(f"{address.shown} ended its answer before it was whole") from None
    except ssl.SSLError as error:
        raise NoAnswer(f"no secure connection to {address.shown}: {one_line(error.reason or error)}") from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        raise NoAnswer(f"{address.shown} cannot be reached: {one_line(error)}") from None
    finally:
        connection.close()


_HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": f"application/json, {_EVENTS}",
    "Connection": "close",
}


class _Connection(http.client.HTTPConnection):
    """A connection whose every step keeps the deadline of the exchange under way in this thread."""

    response_class = sockets.DeadlineResponse
    context: ssl.SSLContext | None = None

    def connect(self) -> None:
        self.sock = sockets.connect(self.host, self.port, sockets.under_way())
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)


def _connection(address: Address) -> http.client.HTTPConnection:
    parts = urlsplit(address.url)
    secure = parts.scheme == "https"
    connection = _Connection(parts.hostname or "", parts.port or (443 if secure else 80))
    if secure:
        try:
            connection.context = ssl.create_default_context(cafile=address.ca_cert or None)
        except OSError as error:
            raise NoAnswer(f"the CA file {address.ca_cert} cannot be read: {error.strerror or error}") from None
    return connection


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _values(address: Address, response: http.client.HTTPResponse) -> Iterator[Any]:
    if response.status != 200:
        raise NoAnswer(_refusal(address, response))
    if response.headers.get_content_type() == _EVENTS:
        yield from _events(address, response)
        return
    body = response.read(ANSWER_BYTES + 1)
    if len(body) > ANSWER_BYTES:
        raise _too_long(address)
    if response.length:
        raise Cut(f"{address.shown} ended its answer before it was whole")
    yield _decoded(address, body)


def _refusal(address: Address, response: http.client.HTTPResponse) -> str:
    said = one_line(response.read(4096).decode("utf-8", "replace"), _QUOTED_CHARACTERS)
    if response.status in (401, 403):
        return f"{address.shown} does not accept the credentials ({response.status}): check token and user"
    if response.status == 404:
        return f"{address.shown} has no agent (404): check the address and the agent's name"
    if 300 <= response.status < 400:
        return f"{address.shown} answered with a redirect ({response.status}), which is not followed: set its target"
    return f"{address.shown} answered {response.status}{f': {said}' if said else ''}"


def _events(address: Address, response: http.client.HTTPResponse) -> Iterator[Any]:
    """The `data:` of each event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    lines: list[bytes] = []
    left = ANSWER_BYTES
    while line := response.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise _too_long(address)
        line = line.rstrip(b"\r\n")
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" "))
        elif not line and lines:
            yield _decoded(address, b"\n".join(lines))
            lines = []
    if lines:
        raise Cut(f"{address.shown} ended its answer in the middle of an event")


def _too_long(address: Address) -> NoAnswer:
    return NoAnswer(f"{address.shown} answered with more than {ANSWER_BYTES} bytes")


def _decoded(address: Address, body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        start = one_line(body[:_QUOTED_CHARACTERS].decode("utf-8", "replace"), 80)
        raise NoAnswer(f"{address.shown} does not answer in JSON; its answer begins with {start!r}") from None
