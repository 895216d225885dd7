# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a provider of models is, and whether anything answers there."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline

# What names a provider's address in the environment of kubectl-ai v0.0.28 (gollm/*.go), and where it is without.
ADDRESSES: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "gemini": ((), "https://generativelanguage.googleapis.com"),
    "vertexai": ((), "https://aiplatform.googleapis.com"),
    "openai": (("OPENAI_ENDPOINT", "OPENAI_API_BASE"), "https://api.openai.com/v1"),
    "openai-compatible": (("OPENAI_ENDPOINT", "OPENAI_API_BASE"), "https://api.openai.com/v1"),
    "azopenai": (("AZURE_OPENAI_ENDPOINT",), ""),
    "bedrock": ((), "https://bedrock-runtime.{AWS_REGION}.amazonaws.com"),
    "grok": (("GROK_ENDPOINT",), "https://api.x.ai"),
    "ollama": (("OLLAMA_HOST",), "http://127.0.0.1:11434"),
    "llamacpp": (("LLAMACPP_HOST",), "http://127.0.0.1:8080"),
}


def address_of(provider: str, environ: Mapping[str, str]) -> str:
    """The address that a provider is asked at, empty where nothing names it (pure)."""
    names, default = ADDRESSES.get(provider, ((), ""))
    given = next((environ[name] for name in names if environ.get(name)), "")
    region = environ.get("AWS_REGION", "us-east-1")
    address = given or default.replace("{AWS_REGION}", region)
    return address if "://" in address or not address else f"http://{address}"


def why_unreachable(address: str, deadline: Deadline) -> str:
    """Why nothing answers at the address, empty where something does. Any HTTP answer is one; no key is sent."""
    try:
        # An opener of its own takes the proxies of the environment, as the program itself does.
        with urllib.request.build_opener().open(address, timeout=max(0.1, deadline.remaining())):
            return ""
    except urllib.error.HTTPError:
        return ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        return str(getattr(error, "reason", "") or error) or type(error).__name__
