# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a program of the cluster shows that it is well."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import urllib.request
from collections.abc import Callable
from pathlib import Path


def http_ok(url: str, certificate: tuple[str, str] | None = None) -> Callable[[], bool]:
    """Whether the URL answers 200. Certificates of the programs are their own, made at start, and not checked here."""

    def ask() -> bool:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(*certificate)
        # A proxy of the environment has no way to an address of this machine.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with contextlib.suppress(OSError, http.client.HTTPException), opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    return ask


def listens(path: Path) -> Callable[[], bool]:
    """Whether somebody takes connections at the Unix socket."""

    def ask() -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(2)
            client.connect(str(path))
            return True
        return False

    return ask
