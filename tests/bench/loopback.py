# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An API server of made-up lists on the loopback, in a process of its own, so that its memory is not the reader's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        word = parts.path.rsplit("/", 1)[-1]
        if word == "version":
            body = b'{"gitVersion": "v1.34.4"}'
        elif word in ("readyz", "metrics"):
            body = b"ok"
        else:
            body = self.page(word, int(query.get("limit") or 0), int(query.get("continue") or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, word: str, limit: int, begin: int) -> bytes:
        """Cut from objects that were encoded once: what is measured is the reader."""
        items: list[bytes] = self.server.encoded.get(word, [])
        end = begin + limit if limit else len(items)
        more = str(end) if end < len(items) else ""
        head = json.dumps({"kind": "List", "metadata": {"continue": more}})[:-1].encode()
        return head + b', "items": [' + b",".join(items[begin:end]) + b"]}"

    def log_message(self, *_given: Any) -> None:
        pass


def serve(lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Objects by their kind's plural; says its port on its first line."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.encoded = {word: [json.dumps(item).encode() for item in items] for word, items in lists.items()}  # type: ignore[attr-defined]
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def server_of(command: list[str]) -> Iterator[str]:
    """The address of a server that this command starts by serve()."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
