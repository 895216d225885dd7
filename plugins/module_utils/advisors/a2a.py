# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Speaks A2A (Agent2Agent, JSON-RPC over HTTP) with one agent, in the words of 0.3 or of 1.0.

The one file that knows the wire (https://a2a-protocol.org), kagent's additions to it included: the pause for approval
and the tools that were called. Everything that comes back is untrusted and only read here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.a2a_http import (
    Address,
    Cut,
    NoAnswer,
    OutOfTime,
    post,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line

COMPLETED: Final = "completed"
PAUSED: Final = frozenset({"input-required", "auth-required"})
OVER: Final = frozenset({COMPLETED, "failed", "canceled", "rejected"})
_MOST_CALLS: Final = 50
_CALL_CHARACTERS: Final = 400
_POLL_SECONDS: Final = 0.5
# JSON-RPC: no such method; A2A: this version, or this operation, is not supported.
_NO_SUCH_METHOD, _OTHER_VERSION, _UNSUPPORTED = -32601, -32009, -32004
_APPROVAL: Final = "adk_request_confirmation"


class OtherVersion(NoAnswer):
    """The agent does not speak this version of A2A."""


class _NoStream(NoAnswer):
    """The agent cannot stream."""


@dataclass(frozen=True)
class Dialect:
    """How one version of A2A names things. `message` makes a message of parts, `text` and `values` make a part."""

    version: str
    send: str
    stream: str
    get: str
    cancel: str
    role: str
    kinds: bool
    configuration: Mapping[str, Any]

    def message(self, part: Mapping[str, Any], context_id: str, task_id: str) -> dict[str, Any]:
        """A message of one part."""
        kind = {"kind": "message"} if self.kinds else {}
        about = {"contextId": context_id, **({"taskId": task_id} if task_id else {})}
        return {**kind, "messageId": str(uuid.uuid4()), "role": self.role, "parts": [part], **about}

    def text(self, text: str) -> dict[str, Any]:
        """A part that is text."""
        return {**({"kind": "text"} if self.kinds else {}), "text": text}

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A part that is data."""
        return {**({"kind": "data"} if self.kinds else {}), "data": dict(values)}

    @property
    def headers(self) -> dict[str, str]:
        """What tells the agent the version; without it 0.3 is meant."""
        return {} if self.kinds else {"A2A-Version": self.version}


V0_3: Final = Dialect(
    "0.3", "message/send", "message/stream", "tasks/get", "tasks/cancel", "user", True, {"blocking": True}
)
V1_0: Final = Dialect("1.0", "SendMessage", "SendStreamingMessage", "GetTask", "CancelTask", "ROLE_USER", False, {})
DIALECTS: Final = {dialect.version: dialect for dialect in (V0_3, V1_0)}


@dataclass
class Task:
    """What is known of a task. `text` is the answer so far, `said` what its status says, `asks` the calls that wait for
    approval, `calls` the tools that were called; `tokens` are prompt and completion where told."""

    id: str = ""
    context_id: str = ""
    state: str = ""
    artifacts: dict[str, str] = field(default_factory=dict)
    said: str = ""
    asks: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    tokens: dict[str, int] | None = None

    @property
    def text(self) -> str:
        """The artifacts' text, else what the agent said last."""
        return "\n".join(self.artifacts.values()) or self.said

    @property
    def settled(self) -> bool:
        """It is over, or waits for somebody."""
        return self.state in OVER or self.state in PAUSED


class Agent:
    """One agent at one address, spoken to in one version."""

    def __init__(self, address: Address, dialect: Dialect = V0_3, *, stream: bool = True) -> None:
        self._address, self._dialect, self._stream = address, dialect, stream

    def ask(self, text: str, context_id: str, deadline: Deadline, task: Task | None = None) -> Task:
        """The task that a question makes, once it is over or waits. Raises NoAnswer.

        What was learnt until then is in `task` also where this raises.
        """
        return self._say(self._dialect.text(text), task or Task(context_id=context_id), deadline)

    def reject(self, task: Task, reason: str, deadline: Deadline) -> Task:
        """Refuse what a paused task wants to do, and see how it goes on. The only decision that is ever sent."""
        decision = {"decision_type": "reject", "rejection_reason": reason}
        return self._say(self._dialect.values(decision), task, deadline)

    def cancel(self, task: Task, deadline: Deadline) -> None:
        """Ask the agent to give up. Raises NoAnswer."""
        for _result in self._call(self._dialect.cancel, {"id": task.id}, deadline):
            return

    def _say(self, part: Mapping[str, Any], task: Task, deadline: Deadline) -> Task:
        message = self._dialect.message(part, task.context_id, task.id)
        task.state, task.asks = "", []
        try:
            self._send(message, task, deadline)
        except Cut:
            # The agent may have gone on; what it came to can be asked for, where the task's id is known.
            if not task.id:
                raise
        try:
            while not task.settled:
                self._poll(task, deadline)
        except OutOfTime:
            raise
        except NoAnswer as error:
            raise Cut(f"its answer ended before it was whole, and what became of it is not told: {error}") from None
        return task

    def _send(self, message: Mapping[str, Any], task: Task, deadline: Deadline) -> None:
        if self._stream:
            try:
                for result in self._call(self._dialect.stream, {"message": message}, deadline):
                    _take(task, result)
                    if task.settled:
                        return
                if not task.id:
                    raise Cut(f"{self._address.shown} ended its answer before it was whole")
                return
            except _NoStream:
                self._stream = False
        params = {"message": message}
        if self._dialect.configuration:
            params["configuration"] = self._dialect.configuration
        for result in self._call(self._dialect.send, params, deadline):
            _take(task, result)
        if not task.id and not task.settled:
            raise NoAnswer(f"{self._address.shown} answered with neither a task nor a message")

    def _poll(self, task: Task, deadline: Deadline) -> None:
        left = deadline.remaining()
        if left <= 0:
            raise OutOfTime(f"{self._address.shown} had not answered in time")
        deadline.clock.sleep(min(_POLL_SECONDS, left))
        for result in self._call(self._dialect.get, {"id": task.id}, deadline):
            _take(task, result)

    def _call(self, method: str, params: Mapping[str, Any], deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        body = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
        for reply in post(self._address, body, self._dialect.headers, deadline):
            if not isinstance(reply, Mapping) or (
                "result" not in reply and not isinstance(reply.get("error"), Mapping)
            ):
                raise NoAnswer(f"{self._address.shown} does not answer in JSON-RPC: is this address an agent's?")
            if reply.get("error"):
                raise self._refused(method, reply["error"])
            if not isinstance(reply["result"], Mapping):
                raise NoAnswer(f"{self._address.shown} answered with a result that is none of A2A")
            yield reply["result"]

    def _refused(self, method: str, error: Mapping[str, Any]) -> NoAnswer:
        code, said = error.get("code"), one_line(error.get("message") or "no reason given", 200)
        if code == _UNSUPPORTED and method == self._dialect.stream:
            return _NoStream(said)
        if code in (_NO_SUCH_METHOD, _OTHER_VERSION):
            return OtherVersion(f"{self._address.shown} does not speak A2A {self._dialect.version}: {said} ({code})")
        return NoAnswer(f"{self._address.shown} refused {method}: {said} ({code})")


# --- reading what came back ------------------------------------------------------------------------------------------


def _take(task: Task, result: Mapping[str, Any]) -> None:
    """Add one result (a task, a message, an update of either) to what is known."""
    kind, body = _kind_of(result)
    if kind in _READERS:
        _READERS[kind](task, body)
    metadata = body.get("metadata")
    usage = metadata.get("kagent_usage_metadata") if isinstance(metadata, Mapping) else None
    task.tokens = _tokens(usage) or task.tokens


def _kind_of(result: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """0.3 says the kind in a field, 1.0 wraps the object by its kind, but not a task that was asked for by its id."""
    for name, kind in _WRAPPED.items():
        if isinstance(result.get(name), Mapping) and "kind" not in result:
            return kind, result[name]
    return str(result.get("kind") or ("task" if "status" in result else "")), result


_WRAPPED: Final = {
    "task": "task",
    "message": "message",
    "statusUpdate": "status-update",
    "artifactUpdate": "artifact-update",
}


def _take_task(task: Task, body: Mapping[str, Any]) -> None:
    task.id = _text(body.get("id")) or task.id
    task.context_id = _text(body.get("contextId")) or task.context_id
    for message in _maps(body.get("history")):
        _take_calls(task, message)
    for artifact in _maps(body.get("artifacts")):
        _take_artifact(task, artifact, append=False)
    _take_status(task, body)


def _take_status(task: Task, body: Mapping[str, Any]) -> None:
    status = body.get("status")
    if not isinstance(status, Mapping):
        return
    task.id = _text(body.get("taskId")) or task.id
    task.context_id = _text(body.get("contextId")) or task.context_id
    task.state = _text(status.get("state")).lower().removeprefix("task_state_").replace("_", "-")
    message = status.get("message")
    if isinstance(message, Mapping):
        _take_calls(task, message)
        if _is_agents(message):
            task.said = _text_of(message) or task.said
        if task.state in PAUSED:
            task.asks = [_shown(call) for call in _calls_of(message, waiting=True)] or [
                "something that it does not name"
            ]


def _take_artifact_update(task: Task, body: Mapping[str, Any]) -> None:
    task.id = _text(body.get("taskId")) or task.id
    artifact = body.get("artifact")
    if isinstance(artifact, Mapping):
        _take_artifact(task, artifact, append=body.get("append") is True)


def _take_artifact(task: Task, artifact: Mapping[str, Any], *, append: bool) -> None:
    number, text = _text(artifact.get("artifactId")), _text_of(artifact)
    task.artifacts[number] = task.artifacts.get(number, "") + text if append else text


def _take_message(task: Task, body: Mapping[str, Any]) -> None:
    """An agent may answer with a message alone; then there is no task and nothing to wait for."""
    if _is_agents(body):
        task.said, task.state = _text_of(body), COMPLETED


_READERS: Final[Mapping[str, Callable[[Task, Mapping[str, Any]], None]]] = {
    "task": _take_task,
    "status-update": _take_status,
    "artifact-update": _take_artifact_update,
    "message": _take_message,
}


def _take_calls(task: Task, message: Mapping[str, Any]) -> None:
    for call in _calls_of(message, waiting=False):
        shown = _shown(call)
        if shown not in task.calls and len(task.calls) < _MOST_CALLS:
            task.calls.append(shown)


def _calls_of(message: Mapping[str, Any], *, waiting: bool) -> Iterator[Mapping[str, Any]]:
    """The tools that an agent called, or (waiting) those that it asks approval for, as kagent's data parts tell."""
    for part in _maps(message.get("parts")):
        values = part.get("data")
        # 1.0 drafts wrap the values once more.
        values = values.get("data", values) if isinstance(values, Mapping) else None
        metadata = part.get("metadata")
        called = isinstance(metadata, Mapping) and metadata.get("kagent_type") == "function_call"
        if not isinstance(values, Mapping) or not values.get("name"):
            continue
        if values["name"] == _APPROVAL:
            arguments = values.get("args")
            original = arguments.get("originalFunctionCall") if isinstance(arguments, Mapping) else None
            if waiting:
                yield original if isinstance(original, Mapping) else values
        elif called and not waiting:
            yield values


def _shown(call: Mapping[str, Any]) -> str:
    return one_line(f"{call.get('name')} {json.dumps(call.get('args') or {}, default=str)}", _CALL_CHARACTERS)


def _is_agents(message: Mapping[str, Any]) -> bool:
    return _text(message.get("role")).lower().removeprefix("role_") == "agent"


def _text_of(holder: Mapping[str, Any]) -> str:
    return "".join(_text(part.get("text")) for part in _maps(holder.get("parts")))


def _tokens(usage: Any) -> dict[str, int] | None:
    if not isinstance(usage, Mapping):
        return None
    counts = {
        name: usage.get(key) for name, key in (("prompt", "promptTokenCount"), ("completion", "candidatesTokenCount"))
    }
    return {name: count for name, count in counts.items() if isinstance(count, int)} or None


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
