# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kinds that can be diagnosed, by every word that kubectl takes for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    name: str
    api_version: str
    plural: str
    words: tuple[str, ...]


KINDS = (
    Kind("Pod", "v1", "pods", ("po",)),
    Kind("Deployment", "apps/v1", "deployments", ("deploy",)),
    Kind("StatefulSet", "apps/v1", "statefulsets", ("sts",)),
    Kind("DaemonSet", "apps/v1", "daemonsets", ("ds",)),
    Kind("ReplicaSet", "apps/v1", "replicasets", ("rs",)),
    Kind("Job", "batch/v1", "jobs", ()),
    Kind("CronJob", "batch/v1", "cronjobs", ("cj",)),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_WORD = {word: kind for kind in KINDS for word in (kind.name.lower(), kind.plural, *kind.words)}


class BadTarget(ValueError):
    """The words do not name a target; the message says what to write instead."""


def kind_of(word: str) -> Kind:
    """The kind that `word` means, as kubectl reads it (any case, plural, short, with its group). Raises BadTarget."""
    kind = BY_WORD.get(word.strip().lower().split(".", 1)[0])
    if kind is None:
        known = ", ".join(kind.name for kind in KINDS)
        raise BadTarget(f"kind '{word}' cannot be diagnosed; use one of {known}")
    return kind


def parse_target(kind: str, name: str) -> tuple[Kind | None, str]:
    """Kind and name from arguments: `KIND/NAME` in name wins; a bare name is a pod's; both empty is no target."""
    if "/" in name:
        word, _slash, name = name.partition("/")
        if not word or not name or "/" in name:
            raise BadTarget(f"'{word}/{name}' is not a target; write KIND/NAME, such as deployment/checkout")
        return kind_of(word), name
    if kind and not name:
        raise BadTarget(f"a name is missing for kind '{kind}'; write KIND/NAME, or leave out both to look for failures")
    if not name:
        return None, ""
    return (kind_of(kind) if kind else BY_NAME["Pod"]), name
