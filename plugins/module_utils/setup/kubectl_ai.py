# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether kubectl-ai can be asked: its program, what keeps it in, who it is in the cluster, its model's provider."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors import identity, processes
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import (
    BadSettings,
    KubectlAiSettings,
    ask_kubectl_ai,
    check_settings,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import QuestionTooLarge, build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.sandbox import NotContained, find_sandbox
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup import provider, question
from ansible_collections.aiops.kubernetes.plugins.module_utils.setup.checks import (
    FAILS,
    MISSING,
    WORKS,
    Check,
    all_work,
)

PART = "kubectl-ai"
# What the recordings in the tests are of.
KNOWN_RELEASE = "0.0.28"
_VERSION_SECONDS = 5.0
_CORRECT = "correct aiops_kubectl_ai"
_INSTALL = "install a release and put it on the PATH, or name one in kubectl_ai_url and run setup.yml"


def look(options: Mapping[str, Any], client: Client, deadline: Deadline, environ: Mapping[str, str]) -> list[Check]:
    """The checks as things stand now; the question is only asked where all before it works."""
    try:
        settings = KubectlAiSettings.from_options(options)
    except BadSettings as error:
        return [Check(PART, "settings", FAILS, str(error), _CORRECT)]
    checks = [
        program(settings, deadline, environ),
        sandbox(settings, deadline, environ),
        account(settings, client, deadline),
        *model(settings, deadline, environ),
    ]
    if all_work(checks):
        checks.append(_ask(settings, client, deadline, environ))
    return [replace(check, part=settings.name) for check in checks]


def _ask(settings: KubectlAiSettings, client: Client, deadline: Deadline, environ: Mapping[str, str]) -> Check:
    try:
        asked = build_question(question.EXAMPLE, window_bytes=settings.window_bytes)
    except QuestionTooLarge as error:
        return Check(PART, "question", FAILS, str(error), _CORRECT)
    answer = ask_kubectl_ai(asked, settings, client, deadline, environ=environ)
    return question.check_of(PART, answer, "look at the provider's own status and at the key")


def program(settings: KubectlAiSettings, deadline: Deadline, environ: Mapping[str, str]) -> Check:
    """Whether the program is there and says its version."""
    path = shutil.which(settings.program, path=environ.get("PATH"))
    if path is None:
        return Check(PART, "program", MISSING, f"{settings.program} is not on the PATH", _INSTALL)
    with tempfile.TemporaryDirectory(prefix="aiops-setup-") as folder:
        own = {"HOME": folder, "TMPDIR": folder, "PATH": environ.get("PATH", "")}
        try:
            finished = processes.run([path, "version"], environment=own, deadline=deadline.sooner(_VERSION_SECONDS))
        except processes.NotStarted as error:
            return Check(PART, "program", FAILS, str(error), _INSTALL)
    version = version_of(finished.stdout.decode("utf-8", "replace"))
    if finished.exit_code or finished.signal or finished.stopped or not version:
        return Check(PART, "program", FAILS, f"{path} does not tell its version", _INSTALL)
    known = "" if version == KNOWN_RELEASE else f"; this collection was tested with {KNOWN_RELEASE}"
    return Check(PART, "program", WORKS, f"{path}, version {version}{known}")


def version_of(said: str) -> str:
    """The version of `kubectl-ai version`, without a v; empty where it tells none (pure)."""
    found = re.search(r"^version: v?([\w.+-]{1,40})$", said, re.MULTILINE)
    return found.group(1) if found else ""


def sandbox(settings: KubectlAiSettings, deadline: Deadline, environ: Mapping[str, str]) -> Check:
    """Whether anything here keeps the program in."""
    home = Path(environ.get("HOME") or "~").expanduser()
    kubeconfigs = [Path(part).expanduser() for part in environ.get("KUBECONFIG", "").split(":") if part]
    try:
        found = find_sandbox(settings.sandbox, deadline, home=home, kubeconfigs=kubeconfigs)
    except NotContained as error:
        return Check(PART, "sandbox", MISSING, str(error), "apt install bubblewrap (or your system's package of it)")
    return Check(PART, "sandbox", WORKS, found.way)


def account(settings: KubectlAiSettings, client: Client, deadline: Deadline) -> Check:
    """Whether the account that reads for it is there and can do no more than that."""
    try:
        identity.read_only_client(
            client, deadline, namespace=settings.namespace, service_account=settings.service_account
        )
    except identity.NoIdentity as error:
        return Check(PART, "account", FAILS, str(error), "run setup.yml without --check, with rights to create it")
    name = f"{settings.namespace}/{settings.service_account}"
    return Check(PART, "account", WORKS, f"{name} reads; {len(identity.FORBIDDEN)} other powers refused")


def model(settings: KubectlAiSettings, deadline: Deadline, environ: Mapping[str, str]) -> list[Check]:
    """Whether a model is named, and its provider answers."""
    if not settings.provider and not settings.model:
        return [Check(PART, "model", MISSING, "no provider and no model are named", "set aiops_kubectl_ai")]
    try:
        check_settings(settings)
    except BadSettings as error:
        return [Check(PART, "model", FAILS, str(error), _CORRECT)]
    named = Check(PART, "model", WORKS, f"{settings.provider}, {settings.model}")
    address = provider.address_of(settings.provider, {**environ, **settings.environment})
    if not address:
        return [named, Check(PART, "provider", MISSING, "its address is not named", "set AZURE_OPENAI_ENDPOINT")]
    why = provider.why_unreachable(address, deadline.sooner(_VERSION_SECONDS))
    if why:
        to_do = "start it, or let this machine reach it (a proxy is taken from HTTPS_PROXY)"
        return [named, Check(PART, "provider", FAILS, one_line(f"{address} does not answer: {why}", 300), to_do)]
    return [named, Check(PART, "provider", WORKS, f"{address} answers")]
