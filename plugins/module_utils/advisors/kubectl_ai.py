# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks kubectl-ai one question and makes an answer of what it leaves behind.

It runs once, in a sandbox, with a folder of its own that is removed, an environment that holds what its provider needs,
and a view of the cluster that is read-only and redacted. The question goes in by standard input, so that no list of
processes shows it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import identity, processes, reading_room
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai_trace import (
    Trace,
    TraceUnreadable,
    read_trace,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import WINDOW_BYTES
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.reply import Unusable, read_reply
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.sandbox import (
    NotContained,
    Sandbox,
    find_sandbox,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import (
    ANSWERED,
    NONE,
    RAW_CHARACTERS,
    UNUSABLE,
    Answer,
    BadSettings,
    Question,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line, printable
from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import REDACTED, redact

ADVISOR: Final = "kubectl_ai"
_INSTRUCTION: Final = "Answer the question below."
_TRACE: Final = "trace.yaml"
_COMMAND_CHARACTERS: Final = 400
# Shorter texts are words, and would be hidden wherever they stand.
_SHORTEST_SECRET: Final = 6
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"
# What each provider of v0.0.28 reads from its environment (gollm/*.go).
PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "gemini": ("GEMINI_API_KEY",),
    "vertexai": ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION"),
    "openai": ("OPENAI_API_KEY", "OPENAI_ENDPOINT", "OPENAI_API_BASE", "OPENAI_USE_RESPONSES_API"),
    "openai-compatible": ("OPENAI_API_KEY", "OPENAI_ENDPOINT", "OPENAI_API_BASE"),
    "azopenai": ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"),
    "bedrock": ("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "grok": ("GROK_API_KEY", "GROK_ENDPOINT"),
    "ollama": ("OLLAMA_HOST",),
    "llamacpp": ("LLAMACPP_HOST",),
}
_FOR_ALL: Final = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "LANG")
# Endings of those names whose values are no secrets.
_SAID_OPENLY: Final = (
    "_ENDPOINT",
    "_HOST",
    "_BASE",
    "_REGION",
    "_LOCATION",
    "_PROJECT",
    "_RESPONSES_API",
    "NO_PROXY",
    "no_proxy",
    "LANG",
)
# What decides where it looks and what it loads is not a setting.
_OURS: Final = ("HOME", "TMPDIR", "PATH", "KUBECONFIG")


@dataclass(frozen=True)
class KubectlAiSettings:
    """How kubectl-ai is asked. There can be several, each with a `name` of its own.

    `environment` adds to what the provider needs from the caller's environment (a key out of a vault); `files` are
    shown to it read-only at their own paths (a CA, a credentials file). `sandbox` is auto, bubblewrap or uid.
    """

    name: str = "kubectl-ai"
    program: str = "kubectl-ai"
    provider: str = ""
    model: str = ""
    max_iterations: int = 4
    tool_use_shim: bool = False
    window_bytes: int = WINDOW_BYTES
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: tuple[str, ...] = ()
    sandbox: str = "auto"
    namespace: str = identity.NAMESPACE
    service_account: str = identity.SERVICE_ACCOUNT

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> KubectlAiSettings:
        """Settings from a module's options, where the account is NAMESPACE/NAME. Raises BadSettings."""
        given = {name: value for name, value in options.items() if value is not None}
        if "service_account" in given:
            namespace, slash, name = given["service_account"].partition("/")
            if not (namespace and slash and name):
                raise BadSettings(f"kubectl_ai.service_account {given['service_account']!r} is not NAMESPACE/NAME")
            given.update(namespace=namespace, service_account=name)
        if "environment" in given:
            given["environment"] = {str(key): str(value) for key, value in given["environment"].items()}
        if "files" in given:
            given["files"] = tuple(given["files"])
        return cls(**given)


class _NoAnswer(Exception):
    """Why there is no answer, in a sentence."""


def check_settings(settings: KubectlAiSettings) -> None:
    """Raise BadSettings for what could not work, or would weaken what keeps the program in."""
    if settings.provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise BadSettings(f"kubectl_ai.provider {settings.provider!r} is not known: set one of {known}")
    if not settings.model:
        raise BadSettings("kubectl_ai.model is not set: name the model, since kubectl-ai's default is one of Gemini's")
    for name in settings.environment:
        if name in _OURS or name.startswith("LD_"):
            raise BadSettings(f"kubectl_ai.environment may not set {name}: what keeps kubectl-ai in depends on it")


def is_set_up(settings: KubectlAiSettings) -> bool:
    """Whether there is anything to ask: a model is named and the program is there."""
    return bool(settings.model and shutil.which(settings.program))


def ask_kubectl_ai(
    question: Question,
    settings: KubectlAiSettings,
    client: Client,
    deadline: Deadline,
    *,
    environ: Mapping[str, str] | None = None,
) -> Answer:
    """What kubectl-ai says to a question by the deadline; why there is no answer stands in the answer.

    `client` is the operator's, and only makes the read-only one. Raises BadSettings.
    """
    check_settings(settings)
    environ = os.environ if environ is None else environ
    started = deadline.clock.monotonic()
    run = _Run(question, settings, _environment(settings, environ))
    try:
        run.ask(client, deadline, environ)
    except (_NoAnswer, NotContained, identity.NoIdentity, processes.NotStarted) as error:
        run.found["reason"] = run.clean(str(error))
    return Answer(
        advisor=ADVISOR,
        name=settings.name,
        question_digest=question.digest,
        provider=settings.provider,
        duration_seconds=round(deadline.clock.monotonic() - started, 3),
        **{"status": NONE, "model": settings.model, **run.found},
    )


@dataclass
class _Run:
    """One question to one program. `found` fills with the answer's fields as they get known."""

    question: Question
    settings: KubectlAiSettings
    environment: dict[str, str]
    found: dict[str, Any] = field(default_factory=dict)

    def ask(self, client: Client, deadline: Deadline, environ: Mapping[str, str]) -> None:
        program = shutil.which(self.settings.program, path=environ.get("PATH"))
        if program is None:
            raise _NoAnswer(f"{self.settings.program} is not installed, or not on the PATH")
        sandbox = find_sandbox(self.settings.sandbox, deadline, home=_home(environ), kubeconfigs=_kubeconfigs(environ))
        advisor = identity.read_only_client(
            client, deadline, namespace=self.settings.namespace, service_account=self.settings.service_account
        )
        self.found["contained_by"] = sandbox.way
        with _private_folder() as folder, reading_room.reading_room(advisor, deadline) as address:
            kubeconfig = folder.parent / "kubeconfig"
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(reading_room.kubeconfig_of(address), encoding="utf-8")
            finished = self._start(sandbox, program, folder, kubeconfig, deadline, environ)
            try:
                trace = read_trace(folder, _TRACE, shim=self.settings.tool_use_shim)
            except TraceUnreadable as error:
                raise _NoAnswer(_without_trace(finished, str(error))) from None
        self._read(trace, finished)

    def _start(
        self,
        sandbox: Sandbox,
        program: str,
        folder: Path,
        kubeconfig: Path,
        deadline: Deadline,
        environ: Mapping[str, str],
    ) -> processes.Finished:
        kubectl = shutil.which("kubectl", path=environ.get("PATH"))
        tools = [Path(found) for found in (program, kubectl) if found]
        files = [
            kubeconfig,
            *(path for path in tools if not path.is_relative_to("/usr")),
            *map(Path, self.settings.files),
        ]
        path = ":".join(dict.fromkeys([*(str(tool.parent) for tool in tools), *_PATH.split(":")]))
        own = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": path, "KUBECONFIG": str(kubeconfig)}
        sandbox.give(folder, files)
        try:
            return processes.run(
                sandbox.command([program, *self._arguments(folder, kubeconfig)], folder, files),
                environment={**self.environment, **own},
                stdin=self.question.text.encode(),
                deadline=deadline,
                uid=sandbox.uid,
            )
        finally:
            sandbox.ended()

    def _arguments(self, folder: Path, kubeconfig: Path) -> list[str]:
        shim = ["--enable-tool-use-shim"] if self.settings.tool_use_shim else []
        return [
            "--quiet",
            f"--llm-provider={self.settings.provider}",
            f"--model={self.settings.model}",
            f"--max-iterations={self.settings.max_iterations}",
            f"--kubeconfig={kubeconfig}",
            f"--trace-path={folder / _TRACE}",
            "--remove-workdir",
            *shim,
            _INSTRUCTION,
        ]

    def _read(self, trace: Trace, finished: processes.Finished) -> None:
        self.found.update(cleaned(trace, self.environment))
        if not trace.reply.strip():
            raise _NoAnswer(_why_silent(trace, finished, self.settings.max_iterations))
        try:
            reply = read_reply(hidden(trace.reply, self.environment), self.question, advisor=ADVISOR)
        except Unusable as error:
            self.found.update(status=UNUSABLE, reason=self.clean(str(error)))
            return
        flags = list(reply.flags)
        if finished.stopped:
            flags.append("did not end by itself and was stopped")
        self.found.update(status=ANSWERED, diagnosis=reply.diagnosis, recommendation=reply.recommendation, flags=flags)

    def clean(self, text: str) -> str:
        return one_line(hidden(text, self.environment), _COMMAND_CHARACTERS)


def cleaned(trace: Trace, environment: Mapping[str, str]) -> dict[str, Any]:
    """What of a trace goes into the answer: commands, tokens, raw text and model, without secrets and bounded."""
    model = {"model": one_line(hidden(trace.model, environment), 100)} if trace.model else {}
    return {
        "commands": [one_line(hidden(command, environment), _COMMAND_CHARACTERS) for command in trace.commands],
        "tokens": trace.tokens,
        "raw": redact(printable_lines(hidden(trace.reply, environment)))[:RAW_CHARACTERS],
        **model,
    }


def hidden(text: str, environment: Mapping[str, str]) -> str:
    """The text without the keys that the program was given, whatever they look like."""
    for name, value in environment.items():
        if len(value) >= _SHORTEST_SECRET and not name.endswith(_SAID_OPENLY):
            text = text.replace(value, REDACTED)
    return text


def printable_lines(text: str) -> str:
    """The text without what could command a terminal, its lines kept."""
    return "\n".join(printable(line) for line in text.splitlines())


def _environment(settings: KubectlAiSettings, environ: Mapping[str, str]) -> dict[str, str]:
    names = (*PROVIDERS[settings.provider], *_FOR_ALL)
    return {**{name: environ[name] for name in names if environ.get(name)}, **settings.environment}


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or "~").expanduser()


def _kubeconfigs(environ: Mapping[str, str]) -> list[Path]:
    given = (environ.get(name, "") for name in ("KUBECONFIG", "K8S_AUTH_KUBECONFIG"))
    return [Path(part).expanduser() for text in given for part in text.split(":") if part]


def _without_trace(finished: processes.Finished, problem: str) -> str:
    if finished.stopped:
        return f"it gave no answer within {finished.duration_seconds:.1f} s and was stopped; {problem}"
    if number := _signal(finished):
        return f"it was ended by signal {number}; {problem}"
    return f"{_said(finished) or problem} (exit code {finished.exit_code})"


def _why_silent(trace: Trace, finished: processes.Finished, max_iterations: int) -> str:
    if trace.failure:
        return f"its model's endpoint answered: {trace.failure}"
    if finished.stopped:
        return f"it gave no answer within {finished.duration_seconds:.1f} s and was stopped"
    if number := _signal(finished):
        return f"it was ended by signal {number}"
    if finished.exit_code:
        return f"{_said(finished) or 'it said nothing'} (exit code {finished.exit_code})"
    if trace.rounds >= max_iterations:
        return f"it used all {max_iterations} rounds on commands and gave no answer"
    return "its model's reply is empty" if trace.rounds else "its trace holds no reply of a model"


def _signal(finished: processes.Finished) -> int:
    """What ended it; bubblewrap passes it on as a shell does, as an exit code above 128."""
    return finished.signal or max(0, finished.exit_code - 128)


def _said(finished: processes.Finished) -> str:
    """The error of its standard error, before the usage text that follows it."""
    text = finished.stderr.decode("utf-8", "replace").partition("\nUsage:")[0]
    lines = [line for line in text.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error:")), max(0, len(lines) - 1))
    return "it failed: " + " ".join(lines[start:]).removeprefix("Error: ") if lines else ""


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """A folder to write in, inside one of the operator's own; both are gone afterwards, whatever was put there."""
    outer = Path(tempfile.mkdtemp(prefix="aiops-advisor-"))
    try:
        home = outer / "home"
        home.mkdir(mode=0o700)
        yield home
    finally:
        _remove(outer)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        # A folder without permissions keeps what is in it: give them back, following no link.
        for root, folders, _files in os.walk(folder):
            for name in folders:
                path = os.path.join(root, name)
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    os.chmod(path, 0o700)
        shutil.rmtree(folder, ignore_errors=True)
