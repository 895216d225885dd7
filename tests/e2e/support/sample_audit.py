# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Two audits a week apart of a made-up cluster with every planted fault, for looking at the page."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.clock import rfc3339
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.audit import Given, judge, to_json
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.reports.publishing import Published, publish
from support import security_faults

sys.path.append(str(Path(__file__).resolve().parents[2] / "unit" / "security"))

from made_up import NOW, cluster_of

ADVICE = "agrees with the rules to begin with rbac-cluster-admin. Whoever takes the shop front has the whole cluster."


def publish_two_audits(folder: Path) -> Published:
    """The second one; both lie in the folder. Of the first the worst are missing, and one has gone since."""
    items = [item for fault in security_faults.all_planted("shop", NOW) for item in (*fault.with_it, fault.object)]
    items += [*security_faults.healthy(NOW), *security_faults.exposed("shop")]
    report = to_json(judge(cluster_of(items), Given()), "production", Given())
    gone = {**report["findings"][0], "name": "former-admin"}
    week_ago = rfc3339(NOW - datetime.timedelta(days=7))
    publish({**report, "generated_at": week_ago, "findings": [gone, *report["findings"][7:]]}, folder)
    return publish(report, folder, forms=["sarif"], advice=[{"advisor": "kagent", "text": ADVICE}])
