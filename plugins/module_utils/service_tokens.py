# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the tokens of well-known services look, so that they are known wherever they stand.

Prefixes are those that the services document; a match also needs a digit, so that words that merely begin so stay.
"""

from __future__ import annotations

import re
from typing import Final

_START: Final = r"(?<![A-Za-z0-9_-])"
_URLSAFE: Final = r"[A-Za-z0-9_-]"
# Prefixes that nothing else begins with, each before 16 characters or more, which may go on after dots.
_WORDS: Final = """
    1//0 A3T ATATT3x ATCTT3x ATBB CCIPAT_ CFPAT- CLOJARS_ EAACEdEose0cBA EZAK EZTK FLWSECK- FLWPUBK_TEST- GR1348941
    LTAI5t NRAK- NRII- NRJS- PMAK- AKCp bkua_ dt0c01. dop_v1_ doo_v1_ dor_v1_ dp.pt. dp.st. duffel_live_
    duffel_test_ figd_ fio-u- fm1_ fm2_ fo1_ glptt- gldt- glrt- glcbt- glsoat- glft- glimt- glagent- glffct- glsa_
    glc_ gsk_ ico- lin_api_ lin_oauth_ lsv2_pt_ lsv2_sk_ nfp_ nfc_ ntn_ pat-na1- pat-eu1- pcsk_ pnu_ pplx-
    pscale_tkn_ pscale_pw_ pscale_oauth_ r8_ rdme_ rubygems_ sbp_ sgp_ shippo_live_ shippo_test_ shpat_ shpca_
    shppa_ shpss_ sntrys_ sntryu_ sq0atp- sq0csp- sqp_ squ_ sqa_ tfp_ tk-us- tskey-auth- tskey-api- tskey-client-
    vercel_blob_rw_ xai- xkeysib- xoxe-1- AGE-SECRET-KEY-1 access-production- access-sandbox- access-development-
"""
_PREFIXES: Final = tuple(_WORDS.split())
_PREFIXED: Final = re.compile(
    rf"{_START}(?:{'|'.join(map(re.escape, _PREFIXES))}){_URLSAFE}{{16,400}}(?:\.{_URLSAFE}{{8,400}}){{0,4}}"
)
# Shapes whose beginning other things have too, so the whole has to fit: (text that must be there, shape).
_WHOLE: Final = tuple(
    (marker, re.compile(_START + shape + r"(?![A-Za-z0-9_-])"))
    for marker, shape in (
        ("key-", r"key-[0-9a-f]{32}"),
        ("SK", r"SK[0-9a-f]{32}"),
        ("-us", r"[0-9a-f]{32}-us\d{1,2}"),
        ("cio", r"cio[A-Za-z0-9]{32}"),
        ("dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
        ("pul-", r"pul-[0-9a-f]{40}"),
        ("ops_", r"ops_[A-Za-z0-9+/=_-]{200,2000}"),
        (":AA", r"\d{8,10}:AA[A-Za-z0-9_-]{33}"),
        (":APA91b", r"[A-Za-z0-9_-]{11}:APA91b[A-Za-z0-9_-]{100,200}"),
        (".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,80}"),
        (".", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}"),
        ("pat.", r"pat\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
        ("k.eyJ", r"[sp]k\.eyJ[A-Za-z0-9_-]{20,200}\.[A-Za-z0-9_-]{20,40}"),
        ("access_token$", r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    )
)
# Hashes of passwords, as crypt(5) and PHC strings write them.
_HASHES: Final = re.compile(
    r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id?|d)|scrypt|pbkdf2[a-z0-9-]{0,12})\$[A-Za-z0-9./+=,$-]{20,400}"
)


def without_tokens(text: str, instead: str) -> str:
    """The text with `instead` where a token of a known service, or the hash of a password, stood."""

    def replaced(match: re.Match[str]) -> str:
        return instead if any(letter.isdigit() for letter in match.group()) else match.group()

    if any(prefix in text for prefix in _PREFIXES):
        text = _PREFIXED.sub(replaced, text)
    for marker, pattern in _WHOLE:
        if marker in text:
            text = pattern.sub(replaced, text)
    return _HASHES.sub(instead, text) if "$" in text else text
