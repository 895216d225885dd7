# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is at the keyboard, and whether anybody is."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approval import Person


def operating_system_user(environ: Mapping[str, str]) -> Person:
    """The owner of this process by its real uid; who became it by sudo is noted (nothing proves that)."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Person(name, environ.get("SUDO_USER", ""))


def awx(environ: Mapping[str, str], variables: Mapping[str, Any]) -> bool:
    """Whether AWX runs this job: it sets these variables, and whoever launched the job cannot unset the environment."""
    if any(variables.get(name) not in (None, "") for name in ("awx_job_id", "tower_job_id")):
        return True
    return "AWX_HOST" in environ or ("JOB_ID" in environ and "INVENTORY_ID" in environ)


def nobody(environ: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    """What runs this without a person at its terminal ("" if nothing known does): a pty is there, and nobody at it."""
    if awx(environ, variables):
        return "AWX"
    if "AWX_ISOLATED_DATA_DIR" in environ or "RUNNER_OMIT_EVENTS" in environ:
        return "ansible-runner"
    return "a job runner (JOB_ID is set)" if "JOB_ID" in environ else ""
