# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records in a Git repository: a commit each, nothing lost while it is away, and nothing there touched but our own."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from writing import bare, begin, in_repository, settings, whole_change

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.record_audit.audit import audit
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records import (
    fetching,
    git_program,
    git_settings,
    git_store,
    journal,
    names,
    outbox,
)
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.errors import RecordError
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.run import Folder, Run, add_to
from ansible_collections.aiops.kubernetes.plugins.plugin_utils.records.shipping import said, ship

SHOP = "history/prompts/aiops-operations/001-shop-checkout"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "remote.git")


def _files(remote: Path, branch: str = "records") -> list[str]:
    return in_repository(remote, "ls-tree", "-r", "--name-only", branch).split("\n")[:-1]


def _show(remote: Path, path: str, branch: str = "records") -> bytes:
    command = ["git", f"--git-dir={remote}", "show", f"{branch}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_a_record_is_a_commit_on_a_branch_that_did_not_exist(tmp_path: Path, remote: Path) -> None:
    git = settings(remote, author="Ada <ada@example.org>", sign_off=True)
    run = whole_change(Folder(tmp_path / "here", git=git))
    shipped = ship(tmp_path / "here", git)
    assert said(shipped, git, [run.journal_path]) == [f"Pushed: 1 record to {remote}, branch records"]
    assert _files(remote) == [f"{SHOP}.diagnosis.prompt.md", f"{SHOP}.jsonl", "history/prompts/ledger.jsonl"]
    assert _show(remote, f"{SHOP}.jsonl") == run.journal_path.read_bytes()
    assert _show(remote, f"{SHOP}.diagnosis.prompt.md") == run.record_path.read_bytes()
    [entry] = journal.check(_show(remote, "history/prompts/ledger.jsonl")).events
    assert entry.body["head"] == journal.trusted_events(run.journal_path)[-1].hash
    told = in_repository(remote, "log", "--format=%an %ae|%B", "records")
    assert told.startswith("Ada ada@example.org|001-shop-checkout: Diagnosis of Deployment shop/checkout in production")
    assert "Signed-off-by: Ada <ada@example.org>" in told


def test_an_addendum_is_a_commit_of_its_own_and_nothing_new_is_none(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    run = whole_change(Folder(tmp_path / "here", git=git))
    ship(tmp_path / "here", git)
    add_to(run.journal_path, "verified", {"ok": True}, to_push=True)
    ship(tmp_path / "here", git)
    outbox.mark(run.journal_path)
    ship(tmp_path / "here", git)
    assert in_repository(remote, "rev-list", "--count", "records") == "2\n"
    assert _show(remote, f"{SHOP}.jsonl") == run.journal_path.read_bytes()
    assert outbox.waiting(tmp_path / "here") == []


def test_other_files_and_commits_stay_as_they_are(tmp_path: Path, remote: Path) -> None:
    work = tmp_path / "work"
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], check=True)
    (work / "app.py").write_text("print('hello')\n")
    (work / "history" / "prompts").mkdir(parents=True)
    (work / "history" / "prompts" / "README.md").write_text("by hand\n")
    one = ["git", "-C", str(work), "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*one, "add", "-A"], check=True)
    subprocess.run([*one, "commit", "-qm", "theirs"], check=True)
    subprocess.run([*one, "push", "-q", str(remote), "main"], check=True)
    git = settings(remote, branch="main")
    # The folder lies within their work tree, with something staged that is not ours.
    (work / "draft.txt").write_text("not yet\n")
    subprocess.run([*one, "add", "draft.txt"], check=True)
    whole_change(Folder(work / "records", git=git))
    ship(work / "records", git)
    files = _files(remote, "main")
    assert {"app.py", "history/prompts/README.md", f"{SHOP}.jsonl"} <= set(files)
    assert "draft.txt" not in files
    assert in_repository(remote, "log", "--format=%s", "main").endswith("theirs\n")
    assert subprocess.run([*one, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )[0] == ("A  draft.txt")


def test_a_number_that_another_run_took_gets_the_runs_own_id(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    runs = [whole_change(Folder(tmp_path / name, git=git)) for name in ("one", "two")]
    ship(tmp_path / "one", git)
    shipped = ship(tmp_path / "two", git)
    own = runs[1].run_id.rpartition("-")[2]
    name = f"001.{own}-shop-checkout"
    assert shipped.places == {"aiops-operations/001-shop-checkout.jsonl": f"aiops-operations/{name}.jsonl"}
    assert f"there as aiops-operations/{name}.jsonl" in said(shipped, git)[0]
    text = _show(remote, f"history/prompts/aiops-operations/{name}.diagnosis.prompt.md").decode()
    assert f'id: "001.{own}"' in text
    assert f"- Files: `{name}.jsonl`" in text
    # What comes later goes to the same place.
    add_to(runs[1].journal_path, "verified", {"ok": True}, to_push=True)
    assert ship(tmp_path / "two", git).places == shipped.places
    assert len([item for item in _files(remote) if item.endswith("checkout.jsonl")]) == 2
    # The next number is above all that were seen there.
    assert names.number_of(whole_change(Folder(tmp_path / "two", git=git)).journal_path.name) == 2


def test_nothing_is_lost_while_the_remote_is_away(tmp_path: Path, remote: Path) -> None:
    git = settings(remote, wait_seconds=20)
    away = remote.rename(tmp_path / "away.git")
    runs = [whole_change(Folder(tmp_path / "here", git=git)) for _number in range(3)]
    # Not a second of waiting in a test: one try.
    shipped = ship(tmp_path / "here", git, within_seconds=0.9)
    assert shipped.places == {}
    [line] = said(shipped, git, [runs[-1].journal_path])
    assert line.startswith("NOT PUSHED: 3 records wait here: ")
    assert "does not appear to be a git repository" in line
    assert line.endswith("The next run pushes what is left, or: ansible-playbook playbooks/push_records.yml")
    away.rename(remote)
    assert len(ship(tmp_path / "here", git).places) == 3
    assert in_repository(remote, "rev-list", "--count", "records") == "3\n"
    assert outbox.waiting(tmp_path / "here") == []


def test_a_run_that_goes_on_is_not_pushed_and_one_that_was_killed_is(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    run = begin(Folder(tmp_path / "here", git=git))
    assert ship(tmp_path / "here", git).places == {}
    child = os.fork()
    if child == 0:
        begin(Folder(tmp_path / "here", git=git))
        os._exit(0)
    os.waitpid(child, 0)
    assert list(ship(tmp_path / "here", git).places) == ["aiops-operations/002-shop-checkout.jsonl"]
    run.seal(failed=False, counts={})
    assert list(ship(tmp_path / "here", git).places) == ["aiops-operations/001-shop-checkout.jsonl"]


def test_what_was_appended_during_a_push_goes_with_the_next(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    run = whole_change(Folder(tmp_path / "here", git=git))
    size = run.journal_path.stat().st_size
    add_to(run.journal_path, "verified", {"ok": True}, to_push=True)
    outbox.settle(run.journal_path, size)
    assert outbox.waiting(tmp_path / "here") == [run.journal_path]


def test_a_journal_that_is_gone_is_said_and_one_that_was_altered_is_kept_as_it_is(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    gone, altered = (whole_change(Folder(tmp_path / "here", git=git)) for _number in range(2))
    gone.journal_path.unlink()
    altered.journal_path.write_bytes(altered.journal_path.read_bytes().replace(b"1 of 1 ready", b"9 of 9 ready"))
    shipped = ship(tmp_path / "here", git)
    assert "001-shop-checkout.jsonl is gone from the folder and was never pushed" in shipped.problem
    assert "002-shop-checkout.jsonl was altered before it was pushed" in shipped.trouble
    assert (
        _show(remote, "history/prompts/aiops-operations/002-shop-checkout.jsonl") == altered.journal_path.read_bytes()
    )


def test_a_good_journal_on_the_branch_is_never_replaced_by_a_damaged_or_another_one(
    tmp_path: Path, remote: Path
) -> None:
    git = settings(remote)
    run = whole_change(Folder(tmp_path / "here", git=git))
    ship(tmp_path / "here", git)
    good = run.journal_path.read_bytes()
    run.journal_path.write_bytes(good.replace(b"1 of 1 ready", b"9 of 9 ready"))
    outbox.mark(run.journal_path)
    shipped = ship(tmp_path / "here", git)
    assert "does not go on where the branch has it, so the one there was not replaced" in shipped.problem
    assert shipped.waiting == (run.journal_path,)
    assert _show(remote, f"{SHOP}.jsonl") == good
    assert in_repository(remote, "rev-list", "--count", "records") == "1\n"


def test_a_record_that_is_not_here_is_fetched_gone_on_with_and_pushed_back(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    run = whole_change(Folder(tmp_path / "first", git=git))
    ship(tmp_path / "first", git)
    # The folder of another job, with a record of its own by the same number.
    whole_change(Folder(tmp_path / "second", git=git))
    with pytest.raises(RecordError, match="no record nowhere in .*, and it is not in .*remote.git, branch records"):
        fetching.find("nowhere", tmp_path / "second", git)
    path = fetching.find(run.run_id, tmp_path / "second", git)
    assert path.name == names.with_own_id("001-shop-checkout.jsonl", run.run_id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = Run.resume(Folder(tmp_path / "second", git=git), str(path), {"run_id": "later", "stage": "diagnosis"})
    again.append("verified", {"ok": True})
    again.seal(failed=False, counts={})
    shipped = ship(tmp_path / "second", git)
    assert shipped.places[f"aiops-operations/{path.name}"] == "aiops-operations/001-shop-checkout.jsonl"
    assert _show(remote, f"{SHOP}.jsonl") == path.read_bytes()
    # The first folder's copy is the older one now: its addendum does not take the other's lines away.
    add_to(run.journal_path, "verified", {"ok": False}, to_push=True)
    assert "was not replaced" in ship(tmp_path / "first", git).problem
    assert audit(tmp_path / "second").breaches == []


def test_a_record_that_was_altered_on_the_branch_is_not_gone_on_with(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    run = whole_change(Folder(tmp_path / "one", git=git))
    ship(tmp_path / "one", git)
    work = tmp_path / "work"
    subprocess.run(["git", "clone", "-q", "-b", "records", str(remote), str(work)], check=True)
    there = work / f"{SHOP}.jsonl"
    there.write_bytes(b"".join(there.read_bytes().splitlines(keepends=True)[:-1]))
    one = ["git", "-C", str(work), "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*one, "commit", "-qam", "cut"], check=True)
    subprocess.run([*one, "push", "-q"], check=True)
    with pytest.raises(RecordError, match="001-shop-checkout.jsonl on the branch was altered"):
        fetching.find(run.run_id, tmp_path / "two", git)
    with pytest.raises(RecordError, match="no record was named"):
        fetching.find("", tmp_path / "two", git)


def test_journals_stay_here_where_the_setting_says_so(tmp_path: Path, remote: Path) -> None:
    git = settings(remote, journals=False)
    run = whole_change(Folder(tmp_path / "here", git=git))
    ship(tmp_path / "here", git)
    add_to(run.journal_path, "verified", {"ok": True}, to_push=True)
    ship(tmp_path / "here", git)
    assert _files(remote) == [f"{SHOP}.diagnosis.prompt.md", "history/prompts/ledger.jsonl"]
    entries = journal.check(_show(remote, "history/prompts/ledger.jsonl")).events
    assert [item.body["kept"] for item in entries] == [False, False]


def test_a_damaged_ledger_on_the_branch_costs_no_record(tmp_path: Path, remote: Path) -> None:
    git = settings(remote)
    whole_change(Folder(tmp_path / "one", git=git))
    ship(tmp_path / "one", git)
    work = tmp_path / "work"
    subprocess.run(["git", "clone", "-q", "-b", "records", str(remote), str(work)], check=True)
    (work / "history" / "prompts" / "ledger.jsonl").write_text("{}\n")
    one = ["git", "-C", str(work), "-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run([*one, "commit", "-qam", "forged"], check=True)
    subprocess.run([*one, "push", "-q"], check=True)
    whole_change(Folder(tmp_path / "two", git=git))
    shipped = ship(tmp_path / "two", git)
    assert len(shipped.places) == 1
    assert "the ledger on the branch was altered" in said(shipped, git)[1]


@pytest.mark.parametrize(
    ("output", "tries", "waits"),
    [
        ("!\trefs/aiops/outgoing:refs/heads/records\t[rejected] (fetch first)", 40, True),
        ("!\trefs\t[remote rejected] (cannot lock ref 'refs/heads/records')", 9, True),
        ("!\trefs\t[remote rejected] (pre-receive hook declined)", 1, False),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", 1, True),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", 3, False),
    ],
)
def test_it_tries_again_where_that_may_help(output: str, tries: int, waits: bool) -> None:
    assert (git_store.pause_after(output, tries) is not None) is waits


def test_git_asks_nobody_and_takes_no_repository_from_the_environment() -> None:
    made = git_program.environment({"GIT_DIR": "/x", "SSH_ASKPASS": "/y", "GIT_SSH_COMMAND": "ssh -i key", "A": "b"})
    assert "GIT_DIR" not in made
    assert "SSH_ASKPASS" not in made
    assert made["A"] == "b"
    assert made["GIT_TERMINAL_PROMPT"] == "0"
    assert made["GIT_SSH_COMMAND"] == "ssh -i key -o BatchMode=yes -o ConnectTimeout=10"


def test_a_failure_of_git_is_one_sentence_without_its_password(tmp_path: Path) -> None:
    address = "http://bob:ghp_0123456789abcdef@127.0.0.1:9/x"
    with pytest.raises(git_program.GitFailed, match=r"^fatal: unable to access .*127\.0\.0\.1.*") as failed:
        git_program.git(tmp_path, "ls-remote", address, deadline=Deadline.after(20))
    assert "ghp_" not in str(failed.value)
    with pytest.raises(git_program.GitFailed, match="git -c did not end in time"):
        git_program.git(tmp_path, "-c", "alias.wait=!sleep 30", "wait", deadline=Deadline.after(0.2))


OPTIONS = {
    "git_remote": "git@example.org:team/records.git",
    "git_branch": "records",
    "git_path": "history/prompts",
    "git_author": "A B <a@b.c>",
    "git_sign_off": False,
    "git_journals": True,
    "git_wait_seconds": 120,
}


def test_no_remote_is_no_repository() -> None:
    assert git_settings.from_options({**OPTIONS, "git_remote": ""}) is None
    assert git_settings.from_options(OPTIONS) is not None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("git_remote", "--upload-pack=touch /tmp/x"),
        ("git_remote", "a\nb"),
        ("git_branch", "-x"),
        ("git_branch", "a..b"),
        ("git_branch", "a b"),
        ("git_branch", "x.lock"),
        ("git_path", "/etc"),
        ("git_path", "../x"),
        ("git_path", ""),
        ("git_author", "nobody"),
        ("git_author", "a <b>\ncommitter x"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(option: str, value: str) -> None:
    with pytest.raises(RecordError, match=f"^{option} is "):
        git_settings.from_options({**OPTIONS, option: value})
