# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A real browser without a window: Debian's chromium, driven by chromedriver over the WebDriver protocol.

https://www.w3.org/TR/webdriver2/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGES = ("chromium", "chromium-driver")
LONGEST_START_SECONDS = 60


def install() -> None:
    """From the system's package manager, where it is missing."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [
        "apt-get",
        "-qq",
        "-o",
        "APT::Sandbox::User=root",
        "install",
        "--yes",
        "--no-install-recommends",
        *PACKAGES,
    ]
    for _attempt in range(2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode == 0:
            return
        subprocess.run(["apt-get", "-qq", "update"], env=environment, check=False, timeout=300)
    raise AssertionError(f"{' and '.join(PACKAGES)} cannot be installed: {done.stderr}")


class Browser:
    """One tab."""

    def __init__(self, address: str, width: int, height: int, dark: bool) -> None:
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        arguments += [f"--window-size={width},{height}", *(["--force-dark-mode"] if dark else [])]
        options: dict[str, Any] = {"args": arguments, "binary": shutil.which("chromium")}
        if width < 500:
            # A window cannot be that narrow; a phone's screen can.
            metrics = {"width": width, "height": height, "pixelRatio": 1.0, "mobile": True}
            options["mobileEmulation"] = {"deviceMetrics": metrics}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self._address = address
        session = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._path = f"/session/{session['sessionId']}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self._address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, page: Path) -> None:
        self._ask("POST", f"{self._path}/url", {"url": page.as_uri()})

    def run(self, script: str) -> Any:
        """What a script of the test returns; the page itself may have none."""
        return self._ask("POST", f"{self._path}/execute/sync", {"script": script, "args": []})

    def emulate(self, **media: str) -> None:
        """Media features and type, such as prefers_color_scheme="dark" or media="print"."""
        kind = media.pop("media", "")
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        parameters = {"media": kind, "features": features}
        command = {"cmd": "Emulation.setEmulatedMedia", "params": parameters}
        self._ask("POST", f"{self._path}/goog/cdp/execute", command)

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._ask("GET", f"{self._path}/screenshot")))

    def printed(self) -> bytes:
        """The page as PDF."""
        return base64.b64decode(self._ask("POST", f"{self._path}/print", {}))

    def complaints(self) -> list[str]:
        """What is in the browser's console."""
        return [entry["message"] for entry in self._ask("POST", f"{self._path}/se/log", {"type": "browser"})]

    def requested(self) -> list[str]:
        """Addresses that the page made the browser ask for."""
        entries = self._ask("POST", f"{self._path}/se/log", {"type": "performance"})
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def close(self) -> None:
        self._ask("DELETE", self._path)


@contextmanager
def driver() -> Iterator[str]:
    """The address of a chromedriver."""
    install()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/status", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "chromedriver does not answer"
            time.sleep(0.1)


@contextmanager
def browser(address: str, width: int = 1280, height: int = 800, dark: bool = False) -> Iterator[Browser]:
    """A tab of that size."""
    tab = Browser(address, width, height, dark)
    try:
        yield tab
    finally:
        tab.close()
