# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sends a notice through every channel of the settings. One that fails keeps no other from being told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying import command, email, webhook
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.notifying.shapes import Delivery, NotDelivered, Notice

CHANNELS: Final[Mapping[str, ModuleType]] = {"webhook": webhook, "email": email, "command": command}
TIMEOUT_SECONDS: Final = 10.0
MOST_CHANNELS: Final = 10


def notify(channels: Sequence[Any], notice: Notice, timeout_seconds: float = TIMEOUT_SECONDS) -> list[Delivery]:
    """One delivery for each channel, a map with one key: `{"webhook": {…}}`, `{"email": {…}}`, `{"command": {…}}`.

    The subject and the text are redacted; details are the caller's to redact. Raises nothing.
    """
    safe = Notice(redact(notice.subject), redact(notice.text), notice.details)
    if not channels:
        return []
    with ThreadPoolExecutor(max_workers=min(len(channels), MOST_CHANNELS)) as pool:
        return list(pool.map(lambda channel: _deliver(channel, safe, timeout_seconds), channels))


def _deliver(channel: Any, notice: Notice, timeout_seconds: float) -> Delivery:
    if not isinstance(channel, Mapping) or len(channel) != 1 or next(iter(channel)) not in CHANNELS:
        return Delivery("unknown", False, f"a channel is a map with one key of {', '.join(CHANNELS)}")
    kind, settings = next(iter(channel.items()))
    if not isinstance(settings, Mapping):
        return Delivery(kind, False, f"the settings of {kind} are a map")
    name = CHANNELS[kind].name(settings)
    try:
        CHANNELS[kind].send(settings, notice, timeout_seconds)
    except NotDelivered as failed:
        return Delivery(name, False, str(failed))
    return Delivery(name, True, "delivered")
