# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A notice as an HTTP POST of JSON: `{"text", "subject", "details"}`. Slack and Mattermost show its `text`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import NotDelivered, Notice


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook's address is a secret and its text is ours: neither is carried to another address."""

    def redirect_request(self, *_arguments: Any, **_keywords: Any) -> None:
        return None


def name(settings: Mapping[str, Any]) -> str:
    """The channel without path and query, which hold the token of most webhooks."""
    parts = urlsplit(str(settings.get("url") or ""))
    return f"webhook {parts.scheme}://{parts.hostname or ''}"


def send(settings: Mapping[str, Any], notice: Notice, timeout_seconds: float) -> None:
    """POST to `url` with `headers`; anything but an answer of 2xx is `NotDelivered`."""
    url = str(settings.get("url") or "")
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotDelivered("a webhook needs a url that begins with https:// or http://")
    body = {"subject": notice.subject, "text": f"{notice.subject}\n{notice.text}", "details": dict(notice.details)}
    headers = {
        "Content-Type": "application/json",
        **{str(k): str(v) for k, v in (settings.get("headers") or {}).items()},
    }
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout_seconds) as answer:
            answer.read(1024)
    except urllib.error.HTTPError as refused:
        raise NotDelivered(f"it answered HTTP {refused.code}") from None
    except (OSError, ValueError) as failed:
        reason = getattr(failed, "reason", failed)
        raise NotDelivered(f"it could not be reached: {type(reason).__name__}") from None
