# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The worst first, whatever order the checks found them in."""

from __future__ import annotations

import itertools

import pytest
from findings_made import finding

from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.grade import grade
from ansible_collections.aiops.kubernetes.plugins.module_utils.findings.ranking import count_by_severity, rank, ranked


def test_severity_decides_and_factors_order_within_it() -> None:
    wanted = [
        finding("AIH3", "critical", "a"),
        finding("AIH2", "high", "b", factors={"pods": 5.0}),
        finding("AIH1", "high", "c"),
        finding("AIH2", "high", "d"),
        finding("AIH0", "low", "e"),
    ]
    for order in itertools.permutations(wanted):
        assert ranked(order) == wanted


def test_large_factors_lift_across_severities() -> None:
    exposed = finding("AIS1", "high", factors={"exploitability": 5.0, "exposure": 4.0})
    assert rank(exposed) == 2000.0
    assert ranked([finding("AIS2", "critical"), exposed])[0] is exposed


def test_counts_name_every_severity() -> None:
    counts = count_by_severity([finding(severity="low"), finding(severity="critical")])
    assert counts == {"critical": 1, "high": 0, "medium": 0, "low": 1}


@pytest.mark.parametrize(
    ("severities", "objects", "unseen", "letter", "said"),
    [
        ([], 100, [], "A", "100 of 100 points over 100 objects"),
        (["critical"], 100000, [], "D", "no better than D with 1 critical finding"),
        (["high"], 100000, [], "C", "no better than C with 1 high finding"),
        (["medium"] * 2, 100000, [], "B", "no better than B with 2 medium findings"),
        (["low"] * 50, 100, [], "A", "99.5 of 100"),
        (["high"] * 50, 100, [], "D", "50 of 100"),
        (["critical"] * 10, 100, [], "F", "0 of 100"),
        ([], 100, ["nodes"], "B", "no better than B while not everything could be seen (nodes)"),
        ([], 0, ["pods"], "-", "nothing could be looked at"),
    ],
)
def test_grade(severities: list[str], objects: int, unseen: list[str], letter: str, said: str) -> None:
    given = grade([finding(severity=severity) for severity in severities], objects, unseen)
    assert given.letter == letter
    assert said in given.sentence
