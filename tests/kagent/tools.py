# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server of one tool, which leaves a line in a file where it runs. Usage: tools.py PORT FILE"""

import sys

from mcp.server.fastmcp import FastMCP

server = FastMCP("tools", host="127.0.0.1", port=int(sys.argv[1]))


@server.tool()
def k8s_rollout_restart(deployment: str, namespace: str) -> str:
    """Restart a deployment"""
    with open(sys.argv[2], "a", encoding="utf-8") as marks:
        marks.write(f"restarted {namespace}/{deployment}\n")
    return f"restarted {namespace}/{deployment}"


server.run(transport="streamable-http")
