# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands that a finding ends with, ready to paste."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.pasting import command
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.shapes import Fix


def diagnose(kind: str, namespace: str, name: str, text: str = "Let the diagnosis find the cause and propose") -> Fix:
    """Story 1: it reads the evidence, proposes a remedy, and asks."""
    return Fix(f"{text}.", _playbook("diagnose_pod.yml", kind, namespace, name))


def optimize(kind: str, namespace: str, name: str, text: str = "Let its usage set requests and limits") -> Fix:
    """Story 3."""
    return Fix(f"{text}.", _playbook("optimize_resources.yml", kind, namespace, name), remedy="set_resources")


def scale(kind: str, namespace: str, name: str, text: str) -> Fix:
    """Story 2."""
    return Fix(f"{text}.", _playbook("scale_workload.yml", kind, namespace, name), remedy="scale")


def look(text: str, *words: str, namespace: str = "") -> Fix:
    """A kubectl command for a person, and what to do with what it shows."""
    place = (f"--namespace={namespace}",) if namespace else ()
    return Fix(f"{text}.", command("kubectl", *words, *place))


def _playbook(name: str, kind: str, namespace: str, target: str) -> str:
    place = ("-e", f"target={kind.lower()}/{target}", "-e", f"namespace={namespace}")
    return command("ansible-playbook", f"playbooks/{name}", *place)
