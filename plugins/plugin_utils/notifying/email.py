# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A notice as an e-mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import NotDelivered, Notice

_SECURITIES = ("starttls", "tls", "none")


def name(settings: Mapping[str, Any]) -> str:
    """The channel by its recipients."""
    return f"email {', '.join(_recipients(settings))}"


def send(settings: Mapping[str, Any], notice: Notice, timeout_seconds: float) -> None:
    """Through `host` (port 587, 465 with `security: tls`, 25 with `none`) from `sender` to the list `to`."""
    to, security = _recipients(settings), str(settings.get("security") or "starttls")
    if not to or not settings.get("host") or not settings.get("sender"):
        raise NotDelivered("an email needs host, sender and to")
    if security not in _SECURITIES:
        raise NotDelivered(f"security of an email is one of {', '.join(_SECURITIES)}")
    if settings.get("username") and security == "none":
        raise NotDelivered("a password is not sent without encryption: set security to starttls or tls")
    try:
        message = _message(notice, str(settings["sender"]), to)
        with _connected(settings, security, timeout_seconds) as server:
            if settings.get("username"):
                server.login(str(settings["username"]), str(settings.get("password") or ""))
            server.send_message(message)
    except (OSError, ValueError, smtplib.SMTPException) as failed:
        raise NotDelivered(f"{settings['host']} did not take it: {type(failed).__name__}") from None


def _connected(settings: Mapping[str, Any], security: str, timeout_seconds: float) -> smtplib.SMTP:
    host, port = str(settings["host"]), int(settings.get("port") or {"tls": 465, "none": 25}.get(security, 587))
    if security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=timeout_seconds, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=timeout_seconds)
    if security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _message(notice: Notice, sender: str, to: list[str]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(notice.subject.split())
    message["From"], message["To"] = sender, ", ".join(to)
    message.set_content(notice.text)
    return message


def _recipients(settings: Mapping[str, Any]) -> list[str]:
    to = settings.get("to") or []
    return [str(item) for item in ([to] if isinstance(to, str) else to)]
