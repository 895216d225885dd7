# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is at the keyboard, and whether anybody is."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.approvers import Person

_LOGIN_UID: Final = Path("/proc/self/loginuid")
_UNSET: Final = 2**32 - 1


def operating_system_user(environ: Mapping[str, str]) -> Person:
    """The owner of this process by its real uid, and who became it.

    The kernel keeps with which user somebody logged in, whatever they became since; where no login set it, sudo's
    variable is all there is, and nothing proves that.
    """
    uid, login = os.getuid(), _login_uid()
    name = _name(uid)
    if login is not None and login != uid:
        return Person(name, _name(login), login_known=True)
    became = environ.get("SUDO_USER", "")
    return Person(name, "" if became == name else became)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _login_uid() -> int | None:
    """The audit subsystem's login uid (proc_pid_loginuid(5)); None where no login set it."""
    try:
        found = int(_LOGIN_UID.read_text())
    except (OSError, ValueError):
        return None
    return None if found == _UNSET else found


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
