# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The YAML front matter of a record: the PHR's keys in their order, then `operation` (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import markdown
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.view import target_text

_DECISION = (
    "decision",
    "by",
    "role",
    "identity",
    "strength",
    "channel",
    "emergency",
    "asked_at",
    "decided_at",
    "expires_at",
    "justification",
)
_APPROVAL = ("by", "role", "identity", "strength", "at", "fingerprint", "emergency", "justification")
_TARGET = ("api_version", "kind", "namespace", "name", "uid")


class _Dumper(yaml.SafeDumper):
    """Quotes every text, so that none is read as a number, a date or a mark of YAML."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')


def _unquoted_keys(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", value.items())
    for key, _item in node.value:
        if key.value.isidentifier():
            key.style = None
    return node


_Dumper.add_representer(str, _quoted)
_Dumper.add_representer(dict, _unquoted_keys)


def front_matter(seen: dict[str, Any], record_id: str, files: Sequence[str]) -> dict[str, Any]:
    """The front matter of what `view` made of the events. All texts are one line, without control characters."""
    opened, plan = seen["opened"], seen["plan"]
    values = {
        "id": record_id,
        "title": title(seen),
        "stage": opened.get("stage"),
        "date": str(seen["opened_at"])[:10],
        "surface": opened.get("surface"),
        "model": _model(seen),
        "feature": opened.get("feature"),
        "branch": opened.get("branch"),
        "user": opened.get("user"),
        "command": opened.get("command"),
        "labels": [item for item in ("aiops", opened.get("stage"), _class(seen), plan.get("remedy")) if item],
        "links": {"spec": None, "ticket": opened.get("ticket"), "adr": None, "pr": None},
        "files": list(files),
        "tests": _checks(seen),
        "operation": _operation(seen),
    }
    return _clean(values)


def title(seen: dict[str, Any]) -> str:
    """`Diagnosis of Deployment shop/checkout in production`."""
    stage = str(seen["opened"].get("stage") or "run").capitalize()
    subject = target_text(seen["target"]) or str(seen["opened"].get("host") or "")
    return f"{stage} of {subject}" if subject else stage


def dump(values: dict[str, Any]) -> str:
    """The front matter as text, its marks included."""
    text = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096, default_flow_style=False)
    return f"---\n{text}---\n"


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {markdown.one_line(key, 64): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return markdown.one_line(value)


def _class(seen: dict[str, Any]) -> str:
    cause = seen["diagnosis"].get("root_cause")
    return str(cause.get("class") or "") if isinstance(cause, dict) else ""


def _model(seen: dict[str, Any]) -> str:
    models = [str(item["model"]) for item in seen["recommended"] if item.get("model")]
    models += [str(item.get("model") or item.get("name")) for item in _answers(seen)]
    return ", ".join(dict.fromkeys(models)) or "rules"


def _answers(seen: dict[str, Any]) -> list[dict[str, Any]]:
    """What AI advisors said, those left out that said nothing usable."""
    return [item for item in seen["advised"] if item.get("status") == "answered"]


def _advisors(seen: dict[str, Any]) -> list[str]:
    """Who took part: the rules wherever something was recommended by them, and each that answered."""
    rules = [str(item["advisor"]) for item in seen["recommended"] if item.get("advisor")]
    return list(dict.fromkeys([*rules, *(str(item.get("name")) for item in _answers(seen))]))


def _checks(seen: dict[str, Any]) -> list[str]:
    validation = seen["plan"].get("validation")
    checks = validation.get("checks") if isinstance(validation, dict) else None
    return [str(item) for item in checks] if isinstance(checks, list) else []


def _operation(seen: dict[str, Any]) -> dict[str, Any]:
    opened, target, plan = seen["opened"], seen["target"], seen["plan"]
    cause = seen["diagnosis"].get("root_cause")
    return {
        "run_id": opened.get("run_id"),
        "playbook": opened.get("playbook"),
        "collection_version": opened.get("collection_version"),
        "cluster": target.get("cluster"),
        "target": {key: target[key] for key in _TARGET if target.get(key)} or None,
        "status": seen["status"],
        "advisors": _advisors(seen),
        "diagnosis": {
            "verdict": seen["diagnosis"].get("verdict"),
            "class": _class(seen) or None,
            "confidence": cause.get("confidence") if isinstance(cause, dict) else None,
        },
        "plan": {"remedy": plan.get("remedy"), "tier": seen["tier"].get("level"), "digest": plan.get("digest")},
        "requester": _requester(opened),
        "decisions": [{**{key: item.get(key) for key in _DECISION}, **_approvals(item)} for item in seen["decisions"]],
        "outcome": _outcome(seen),
        "metrics": seen["metrics"],
        "rollback": _rollback(seen),
        "previous": opened.get("previous"),
    }


def _requester(opened: dict[str, Any]) -> dict[str, Any] | None:
    """Who started the run; whoever resumed it asked for nothing."""
    person = opened.get("person")
    return {key: person.get(key) for key in ("name", "sudo_user", "identity")} if isinstance(person, dict) else None


def _approvals(decision: dict[str, Any]) -> dict[str, Any]:
    given = decision.get("approvals")
    approvals = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
    return {"approvals": [{key: item.get(key) for key in _APPROVAL} for item in approvals]}


def _time_of(seen: dict[str, Any], *names: str) -> str | None:
    return next((item["time"] for item in reversed(seen["events"]) if item["event"] in names), None)


def _outcome(seen: dict[str, Any]) -> dict[str, Any]:
    results = [item["body"].get("ok") for item in seen["validation"]]
    result = None if not results else "validated" if results[-1] is True else "not validated"
    return {
        "applied_at": _time_of(seen, "applied"),
        "validated_at": _time_of(seen, "validated", "verified"),
        "result": result,
    }


def _rollback(seen: dict[str, Any]) -> dict[str, Any]:
    done = [item["body"] for item in seen["rollback"] if item["event"] == "rolled-back"]
    result = None if not done else "rolled back" if done[-1].get("ok", True) is True else "failed"
    attempted = any(item["event"] in ("rolling-back", "rolled-back") for item in seen["rollback"])
    return {"available": bool(seen["rollback_plan"]), "attempted": attempted, "result": result}
