# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start: the container cannot start, or stops because something it needs from its pod's spec is not there."""

from __future__ import annotations

import re

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import (
    change_of,
    containers,
    crashed,
    ended,
    find_events,
    ids,
    is_starting,
    last_words,
    refusals,
    search,
    waiting_messages,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.phrases import (
    CONFIG_INVALID,
    FILE_DENIED,
    NOT_OF_A_FILE,
    missing_variable,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.shapes import Cause
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import Container, Facts, State

_EXEC_PROBLEMS = (
    (
        "not-found",
        re.compile(r"executable file not found|no such file or directory", re.IGNORECASE),
        "does not exist in the image",
    ),
    ("not-executable", re.compile(r"permission denied|is a directory", re.IGNORECASE), "is not executable"),
    (
        "wrong-architecture",
        re.compile(r"exec format error", re.IGNORECASE),
        "is not a program for this node's architecture",
    ),
)
_EXECUTABLE = re.compile(r'exec: "([^"]+)"|exec(?:ing)? (/[^\s:"]+)|starting container process caused: ([^:\s]+):')
# runc and crun; older runc names no path.
_KERNEL_REFUSES = re.compile(
    r"^(?:\{\"msg\":\")?(?:standard_init_linux\.go:\d+: )?exec "
    r"(?:user process caused:?|(?:container process (?:\([^)]*\) )?)?`?(?P<path>[^\s`:]+)`?:) "
    r"\"?(?:exec format error|no such file or directory|permission denied)",
    re.IGNORECASE,
)
_SHELL_NOT_FOUND = re.compile(r"(?:^|: )(?:line \d+: )?([\w./+-]+): (?:command )?not found$|command not found: (\S+)")
_SHELL_CANNOT_RUN = re.compile(
    r"(?:^|: )([\w./+-]+): (?:Permission denied|cannot execute|Exec format error)", re.IGNORECASE
)


def bad_command(facts: Facts) -> Cause | None:
    """The runtime, or the shell that is the command, cannot run the executable."""
    for container in containers(facts):
        found = (
            _runtime_refusal(facts, container) or _refusal_in_log(facts, container) or _shell_refusal(facts, container)
        )
        if found:
            return found
    return None


def _runtime_refusal(facts: Facts, container: Container) -> Cause | None:
    for state in (container.state, container.last_state):
        if state.reason not in ("StartError", "ContainerCannotRun", "RunContainerError", "CreateContainerError"):
            continue
        text = state.message
        if not re.search(r"\bexec\b|executable", text):
            continue
        for problem, pattern, words in _EXEC_PROBLEMS:
            if pattern.search(text):
                return _bad_command(facts, container, _executable(text, container), problem, words, state, "")
    return None


def _executable(text: str, container: Container) -> str:
    match = _EXECUTABLE.search(text)
    named = next((g for g in match.groups() if g), "") if match else ""
    return named or (container.command or ["the image's entrypoint"])[0]


def _refusal_in_log(facts: Facts, container: Container) -> Cause | None:
    """The runtime's own words in the container's log: it had found the file, and the kernel did not run it."""
    lines = last_words(facts, container) if crashed(facts, container) else []
    told = search(lines, [_KERNEL_REFUSES])
    if not told:
        return None
    line, match = told
    problem, _pattern, words = next(row for row in _EXEC_PROBLEMS if row[1].search(match[0]))
    if problem == "not-found":
        words = "names an interpreter or loader that is not in the image (of a script also one with CR at its end)"
    executable = match["path"] or (container.command or ["the image's entrypoint"])[0]
    return _bad_command(facts, container, executable, problem, words, ended(container), line.id)


def _shell_refusal(facts: Facts, container: Container) -> Cause | None:
    state = ended(container)
    if state.exit_code not in (126, 127) or not crashed(facts, container):
        return None
    pattern = _SHELL_NOT_FOUND if state.exit_code == 127 else _SHELL_CANNOT_RUN
    told = search(last_words(facts, container), [pattern])
    problem, _pattern, words = _EXEC_PROBLEMS[0 if state.exit_code == 127 else 1]
    executable = next((g for g in told[1].groups() if g), "") if told else (container.command or ["its command"])[0]
    return _bad_command(facts, container, executable, problem, words, state, told[0].id if told else "")


def _bad_command(
    facts: Facts, container: Container, executable: str, problem: str, words: str, state: State, line: str
) -> Cause:
    details = {
        "container": container.name,
        "executable": executable,
        "problem": problem,
        "command": [*container.command, *container.args],
        "exit_code": state.exit_code,
    }
    where = f"ontainers[{container.name}]"
    changed = change_of(facts, f"{where}.command", f"{where}.args", f"{where}.image")
    confidence = 0.98 if line or state.reason in ("StartError", "ContainerCannotRun", "RunContainerError") else 0.8
    summary = f"container {container.name} cannot start: {executable} {words}"
    return Cause("bad-command", summary, confidence, ids(line, state.id, *changed), details)


def missing_env(facts: Facts) -> Cause | None:
    """The program ended and its last words name a variable that is not set."""
    for container in containers(facts):
        if not crashed(facts, container) or ended(container).reason == "OOMKilled":
            continue
        found = missing_variable(last_words(facts, container))
        if found is None:
            continue
        line, variable, confidence = found
        spec = next((e for e in container.env if e.name == variable), None)
        if (spec is not None and not spec.empty and spec.source == "literal") or _set_in_bulk(
            facts, container, variable
        ):
            # It is set, so the words mean something else.
            continue
        return _missing_env(facts, container, variable, confidence, line.id, bool(spec and spec.empty))
    return None


def _set_in_bulk(facts: Facts, container: Container, variable: str) -> bool:
    """A ConfigMap or Secret that the container takes whole has the variable among its keys."""
    names = {bulk.object: bulk.name for bulk in container.env_from}
    return any(
        reference.keys and reference.name in names and variable.removeprefix(names[reference.name]) in reference.keys
        for reference in facts.references
    )


def _missing_env(
    facts: Facts, container: Container, variable: str, confidence: float, line: str, is_empty: bool
) -> Cause:
    changes = [c for c in (facts.workload.changes if facts.workload else []) if f".env[{variable}]" in c.path]
    removed = any(c.after == "(absent)" or is_empty for c in changes)
    details = {
        "container": container.name,
        "variable": variable,
        "exit_code": ended(container).exit_code,
        "removed_since_revision": facts.workload.compared_revision if removed and facts.workload else 0,
    }
    summary = (
        f"container {container.name} stops because environment variable {variable} is "
        f"{'empty' if is_empty else 'not set'}"
    )
    if removed:
        summary += f"; revision {details['removed_since_revision']} still set it"
    confidence = 0.99 if removed else confidence
    return Cause("missing-env", summary, confidence, ids(line, ended(container).id, *(c.id for c in changes)), details)


def config_invalid(facts: Facts) -> Cause | None:
    """The program ended and says that its configuration or arguments are not valid."""
    for container in containers(facts):
        told = search(last_words(facts, container), CONFIG_INVALID) if crashed(facts, container) else None
        if told:
            line = told[0]
            where = f"ontainers[{container.name}]"
            changed = change_of(facts, f"{where}.args", f"{where}.command", f"{where}.env", f"{where}.image")
            details = {"container": container.name, "message": line.text, "exit_code": ended(container).exit_code}
            summary = f"container {container.name} rejects its configuration: {line.text[:160]}"
            return Cause("config-invalid", summary, 0.8, ids(line.id, ended(container).id, *changed), details)
    return None


def _missing_object(facts: Facts, kind: str, class_: str) -> Cause | None:
    """A ConfigMap or Secret that the kubelet did not find, or that is known not to exist while the pod waits."""
    pattern = re.compile(rf'{kind.lower()} "([^"]+)" not found', re.IGNORECASE)
    for text, evidence, container in waiting_messages(facts):
        match = pattern.search(text)
        if match:
            reference = next((r for r in facts.references if r.kind == kind and r.name == match[1]), None)
            if reference is not None and reference.exists:
                continue
            return _missing_cause(facts, kind, class_, match[1], container, [evidence], 0.98)
    if is_starting(facts) and facts.pod and facts.pod.node:
        for reference in facts.references:
            if reference.kind == kind and reference.exists is False and not reference.optional:
                return _missing_cause(facts, kind, class_, reference.name, None, [], 0.95)
    return None


def _missing_cause(
    facts: Facts, kind: str, class_: str, name: str, container: Container | None, evidence: list[str], confidence: float
) -> Cause:
    reference = next((r for r in facts.references if r.kind == kind and r.name == name), None)
    used_by = reference.used_by if reference else f"container {container.name}" if container else "the pod"
    namespace = facts.pod.namespace if facts.pod else ""
    changed = [c.id for c in (facts.workload.changes if facts.workload else []) if name in (c.before, c.after)]
    details = {
        class_.removeprefix("missing-"): name,
        "namespace": namespace,
        "used_by": used_by,
        "container": container.name if container else "",
    }
    summary = f"{kind} {name} does not exist in namespace {namespace}; {used_by} needs it"
    return Cause(class_, summary, confidence, ids(*evidence, reference.id if reference else "", *changed), details)


def missing_configmap(facts: Facts) -> Cause | None:
    """A referenced ConfigMap does not exist."""
    return _missing_object(facts, "ConfigMap", "missing-configmap")


def missing_secret(facts: Facts) -> Cause | None:
    """A referenced Secret does not exist."""
    return _missing_object(facts, "Secret", "missing-secret")


_NO_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) [^/\s]+/(\S+)")
_NO_KEY_IN_VOLUME = re.compile(r"references non-existent (config|secret) key: (\S+)")


def missing_config_key(facts: Facts) -> Cause | None:
    """A referenced ConfigMap or Secret exists, the key does not."""
    for text, evidence, container in waiting_messages(facts):
        match, volume = _NO_KEY.search(text), _NO_KEY_IN_VOLUME.search(text)
        if match:
            key, kind, name = match.groups()
        elif volume:
            kind, key, name = {"config": "ConfigMap", "secret": "Secret"}[volume[1]], volume[2], ""
        else:
            continue
        reference = next((r for r in facts.references if r.kind == kind and (not name or r.name == name)), None)
        name = name or (reference.name if reference else "")
        keys = reference.keys if reference and reference.keys is not None else None
        has = f"; it has {', '.join(keys) or 'no keys'}" if keys is not None else ""
        details = {
            "kind": kind,
            "name": name,
            "key": key,
            "keys": keys,
            "container": container.name if container else "",
        }
        found = ids(evidence, reference.id if reference else "")
        return Cause("missing-config-key", f"{kind} {name} has no key {key}{has}", 0.98, found, details)
    return None


_NON_ROOT = re.compile(r"runAsNonRoot and image (?:will run as root|has non-numeric user)")
_POD_SECURITY = r'violates PodSecurity "([^"]+)": (.*)'


def security_context_violation(facts: Facts) -> Cause | None:
    """The kubelet or pod security admission refuses the security context."""
    for text, evidence, container in waiting_messages(facts):
        if _NON_ROOT.search(text) and container is not None:
            summary = f"container {container.name} must not run as root (runAsNonRoot), and its image does"
            return Cause(
                "security-context-violation",
                summary,
                0.98,
                ids(evidence),
                {"container": container.name, "control": "runAsNonRoot"},
            )
    for match, _text, evidence in refusals(facts, _POD_SECURITY):
        summary = f"pod security level {match[1]} of the namespace refuses the pod: {match[2][:200]}"
        return Cause(
            "security-context-violation", summary, 0.98, ids(evidence), {"level": match[1], "violations": match[2]}
        )
    return None


def file_permission_denied(facts: Facts) -> Cause | None:
    """The program ended because it may not read or write a path."""
    for container in containers(facts):
        state = ended(container)
        if not crashed(facts, container) or state.exit_code in (126, 127):
            continue
        lines = [line for line in last_words(facts, container) if not NOT_OF_A_FILE.search(line.text)]
        told = search(lines, FILE_DENIED)
        if told:
            line, match = told
            path = next((g for g in match.groups() if g), "")
            user = f" (as user {container.run_as_user})" if container.run_as_user is not None else ""
            summary = f"container {container.name} may not use {path or 'a path'}{user}: {line.text[:120]}"
            details = {
                "container": container.name,
                "path": path,
                "run_as_user": container.run_as_user,
                "read_only_root": container.read_only_root,
            }
            return Cause("file-permission-denied", summary, 0.9, ids(line.id, state.id), details)
    return None


def service_account_missing(facts: Facts) -> Cause | None:
    """The controller cannot create pods since their ServiceAccount does not exist."""
    for match, _text, evidence in refusals(facts, r'serviceaccount "([^"]+)" not found'):
        summary = (
            f"ServiceAccount {match[1]} does not exist in namespace {facts.target.namespace}, so no pod can be created"
        )
        details = {"service_account": match[1], "namespace": facts.target.namespace}
        return Cause("service-account-missing", summary, 0.99, ids(evidence), details)
    return None


def init_container_failed(facts: Facts) -> Cause | None:
    """An init container ends with an error; a finer cause, where there is one, explains this."""
    for container in facts.pod.containers if facts.pod else []:
        state = ended(container)
        if container.role == "init" and crashed(facts, container) and container.state.phase != "running":
            lines = last_words(facts, container)
            said = f": {lines[-1].text[:160]}" if lines else " and its log says nothing"
            summary = f"init container {container.name} ends with exit code {state.exit_code}{said}"
            details = {"container": container.name, "exit_code": state.exit_code}
            return Cause("init-container-failed", summary, 0.7, ids(state.id, lines[-1].id if lines else ""), details)
    return None


def post_start_hook_failed(facts: Facts) -> Cause | None:
    """A postStart hook fails, so the kubelet kills the container."""
    for event in find_events(facts, ("FailedPostStartHook",)):
        summary = f"the postStart hook of container {event.container} fails: {event.message[:160]}"
        container = next((c for c in containers(facts) if c.name == event.container), None)
        if container is not None and (crashed(facts, container) or container.state.phase == "waiting"):
            return Cause(
                "post-start-hook-failed",
                summary,
                0.95,
                ids(event.id, container.state.id),
                {"container": event.container},
            )
    return None
