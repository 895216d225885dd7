# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The advisor kagent: puts one question to one agent and reads its reply. It approves nothing that the agent wants.

Through a kagent controller, or at an agent's own address. A task that pauses for approval is answered with reject: with
kagent's default authentication whoever asks may approve, so an approval there is nobody's.
"""

from __future__ import annotations

import contextlib
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import a2a, a2a_http
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import WINDOW_BYTES
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.reply import Unusable, read_reply
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import (
    ANSWERED,
    NONE,
    RAW_CHARACTERS,
    UNUSABLE,
    Answer,
    BadSettings,
    Question,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import printable
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact

ADVISOR: Final = "kagent"
NOT_SET_UP: Final = "it is not set up: neither controller nor url is given"
AGENT: Final = "kagent/aiops-analyst"
_WHY_REJECTED: Final = "An advisor reads only; nobody approves a call here."
_MOST_REJECTIONS: Final = 3
# What is kept for asking the agent to give up, once there is no time left for its answer.
_CANCEL_SECONDS: Final = 0.3


@dataclass(frozen=True)
class KagentSettings:
    """How to reach the agent: `controller` (its URL) and `agent` (NAMESPACE/NAME), or `url`, the agent's own address.

    `version` is that of A2A: 0.3, 1.0, or auto (0.3, and 1.0 where that is refused). `user` is whom kagent keeps the
    session for, `token` a bearer token, `ca_cert` a file of CAs. `model` is what is said of the agent's model.
    """

    controller: str = ""
    agent: str = AGENT
    url: str = ""
    user: str = "aiops"
    token: str = field(default="", repr=False)
    ca_cert: str = ""
    version: str = "auto"
    stream: bool = True
    provider: str = ""
    model: str = ""
    name: str = ADVISOR
    window_bytes: int = WINDOW_BYTES

    @property
    def is_set_up(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self.controller or self.url)

    @property
    def address(self) -> a2a_http.Address:
        """The agent's address. Raises BadSettings."""
        if self.controller and self.url:
            raise BadSettings("kagent has both controller and url: give one of them")
        given = "controller" if self.controller else "url"
        wrong = a2a_http.check(self.controller or self.url)
        if wrong:
            raise BadSettings(f"kagent's {given} cannot be used: {wrong}")
        headers = {"X-User-Id": self.user, **({"Authorization": f"Bearer {self.token}"} if self.token else {})}
        if any(not text.isprintable() or not text.isascii() for text in headers.values()):
            raise BadSettings("kagent's user and token have to be printable ASCII")
        if not self.controller:
            return a2a_http.Address(self.url, headers, self.ca_cert)
        namespace, _slash, name = self.agent.partition("/")
        if not _is_name(namespace) or not _is_name(name):
            raise BadSettings(f"kagent's agent is {self.agent!r}: it has to be NAMESPACE/NAME")
        return a2a_http.Address(f"{self.controller.rstrip('/')}/api/a2a/{namespace}/{name}/", headers, self.ca_cert)

    @property
    def dialects(self) -> list[a2a.Dialect]:
        """The versions to try, in their order. Raises BadSettings."""
        if self.version == "auto":
            return [a2a.V0_3, a2a.V1_0]
        if self.version not in a2a.DIALECTS:
            raise BadSettings(f"kagent's version is {self.version!r}: use auto, {' or '.join(a2a.DIALECTS)}")
        return [a2a.DIALECTS[self.version]]


def _is_name(text: str) -> bool:
    return bool(text) and text.isascii() and all(item.isalnum() or item in "-." for item in text)


def ask_kagent(question: Question, settings: KagentSettings, deadline: Deadline) -> Answer:
    """What the agent says, by the deadline; a reason where it says nothing usable. Raises BadSettings."""
    address, dialects = settings.address, settings.dialects
    started = deadline.clock.monotonic()
    task, flags = a2a.Task(), list[str]()

    def answer(status: str, **more: Any) -> Answer:
        return Answer(
            advisor=ADVISOR,
            name=settings.name,
            status=status,
            question_digest=question.digest,
            provider=settings.provider,
            model=settings.model,
            raw=redact(printable_lines(task.text))[:RAW_CHARACTERS],
            commands=task.calls,
            tokens=task.tokens,
            duration_seconds=round(deadline.clock.monotonic() - started, 3),
            **more,
        )

    try:
        _converse(address, dialects, settings, question, task, flags, deadline)
    except a2a_http.NoAnswer as error:
        return answer(NONE, reason=str(error), flags=flags)
    if task.state != a2a.COMPLETED:
        said = f": {printable(task.said)[:200]}" if task.said else ""
        return answer(NONE, reason=redact(f"its task ended as {task.state or 'nothing'}{said}"), flags=flags)
    try:
        reply = read_reply(task.text, question, advisor=settings.name)
    except Unusable as error:
        return answer(UNUSABLE, reason=str(error), flags=flags)
    return answer(
        ANSWERED, diagnosis=reply.diagnosis, recommendation=reply.recommendation, flags=[*reply.flags, *flags]
    )


def _converse(
    address: a2a_http.Address,
    dialects: list[a2a.Dialect],
    settings: KagentSettings,
    question: Question,
    task: a2a.Task,
    flags: list[str],
    deadline: Deadline,
) -> None:
    """Ask in the first version that the agent speaks, refuse what it wants to do, and have it give up at the end."""
    # A session of its own, so that nothing of an earlier question is in it.
    task.context_id = str(uuid.uuid4())
    for number, dialect in enumerate(dialects, start=1):
        agent = a2a.Agent(address, dialect, stream=settings.stream)
        try:
            _ask_once(agent, question, task, flags, Deadline(deadline.at - _CANCEL_SECONDS, deadline.clock))
            return
        except a2a.OtherVersion:
            if number == len(dialects):
                raise
        except a2a_http.OutOfTime:
            _give_up(agent, task, deadline)
            raise


def _ask_once(agent: a2a.Agent, question: Question, task: a2a.Task, flags: list[str], deadline: Deadline) -> None:
    agent.ask(question.text, task.context_id, deadline, task)
    for _number in range(_MOST_REJECTIONS):
        if task.state not in a2a.PAUSED:
            return
        wanted = list(task.asks)
        flags.extend(f"wanted to call {call}, which was rejected" for call in wanted or ["what it did not name"])
        agent.reject(task, _WHY_REJECTED, deadline)
        # The history lists what was asked for among what was called.
        task.calls = [call for call in task.calls if call not in wanted]
    if task.state in a2a.PAUSED:
        _give_up(agent, task, deadline)


def _give_up(agent: a2a.Agent, task: a2a.Task, deadline: Deadline) -> None:
    if task.id:
        with contextlib.suppress(a2a_http.NoAnswer):
            agent.cancel(task, deadline.sooner(_CANCEL_SECONDS))


def printable_lines(text: str) -> str:
    """The text line by line without what only a terminal or an attacker needs."""
    return "\n".join(printable(line) for line in text[: 4 * RAW_CHARACTERS].splitlines())
