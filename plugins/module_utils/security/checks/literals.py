# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets that stand in the open: in environments, command lines and ConfigMaps. Values are never told."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import redact, redact_value, redact_words
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.facts import Facts
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.fault import Fault
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.pod_security.control import listed
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.shapes import Container
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.workloads import Workload

CODES = ("secret-in-environment", "secret-literal", "secret-in-command")
CONFIG_MAP_CODES = ("secret-in-configmap",)
# What is longer is a program or a picture; a secret in it would be found by its first part or not at all.
_LOOKED_AT = 65_536
# Bits in a character. English has 4.1 over its letters, base64 of random bytes comes near 6.
_RANDOM_BITS = 4.3
_WORD = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,128}={0,2}(?![A-Za-z0-9+/_=-])")
_PUBLIC = (
    re.compile(r"-----BEGIN (CERTIFICATE|PUBLIC KEY|X509 CRL)-----.*?-----END \1-----", re.DOTALL),
    # As known_hosts and authorized_keys have them.
    re.compile(r"(?:ssh|ecdsa)-\S{1,64} AAAA\S+"),
)
# Where a secret is, such as GOOGLE_APPLICATION_CREDENTIALS has it.
_FILE = re.compile(r"(?:/[\w.@-]+){2,}")


def check(facts: Facts) -> Iterator[Fault]:
    """Environment and command line of every container."""
    for workload in facts.workloads:
        for container in workload.containers():
            for code, message in _container(container):
                yield _fault(workload, container, code, message)


def _container(container: Container) -> Iterator[tuple[str, str]]:
    literal = [item.name for item in container.env if item.value and _says_secret(item.name, item.value)]
    if literal:
        yield "secret-literal", f"the environment has a secret's value in {listed(literal)}"
    referred = [item.name for item in container.env if item.valueFrom and item.valueFrom.secretKeyRef]
    referred += [f"all of Secret {item.secretRef.name}" for item in container.envFrom if item.secretRef]
    if referred:
        yield "secret-in-environment", f"a Secret is given by the environment: {listed(referred)}"
    words = [*container.command, *container.args]
    if redact_words(words) != words:
        yield "secret-in-command", "the command line has a secret's value"


def check_config_maps(facts: Facts) -> Iterator[Fault]:
    """Each ConfigMap, by what is known of secrets' names and shapes, and by how random a value is."""
    for item in facts.config_maps:
        keys = [key for key, value in item.data.items() if holds_secret(key, value)]
        if keys:
            message = f"the key {listed(keys)} looks like a secret"
            yield Fault("secret-in-configmap", "ConfigMap", item.metadata.namespace, item.metadata.name, message)


def holds_secret(key: str, value: str) -> bool:
    """Whether a value is, or has in it, what looks like a secret. Certificates and public keys are none."""
    text = value[:_LOOKED_AT]
    for pattern in _PUBLIC:
        text = pattern.sub("", text)
    if not text.strip():
        return False
    return _says_secret(key, text) or redact(text) != text or _has_random_word(text)


def _says_secret(name: str, value: str) -> bool:
    """Whether the name says that the value is a secret, or the value looks like one; a path to a file is none."""
    if _FILE.fullmatch(value.strip()) and not _has_random_word(value):
        return redact(value) != value
    return redact_value(name, value) != value


def _has_random_word(text: str) -> bool:
    return any(_is_random(found.group()) for found in _WORD.finditer(text))


def _is_random(word: str) -> bool:
    """Letters of both cases and digits, with the entropy of random bytes: no path, no digest, no sentence."""
    kinds = (any(c.islower() for c in word), any(c.isupper() for c in word), any(c.isdigit() for c in word))
    if not all(kinds) or word.count("/") > 2 or word.count("-") > 3:
        return False
    counts, length = Counter(word), len(word)
    return -sum(n / length * math.log2(n / length) for n in counts.values()) >= _RANDOM_BITS


def _fault(workload: Workload, container: Container, code: str, message: str) -> Fault:
    return Fault(code, *workload.key, message, part=f"container {container.name}", pods=workload.pods)
