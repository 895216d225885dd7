# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known when a run begins: who asked for what, where, with which version."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import (
    REDACTED,
    redact,
    redact_value,
    redact_words,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils import person
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.redacting import redacted

_ROOT = Path(__file__).parents[3]


def describe(run_id: str, stage: str, host: str, playbook: str, extra: dict[str, Any]) -> dict[str, Any]:
    """The body of the `opened` (or `resumed`) event; secrets are out."""
    user = person.operating_system_user(os.environ)
    return {
        "run_id": run_id,
        "stage": stage,
        "host": host,
        "playbook": playbook,
        "command": command(sys.argv),
        "extra_vars": variables(extra),
        "surface": person.nobody(os.environ, extra) or "ansible-playbook",
        "person": user.to_json(),
        "user": f"{user.name} (sudo by {user.sudo_user})" if user.sudo_user else user.name,
        "branch": branch(Path.cwd()),
        "collection_version": collection_version(_ROOT),
        "ticket": str(extra.get("ticket") or "") or None,
        "target": _asked_for(extra),
    }


def command(words: list[str]) -> str:
    """The command line as typed, without secrets."""
    if not words:
        return ""
    return redact(shlex.join([os.path.basename(words[0]), *redact_words(words[1:])]))


def variables(extra: dict[str, Any]) -> dict[str, Any]:
    """Extra variables by name, without secrets; Ansible's own are left out."""
    kept: dict[str, Any] = {}
    for name, value in extra.items():
        # A journal that was handed over is in here already, or would be in itself.
        if name == handing.ARTIFACT or (name.startswith("ansible_") and name != "ansible_check_mode"):
            continue
        text = value if isinstance(value, str) else json.dumps(redacted(value), ensure_ascii=False)
        kept[name] = redact_value(name, text)
    return kept


def without_vault(value: Any) -> Any:
    """The value with everything encrypted hidden: writing it down would decrypt it."""
    if isinstance(value, Mapping):
        return {str(key): without_vault(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_vault(item) for item in value]
    return REDACTED if "Encrypted" in type(value).__name__ else value


def _asked_for(extra: dict[str, Any]) -> dict[str, Any]:
    target = str(extra.get("target") or "")
    kind, slash, name = target.partition("/")
    asked = {
        "kind": kind if slash else "",
        "name": name if slash else target,
        "namespace": str(extra.get("namespace") or ""),
    }
    return {key: value for key, value in asked.items() if value}


def branch(folder: Path) -> str | None:
    """The Git branch of a folder, read from its `.git`; None outside a repository or on no branch."""
    for place in (folder, *folder.parents):
        head = place / ".git" / "HEAD"
        try:
            text = head.read_text(errors="replace").strip()
        except OSError:
            continue
        return text.removeprefix("ref: refs/heads/") if text.startswith("ref: refs/heads/") else None
    return None


def collection_version(root: Path) -> str:
    """The version of the collection at this root, built and installed or as a clone; "" where neither tells."""
    try:
        return str(json.loads((root / "MANIFEST.json").read_text())["collection_info"]["version"])
    except (OSError, ValueError, KeyError):
        pass
    try:
        return str(yaml.safe_load((root / "galaxy.yml").read_text())["version"])
    except (OSError, yaml.YAMLError, KeyError, TypeError):
        return ""
