# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From an HTTP status that is not a success to one sentence and the right error."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    Conflict,
    FieldCause,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthorized,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.requests import Request

LONGEST_QUOTE = 400
# pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "shop": <why>
_DENIED = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) (?:resource "(?P<resource>[^"]*)"|path "(?P<path>[^"]*)")'
    r'(?: in API group "(?P<group>[^"]*)")?(?: in the namespace "(?P<namespace>[^"]*)"| at the cluster scope)?'
)


def refusal(request: Request, url: str, status: int, headers: Mapping[str, str], body: bytes) -> ClusterError:
    """The error for an answer of 300 and up. url is the API server's address, named where it may be the wrong one."""
    answer = _status_of(body)
    reason = str(answer.get("reason") or "")
    said = _one_line(str(answer.get("message") or "")) or _plain(body) or "no reason given"
    wait = retry_after_seconds(headers)
    if status == 401:
        return Unauthorized(
            f"the API server at {url} does not accept the credentials (401 {said}): renew them or check the context",
            status=401,
        )
    if status == 403:
        return _forbidden(request, said, reason)
    if status == 404:
        return NotFound(_not_found(request, url, answer, said), status=404)
    if status == 409:
        return Conflict(f"cannot {request}: {said}", status=409, reason=reason)
    if status == 410:
        return Gone(f"cannot {request}: {said}", status=410, reason=reason)
    if status == 422:
        return _invalid(request, answer, said)
    if status == 429:
        return _too_many(request, url, answer, said, wait)
    return ClusterError(
        f"cannot {request}: the API server at {url} answered {status}: {said}",
        status=status,
        reason=reason,
        retry_after_seconds=wait,
    )


def _forbidden(request: Request, said: str, reason: str) -> Forbidden:
    denied = _DENIED.search(said)
    if denied is None:
        # Admission: quotas, pod security, webhooks. The server's own sentence says what.
        message = f"cannot {request}: {said}"
        return Forbidden(
            message, verb=request.verb, resource=request.resource, namespace=request.namespace, reason=reason
        )
    part = denied.groupdict()
    resource = part["resource"] or part["path"] or request.resource
    full = f"{resource}.{part['group']}" if part["group"] else resource
    where = (
        f" in namespace {part['namespace']}" if part["namespace"] else "" if part["path"] else " in the whole cluster"
    )
    why = said[denied.end() :].lstrip(": ")
    return Forbidden(
        f'user "{part["user"]}" may not {part["verb"]} {full}{where}{": " + why if why else ""}'
        f" (403): grant the verb with a Role or ClusterRole",
        verb=part["verb"] or "",
        resource=resource,
        namespace=part["namespace"] or "",
        user=part["user"] or "",
        reason=reason,
    )


def _not_found(request: Request, url: str, answer: Mapping[str, Any], said: str) -> str:
    details = answer.get("details") or {}
    missing, name = details.get("kind") or request.resource, details.get("name") or request.name
    if name and missing:
        where = f" in namespace {request.namespace}" if request.namespace and missing != "namespaces" else ""
        return f'{missing} "{name}" not found{where}'
    return f"cannot {request}: the API server at {url} does not have {request.path}: {said}"


def _invalid(request: Request, answer: Mapping[str, Any], said: str) -> Invalid:
    causes = tuple(
        FieldCause(
            str(item.get("field") or ""), str(item.get("reason") or ""), _one_line(str(item.get("message") or ""))
        )
        for item in (answer.get("details") or {}).get("causes") or ()
    )
    listed = "; ".join(f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in causes)
    return Invalid(f"cannot {request}: {listed or said}", causes=causes)


def _too_many(request: Request, url: str, answer: Mapping[str, Any], said: str, wait: float | None) -> TooManyRequests:
    causes = (answer.get("details") or {}).get("causes") or ()
    budget = next((item for item in causes if item.get("reason") == "DisruptionBudget"), None)
    if budget is not None:
        message = _one_line(str(budget.get("message") or ""))
        return TooManyRequests(
            f"cannot {request}: a PodDisruptionBudget forbids it: {message or said}",
            status=429,
            reason="DisruptionBudget",
            retry_after_seconds=wait,
        )
    asks = f" and asks to wait {wait:g} s" if wait is not None else ""
    return TooManyRequests(
        f"cannot {request}: the API server at {url} is busy{asks} (429 {said})", status=429, retry_after_seconds=wait
    )


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """The Retry-After header, given in seconds or as a date; None where there is none or it cannot be read."""
    text = (headers.get("Retry-After") or "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        sent = parsedate_to_datetime(headers["Date"]) if headers.get("Date") else None
    except ValueError:
        return None
    return max(0.0, (until - sent).total_seconds()) if isinstance(sent, datetime.datetime) else None


def _status_of(body: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _plain(body: bytes) -> str:
    """What a proxy or load balancer said, without its markup."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body.decode("utf-8", "replace"), flags=re.S | re.I)
    return "" if text.lstrip().startswith("{") else _one_line(text)


def _one_line(text: str) -> str:
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"
