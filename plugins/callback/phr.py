# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the journal and the record of each run: listens and writes, decides nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: phr
type: notification
short_description: Keeps a journal and a readable record of every run
version_added: 0.1.0
author: aiops.kubernetes contributors (@aiops-kubernetes)
description:
  - Writes one journal a host for plays that carry the variable C(aiops_story), and renders a Markdown record from it.
    Other plays leave no trace. With C(serial) a host's journal is opened when its turn comes, and sealed when the
    next one's does.
  - A journal is opened when the play starts, gets the events that task results carry under C(aiops_events), and is
    sealed when the run ends. Where anything cannot be written, M(aiops.kubernetes.record_barrier) fails before a
    change.
  - A play continues an earlier journal with the variable C(aiops_record_mode=resume); the extra variable
    C(record) names it. With C(aiops_record_mode=follow) it gets a journal of its own that points to the earlier one.
    Of several hosts that is the one which the record is about, and no other.
    With C(aiops_record_taken=true) the earlier journal is the one that M(aiops.kubernetes.awx_take_over) took over in
    an earlier play, whatever variables say.
requirements:
  - enable in configuration (C(callbacks_enabled=aiops.kubernetes.phr))
options:
  folder:
    description: Folder of the records, relative to the working directory.
    type: path
    default: history/prompts
    env:
      - name: AIOPS_RECORD_FOLDER
    ini:
      - section: aiops_records
        key: folder
  feature:
    description: Folder in it for records of one purpose.
    type: str
    default: aiops-operations
    env:
      - name: AIOPS_RECORD_FEATURE
    ini:
      - section: aiops_records
        key: feature
  templates:
    description:
      - Folder of templates that replace the collection's, C(<stage>.md.j2) or C(record.md.j2).
    type: path
    default: ""
    env:
      - name: AIOPS_RECORD_TEMPLATES
    ini:
      - section: aiops_records
        key: templates
  git_remote:
    description:
      - Address or path of a Git repository that records are pushed to when the run has ended, a commit each. Empty for
        none.
      - What cannot be pushed waits in the folder for the next run.
    type: str
    default: ""
    env:
      - name: AIOPS_RECORD_GIT_REMOTE
    ini:
      - section: aiops_records
        key: git_remote
  git_branch:
    description: The branch. It is made where it does not exist.
    type: str
    default: records
    env:
      - name: AIOPS_RECORD_GIT_BRANCH
    ini:
      - section: aiops_records
        key: git_branch
  git_path:
    description: The folder of the records within the repository.
    type: str
    default: history/prompts
    env:
      - name: AIOPS_RECORD_GIT_PATH
    ini:
      - section: aiops_records
        key: git_path
  git_author:
    description: Author of the commits, C(Name <address>).
    type: str
    default: aiops.kubernetes <records@aiops.invalid>
    env:
      - name: AIOPS_RECORD_GIT_AUTHOR
    ini:
      - section: aiops_records
        key: git_author
  git_sign_off:
    description: Whether each commit has a line C(Signed-off-by) with the author.
    type: bool
    default: false
    env:
      - name: AIOPS_RECORD_GIT_SIGN_OFF
    ini:
      - section: aiops_records
        key: git_sign_off
  git_journals:
    description:
      - Whether the journals go too. They hold the exact plans, and without them nobody can verify a record.
    type: bool
    default: true
    env:
      - name: AIOPS_RECORD_GIT_JOURNALS
    ini:
      - section: aiops_records
        key: git_journals
  git_wait_seconds:
    description: For how many seconds a run tries to push when it has ended. It gives up sooner where nobody answers.
    type: float
    default: 120
    env:
      - name: AIOPS_RECORD_GIT_WAIT_SECONDS
    ini:
      - section: aiops_records
        key: git_wait_seconds
"""

import atexit
import functools
import os
import secrets
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.aiops.kubernetes.plugins.module_utils import canonical
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.awx import handing
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    fetching,
    git_settings,
    live,
    names,
    opening,
    shipping,
    times,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import LedgerTrouble, RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.journal import trusted_events
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import (
    Folder,
    Run,
    add_to,
    planned_target,
    refresh_stopped,
)

MODES = ("new", "resume", "follow")
# A run that is being stopped has not much time.
_STOPPED_SECONDS = 5.0
# In place of a reference: the journal that an earlier play took over from another job.
TAKEN = "(taken over)"


def _guarded(method: Callable[..., None]) -> Callable[..., None]:
    """Whatever goes wrong here is only a warning to Ansible; keep it where the barrier looks."""

    @functools.wraps(method)
    def guarded(self: CallbackModule, *arguments: Any, **keywords: Any) -> None:
        try:
            method(self, *arguments, **keywords)
        except RecordError as error:
            self.note_problem(str(error))
        except Exception as error:  # a bug must not pass for a record
            self.note_problem(f"{type(error).__name__} in {method.__name__}: {error}")

    return guarded


class CallbackModule(CallbackBase):
    """The callback."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "aiops.kubernetes.phr"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._runs: dict[str, Run] = {}
        self._ended: dict[str, list[str]] = {}
        self._journals: list[Path] = []
        self._everyone: list[str] = []
        self._begun: set[str] = set()
        self._left: list[str] = []
        self._play: Any = None
        self._taken: dict[str, str] = {}
        self._story: tuple[str, str, str] = ("", "", "")
        self._playbook = ""
        self._problem = ""
        self._pid = os.getpid()
        self._run_id = f"{times.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"

    def note_problem(self, problem: str) -> None:
        """Keep what could not be recorded, say it, and let the barrier know."""
        self._problem = self._problem or problem
        self._display.warning(f"aiops.kubernetes.phr: {problem}")
        self._publish()

    # --- from the first play to the seal ---

    @_guarded
    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbook = str(getattr(playbook, "_file_name", ""))
        live.forget()
        folder = self._folder()
        live.publish_settings(str(folder.path), folder.templates, asdict(folder.git) if folder.git else {})

    @_guarded
    def v2_playbook_on_play_start(self, play: Any) -> None:
        variables = canonical.plain(opening.without_vault(play.get_vars()))
        stage = variables.get("aiops_story")
        if not stage:
            return
        manager = play.get_variable_manager()
        extra = canonical.plain(opening.without_vault(manager.extra_vars))
        mode = str(variables.get("aiops_record_mode") or "new")
        _require_known(str(stage), mode)
        named = TAKEN if variables.get("aiops_record_taken") is True else str(extra.get("record") or "")
        story = (str(stage), mode, named if mode != "new" else "")
        if story != self._story:
            self._seal_all({}, {})
            self._story, self._begun = story, set()
        magic = manager.get_vars(play=play)
        self._play = play
        self._everyone = [str(name) for name in magic.get("ansible_play_hosts_all", [])]
        batch = [str(name) for name in magic.get("ansible_play_batch", self._everyone)]
        self._left = [host for host in self._runs if host not in batch]
        self._watch_signals()
        folder = self._folder()
        refresh_stopped(folder)
        for host in self._concerned(batch, folder):
            if host not in self._begun:
                self._runs[host] = self._open(host, folder, extra)
                self._begun.add(host)
                self._publish()

    @_guarded
    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """The first task of a batch is when the play knows which hosts of the batches before failed."""
        if self._left:
            going_on = self._play.get_variable_manager().get_vars(play=self._play).get("ansible_play_hosts", [])
            self._seal(self._left, {host: host not in going_on for host in self._left}, {})
            self._left = []

    def _concerned(self, batch: list[str], folder: Folder) -> list[str]:
        """The hosts that get a journal. An earlier record is one cluster's, so it is no other's business."""
        _stage, mode, reference = self._story
        if mode == "new" or len(self._everyone) == 1:
            return batch
        if reference == TAKEN:
            return [host for host in batch if host in self._taken]
        about = trusted_events(fetching.find(reference, folder.path, folder.git))[0].body.get("host")
        return [host for host in batch if host == about]

    def _open(self, host: str, folder: Folder, extra: dict[str, Any]) -> Run:
        stage, mode, reference = self._story
        suffix = "" if len(self._everyone) == 1 else f".{self._everyone.index(host) + 1}"
        if reference == TAKEN:
            reference = str(handing.take_over(self._taken.get(host), folder.path, folder.feature))
        run_id = self._run_id + suffix
        body = opening.describe(run_id, stage, host, self._playbook, extra)
        if mode == "resume":
            earlier = fetching.find(reference, folder.path, folder.git)
            return self._told(Run.resume(folder, str(earlier), body))
        about = f"{extra.get('namespace') or ''} {extra.get('target') or host}"
        if mode == "follow":
            earlier = fetching.find(reference, folder.path, folder.git)
            body["previous"] = str(earlier)
            body["target"] = planned_target(trusted_events(earlier))
            about = " ".join(str(body["target"].get(key) or "") for key in ("namespace", "kind", "name"))
            self._add_to(earlier, "rollback-requested", {"run_id": run_id, "user": body["user"]})
        return self._told(Run.open(folder, names.slug(about), body))

    def _folder(self) -> Folder:
        return Folder(
            Path(self.get_option("folder")).expanduser().absolute(),
            str(self.get_option("feature")),
            str(self.get_option("templates") or ""),
            git_settings.from_options({name: self.get_option(name) for name in git_settings.OPTIONS}),
        )

    def _told(self, run: Run) -> Run:
        """The run, once a person was told what is wrong besides its journal."""
        for trouble in run.troubles:
            self._display.warning(f"aiops.kubernetes.phr: {trouble}")
        run.troubles.clear()
        return run

    def _add_to(self, journal: Path, name: str, body: dict[str, Any]) -> None:
        folder = self._folder()
        try:
            add_to(journal, name, body, folder.templates, to_push=folder.git is not None)
        except LedgerTrouble as error:
            self._display.warning(f"aiops.kubernetes.phr: {error}")

    @_guarded
    def v2_playbook_on_stats(self, stats: Any) -> None:
        failed = {host: bool(stats.failures.get(host) or stats.dark.get(host)) for host in self._runs}
        counts = {host: dict(stats.summarize(host)) for host in self._runs}
        try:
            self._seal_all(failed, counts)
            self._ship()
        finally:
            self._say_end()

    def _seal_all(self, failed: dict[str, bool], counts: dict[str, dict[str, Any]]) -> None:
        self._seal(list(self._runs), failed, counts)

    def _seal(self, hosts: list[str], failed: dict[str, bool], counts: dict[str, dict[str, Any]]) -> None:
        for host in hosts:
            run = self._runs[host]
            if not run.sealed:
                ends = run.seal(failed=failed.get(host, False), counts=counts.get(host, {}))
                self._ended[host] = _last_lines(self._told(run), ends)
                self._journals.append(run.journal_path)
                self._tell_earlier(run, ends)
            del self._runs[host]
        self._publish()

    def _tell_earlier(self, run: Run, ends: str) -> None:
        """A rollback that was done belongs into the record of what it reversed."""
        earlier = run.events[0].body.get("previous")
        # In a job of AWX the earlier record may be elsewhere; this one names it.
        if earlier and Path(earlier).is_file() and _applied_now(run) and ends in ("done", "monitoring"):
            body = {"ok": True, "run_id": run.run_id, "record": str(run.record_path)}
            self._add_to(Path(earlier), "rolled-back", body)

    def _ship(self) -> None:
        """Push what this run and earlier ones left; what cannot be pushed is said here and in this run's records."""
        folder = self._folder()
        if folder.git is None or not self._journals:
            return
        shipped = shipping.ship(folder.path, folder.git, folder.templates)
        for line in shipping.said(shipped, folder.git, self._journals):
            self._display.display(line, color=None if line.startswith("Pushed") else "red")
        for journal in self._journals:
            if journal in shipped.waiting:
                self._add_to(journal, "note", {"text": f"Not pushed yet: {shipped.problem}"})

    def _say_end(self) -> None:
        for host, lines in self._ended.items():
            for line in [f"Host: {host}", *lines] if len(self._everyone) > 1 else lines:
                self._display.display(line)
        untouched = [host for host in self._everyone if host not in self._ended]
        if self._ended and untouched and self._story[1] == "new":
            self._display.display(f"Not begun: {', '.join(untouched)}")

    # --- results of tasks ---

    @_guarded
    def v2_runner_on_ok(self, result: Any) -> None:
        self._add_events(result)

    @_guarded
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._add_events(result)
        if not ignore_errors:
            self._add_failure(result, {})

    @_guarded
    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._add_failure(result, {"unreachable": True})

    @_guarded
    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._add_events(result)

    @_guarded
    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._add_events(result)

    def _add_events(self, result: Any) -> None:
        host, _task, values = _parts(result)
        if isinstance(values.get("aiops_taken"), str):
            self._taken[host] = canonical.plain(values["aiops_taken"])
        run = self._runs.get(host)
        if run is not None and values.get("aiops_seal") is True:
            self._seal([host], {}, {})
        events = values.get("aiops_events")
        if run is None or not isinstance(events, list) or values.get("_ansible_no_log"):
            return
        try:
            for entry in canonical.plain(events):
                run.append(*_event(entry))
            run.write_record()
        finally:
            self._publish()

    def _add_failure(self, result: Any, more: dict[str, Any]) -> None:
        host, task, values = _parts(result)
        run = self._runs.get(host)
        if run is None:
            return
        censored = "censored" in values or values.get("_ansible_no_log")
        message = "hidden: the task says no_log" if censored else str(values.get("msg") or "no message")
        # Never the task's arguments: no_log does not censor those.
        try:
            run.add("failed", {"task": task, "message": message[:4000], **more})
        finally:
            self._publish()

    def _publish(self) -> None:
        live.publish({host: run.published() for host, run in self._runs.items() if not run.sealed}, self._problem)

    # --- a run that is stopped never reaches v2_playbook_on_stats ---

    def _watch_signals(self) -> None:
        if getattr(self, "_watching", False):
            return
        self._watching = True
        atexit.register(self._interrupted, "the process ended before its run did")
        for number in (signal.SIGTERM, signal.SIGHUP):
            earlier = signal.getsignal(number)
            if earlier is not signal.SIG_IGN:
                signal.signal(number, functools.partial(self._on_signal, earlier))

    def _on_signal(self, earlier: Any, number: int, frame: FrameType | None) -> None:
        if os.getpid() == self._pid:
            self._interrupted(f"signal {signal.Signals(number).name}")
        if callable(earlier):
            earlier(number, frame)
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _interrupted(self, reason: str) -> None:
        if os.getpid() != self._pid:
            return
        for run in [item for item in self._runs.values() if not item.sealed]:
            try:
                ends = run.interrupt(reason)
                folder = self._folder()
                said = []
                if folder.git is not None:
                    shipped = shipping.ship(folder.path, folder.git, folder.templates, _STOPPED_SECONDS)
                    said = shipping.said(shipped, folder.git, [run.journal_path])
                print("\n" + "\n".join([*said, *_last_lines(run, ends)]), flush=True)
            except Exception as error:  # the process is ending: the missing seal says the rest
                print(f"aiops.kubernetes.phr: {error}", file=sys.stderr)


def _require_known(stage: str, mode: str) -> None:
    if stage not in names.STAGES:
        raise RecordError(f"aiops_story is {stage!r}: use one of {', '.join(names.STAGES)}")
    if mode not in MODES:
        raise RecordError(f"aiops_record_mode is {mode!r}: use one of {', '.join(MODES)}")


def _applied_now(run: Run) -> bool:
    """Whether this very process applied the plan, not an earlier one whose journal it continues."""
    names_now = [item.event for item in run.events]
    since = max((number for number, name in enumerate(names_now) if name == "resumed"), default=0)
    return "applying" in names_now[since:]


def _last_lines(run: Run, ends: str) -> list[str]:
    """What a run ends with: how to go on where somebody has to, then its status and its record."""
    go_on = f"To go on: ansible-playbook playbooks/verify.yml -e record={run.run_id}"
    lines = [f"Status: {ends}", f"Record: {os.path.relpath(run.record_path)}"]
    wrote = any(item.event == "applying" for item in run.events)
    return [go_on, *lines] if wrote and ends in ("monitoring", "interrupted") else lines


def _parts(result: Any) -> tuple[str, str, dict[str, Any]]:
    """Host, task and result, by the names of ansible-core 2.19 and later or those before."""
    host = getattr(result, "host", None) or result._host
    task = getattr(result, "task", None) or result._task
    values = result.result if hasattr(result, "result") else result._result
    return str(host.get_name()), str(task.get_name()), values if isinstance(values, dict) else {}


def _event(entry: Any) -> tuple[str, dict[str, Any]]:
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("event"), str)
        or not isinstance(entry.get("body"), dict)
    ):
        raise RecordError("a task handed over an event that is no {event, body}")
    return entry["event"], entry["body"]
