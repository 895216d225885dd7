# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes secrets out of text before it is stored, shown or sent, and leaves what a diagnosis lives on.

Known shapes go wherever they stand (private keys, JWTs, tokens of well-known services, credentials in URLs, headers);
everything else goes by the name that it carries: `DB_PASSWORD=…`, `"apiKey": "…"`, `--token …`. Digests, uids, hashes,
names of objects and ordinary words stay. No list is complete: values that neither look like a secret nor have a name
that says so pass through.

Every pattern starts at a place that cannot lie inside a match it just failed on, or is bounded, so time grows with the
length of the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ansible_collections.aiops.kubernetes.plugins.module_utils.service_tokens import without_tokens

REDACTED = "[redacted]"


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words whose presence in a name says that its value is a secret. Plurals of Kubernetes' own kinds are not among them.
_SECRET_WORDS = _words_of(
    """
    password passwords passwd passphrase pwd secret token credential credentials apikey accesskey secretkey
    privatekey authorization cookie dockerconfigjson dockercfg dsn pgpassword requirepass masterauth htpasswd
    accountkey sharedkey sharedaccesskey clientsecret authtoken accesstoken refreshtoken bearertoken dbpassword
    userpassword
    """
)
# Words that make a secret of `key` when they stand right before it.
_KEY_KINDS = _words_of(
    """
    api access secret private account auth signing encryption shared master client storage session ssh deploy
    license service app application webhook hmac aes rsa preshared psk
    """
)
# A name that ends so speaks about a secret and does not hold it: secretName, TOKEN_TTL, PASSWORD_FILE.
_ABOUT = _words_of(
    """
    name names namespace file files path paths dir ref refs reference keyref type kind id ids ttl expiry
    expiration expires seconds minutes hours days length size count limit max min policy version enabled
    disabled required url uri endpoint host port provider issuer audience audiences algorithm format mount
    volume store class hint status age rotation created updated selector budget usage mode source index
    """
)
# What stands after a secret's name in a sentence or as a default, and is no secret.
_PLAIN_WORDS = _words_of(
    """
    a an and are as at be but by can cannot denied does doesnt empty error expired failed failure false for from
    has have if in incorrect invalid is it key mismatch missing must nil no none not null of off on or provided
    rejected required review secret set should that the there this to token true undefined unknown unset was
    were when which will with wrong yes authentication authorization check found parameter variable value field
    request response permission signature change changed refresh refreshed validation verification <nil> <none>
    <unset> <empty> <set>
    """
)

# A scheme in front of what was already taken out.
_SCHEMES = frozenset({"bearer", "basic", "token", "apikey"})

_REFERENCES = ("$(", "${", "{{")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^A-Za-z0-9]+")
_NAME_LENGTH = 128
# What is left of \u0026 and the like (&, <, > in Go's JSON) before a name.
_ESCAPED_SIGN = re.compile(r"^u00(?:26|3[ce])")


def _words(name: str) -> list[str]:
    name = _ESCAPED_SIGN.sub("", name)
    words = [word.lower() for word in _SPLIT.split(_CAMEL.sub("_", name[:_NAME_LENGTH])) if word]
    return [word.rstrip("0123456789") or word for word in words]


def is_secret_name(name: str) -> bool:
    """Whether a variable, key or option of this name holds a secret, as far as its name tells."""
    return _say_secret(_words(name))


def _say_secret(words: list[str]) -> bool:
    if words[-2:] == ["key", "data"]:
        # As a kubeconfig has it: client-key-data.
        words = words[:-1]
    if not words or words[-1] in _ABOUT:
        return False
    if len(words) > 1 and words[-1] == "pass":
        return True
    if any(word in _SECRET_WORDS for word in words):
        return True
    return any(second == "key" and first in _KEY_KINDS for first, second in zip(words, words[1:], strict=False))


def redact_value(name: str, value: str) -> str:
    """The value of an environment variable or the like: hidden whole if its name says so, else redacted as text."""
    if not value or not is_secret_name(name):
        return redact(value)
    return value if value.strip().lower() in _PLAIN_WORDS or value.startswith(_REFERENCES) else REDACTED


def redact(text: str, *, emails: bool = False) -> str:
    """The text without secrets; `emails` takes e-mail addresses out too. A second time changes nothing."""
    if not text:
        return text
    for marker, pattern, replacement in _SHAPES:
        if marker in text:
            text = pattern.sub(replacement, text)
    text = without_tokens(text, REDACTED)
    for pattern in (_VARIABLE, _FLAG, _PAIR):
        text = _redact_named(text, pattern)
    return _EMAIL.sub(REDACTED, text) if emails and "@" in text else text


def redact_words(words: Iterable[str]) -> list[str]:
    """A command line, word by word: `--api-key`, `abc` are two words of which the second goes."""
    kept: list[str] = []
    hide = False
    for word in words:
        if hide and not word.startswith("-"):
            kept.append(REDACTED)
        else:
            kept.append(redact(word))
        hide = word.startswith("--") and "=" not in word and is_secret_name(word)
    return kept


# --- values that a name gives away --------------------------------------------------------------------------------

_WORD = r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,127}"
_OPEN = r"\\{0,4}[\"']?"
# A name and what separates it from its value. Tried once per word: inside a word nothing starts.
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_.-])(?P<name>(?:(?:[Aa][Pp][Ii]|[Aa]ccess|[Pp]rivate|[Aa]ccount) (?=[Kk]ey\b))?-{0,2}"
    + _WORD
    + r")"
    r"(?P<sep>\\{0,4}[\"']?[ \t]{0,8}(?:=>|:=|=|:)[ \t]{0,8})"
)
_FLAG = re.compile(r"(?<![A-Za-z0-9_.-])(?P<name>--" + _WORD + r")(?P<sep>[ \t]{1,4})")
# A variable as Kubernetes writes it: {"name": "DB_PASSWORD", "value": "…"}, or the same in YAML.
_VARIABLE = re.compile(
    r"(?<![A-Za-z0-9_])[Nn]ame" + _OPEN + r"[ ]{0,4}:[ ]{0,4}" + _OPEN + r"(?P<name>" + _WORD + r")"
    r"(?P<sep>" + _OPEN + r"[,\s]\s{0,40}" + _OPEN + r"[Vv]alue" + _OPEN + r"[ ]{0,4}:[ ]{0,4})"
)
_QUOTED = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"?|\'([^\'\\\n]*(?:\\.[^\'\\\n]*)*)\'?')
_ESCAPED_QUOTED = re.compile(r"\\{1,4}[\"']([^\"'\\\n]*)")
# Up to white space or a quote; a comma, semicolon or ampersand ends it only where another pair follows.
_BARE = re.compile(r"(?:[^\s\"'\\,;&{}\[\]()<>]|[,;&](?![\w.-]{1,64}[ ]?[=:]|\s|$))+")


def _redact_named(text: str, pattern: re.Pattern[str]) -> str:
    parts: list[str] = []
    position = done = 0
    while match := pattern.search(text, position):
        # The value may itself be a pair (`msg="password=x"`), so only the name is behind us.
        position = match.end("name")
        if not _names_a_secret(match.group("name"), match.group("sep")):
            continue
        span = _secret_span(text, match.end())
        if span:
            parts += [text[done : span[0]], REDACTED]
            position = done = span[1]
    return "".join([*parts, text[done:]]) if parts else text


def _names_a_secret(name: str, separator: str) -> bool:
    """A bare `name: value` may be an object's name and a sentence about it, so the secret word has to come last."""
    words = _words(name)
    if separator.strip() != ":":
        return _say_secret(words)
    last = {"key": 2, "pass": 2, "data": 3}.get(words[-1] if words else "", 1)
    return _say_secret(words[-last:])


def _secret_span(text: str, start: int) -> tuple[int, int] | None:
    """Where the secret value that begins at `start` lies, or None if what stands there is no secret."""
    if text.startswith(_REFERENCES, start):
        return None
    for pattern in (_QUOTED, _ESCAPED_QUOTED, _BARE):
        if match := pattern.match(text, start):
            group = match.lastindex or 0
            return None if _is_plain(match.group(group)) else match.span(group)
    return None


def _is_plain(value: str) -> bool:
    word = value.strip().rstrip(".,;:!").lower()
    return (
        not word or word in _PLAIN_WORDS | _SCHEMES or set(word) <= {"*"} or value.startswith((*_REFERENCES, REDACTED))
    )


# --- shapes that are secret wherever they stand --------------------------------------------------------------------


def _keep(number: int) -> Callable[[re.Match[str]], str]:
    return lambda match: match.group(number) + REDACTED


def _after_scheme(match: re.Match[str]) -> str:
    value = match.group(2)
    random = any(item.isdigit() for item in value) or any(item in value for item in "=+/._") or _CAMEL.search(value)
    return match.group(1) + REDACTED if random else match.group()


def _random_token(match: re.Match[str]) -> str:
    value = match.group()
    return REDACTED if any(item.isdigit() for item in value) and any(item.isupper() for item in value) else value


def _line(match: re.Match[str]) -> str:
    value = match.group(2)
    mixed = any(i.islower() for i in value) and any(i.isupper() for i in value) and any(i.isdigit() for i in value)
    return (match.group(1) or "") + REDACTED if mixed else match.group()


def _header(match: re.Match[str]) -> str:
    value = match.group()[len(match.group(1)) :]
    first = value.split()[0].rstrip(".,;:!").lower()
    return match.group() if first in _PLAIN_WORDS else match.group(1) + REDACTED


_START = r"(?<![A-Za-z0-9_-])"
_STARTS_OR_ESCAPE = r"(?:(?<![A-Za-z0-9_-])|(?<=\\n)|(?<=\\t))"
_HEADER = r"(?i)(?<![a-z0-9-])((?:proxy-)?authorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
_Shape: TypeAlias = "tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]]"
# (text that must be there for the pattern to be worth trying, pattern, what it becomes)
_SHAPES: tuple[_Shape, ...] = (
    (
        # Up to the end mark; where that was cut away, as far as it looks like a key.
        "PRIVATE KEY",
        re.compile(
            r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)"
            r"(?:(?:(?!-----)[\s\S]){0,20000}-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r"|(?:\s|\\[nr]|[A-Za-z0-9+/=]{16,})*)"
        ),
        _keep(1),
    ),
    # A line of a key whose first line was cut away: 60 to 76 characters of base64, as no hex digest is.
    ("", re.compile(r"(?m)^(.{0,48}\s)?(?<![A-Za-z0-9+/])([A-Za-z0-9+/]{60,76}={0,2})$"), _line),
    ("eyJ", re.compile(_STARTS_OR_ESCAPE + r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*"), REDACTED),
    (
        ":",
        re.compile(_HEADER + r"(?:bearer|basic|token|apikey) +)(?!\[redacted)[^\s\"'\\]{1,8192}"),
        _keep(1),
    ),
    (
        ":",
        re.compile(_HEADER + r")(?!(?:bearer|basic|token|apikey) )(?!\[redacted)[^\s\"'\\,][^\r\n\"'\\]{0,8192}"),
        _header,
    ),
    (
        "ookie",
        re.compile(
            r"((?:[Ss]et-)?[Cc]ookie[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?)(?!\[redacted)[^\s\"'\\][^\r\n\"'\\]{0,8192}"
        ),
        _keep(1),
    ),
    ("ea", re.compile(r"(?i)" + _START + r"(bearer +)([a-z0-9._~+/=-]{8,})"), _after_scheme),
    ("asic", re.compile(r"(?i)" + _START + r"(basic +)([a-z0-9+/=]{8,})"), _after_scheme),
    # scheme://user:password@host; a password may hold "@" and "/", a port does not count as one.
    (
        "://",
        re.compile(
            r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,31}://[^\s:/@?#\"'<>\[]{0,256}:)(?!\d{1,5}(?:[/?#]|$|\s))(?!\[redacted\])[^\s\"'<>]{1,512}(?=@)"
        ),
        _keep(1),
    ),
    ("://", re.compile(r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,31}://)[A-Za-z0-9_.~%-]{20,256}(?=@)"), _keep(1)),
    ("@", re.compile(r"(?<![\w.-])([\w.-]{1,64}:)(?!\[redacted)[^\s@/:\"']{1,128}(?=@(?:tcp|udp|unix)\()"), _keep(1)),
    # Go's JSON writes & as \u0026.
    ("sig=", re.compile(r"((?:[?&]|\\u0026)sig=)[^&\s\"'\\]+"), _keep(1)),
    ("X-Amz-", re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+"), _keep(1)),
    (
        "A",
        re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
        REDACTED,
    ),
    ("AIza", re.compile(_START + r"AIza[A-Za-z0-9_-]{35}"), REDACTED),
    ("ya29.", re.compile(_START + r"ya29\.[A-Za-z0-9_-]{20,}"), REDACTED),
    ("GOCSPX-", re.compile(_START + r"GOCSPX-[A-Za-z0-9_-]{20,}"), REDACTED),
    ("Q~", re.compile(r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"), REDACTED),
    ("gh", re.compile(_START + r"gh[pousr]_[A-Za-z0-9]{20,255}"), REDACTED),
    ("github_pat_", re.compile(_START + r"github_pat_[A-Za-z0-9_]{22,255}"), REDACTED),
    ("glpat-", re.compile(_START + r"glpat-[A-Za-z0-9_-]{20,255}"), REDACTED),
    ("xox", re.compile(_START + r"xox[abeoprs]-[A-Za-z0-9-]{10,}"), REDACTED),
    ("xapp-", re.compile(_START + r"xapp-[A-Za-z0-9-]{10,}"), REDACTED),
    ("discord", re.compile(r"(discord(?:app)?\.com/api/webhooks/\d{1,32}/)[A-Za-z0-9_-]+"), _keep(1)),
    ("requirepass ", re.compile(_START + r"(requirepass +)(?!\[redacted)[^\s\"'\\]{1,512}"), _keep(1)),
    ("masterauth ", re.compile(_START + r"(masterauth +)(?!\[redacted)[^\s\"'\\]{1,512}"), _keep(1)),
    # As .netrc has it.
    ("login ", re.compile(_START + r"(login +\S{1,128} +password +)(?!\[redacted)[^\s\"'\\]{1,512}"), _keep(1)),
    # As a Docker configuration has it.
    ("auth", re.compile(r"(\"auth\\{0,4}\" ?: ?\\{0,4}\")([A-Za-z0-9+/=]{8,4096})(?=\\{0,4}\")"), _after_scheme),
    ("hooks.slack.com", re.compile(r"(hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9_/-]+"), _keep(1)),
    ("k_", re.compile(_START + r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"), REDACTED),
    ("whsec_", re.compile(_START + r"whsec_[A-Za-z0-9+/=]{16,}"), REDACTED),
    ("sk-", re.compile(_START + r"sk-[A-Za-z0-9_-]{20,}"), _random_token),
    ("hf_", re.compile(_START + r"hf_[A-Za-z0-9]{30,}"), REDACTED),
    ("npm_", re.compile(_START + r"npm_[A-Za-z0-9]{36}"), REDACTED),
    ("pypi-", re.compile(_START + r"pypi-AgEI[A-Za-z0-9_-]{20,}"), REDACTED),
    ("dckr_", re.compile(_START + r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"), REDACTED),
    ("hv", re.compile(_START + r"hv[sbr]\.[A-Za-z0-9_-]{20,}"), REDACTED),
    ("SG.", re.compile(_START + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"), REDACTED),
)

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
