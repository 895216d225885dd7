# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The schema of an advisor's answer: one JSON object. The one file here that imports msgspec, to check against it.

Strict: no field beyond these, no value of another type, every text and list bounded.
"""

from __future__ import annotations

import functools
import json
from typing import Annotated, Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster import decoding

try:
    import msgspec
    from msgspec import Meta
except ImportError:
    # decoding.require() says so in a sentence before anything here is used.
    pass

VERDICTS = ("failing", "degraded", "healthy", "unknown")
SENTENCE, NAME, MOST = 600, 253, 10


class SchemaError(Exception):
    """The text is no JSON object of the schema; str() says where it differs."""


def read(text: str) -> dict[str, Any]:
    """The answer that the text is, as plain JSON types with every field present. Raises SchemaError."""
    decoding.require()
    try:
        answer = msgspec.json.decode(text.encode("utf-8", "replace"), type=_shape())
    except msgspec.MsgspecError as error:
        raise SchemaError(" ".join(str(error).split())) from None
    except RecursionError:
        raise SchemaError("it is nested too deeply") from None
    plain: dict[str, Any] = msgspec.to_builtins(answer)
    return plain


@functools.cache
def schema_text() -> str:
    """The JSON schema as an advisor is given it."""
    decoding.require()
    return json.dumps(msgspec.json.schema(_shape()), separators=(",", ":"))


@functools.cache
def _shape() -> Any:
    # Made when first used, so that the engine can be imported, and say what is missing, without msgspec.
    name = Annotated[str, Meta(max_length=NAME)]
    sentence = Annotated[str, Meta(max_length=SENTENCE)]
    ids = Annotated[list[Annotated[str, Meta(pattern="^E[0-9]{1,4}$")]], Meta(max_length=40)]
    # Two levels at most: amounts are maps, commands are lists, everything else is single.
    single = str | int
    value = single | Annotated[list[str], Meta(max_length=32)] | dict[str, str] | None

    def struct(title: str, fields: list[Any]) -> Any:
        return msgspec.defstruct(title, fields, forbid_unknown_fields=True, kw_only=True)

    target = struct("Target", [("kind", name), ("namespace", name), ("name", name)])
    cause: Any = msgspec.defstruct(
        "Cause",
        [
            ("class_", name),
            ("summary", sentence),
            ("confidence", Annotated[float, Meta(ge=0, le=1)]),
            ("evidence", ids),
        ],
        rename={"class_": "class"},
        forbid_unknown_fields=True,
    )
    causes: Any = Annotated[list[cause], Meta(max_length=MOST)]
    sentences = Annotated[list[sentence], Meta(max_length=MOST)]
    diagnosis = struct(
        "Diagnosis",
        [
            ("verdict", Annotated[str, Meta(pattern=f"^({'|'.join(VERDICTS)})$")]),
            ("root_cause", cause),
            ("contributing", causes, msgspec.field(default_factory=list)),
            ("chain", sentences, msgspec.field(default_factory=list)),
        ],
    )
    recommendation = struct(
        "Recommendation",
        [
            ("remedy", name),
            ("parameters", dict[str, value], msgspec.field(default_factory=dict)),
            ("reason", sentence),
            ("expected_outcome", sentence),
        ],
    )
    parts = [("target", target), ("diagnosis", diagnosis), ("recommendation", recommendation | None, None)]
    return struct("Answer", parts)
