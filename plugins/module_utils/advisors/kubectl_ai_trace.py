# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads kubectl-ai's trace: what the model replied, which commands were run, what went wrong.

Standard output is not read for this: it is wrapped for a terminal, and it loses answers that the trace has. The trace
is made by a program that an AI commands, so it is opened without following links, bounded, and taken as data.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

try:
    import yaml
except ImportError:
    # It comes with the kubernetes package, which connection.py asks for in a sentence.
    yaml = None  # type: ignore[assignment]

LONGEST_BYTES: Final = 2 * 1024 * 1024
MOST_COMMANDS: Final = 40


class TraceUnreadable(Exception):
    """There is no trace, or it is none; str() says which."""


@dataclass
class Trace:
    """What a run left: `reply` is the model's last text, empty where its last turn was a command or nothing.

    `failure` tells an answer of the model's endpoint that is none, such as `401 Unauthorized`. Nothing is redacted yet.
    """

    reply: str = ""
    rounds: int = 0
    commands: list[str] = field(default_factory=list)
    model: str = ""
    tokens: dict[str, int] | None = None
    failure: str = ""


def read_trace(folder: Path, name: str, *, shim: bool = False) -> Trace:
    """The trace in a folder that the program could write. Raises TraceUnreadable. `shim`: the tool-use shim was on."""
    return trace_of(_content(folder, name), shim=shim)


def trace_of(content: bytes, *, shim: bool = False) -> Trace:
    """The same from the trace's bytes: YAML documents {action, payload, timestamp}."""
    trace = Trace()
    for document in _documents(content):
        payload = document.get("payload")
        if not isinstance(payload, Mapping):
            continue
        action = document.get("action")
        if action == "http.response":
            _response(trace, payload, shim)
        elif action == "http.error":
            trace.failure = str(payload.get("error") or payload.get("message") or "no connection")
        elif action == "tool-request" and len(trace.commands) < MOST_COMMANDS:
            arguments = payload.get("arguments")
            command = arguments.get("command") if isinstance(arguments, Mapping) else None
            trace.commands.append(str(command or payload.get("name") or ""))
    return trace


def _content(folder: Path, name: str) -> bytes:
    """A regular file with one name, read through its folder: a link could lead to a file of the operator's."""
    try:
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise TraceUnreadable(f"its folder cannot be opened ({error.strerror})") from None
    try:
        # Non-blocking, since a pipe of that name would never answer.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except OSError as error:
        raise TraceUnreadable(f"its trace cannot be opened ({error.strerror})") from None
    finally:
        os.close(inside)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
            raise TraceUnreadable("its trace is not a file of its own")
        if status.st_size > LONGEST_BYTES:
            raise TraceUnreadable(f"its trace is larger than {LONGEST_BYTES} bytes")
        return _whole(descriptor)
    finally:
        os.close(descriptor)


def _whole(descriptor: int) -> bytes:
    content = b""
    while part := os.read(descriptor, LONGEST_BYTES - len(content)):
        content += part
    return content


def _documents(content: bytes) -> Iterator[Mapping[str, Any]]:
    """The documents up to the first that is broken: a killed program may leave half a one."""
    read = 0
    try:
        text = content.decode("utf-8", "replace")
        for part in text.split("\n---\n"):
            _refuse_aliases(part)
            document = yaml.load(part, Loader=_LOADER)
            if isinstance(document, Mapping):
                read += 1
                yield document
    except (yaml.YAMLError, ValueError, RecursionError):
        if not read:
            raise TraceUnreadable("its trace is not YAML") from None


_LOADER: Any = getattr(yaml, "CSafeLoader", None) or getattr(yaml, "SafeLoader", None)


def _refuse_aliases(text: str) -> None:
    """kubectl-ai writes none, and a few lines of them can stand for gigabytes."""
    if "&" in text and "*" in text:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise ValueError("aliases")


# --- the model's replies ----------------------------------------------------------------------------------------------


def _response(trace: Trace, payload: Mapping[str, Any], shim: bool) -> None:
    status, body = str(payload.get("status") or ""), payload.get("body")
    if status[:1] in ("4", "5"):
        trace.failure = status
        return
    trace.failure = ""
    trace.rounds += 1
    pieces, calls, usage = [], False, None
    for chunk in _chunks(body if isinstance(body, str) else ""):
        trace.model = _first_text(chunk.get("model"), chunk.get("modelVersion")) or trace.model
        # A stream may repeat the figures as they grow; the last count.
        usage = _usage(chunk) or usage
        text, called = _said(chunk)
        pieces.append(text)
        calls = calls or called
    reply = "".join(pieces)
    if shim:
        reply = _unwrapped(reply)
    trace.reply = "" if calls else reply
    if usage is not None:
        before = trace.tokens or {"prompt": 0, "completion": 0}
        trace.tokens = {key: before[key] + usage[key] for key in before}


def _chunks(body: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of a body: server-sent events, one object a line, a list of objects, or one object."""
    whole = _json(body)
    if whole is not None:
        yield from (item for item in (whole if isinstance(whole, list) else [whole]) if isinstance(item, Mapping))
        return
    for line in body.splitlines():
        item = _json(line.strip().removeprefix("data:"))
        if isinstance(item, Mapping):
            yield item


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _said(chunk: Mapping[str, Any]) -> tuple[str, bool]:
    """The text of a chunk and whether it calls a tool, as OpenAI, Gemini and Ollama write them."""
    parts: list[Any] = []
    for choice in _maps(chunk.get("choices")):
        parts.append(choice.get("delta") or choice.get("message"))
    for candidate in _maps(chunk.get("candidates")):
        content = candidate.get("content")
        parts += _maps(content.get("parts")) if isinstance(content, Mapping) else []
    parts.append(chunk.get("message"))
    known = [part for part in parts if isinstance(part, Mapping)]
    text = "".join(_first_text(part.get("content"), part.get("text")) for part in known)
    return text, any(part.get("tool_calls") or part.get("functionCall") for part in known)


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _first_text(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str)), "")


def _unwrapped(reply: str) -> str:
    """The shim has the model wrap what it says: {"thought", "answer"}, or {"thought", "action"} for a command."""
    start, end = reply.find("{"), reply.rfind("}")
    wrapped = _json(reply[start : end + 1]) if 0 <= start < end else None
    if not isinstance(wrapped, Mapping) or not {"answer", "action"} & set(wrapped):
        return reply
    answer = wrapped.get("answer")
    # A model that was asked for JSON may put the object itself there.
    return answer if isinstance(answer, str) else json.dumps(answer) if answer else ""


# --- tokens -----------------------------------------------------------------------------------------------------------

# (key of the usage, keys of prompt and completion): OpenAI, Gemini, and Ollama, which has no key around them.
_USAGES: Final = (
    ("usage", "prompt_tokens", "completion_tokens"),
    ("usageMetadata", "promptTokenCount", "candidatesTokenCount"),
    ("", "prompt_eval_count", "eval_count"),
)


def _usage(chunk: Mapping[str, Any]) -> dict[str, int] | None:
    for key, prompt, completion in _USAGES:
        usage = chunk.get(key) if key else chunk
        if isinstance(usage, Mapping) and isinstance(usage.get(prompt), int):
            said = usage.get(completion)
            return {"prompt": usage[prompt], "completion": said if isinstance(said, int) else 0}
    return None
