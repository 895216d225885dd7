# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/security-findings.md has every code, as the catalogue has it. To write it anew: run this file."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.all import CATALOGUE

PAGE = Path(__file__).resolve().parents[3] / "docs" / "security-findings.md"
HEAD = """# Findings of the security audit

Every code that `security_audit_info` can find. Codes are stable; exceptions name them. The severity is that of the
whole cluster: a permission in one namespace counts one less. Controls are check ids of the Pod Security Standards,
numbers of the CIS Kubernetes Benchmark, chapters of the NSA/CISA hardening guide, and techniques of MITRE ATT&CK.

| code | severity | why it matters | what to do | controls |
|---|---|---|---|---|
"""


def page() -> str:
    rows = (
        f"| `{code}` | {entry.severity} | {entry.why} | {entry.fix} | {', '.join(entry.controls)} |"
        for code, entry in CATALOGUE.items()
    )
    return HEAD + "\n".join(row.replace("*", "\\*") for row in rows) + "\n"


def test_the_page_is_the_catalogue() -> None:
    assert PAGE.read_text() == page()


if __name__ == "__main__":
    PAGE.write_text(page())
