# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agent that the runtime serves; the test writes its configuration, since that holds ports."""

import json
import os

from kagent.adk import AgentConfig

with open(os.environ["AGENT_CONFIG"], encoding="utf-8") as config:
    root_agent = AgentConfig.model_validate(json.load(config)).to_agent("diag")
