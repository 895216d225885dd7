#!/usr/bin/python
# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: helm_upgrade_info
short_description: Says exactly what an upgrade of a Helm release would change
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Has the server render the upgrade (C(helm upgrade --dry-run=server)) and compares it with the release's manifest.
  - Returns what a gated rollout's plan holds, the digests of chart, values and rendered manifest, the release's
    revision, the diff with secrets hidden, and the tier. Writes nothing.
options:
  release:
    description: The release.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  chart:
    description: A chart's folder or archive on this machine.
    type: path
    required: true
  values_files:
    description: Values files, the last one wins. Values of the present revision stay where nothing says otherwise.
    type: list
    elements: path
    default: []
  values:
    description: Values on top of those. They are kept in the record, so secrets belong into a file.
    type: dict
    default: {}
  kind:
    description: The kind of the workload whose rollout is gated, where the upgrade changes several.
    type: str
    default: ""
  name:
    description: Its name.
    type: str
    default: ""
  helm:
    description: The program.
    type: path
    default: helm
extends_documentation_fragment:
  - aiops.kubernetes.auth
attributes:
  check_mode:
    description: It only reads.
    support: full
"""

EXAMPLES = r"""
- name: Look what the upgrade would change
  aiops.kubernetes.helm_upgrade_info:
    release: shop
    namespace: shop
    chart: charts/shop
    values_files: [values/production.yaml]
  register: upgrade
"""

RETURN = r"""
upgrade:
  description: What the plan of a gated rollout holds about the release.
  returned: success
  type: dict
target:
  description: The workload whose rollout is gated, with C(kind), C(namespace) and C(name).
  returned: success
  type: dict
helm_version:
  description: Of the program.
  returned: success
  type: str
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.module_utils.arguments import (
    auth_argument_spec,
    keep_only_secrets_hidden,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.rollout import helm

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]


class Program:
    """The helm program with the module's cluster and namespace."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module, given = module, module.params
        self._options = ["--namespace", given["namespace"]]
        kubeconfig = given["kubeconfig"] or os.environ.get("K8S_AUTH_KUBECONFIG")
        if kubeconfig is not None and not isinstance(kubeconfig, str):
            raise RemedyError("Helm takes a kubeconfig as a file's path only")
        self._options += ["--kubeconfig", helm.local_path(kubeconfig)] if kubeconfig else []
        context = given["context"] or os.environ.get("K8S_AUTH_CONTEXT")
        self._options += ["--kube-context", context] if context else []

    def says(self, *arguments: str) -> str:
        """What it prints; a refusal is a sentence."""
        command = [self._module.params["helm"], *arguments, *self._options]
        code, output, error = self._module.run_command(command)
        if code:
            raise RemedyError(f"helm {arguments[0]} failed: {' '.join(error.split())[-600:]}")
        return str(output)


def main() -> None:
    module = AnsibleModule(
        auth_argument_spec()
        | {
            "release": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "chart": {"type": "path", "required": True},
            "values_files": {"type": "list", "elements": "path", "default": []},
            "values": {"type": "dict", "default": {}},
            "kind": {"type": "str", "default": ""},
            "name": {"type": "str", "default": ""},
            "helm": {"type": "path", "default": "helm"},
        },
        supports_check_mode=True,
    )
    keep_only_secrets_hidden(module)
    if yaml is None:
        module.fail_json(msg="helm_upgrade_info needs PyYAML, which comes with Ansible: install it for this Python")
    try:
        module.exit_json(changed=False, **looked(Program(module), module.params))
    except RemedyError as refused:
        module.fail_json(msg=str(refused))


def looked(program: Program, given: dict[str, Any]) -> dict[str, Any]:
    """The module's result."""
    release, namespace = given["release"], given["namespace"]
    digests = [helm.digest_of_files(Path(path)) for path in (given["chart"], *given["values_files"])]
    version = program.says("version", "--template", "{{.Version}}").strip()
    status = json.loads(program.says("status", release, "--output", "json"))
    if status["info"]["status"] != "deployed":
        raise RemedyError(
            f"the Helm release {release} is {status['info']['status']}, not deployed: set it straight first"
        )
    now = helm.by_key(yaml.safe_load_all(program.says("get", "manifest", release)), namespace)
    rendered = json.loads(_rendered(program, given))
    then = helm.by_key(yaml.safe_load_all(rendered["manifest"]), namespace)
    changed = helm.changes(now, then)
    workload, others = helm.gated(changed, given["kind"], given["name"])
    tier, why = helm.tier_of(changed)
    revision = int(status["version"])
    upgrade = {
        "release": release,
        "revision": revision,
        "chart": str(Path(given["chart"]).absolute()),
        "chart_digest": digests[0],
        "values_files": [str(Path(path).absolute()) for path in given["values_files"]],
        "values": given["values"],
        "values_digest": canonical.sha256([revision, digests[1:], given["values"]]),
        "manifest_digest": canonical.sha256([[*key, then[key]] for key in sorted(then)]),
        "diff": helm.diff(changed),
        "tier": tier,
        "tier_why": why,
        "sets": helm.sets(workload),
        "ungated": others,
        "hooks": len(rendered.get("hooks") or []),
    }
    target = {"kind": workload["kind"], "namespace": namespace, "name": workload["metadata"]["name"]}
    return {"upgrade": upgrade, "target": target, "helm_version": version}


def _rendered(program: Program, given: dict[str, Any]) -> str:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as own:
        yaml.safe_dump(given["values"], own)
        own.flush()
        files = [part for path in [*given["values_files"], own.name] for part in ("--values", path)]
        options = ["--dry-run=server", "--reset-then-reuse-values", "--output", "json"]
        return program.says("upgrade", given["release"], given["chart"], *files, *options)


if __name__ == "__main__":
    main()
