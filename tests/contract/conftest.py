# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster's API on loopback, a scripted model, the real bubblewrap, and kubectl-ai: the stand-in and, if on the PATH,
the real one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bubblewrap
import pytest
from answers import REPORT
from openai_model import Model

from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.kubectl_ai import (
    KubectlAiSettings,
    ask_kubectl_ai,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.question import build_question
from ansible_collections.aiops.kubernetes.plugins.module_utils.advisors.shapes import Answer, Question
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import Connection
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "unit" / "cluster"))
from loopback import Api, Reply, Seen, status

STANDIN = str(Path(__file__).resolve().parents[1] / "standins" / "kubectl-ai")
REAL = shutil.which("kubectl-ai")
PROGRAMS = {"stand-in": STANDIN, **({"real": REAL} if REAL else {})}
KEY = "sk-FAKEKEY1234567890abcdef"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZHZpc29yIn0.c2lnbmF0dXJl"
AWAY = ("KUBE", "K8S_", "OPENAI_", "GEMINI_", "AIOPS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(AWAY)]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def bubblewrap_folder() -> str:
    return bubblewrap.folder()


@pytest.fixture(params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    return PROGRAMS[request.param]


@dataclass
class FakeCluster:
    """An API server that knows the advisor's account; `allowed` are the powers that it has too many."""

    api: Api
    allowed: set[tuple[str, str]] = field(default_factory=set)
    account_exists: bool = True
    objects: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        return Client(Connection(host=self.api.url, api_key="operators-own-token-0123456789"))


@pytest.fixture
def fake_cluster() -> Iterator[FakeCluster]:
    def answer(seen: Seen) -> Reply:
        bearer = seen.headers.get("Authorization", "")
        if seen.path.endswith("/serviceaccounts/aiops-advisor/token") and seen.method == "POST":
            given = {"status": {"token": TOKEN}}
            return Reply(given, status=201) if cluster.account_exists else status(404, "NotFound", "not found")
        if bearer != f"Bearer {TOKEN}":
            return status(401, "Unauthorized", "who asks?")
        if seen.path.endswith("/selfsubjectaccessreviews"):
            asked = seen.json()["spec"]["resourceAttributes"]
            return Reply({"status": {"allowed": (asked["verb"], asked["resource"]) in cluster.allowed}}, status=201)
        if seen.path in cluster.objects:
            return Reply(cluster.objects[seen.path])
        if "/secrets" in seen.path:
            return status(403, "Forbidden", f'User "advisor" cannot {seen.method.lower()} resource "secrets"')
        return status(404, "NotFound", "not found")

    api = Api(answer)
    cluster = FakeCluster(api)
    yield cluster
    api.close()


@dataclass
class Ask:
    """Asks a program, in a sandbox, with a model that says what the test wants."""

    program: str
    cluster: FakeCluster
    environ: dict[str, str]
    model: Model | None = None
    question: Question = field(default_factory=lambda: build_question(REPORT))

    def __call__(self, *steps: Any, within: float = 20.0, model: str = "scripted", **settings: Any) -> Answer:
        with Model(steps or ("no step",)) as self.model:
            environ = {**self.environ, "OPENAI_API_KEY": KEY, "OPENAI_ENDPOINT": self.model.url}
            asked = KubectlAiSettings(program=self.program, provider="openai", model=model, **settings)
            return ask_kubectl_ai(self.question, asked, self.cluster.client, Deadline.after(within), environ=environ)


@pytest.fixture
def environ(bubblewrap_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An operator with a home, a kubeconfig and secrets of their own."""
    home = tmp_path / "operator"
    (home / ".kube").mkdir(parents=True)
    (home / ".kube" / "config").write_text("token: operators-own-token-0123456789\n")
    monkeypatch.setenv("PATH", f"{bubblewrap_folder}:{os.environ['PATH']}")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "KUBECONFIG": str(home / ".kube" / "config"),
        "VAULT_TOKEN": "hvs.operators-vault-token",
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def ask(program: str, fake_cluster: FakeCluster, environ: dict[str, str]) -> Ask:
    return Ask(program, fake_cluster, environ)


@pytest.fixture
def ask_standin(fake_cluster: FakeCluster, environ: dict[str, str]) -> Ask:
    return Ask(STANDIN, fake_cluster, environ)


Asking = Callable[..., Answer]
