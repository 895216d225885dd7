# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a control of the Pod Security Standards is: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import (
    Container,
    PodSpec,
    SecurityContext,
)

# The newest minor version of Kubernetes whose policy is written here; of a newer cluster this one is applied.
NEWEST_MINOR = 37


@dataclass(frozen=True)
class Subject:
    """A pod or a pod template as the policy sees it."""

    spec: PodSpec
    annotations: Mapping[str, str]
    # The minor version of Kubernetes whose policy is asked for: 34 for 1.34.
    minor: int = NEWEST_MINOR

    def containers(self) -> Iterator[Container]:
        """Every container: the policy makes no difference between them."""
        yield from self.spec.initContainers
        yield from self.spec.containers
        yield from self.spec.ephemeralContainers

    def contexts(self) -> Iterator[tuple[str, SecurityContext]]:
        """Whose security context it is ("the pod", "container app"), for those that there are."""
        if self.spec.securityContext is not None:
            yield "the pod", self.spec.securityContext
        for container in self.containers():
            if container.securityContext is not None:
                yield f"container {container.name}", container.securityContext

    @property
    def in_user_namespace(self) -> bool:
        """Since 1.35 a pod with a user namespace of its own may do what is harmless there."""
        return self.minor >= 35 and self.spec.hostUsers is False

    @property
    def is_windows(self) -> bool:
        """Linux-only controls of the restricted level leave Windows pods out since 1.25."""
        return self.spec.os is not None and self.spec.os.name == "windows"


@dataclass(frozen=True)
class Control:
    """One check of Kubernetes' policy. id is Kubernetes' own; overrides: ids of baseline checks that it covers.

    check returns what is wrong as one sentence, empty where nothing is.
    """

    id: str
    level: str
    check: Callable[[Subject], str]
    since: int = 0
    overrides: str = ""


def listed(items: list[str]) -> str:
    """a, b and c; each once, in order."""
    unique = list(dict.fromkeys(items))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}" if unique else ""
