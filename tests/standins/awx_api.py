# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A stand-in for AWX's API that keeps state. It is no AWX: it answers as AWX 24.6.1 answered when it was recorded.

Enough for the modules of awx.awx to create everything twice, for workflows to be launched, decided and read, and for
the oddities that matter: who decided is absent after a time-out and when their user is gone, a launcher may approve
their own run, a second decision is HTTP 400, deciding without the role is 403, links in one call with a new approval
are 404. `awx_workflows.py` beside it runs what is launched.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Item = dict[str, Any]
VERSION = "24.6.1"
PREFIX = "/api/v2/"
# Endpoint -> the type that its items carry, and the roles that they have.
TYPES = {
    "organizations": ("organization", ("admin", "read", "execute", "member", "approval")),
    "users": ("user", ()),
    "teams": ("team", ("admin", "member", "read")),
    "projects": ("project", ("admin", "use", "update", "read")),
    "inventories": ("inventory", ("admin", "use", "update", "adhoc", "read")),
    "hosts": ("host", ()),
    "execution_environments": ("execution_environment", ()),
    "credential_types": ("credential_type", ()),
    "credentials": ("credential", ("admin", "use", "read")),
    "notification_templates": ("notification_template", ()),
    "job_templates": ("job_template", ("admin", "execute", "read")),
    "workflow_job_templates": ("workflow_job_template", ("admin", "execute", "read", "approval")),
    "workflow_job_template_nodes": ("workflow_job_template_node", ()),
    "workflow_approval_templates": ("workflow_approval_template", ()),
    "schedules": ("schedule", ()),
    "applications": ("o_auth2_application", ()),
    "workflow_jobs": ("workflow_job", ()),
    "workflow_job_nodes": ("workflow_job_node", ()),
    "workflow_approvals": ("workflow_approval", ()),
    "jobs": ("job", ()),
}
UNIFIED = ("job_templates", "workflow_job_templates")
# Fields that AWX's serializer of an approval template has: others are ignored, which is why awx.awx sees a change anew.
FIELDS_OF_APPROVAL = ("name", "description", "timeout")
LINKS = ("success_nodes", "failure_nodes", "always_nodes")
DEFAULTS: dict[str, Item] = {
    "workflow_job_templates": {"survey_enabled": False, "ask_variables_on_launch": False, "extra_vars": ""},
    "job_templates": {"survey_enabled": False, "ask_variables_on_launch": False, "extra_vars": ""},
    "workflow_job_template_nodes": {"all_parents_must_converge": False, "unified_job_template": None},
    "projects": {"scm_revision": "", "status": "successful"},
    "teams": {"description": ""},
    "workflow_approval_templates": {"description": "", "timeout": 0},
}
WEBHOOK_DEFAULTS = {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""}
SECRETS = {"password", "oauth_token", "kubeconfig", "token", "key"}


class Refused(Exception):
    """An answer other than success: status and body."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass
class Asker:
    """Who asks, by a token or a password, and what a token may do."""

    user: Item
    scope: str = "write"


@dataclass
class Awx:
    """The state, and an HTTP server on the loopback interface from `with` on."""

    items: dict[str, list[Item]] = field(default_factory=lambda: {name: [] for name in TYPES})
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    surveys: dict[str, Item] = field(default_factory=dict)
    associated: dict[str, list[int]] = field(default_factory=dict)
    roles: dict[int, tuple[str, int, str]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    # The clock is AWX's own: a test moves it on, so that nothing waits for a time-out.
    ahead: timedelta = timedelta()
    lock: threading.RLock = field(default_factory=threading.RLock)
    _number: int = 0

    def __post_init__(self) -> None:
        self.user("admin", "admin-password", superuser=True)
        for name, kind in (("Red Hat Ansible Automation Platform", "cloud"), ("Source Control", "scm")):
            self.create(
                "credential_types", {"name": name, "kind": kind, "managed": True, "inputs": {}, "injectors": {}}
            )

    # --- what a test does from outside ---

    def user(self, name: str, password: str, *, superuser: bool = False) -> Item:
        """A user, and a token `<name>-token` that may write, and one `<name>-read` that may not."""
        made = self.create("users", {"username": name, "is_superuser": superuser})
        made["_password"] = password
        self.tokens[f"{name}-token"] = (name, "write")
        self.tokens[f"{name}-read"] = (name, "read")
        return made

    def delete_user(self, name: str) -> None:
        """As AWX does it: decisions of the user stay, and name nobody any more."""
        gone = self.named("users", name)
        self.items["users"].remove(gone)
        for approval in self.items["workflow_approvals"]:
            if approval["summary_fields"].get("approved_or_denied_by", {}).get("id") == gone["id"]:
                del approval["summary_fields"]["approved_or_denied_by"]
                approval["related"].pop("approved_or_denied_by", None)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def stamp(self) -> str:
        return self.now().isoformat(timespec="microseconds").replace("+00:00", "Z")

    def named(self, endpoint: str, name: str) -> Item:
        key = "username" if endpoint == "users" else "name"
        return next(item for item in self.items[endpoint] if item.get(key) == name)

    # --- items ---

    def create(self, endpoint: str, values: Item) -> Item:
        self._number += 1
        kind, roles = TYPES[endpoint]
        number, url = self._number, f"{PREFIX}{endpoint}/{self._number}/"
        item = {
            "id": number,
            "type": kind,
            "url": url,
            "related": {"survey_spec": f"{url}survey_spec/"} if endpoint in UNIFIED else {},
            "summary_fields": {},
            "created": self.stamp(),
            **DEFAULTS.get(endpoint, {}),
            **{key: value for key, value in values.items() if key != "type"},
        }
        if roles:
            item["summary_fields"]["object_roles"] = {}
            for role in roles:
                self._number += 1
                self.roles[self._number] = (endpoint, number, role)
                item["summary_fields"]["object_roles"][f"{role}_role"] = {"id": self._number, "name": role.title()}
        self.items[endpoint].append(item)
        return item

    def find(self, endpoint: str, number: int) -> Item:
        for item in self.items.get(endpoint, []):
            if item["id"] == number:
                return item
        raise Refused(404, {"detail": "Not found."})

    def delete(self, endpoint: str, number: int) -> None:
        item = self.find(endpoint, number)
        self.items[endpoint].remove(item)
        if endpoint == "workflow_job_templates":
            nodes = self.items["workflow_job_template_nodes"]
            gates = [n["unified_job_template"] for n in nodes if n["workflow_job_template"] == number]
            asked = self.items["workflow_approval_templates"]
            self.items["workflow_approval_templates"] = [item for item in asked if item["id"] not in gates]
            self.items["workflow_job_template_nodes"] = [n for n in nodes if n["workflow_job_template"] != number]
        for children, parent in (("hosts", "inventory"), ("schedules", "unified_job_template")):
            self.items[children] = [child for child in self.items[children] if child.get(parent) != number]

    # --- who may what ---

    def may(self, asker: Asker, endpoint: str, number: int, *roles: str) -> bool:
        """Whether somebody has one of these roles on an item, by themselves or by a team."""
        if asker.user.get("is_superuser"):
            return True
        teams = {
            team["id"]
            for team in self.items["teams"]
            if asker.user["id"] in self.holders("teams", team["id"], "member", "users")
        }
        for role in roles:
            users = self.holders(endpoint, number, role, "users")
            if asker.user["id"] in users or teams & set(self.holders(endpoint, number, role, "teams")):
                return True
        return False

    def holders(self, endpoint: str, number: int, role: str, of: str) -> list[int]:
        wanted = next((key for key, value in self.roles.items() if value == (endpoint, number, role)), 0)
        return self.associated.get(f"roles/{wanted}/{of}", [])

    def require_read(self, asker: Asker, endpoint: str, item: Item) -> None:
        """AWX shows a job to whom it shows its template."""
        template = {"jobs": ("job_templates", "job_template")}.get(endpoint)
        workflow = self.workflow_of(endpoint, item)
        if workflow is not None:
            if not self.may(asker, "workflow_job_templates", workflow, "read", "execute", "approval", "admin"):
                raise Refused(403, {"detail": "You do not have permission to perform this action."})
        elif template and not self.may(asker, template[0], item[template[1]], "read", "execute", "admin"):
            raise Refused(403, {"detail": "You do not have permission to perform this action."})

    def workflow_of(self, endpoint: str, item: Item) -> int | None:
        """The workflow template that a job, node or approval of a workflow belongs to."""
        if endpoint == "workflow_jobs":
            return int(item["workflow_job_template"])
        if endpoint == "workflow_job_nodes":
            return int(self.find("workflow_jobs", item["workflow_job"])["workflow_job_template"])
        if endpoint == "workflow_approvals":
            return int(item["summary_fields"]["workflow_job_template"]["id"])
        return None

    # --- decisions ---

    def decide(self, asker: Asker, approval: Item, decision: str) -> None:
        workflow = approval["summary_fields"]["workflow_job_template"]["id"]
        if asker.scope != "write" or not self.may(asker, "workflow_job_templates", workflow, "approval", "admin"):
            raise Refused(403, {"detail": "You do not have permission to perform this action."})
        if approval["status"] != "pending":
            raise Refused(400, {"error": "This workflow step has already been approved or denied."})
        self.end_approval(approval, "successful" if decision == "approve" else "failed")
        by = asker.user
        named = {"id": by["id"], "username": by["username"], "first_name": "", "last_name": ""}
        approval["summary_fields"]["approved_or_denied_by"] = named
        approval["related"]["approved_or_denied_by"] = by["url"]

    def end_approval(self, approval: Item, status: str) -> None:
        approval |= {
            "status": status,
            "failed": status == "failed",
            "finished": self.stamp(),
            "can_approve_or_deny": False,
            "approval_expiration": None,
        }

    def expire(self) -> None:
        """What AWX's task manager does with approvals whose time is over."""
        for approval in self.items["workflow_approvals"]:
            ends = approval["approval_expiration"]
            if approval["status"] == "pending" and ends and datetime.fromisoformat(ends) <= self.now():
                self.end_approval(approval, "failed")
                seconds = approval["summary_fields"]["workflow_approval_template"]["timeout"]
                approval["timed_out"] = True
                approval["job_explanation"] = (
                    f"The approval node {approval['name']} ({approval['id']}) has expired after {seconds} seconds."
                )

    # --- HTTP ---

    def answer(self, asker: Asker, method: str, path: str, query: list[tuple[str, str]], body: Item) -> tuple[int, Any]:
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        if method != "GET":
            if asker.scope != "write":
                raise Refused(403, {"detail": "You do not have permission to perform this action."})
            self.writes.append(f"{method} {path}")
        if len(parts) == 1:
            return self.listed(parts[0], query) if method == "GET" else (201, self.posted(parts[0], body))
        if len(parts) == 3:
            return self.below(asker, method, parts[0], int(parts[1]), parts[2], query, body)
        item = self.find(parts[0], int(parts[1]))
        if method == "DELETE":
            self.delete(parts[0], item["id"])
            return 204, None
        if method == "PATCH":
            item.update(self.shaped(parts[0], body, item))
        self.require_read(asker, parts[0], item)
        return 200, self.shown(parts[0], item)

    def listed(self, endpoint: str, query: list[tuple[str, str]]) -> tuple[int, Item]:
        if endpoint == "unified_job_templates":
            pool = [item for name in UNIFIED for item in self.items[name]]
        elif endpoint in TYPES:
            pool = self.items[endpoint]
        else:
            raise Refused(404, {"detail": "Not found."})
        return 200, self.page(endpoint, pool, query)

    def page(self, endpoint: str, pool: list[Item], query: list[tuple[str, str]]) -> Item:
        either = [(key.removeprefix("or__"), value) for key, value in query if key.startswith("or__")]
        every = [(key, value) for key, value in query if not key.startswith(("or__", "page"))]
        found = [
            item
            for item in pool
            if all(str(item.get(key)) == value for key, value in every)
            and (not either or any(str(item.get(key)) == value for key, value in either))
        ]
        results = [self.shown(endpoint, item) for item in found]
        return {"count": len(found), "next": None, "previous": None, "results": results}

    def posted(self, endpoint: str, body: Item) -> Item:
        if endpoint not in TYPES:
            raise Refused(404, {"detail": "Not found."})
        if endpoint == "job_templates" and not body.get("playbook"):
            raise Refused(400, {"playbook": ["This field may not be blank."]})
        if endpoint == "schedules" and not re.search(r"DTSTART.*RRULE:.*INTERVAL=\d", body.get("rrule", ""), re.S):
            raise Refused(400, {"rrule": ["INTERVAL required in rrule."]})
        made = self.create(endpoint, self.shaped(endpoint, body, {}))
        if endpoint == "workflow_job_template_nodes" and made["unified_job_template"]:
            made["related"]["unified_job_template"] = f"{PREFIX}job_templates/{made['unified_job_template']}/"
        return self.shown(endpoint, made)

    def shaped(self, endpoint: str, body: Item, before: Item) -> Item:
        """What AWX makes of what it is sent."""
        values = {key: value for key, value in body.items() if key not in ("id", "url", "type")}
        if endpoint == "workflow_approval_templates":
            values = {key: value for key, value in values.items() if key in FIELDS_OF_APPROVAL}
        if endpoint == "notification_templates" and values.get("notification_type") == "webhook":
            values["notification_configuration"] = {**WEBHOOK_DEFAULTS, **values["notification_configuration"]}
        if endpoint == "users" and "password" in values:
            values["_password"] = values.pop("password")
        if endpoint == "credentials" and "inputs" in values:
            kept = before.get("inputs", {})
            values["inputs"] = {
                key: kept.get(key) if value == "$encrypted$" else value for key, value in values["inputs"].items()
            }
        return values

    def shown(self, endpoint: str, item: Item) -> Item:
        """An item as AWX shows it: secrets and what is ours are out, links of nodes are in."""
        shown = {key: value for key, value in item.items() if not key.startswith("_")}
        if endpoint == "credentials":
            shown["inputs"] = {k: "$encrypted$" if k in SECRETS and v else v for k, v in item.get("inputs", {}).items()}
        if endpoint == "notification_templates":
            hide = {k: "$encrypted$" for k, v in item["notification_configuration"].items() if k in SECRETS and v}
            shown["notification_configuration"] = {**item["notification_configuration"], **hide}
        if endpoint in ("workflow_job_template_nodes",):
            shown |= {name: list(self.associated.get(f"{endpoint}/{item['id']}/{name}", [])) for name in LINKS}
        if endpoint == "organizations":
            counts = {
                name: len([x for x in self.items[name] if x.get("organization") == item["id"]])
                for name in ("inventories", "projects", "job_templates", "teams")
            }
            for name, role in (("users", "member"), ("admins", "admin")):
                counts[name] = len(self.holders("organizations", item["id"], role, "users"))
            shown["summary_fields"] = {**item["summary_fields"], "related_field_counts": counts}
        return shown

    def below(
        self,
        asker: Asker,
        method: str,
        endpoint: str,
        number: int,
        name: str,
        query: list[tuple[str, str]],
        body: Item,
    ) -> tuple[int, Any]:
        """What hangs below an item: surveys, approvals, links, the holders of roles."""
        key = f"{endpoint}/{number}/{name}"
        if endpoint == "roles":
            return self.linked(method, key, name, body)
        item = self.find(endpoint, number)
        if name == "survey_spec":
            if method == "POST":
                self.surveys[key] = body
            return 200, self.surveys.get(key, {}) if method == "GET" else {}
        if name == "create_approval_template" and method == "POST":
            made = self.create("workflow_approval_templates", self.shaped("workflow_approval_templates", body, {}))
            item["unified_job_template"] = made["id"]
            item["related"]["unified_job_template"] = made["url"]
            return 201, made
        if endpoint == "workflow_approvals" and name in ("approve", "deny") and method == "POST":
            self.decide(asker, item, name)
            return 204, None
        if endpoint == "workflow_jobs" and name == "workflow_nodes":
            self.require_read(asker, endpoint, item)
            pool = [node for node in self.items["workflow_job_nodes"] if node["workflow_job"] == number]
            return 200, self.page("workflow_job_nodes", pool, query)
        if name == "schedules":
            return self.schedules(method, item, query, body)
        if (endpoint == "workflow_job_template_nodes" and name in LINKS) or name.startswith(
            ("notification_templates_", "credentials", "galaxy_credentials", "instance_groups", "labels")
        ):
            if endpoint == "workflow_approval_templates":
                raise Refused(404, {"detail": "Not found."})
            of = endpoint if name in LINKS else "notification_templates" if "notification" in name else name
            return self.linked(method, key, of, body)
        raise Refused(404, {"detail": "Not found."})

    def linked(self, method: str, key: str, of: str, body: Item) -> tuple[int, Any]:
        numbers = self.associated.setdefault(key, [])
        if method == "GET":
            return 200, self.page(of, [self.find(of, number) for number in numbers], [])
        if body.get("disassociate"):
            numbers.remove(body["id"])
        elif body["id"] not in numbers:
            self.find(of, body["id"])
            numbers.append(body["id"])
        return 204, None

    def schedules(self, method: str, template: Item, query: list[tuple[str, str]], body: Item) -> tuple[int, Any]:
        if method == "POST":
            return 201, self.posted("schedules", {**body, "unified_job_template": template["id"]})
        pool = [item for item in self.items["schedules"] if item["unified_job_template"] == template["id"]]
        return 200, self.page("schedules", pool, query)

    def asker(self, authorization: str) -> Asker:
        kind, _blank, word = authorization.partition(" ")
        if kind == "Bearer" and word in self.tokens:
            name, scope = self.tokens[word]
            users = [item for item in self.items["users"] if item["username"] == name]
            if users:
                return Asker(users[0], scope)
        if kind == "Basic":
            name, _colon, password = base64.b64decode(word).decode().partition(":")
            for item in self.items["users"]:
                if item["username"] == name and item.get("_password") == password:
                    return Asker(item)
        raise Refused(401, {"detail": "Authentication credentials were not provided."})

    # --- the server ---

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Awx:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            try:
                with awx.lock:
                    if not parts.path.startswith(PREFIX):
                        raise Refused(404, {"detail": "Not found."})
                    asker = awx.asker(self.headers.get("Authorization", ""))
                    status, answer = awx.answer(asker, self.command, parts.path, parse_qsl(parts.query), body)
                    content = b"" if answer is None else json.dumps(answer).encode()
            except Refused as refused:
                status, content = refused.status, json.dumps(refused.body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", VERSION)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET: Callable[[], None] = serve
        do_POST: Callable[[], None] = serve
        do_PATCH: Callable[[], None] = serve
        do_DELETE: Callable[[], None] = serve

        def log_message(self, *_given: Any) -> None:
            pass

    return Handler
