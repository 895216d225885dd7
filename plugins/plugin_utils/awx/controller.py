# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way to AWX's API: reads, with what the job's credential says, and nothing else."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.module_utils.urls import open_url

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import SYSTEM_CLOCK
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx.errors import AwxRefusal

# An answer may take this long, in seconds; a busy or restarting AWX is asked again.
TIMEOUT_SECONDS = 20
TRIES = 3
WAIT_SECONDS = 1.0
_MOST_PAGES = 20


@dataclass(frozen=True)
class Controller:
    """An AWX, and as whom to read it: a token, or a user with a password."""

    address: str
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    verify: bool = True
    prefix: str = "/api/"

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The object at a path below `/api/v2/`; raises `AwxRefusal` with what is wrong."""
        path = path.removeprefix(f"{self.prefix}v2/").strip("/")
        url = f"{self.address}{self.prefix}v2/{path}/" + (f"?{urlencode(query)}" if query else "")
        return self._read(url, path)

    def get_all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every result of a list, page by page."""
        found: list[dict[str, Any]] = []
        for number in range(1, _MOST_PAGES + 1):
            page = self.get(path, **query, page_size=100, page=number)
            results = page.get("results")
            if not isinstance(results, list) or not all(isinstance(item, dict) for item in results):
                raise AwxRefusal(f"AWX's answer about {path} is no list of results")
            found += results
            if not page.get("next"):
                return found
        raise AwxRefusal(f"AWX's answer about {path} has more than {_MOST_PAGES} pages")

    def _read(self, url: str, path: str) -> dict[str, Any]:
        for attempt in range(1, TRIES + 1):
            try:
                answer = json.loads(self._open(url))
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt == TRIES:
                    raise AwxRefusal(_meaning(error.code, path)) from None
            except ValueError:
                raise AwxRefusal(f"AWX's answer about {path} is no JSON: is {self.address} its address?") from None
            except Exception as error:  # open_url raises what its TLS and its socket raise
                if attempt == TRIES:
                    raise AwxRefusal(f"AWX at {self.address} cannot be asked: {error}") from None
            else:
                if not isinstance(answer, dict):
                    raise AwxRefusal(f"AWX's answer about {path} is no object")
                return answer
            SYSTEM_CLOCK.sleep(WAIT_SECONDS)
        raise AssertionError("not reached")

    def _open(self, url: str) -> bytes:
        # A redirect would carry the token to another address.
        return open_url(
            url,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else None,
            url_username=None if self.token else self.username,
            url_password=None if self.token else self.password,
            force_basic_auth=not self.token,
            validate_certs=self.verify,
            follow_redirects="none",
            timeout=TIMEOUT_SECONDS,
            http_agent="aiops.kubernetes",
        ).read()


def from_environment(environ: Mapping[str, str]) -> Controller:
    """The AWX that the job's credential names. `AWX_HOST` is a display setting of AWX and no address."""
    address = environ.get("CONTROLLER_HOST", "").rstrip("/")
    needed = (
        "give its job template a credential of the type Red Hat Ansible Automation Platform for a user who may read"
    )
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
        raise AwxRefusal(f"the job has no address of AWX (CONTROLLER_HOST is {address or 'not set'!r}): {needed}")
    found = Controller(
        address,
        environ.get("CONTROLLER_OAUTH_TOKEN", ""),
        environ.get("CONTROLLER_USERNAME", ""),
        environ.get("CONTROLLER_PASSWORD", ""),
        bool(boolean(environ.get("CONTROLLER_VERIFY_SSL") or "true", strict=False)),
        environ.get("CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX") or "/api/",
    )
    if not found.token and not (found.username and found.password):
        raise AwxRefusal(f"the job has nothing to prove to AWX who asks (CONTROLLER_OAUTH_TOKEN is not set): {needed}")
    return found


def _meaning(code: int, path: str) -> str:
    if code in (401, 403):
        return (
            f"AWX lets this job's credential not read {path} (HTTP {code}): its user needs the role read on the "
            "workflow and its job templates"
        )
    if code == 404:
        return f"AWX has no {path}"
    if 300 <= code < 400:
        return f"AWX sends {path} elsewhere (HTTP {code}): give its final address in CONTROLLER_HOST"
    return f"AWX answered HTTP {code} about {path}"
