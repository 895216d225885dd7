# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How likely a vulnerability is used: EPSS and KEV, from files that the user supplies. A missing file is "unknown".

EPSS: https://www.first.org/epss/data_stats (epss_scores-current.csv, also .gz).
KEV: https://www.cisa.gov/known-exploited-vulnerabilities-catalog (JSON or CSV).
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.errors import BadInput
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.vulnerabilities.shapes import Vulnerability

# The vector of what anybody can use from afar, without a login and without a person's help.
_FROM_AFAR = ("AV:N", "PR:N", "UI:N")
# Probability of use within 30 days: factor. Half of all vulnerabilities are below 0.001.
_LIKELY = ((0.5, 4.0), (0.1, 3.0), (0.01, 2.0))


@dataclass(frozen=True)
class Scores:
    """epss: probability by CVE; None where no file was given. exploited: the catalogue's CVEs, likewise."""

    epss: dict[str, float] | None = None
    exploited: frozenset[str] | None = None
    sources: tuple[str, ...] = field(default=())

    def factor(self, found: Vulnerability) -> tuple[float, str]:
        """The factor exploitability, 1 to 6, and why: known use counts more than its likelihood, that than CVSS."""
        factor, why = self._use(found)
        if found.fixed:
            return round(factor * 1.2, 2), f"{why}, fixed in {found.fixed}"
        return factor, f"{why}, no fix yet"

    def _use(self, found: Vulnerability) -> tuple[float, str]:
        if self.exploited is not None and found.id in self.exploited:
            return 5.0, "known to be exploited (KEV)"
        likely = (self.epss or {}).get(found.id)
        if likely is not None:
            return next((factor for least, factor in _LIKELY if likely >= least), 1.0), f"EPSS {likely:.3f}"
        unknown = "KEV and EPSS unknown" if self.exploited is None else "EPSS unknown"
        if all(part in found.vector for part in _FROM_AFAR):
            return 1.5, f"{unknown}, usable from afar by CVSS"
        return 1.0, unknown


def read_scores(epss: Path | None, kev: Path | None) -> Scores:
    """Both files, each of them optional. Raises BadInput."""
    sources = [f"{name} {path}" for name, path in (("EPSS", epss), ("KEV", kev)) if path]
    return Scores(_read_epss(epss) if epss else None, _read_kev(kev) if kev else None, tuple(sources))


def _read_epss(path: Path) -> dict[str, float]:
    lines = [line for line in _text(path, "EPSS").splitlines() if not line.startswith("#")]
    try:
        return {row["cve"]: float(row["epss"]) for row in _rows(lines, "cve", "epss")}
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise BadInput(f"{path} is no EPSS file: it needs the columns cve and epss") from error


def _read_kev(path: Path) -> frozenset[str]:
    text = _text(path, "KEV")
    try:
        if text.lstrip().startswith("{"):
            return frozenset(str(item["cveID"]) for item in json.loads(text)["vulnerabilities"])
        return frozenset(row["cveID"] for row in _rows(text.splitlines(), "cveID"))
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise BadInput(f"{path} is no KEV catalogue: it needs cveID of each vulnerability") from error


def _rows(lines: Iterable[str], *columns: str) -> Iterator[dict[str, str]]:
    """KeyError where a column is missing, also without rows: an error page is no empty catalogue."""
    reader = csv.DictReader(lines)
    for column in columns:
        if column not in (reader.fieldnames or ()):
            raise KeyError(column)
    return reader


def _text(path: Path, what: str) -> str:
    try:
        body = path.read_bytes()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        return body.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadInput(f"the {what} file {path} cannot be read: {error}") from error
