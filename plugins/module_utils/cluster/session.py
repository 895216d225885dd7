# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends requests with fresh credentials, again where that is safe, until an answer, a refusal or the deadline."""

from __future__ import annotations

import datetime
import random
import re
import threading
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import Clock
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import (
    Access,
    Connection,
    load_access,
    with_pool,
    with_token,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    TimedOut,
    Unauthorized,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.refusals import refusal
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.requests import Request
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.retry import wait_before_retry
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.sockets import keep_deadlines
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.transport import (
    Stream,
    accept_untrusted,
    open_stream,
)

VERSION = "0.1.0"
LONGEST_REFUSAL_BYTES = 1 << 20
RENEW_BEFORE_EXPIRY = datetime.timedelta(seconds=10)


class Session:
    """Thread-safe. requests counts what was sent, repeated requests included.

    answered: whether the server ever did; unanswered: why not, the first time.
    """

    def __init__(
        self, connection: Connection, *, run_id: str, timeout_seconds: float, retries: int, clock: Clock
    ) -> None:
        """Loads the credentials, running an exec plugin where there is one, and sends nothing."""
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._clock = clock
        self._user_agent = user_agent(run_id)
        self._counting = threading.Lock()
        self._renewing = threading.Lock()
        self._access = _prepare(load_access(connection, timeout_seconds))
        if connection.validate_certs is False:
            accept_untrusted()
        self.requests = 0
        self.answered = False
        self.unanswered: ClusterError | None = None

    @property
    def cluster(self) -> str:
        """The kubeconfig's name of the cluster, else its address."""
        return self._access.cluster

    def let_go(self) -> None:
        """Make new connections from now on: those of a process that was forked from belong to it."""
        self._access.pool.clear()

    def connection_with(self, token: str) -> Connection:
        """How to reach the same cluster by this token alone."""
        return with_token(self._access, token)

    def body(self, request: Request, deadline: Deadline, limit_bytes: int | None = None) -> bytes:
        """The whole answer, or its first limit_bytes."""
        body: bytes = self._repeat(request, deadline, lambda stream: stream.read(limit_bytes))
        return body

    def stream(self, request: Request, deadline: Deadline) -> Stream:
        """The answer as it comes."""
        stream: Stream = self._repeat(request, deadline, lambda stream: stream)
        return stream

    def _repeat(self, request: Request, deadline: Deadline, take: Any) -> Any:
        """Sends until it is taken, the error is final, or retries or time are used up."""
        attempt, renewed = 0, False
        while True:
            access = self._current_access(deadline)
            try:
                return take(self._send(access, request, deadline))
            except Unauthorized:
                # The server did not act on it, so even a write may go again once the credentials are new.
                if renewed or not access.renewable:
                    raise
                renewed = True
                self._renew(access, deadline)
            except ClusterError as error:
                wait = wait_before_retry(error, attempt, repeatable=request.repeatable, chance=random.random())
                if wait is None or attempt >= self._retries or wait >= deadline.remaining():
                    raise
                attempt += 1
                self._clock.sleep(wait)

    def _send(self, access: Access, request: Request, deadline: Deadline) -> Stream:
        """One request, once; refusals are raised."""
        if deadline.expired:
            raise TimedOut(f"cannot {request}: the time for it was over before it was sent")
        with self._counting:
            self.requests += 1
        try:
            stream = open_stream(access, request, self._user_agent, deadline)
        except ClusterError as error:
            self.unanswered = self.unanswered or error
            raise
        self.answered = True
        if 200 <= stream.status < 300:
            return stream
        body = stream.read(LONGEST_REFUSAL_BYTES)
        raise refusal(request, access.url, stream.status, stream.headers, body)

    def _current_access(self, deadline: Deadline) -> Access:
        access = self._access
        if (
            access.expires is not None
            and access.renewable
            and access.expires - RENEW_BEFORE_EXPIRY <= self._clock.now()
        ):
            return self._renew(access, deadline)
        return access

    def _renew(self, used: Access, deadline: Deadline) -> Access:
        """Loads the credentials again, once for all threads that found the same ones refused."""
        if not self._renewing.acquire(timeout=deadline.remaining()):
            raise TimedOut("renewing the credentials took longer than this call may")
        try:
            if self._access is used:
                fresh = load_access(self._connection, min(self._timeout_seconds, deadline.remaining()))
                same = fresh.identity == used.identity
                self._access = with_pool(fresh, used.pool) if same else _prepare(fresh)
            return self._access
        finally:
            self._renewing.release()


def _prepare(access: Access) -> Access:
    return with_pool(access, keep_deadlines(access.pool))


def user_agent(run_id: str) -> str:
    """Says which run wrote what, in the API server's audit log."""
    product = f"aiops.kubernetes/{VERSION}"
    return f"{product} (run {re.sub(r'[^A-Za-z0-9._:-]', '_', run_id)})" if run_id else product
