# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name, in the controller where that is where it would run anyway."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.modules import change_plan
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.in_controller import ControllerAction


class ActionModule(ControllerAction):
    """The action; everything is the module's."""

    main = staticmethod(change_plan.main)
