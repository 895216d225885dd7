# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a container's log within bounds and keeps the lines that tell something."""

from __future__ import annotations

import re

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Log, LogLine
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

TAIL_LINES = 1000
TAIL_BYTES = 512 * 1024
HEAD_BYTES = 32 * 1024
# Asked again with fewer lines where the byte limit cut off the end, which tells most.
SHORTER_TAILS = (60, 6, 1)
KEPT_LINES = 24
BINARY = "(binary)"
LAST_LINES = 6
FIRST_LINES = 2

_TELLING = re.compile(
    r"error|exception|traceback|panic|fatal|critical|severe|abort|segfault|segmentation|assert"
    r"|\bfail|refused|denied|forbidden|unauthori[sz]ed|time(?:d )?-?out|unreachable|no route|no such|not found|nxdomain"
    r"|missing|unrecogni[sz]ed|required|must (?:be|provide|set)|not set|unset|undefined|not defined|"
    r"unbound|not present|invalid|unknown"
    r"|cannot|can't|could not|couldn't|unable|out of memory|\boom\b|killed|no space|in use|read-only|caused by",
    re.IGNORECASE,
)
# Not failures, but they tell which port a program serves or how far it came.
_MILESTONE = re.compile(
    r"\b(?:listening|listen on|serving|started|starting|ready|bound to|server (?:at|on))\b", re.IGNORECASE
)
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d) ?(.*)", re.DOTALL)
_FIGURES = re.compile(r"0x[0-9a-f]+|\d+", re.IGNORECASE)
# What the kubelet answers, with 200, where the runtime has removed the log.
_GONE = b"unable to retrieve container logs for "
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{20,}")


def read_log(client: Client, namespace: str, pod: str, container: str, *, previous: bool, deadline: Deadline) -> Log:
    """The end of a log, and its beginning where it is long, at most TAIL_BYTES + HEAD_BYTES. Raises ClusterError."""

    def read(tail_lines: int | None, limit_bytes: int) -> bytes:
        return client.logs(
            namespace,
            pod,
            container,
            previous=previous,
            tail_lines=tail_lines,
            limit_bytes=limit_bytes,
            timestamps=True,
            deadline=deadline,
        )

    tail = read(TAIL_LINES, TAIL_BYTES)
    if _is_gone(tail):
        raise ClusterError("it is no longer kept on the node", reason="Gone")
    size = len(tail)
    if size < TAIL_BYTES and tail.count(b"\n") < TAIL_LINES:
        return Log(container, previous, keep(split(tail)), size, complete=True)
    for fewer in SHORTER_TAILS:
        if len(tail) < TAIL_BYTES:
            break
        shorter = read(fewer, TAIL_BYTES)
        tail = tail if _is_gone(shorter) else shorter
        size += len(tail)
    head = read(None, HEAD_BYTES)
    head = b"" if _is_gone(head) else head
    # The last line of the head is cut somewhere.
    lines = joined(split(head)[:-1], split(tail))
    return Log(container, previous, keep(lines), size + len(head), complete=False)


def _is_gone(raw: bytes) -> bool:
    """Whether the runtime has removed the log, which it may do between two readings."""
    return raw.startswith(_GONE)


def joined(head: list[tuple[str, str]], tail: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Head and tail of one log, without the lines that are in both (by time)."""
    start = tail[0][0] if tail else ""
    return [line for line in head if not start or line[0] < start] + tail


def split(raw: bytes) -> list[tuple[str, str]]:
    """Time and text of each line; private keys are taken out whole, since their lines are told only together."""
    lines = []
    for line in raw.decode("utf-8", errors="replace").split("\n"):
        match = _STAMP.match(line)
        time, text = (match[1] + ("Z" if match[2] in ("Z", "+00:00") else match[2]), match[3]) if match else ("", line)
        if text.strip():
            lines.append((time, BINARY if is_binary(text) else text))
    return without_keys(lines)


def is_binary(text: str) -> bool:
    """More than a tenth of a line's beginning is no text."""
    start = text[:400]
    return sum(c == "\ufffd" or not (c.isprintable() or c in "\t\x1b") for c in start) * 10 > len(start)


def without_keys(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """`lines` with every private key replaced by one mark, also one whose beginning or end is not there."""
    kept: list[tuple[str, str]] = []
    inside = False
    for time, text in lines:
        if _KEY_BEGIN.search(text):
            kept.append((time, _KEY_BEGIN.split(text)[0] + "[private key]"))
            inside = not _KEY_END.search(text)
        elif _KEY_END.search(text):
            while not inside and kept and _BASE64.fullmatch(kept[-1][1].strip()):
                kept.pop()
            inside = False
        elif not inside or not _BASE64.fullmatch(text.strip()):
            inside = False
            kept.append((time, text))
    return kept


def keep(lines: list[tuple[str, str]]) -> list[LogLine]:
    """At most KEPT_LINES: the telling ones with the line before each, and the last ones; repeats are counted."""
    groups: dict[str, list[int]] = {}
    for index, (_time, text) in enumerate(lines):
        groups.setdefault(_FIGURES.sub("#", text[:300]), []).append(index)
    telling = [g for g in groups.values() if _TELLING.search(lines[g[-1]][1][:4000])]
    milestones = [g for g in groups.values() if _MILESTONE.search(lines[g[-1]][1][:4000])]
    wanted: dict[int, int] = {}

    def want(index: int, count: int = 1) -> None:
        if 0 <= index < len(lines) and len(wanted) < KEPT_LINES:
            wanted[index] = max(count, wanted.get(index, 1))

    for index in range(FIRST_LINES):
        want(index)
    for group in (g for g in groups.values() if g[-1] >= len(lines) - LAST_LINES):
        want(group[-1], len(group))
    for group in (*milestones[:1], *milestones[-2:]):
        want(group[-1], len(group))
    for group in sorted(telling, key=lambda g: (len(g) > 20, -g[-1])):
        want(group[-1], len(group))
        want(group[-1] - 1)
    return [LogLine(one_line(lines[i][1]), lines[i][0], wanted[i]) for i in sorted(wanted)]
