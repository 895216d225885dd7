# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set the image of one container."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies import paths, workloads
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.errors import NothingToChange, RemedyError
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.remedy import CONTAINER, Remedy
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.shapes import Draft
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.signatures import SIGNATURES
from ansible_collections.aiops.kubernetes.plugins.module_utils.remedies.workloads import Document

# github.com/distribution/reference: [domain/]path[:tag][@digest], path in lower case.
_REFERENCE: Final = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
    r"(?:@sha256:[0-9a-f]{64})?"
)


def draft(_client: Client, workload: Document, parameters: Mapping[str, Any], _now: datetime) -> Draft:
    """The container with the new image; refuses what is no image reference, and the image that it has."""
    workloads.refuse_if_held(workload)
    image, name = parameters["image"], parameters["container"]
    if not _REFERENCE.fullmatch(image):
        raise RemedyError(f"{image!r} is no image reference such as registry.example/shop/checkout:1.4.2")
    path = workloads.container_path(workload, name)
    desired = copy.deepcopy(workload)
    container = paths.read(desired, path)
    words = workloads.words(workloads.ref_of(workload))
    if container["image"] == image:
        raise NothingToChange(f"Container {name} of {words} has the image {image} already")
    summary = f"Set the image of container {name} in {words} from {container['image']} to {image}."
    container["image"] = image
    return Draft(summary=summary, desired=desired, warnings=_warnings(image))


def _warnings(image: str) -> list[str]:
    last = image.split("/")[-1]
    if "@" in last or (":" in last and not last.endswith(":latest")):
        return []
    return [f"{image} names no fixed version: which program runs depends on when a node pulls it."]


REMEDY = Remedy(
    SIGNATURES["set_image"],
    ((*CONTAINER, "image"),),
    draft,
)
