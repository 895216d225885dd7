# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How programs in many languages say what is wrong. Each pattern's comment names who speaks so."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import LogLine

_NAME = r"[\"'`(\[]?\$?\{?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)\}?[\"'`)\]]?"
_UPPER = r"[^\w\n]{0,6}(?P<name>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*))\b[\"'`}\]]{0,2}"
_ENV_WORDS = r"env(?:ironment)?(?: |-|_)?(?:var(?:iable)?s?)?"
_VARIABLE_WORDS = rf"(?:{_ENV_WORDS}|variables?)"
_ABSENT = (
    r"(?:(?:(?:is|are|was|has|has been|must be|should be|needs to be|be) )?not (?:be(?:en)? )?"
    r"(?:set(?! to\b)|defined|provided|present|found|specified|configured|given|empty|blank)"
    r"|isn't (?:set|defined)|hasn't been (?:set|defined)"
    r"|(?:is |are )?(?:unset|undefined|missing(?! \w)|required(?! by)|mandatory|empty|null)"
    r"|must be (?:set(?! to\b)|defined|provided|specified)|cannot be (?:empty|blank|null)|needs to be set|has no value)"
)

# (pattern, confidence); `name` is the variable. The surest come first.
_MISSING_VARIABLE = (
    # bash, dash, busybox: "sh: DATABASE_URL: unbound variable", "parameter not set", "${X:?}"
    (
        re.compile(
            (
                r"(?:^|[:\s])(?P<name>[A-Za-z_][A-Za-z0-9_]*): (?:unbound variable|parameter (?:null or )?not set|"
                r"parameter not set)"
            )
        ),
        0.97,
    ),
    # Spring: Could not resolve placeholder 'DATABASE_URL' in value "${DATABASE_URL}"
    (re.compile(r"Could not resolve placeholder [\"'](?P<name>[\w.]+)[\"']"), 0.95),
    # envconfig (Go): required key DATABASE_URL missing value; env/v11: required environment variable "X" is not set
    (re.compile(rf"required key {_NAME} missing value"), 0.97),
    # pydantic-settings prints the field, then "Field required"; decouple (Python): X not found. Declare it as envvar
    (re.compile(rf"{_NAME} not found\. Declare it as env ?var", re.IGNORECASE), 0.97),
    # anybody: (required|missing) environment variable(s) (not set)?: X
    (
        re.compile(
            (
                rf"(?:missing|required|mandatory|unset|undefined|set|define|provide|specify)[\w ]{{0,24}}? "
                rf"{_VARIABLE_WORDS}(?: (?:is |are )?(?:not set|missing|named|called))?[:=]? {_UPPER}(?![\w(])"
            ),
            re.IGNORECASE,
        ),
        0.95,
    ),
    # anybody: environment variable X is not set / env var X must be set / required env X missing
    (re.compile(rf"\b{_ENV_WORDS}:? {_NAME} {_ABSENT}", re.IGNORECASE), 0.95),
    # anybody: X environment variable is not set
    (re.compile(rf"{_NAME} {_ENV_WORDS} {_ABSENT}", re.IGNORECASE), 0.95),
    # anybody: no environment variable X; could not find env var X; environment variable not found: X
    (
        re.compile(
            rf"(?:no|find|read|get|lookup|load|expected?|need) (?:the )?{_VARIABLE_WORDS}:? {_UPPER}(?![\w(])",
            re.IGNORECASE,
        ),
        0.9,
    ),
    (
        re.compile(rf"{_VARIABLE_WORDS} (?:not found|not present|not set|missing|unset)[:,]? {_UPPER}", re.IGNORECASE),
        0.95,
    ),
    # anybody: variable X is not set
    (re.compile(rf"\bvariables?:? {_UPPER} {_ABSENT}", re.IGNORECASE), 0.88),
    # images of databases: You must specify POSTGRES_PASSWORD to a non-empty value
    (
        re.compile(rf"(?:must|need to|have to|please) (?:specify|set|provide|define) (?:the )?{_UPPER}", re.IGNORECASE),
        0.9,
    ),
    # Django, PHP, ${X:?message} of shells
    (re.compile(rf"The {_UPPER} setting must not be empty"), 0.9),
    (re.compile(r"Undefined (?:array key|index:?) [\"']?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"), 0.85),
    (
        re.compile(
            r"^[\w./-]*(?:sh|entrypoint|start|run)(?:\.sh)?: (?:line )?(?:\d+: "
            r")?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): "
        ),
        0.85,
    ),
    (re.compile(rf"\b[Ss]et (?:the )?{_UPPER} {_ENV_WORDS}", re.IGNORECASE), 0.93),
    # t3-env and the like: Invalid environment variables: { DATABASE_URL: [ 'Required' ] }
    (re.compile(rf"(?:invalid|missing|required) {_ENV_WORDS}:?[^\w\n]{{1,6}}{_UPPER}", re.IGNORECASE), 0.9),
    # Node: Missing required env: X; envalid prints "    X: undefined"; process.env.X is undefined
    (re.compile(rf"process\.env\.{_NAME}:? {_ABSENT}", re.IGNORECASE), 0.9),
    (re.compile(rf"(?:missing|undefined|required?|set|define|provide) process\.env\.{_NAME}", re.IGNORECASE), 0.9),
    (re.compile(r"Missing required env:? (?P<name>\w+)", re.IGNORECASE), 0.97),
    # Ruby: key not found: "DATABASE_URL" (KeyError); ENV.fetch
    (re.compile(r"key not found: [\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']"), 0.93),
    # Elixir: could not fetch environment variable "X" because it is not set
    (re.compile(r"could not fetch environment variable [\"'](?P<name>\w+)[\"']"), 0.97),
    # Python: KeyError: 'DATABASE_URL' from os.environ
    (re.compile(r"KeyError: [\"'](?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)[\"']"), 0.9),
    # Rust: called `Result::unwrap()` … NotPresent names nothing; with expect: "DATABASE_URL must be set: NotPresent"
    (re.compile(r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[^A-Z\n]{0,40}: NotPresent"), 0.97),
    # Go, Rust, PHP, anybody: X must be set / X is required / X not set / missing X
    (
        re.compile(
            r"(?<![\w/.-])"
            rf"[\"'`$]?\{{?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\}}?[\"'`]?:? {_ABSENT}"
        ),
        0.88,
    ),
    (
        re.compile(
            r"(?i:missing|undefined|unset|required|no value for|not set)(?i: (?:config(?:uration)?|settings?|"
            r"value|parameter|property))?:? [\"'`$]?\{?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?!\w)"
        ),
        0.85,
    ),
    # envalid (Node): "    DATABASE_URL: undefined"; convict, zod: "DATABASE_URL: Required"
    (re.compile(r"^\s*(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): (?:undefined|Required|required)\b"), 0.88),
    # zod prints JSON of which the path says the name
    (re.compile(r"\"path\": ?\[ ?\"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\" ?\]"), 0.8),
    # .NET: Value cannot be null. (Parameter 'X') — only with an upper-case name
    (re.compile(r"Value cannot be null\.? \(Parameter '(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'\)"), 0.85),
)
# The name and the complaint on two lines: pydantic-settings (name first), MySQL's image (complaint first).
_FIELD_REQUIRED = re.compile(r"^Field required \[type=missing")
_FIELD_NAME = re.compile(r"^(?P<name>[A-Za-z_][A-Za-z0-9_]*)$")
_LIST_BEGINS = re.compile(rf"{_ENV_WORDS}s?:?$", re.IGNORECASE)
_LISTED = re.compile(r"^\W*(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
# Names of the program's own code, not of its environment.
_OF_THE_CODE = re.compile(r"NameError|ReferenceError|undefined (?:local )?(?:variable|method)|SyntaxError")
_OF_DATA = re.compile(r"\b(?:file|table|column|relation|module) [\"'`]?$", re.IGNORECASE)
# A program that goes on without the variable says so, or says it below the level of an error.
_GOES_ON = re.compile(
    r"\bdisabl|\bdefault(?:s|ing)? to\b|\busing (?:the |its )?default|\bfall(?:s|ing)? back|\bskipp|\bignor"
    r"|(?<!not )\boptional\b",
    re.IGNORECASE,
)
_NO_ERROR = re.compile(r"(?<!PHP )\bwarn(?:ing)?\b|\b(?:info|debug|notice)\b", re.IGNORECASE)
# Python raises KeyError for any dictionary; its traceback tells whether it was the environment.
_FRAME = re.compile(r"^\s*File \"")
_ENVIRON = re.compile(r"environ|getenv|frozen os|/os\.py|raise KeyError\(key\) from None|\benv\b")
_FRAME_LINES = 3
# Node prints the line of source, then that it cannot read a property of undefined.
_NODE_READS = re.compile(r"process\.env\.(?P<name>[A-Za-z_]\w*)\.(?P<property>\w+)")
# Words of a sentence that a pattern may take for a name.
_NOT_NAMES = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "be",
        "but",
        "by",
        "can",
        "config",
        "configuration",
        "could",
        "does",
        "env",
        "environment",
    }
    | {"error", "failed", "fatal", "field", "for", "from", "get", "has", "have", "in", "is", "it", "key", "missing"}
    | {"must", "no", "not", "of", "or", "please", "required", "set", "that", "the", "this", "to", "value", "var"}
    | {"variable", "variables", "vars", "was", "which", "with"}
)


def missing_variable(lines: Iterable[LogLine]) -> tuple[LogLine, str, float] | None:
    """The line, the variable that it says is not set, and how sure that is; None where no line says so."""
    lines = list(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if _OF_THE_CODE.search(line.text) or _is_harmless(lines, index) or _is_of_a_dictionary(lines, index):
            continue
        found = _on_two_lines(lines, index) or _of_source(lines, index) or _on_one_line(line)
        if found:
            return found
    return None


def _is_harmless(lines: list[LogLine], index: int) -> bool:
    """The program says that it goes on without; a mere warning that is its last word may be why it ended."""
    text = lines[index].text
    return bool(_GOES_ON.search(text) or (index < len(lines) - 1 and _NO_ERROR.search(text)))


def _is_of_a_dictionary(lines: list[LogLine], index: int) -> bool:
    """A KeyError whose traceback ends elsewhere than in the environment."""
    frames = [line.text for line in lines[max(0, index - _FRAME_LINES) : index]]
    raised = lines[index].text.startswith("KeyError: ") and any(_FRAME.search(text) for text in frames)
    return raised and not any(_ENVIRON.search(text) for text in frames)


def _of_source(lines: list[LogLine], index: int) -> tuple[LogLine, str, float] | None:
    match = _NODE_READS.search(lines[index].text)
    read = match and any(f"of undefined (reading '{match['property']}')" in line.text for line in lines[index + 1 :])
    return (lines[index], match["name"], 0.9) if match and read else None


def _on_one_line(line: LogLine) -> tuple[LogLine, str, float] | None:
    for pattern, confidence in _MISSING_VARIABLE:
        match = pattern.search(line.text)
        if match and match["name"].lower().rstrip(".") not in _NOT_NAMES:
            if _OF_DATA.search(line.text[: match.start("name")]):
                continue
            return line, match["name"].rstrip("."), confidence
    return None


def _on_two_lines(lines: list[LogLine], index: int) -> tuple[LogLine, str, float] | None:
    if not index:
        return None
    before, text = lines[index - 1], lines[index].text.strip()
    named = _FIELD_NAME.match(before.text.strip()) if _FIELD_REQUIRED.match(text) else None
    listed = _LISTED.match(text) if _LIST_BEGINS.search(before.text.strip()) else None
    if named:
        return before, named["name"].upper(), 0.85
    return (lines[index], listed["name"], 0.85) if listed else None


CONFIG_INVALID = [
    re.compile(p, re.IGNORECASE)
    for p in (
        # getopt, Go flag, cobra, clap, argparse, click
        (
            r"unknown (?:shorthand )?flag|flag provided but not defined|unrecogni[sz]ed (?:option|argument)s?|"
            r"(?:invalid|unknown|illegal|bad) (?:command.?line )?(?:option|argument|flag)s?\b|unexpected argument|"
            r"no such option"
        ),
        # parsers of YAML, JSON, TOML, INI, XML, properties
        (
            r"yaml: (?:line|unmarshal)|error (?:un)?marshal|(?:yaml|json|toml|ini|xml|config\w*) ?(?:parse|"
            r"parsing|decode|syntax) error|ya?ml\.(?:scanner|parser)|JSONDecodeError|TOMLDecodeError|invalid "
            r"character .{1,12} looking for"
        ),
        (
            r"(?:failed|unable|cannot|could not|error) (?:to )?(?:parse|pars|load|read|decod|unmarshal)\w* (?:the "
            r")?(?:\w+ )?config"
        ),
        # nginx, haproxy, redis, postgres and the like
        (
            r"\[emerg\]|FATAL CONFIG FILE ERROR|configuration file .{1,80} (?:test failed|is invalid)|unknown "
            r"directive|unrecognized configuration parameter|invalid (?:configuration|config)\b"
        ),
        (
            r"invalid value .{0,60}(?:for|:)|is not a valid (?:port|url|integer|number|value|duration|boolean)|"
            r"invalid literal for int|strconv\.\w+: parsing|NumberFormatException"
        ),
    )
]

FILE_DENIED = [
    re.compile(p, re.IGNORECASE)
    for p in (
        # Python, Node
        r"(?:PermissionError|EACCES|EROFS|EPERM)[^'\"]*['\"]([^'\"]+)['\"]",
        # Go: open /x: permission denied; Java: /x (Permission denied)
        (
            r"(?:open|mkdir|create|rename|remove|chmod|chown|write|stat) (/[^\s:]+): (?:permission denied|"
            r"read-only file system|operation not permitted)"
        ),
        r"(/[^\s:()'\"]+)[ '\"]*\((?:permission denied|read-only file system)\)",
        # coreutils, busybox, nginx
        r"['\"\u2018`]?(/[^\s:'\"\u2019]+)['\"\u2019]?: (?:permission denied|read-only file system)",
        r"(?:permission denied|read-only file system)[^/]{0,30}(/[^\s:'\"]+)?",
    )
]

# Denied by something else than a file system: a port below 1024 (a socket may be a file, though), ssh, databases, gRPC.
NOT_OF_A_FILE = re.compile(
    r"^(?!.*(?:unix|\.sock)).*(?<![/.\w-])(?:bind|listen)\b(?![/.]| mount)|BindException"
    r"|denied \((?:publickey|password|keyboard)"
    r"|denied (?:for|to) \w|PermissionDenied\b.*\bdesc =|PERMISSION_DENIED|denied on resource",
    re.IGNORECASE,
)

# A program's own end: exception, panic, assertion.
CRASH = [
    re.compile(p)
    for p in (
        # Go, Rust
        r"^panic: |panic: |fatal error: |thread '[^']*' (?:\(\d+\) )?panicked at",
        # Python's last line of a traceback, Java, .NET, Node, Ruby, PHP, Elixir
        r"^(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt)(?:: |$)",
        (
            r"Exception in thread|Caused by: |Unhandled [Ee]xception|Uncaught |UnhandledPromiseRejection|^\*\* \("
            r"\w+|PHP Fatal error"
        ),
        r"\((?:\w+::)*\w*Error\)(?:$|:)",
        # C, C++
        r"[Aa]ssertion .{0,200}failed|terminate called|[Ss]egmentation fault|core dumped|SIGSEGV|SIGABRT|[Aa]borted",
        r"Traceback \(most recent call last\)",
    )
]
CRASH_WEAK = [
    re.compile(r"\b(?:fatal|FATAL|panic|PANIC|CRITICAL|critical|ERROR|[Ee]rror|exception|failed|FAILED|denied)\b")
]

DNS = [
    re.compile(p)
    for p in (
        # Go: lookup db on 10.96.0.10:53: no such host
        r"lookup (?P<host>[\w.-]+)(?: on [^:]+:\d+)?: (?:no such host|server misbehaving|i/o timeout)",
        # Node
        r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<host>[\w.-]+)",
        # nslookup, dig
        r"can't find (?P<host>[\w.-]+): (?:NXDOMAIN|SERVFAIL|No answer)",
        # Java, psql, curl, busybox wget, nginx, ping, .NET
        r"UnknownHostException: (?P<host>[\w.-]+)",
        r"could not translate host name \"(?P<host>[\w.-]+)\"",
        r"[Cc]ould not resolve host:? (?P<host>[\w.-]+)",
        r"bad address '(?P<host>[\w.-]+?)(?::\d+)?'",
        r"host not found in upstream \"(?P<host>[\w.-]+)",
        r"[Uu]nknown host[: ]+'?(?P<host>[\w.-]+)",
        # Python, glibc; the name may stand elsewhere in the line
        (
            r"(?:host='(?P<host>[\w.-]+)'.*)?(?:Temporary failure in name resolution|Name or service not known|"
            r"nodename nor servname|Name does not resolve|NXDOMAIN|No address associated with hostname)"
        ),
        r"no such host",
    )
]

_PEER = (
    r"(?P<peer>[\w-][\w.-]*(?<!\.go)(?<!\.py)(?<!\.js)(?<!\.ts)(?<!\.rb)(?<!\.rs)(?<!\.java):\d{2,5}|\["
    r"[0-9a-fA-F:]+\]:\d+)"
)
DEPENDENCY = [
    re.compile(p, re.IGNORECASE)
    for p in (
        # Go: dial tcp 10.1.2.3:5432: connect: connection refused; Node: connect ECONNREFUSED 10.1.2.3:5432
        (
            rf"dial (?:tcp|udp) {_PEER}: .{{0,40}}(?:connection refused|no route to host|i/o timeout|connection "
            rf"reset|network is unreachable)"
        ),
        rf"(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET) {_PEER}",
        # busybox wget, nc, curl, psql, Java, redis-py
        (
            r"can't connect to remote host \((?P<peer>[\w.:-]+)\): (?:connection refused|connection timed out|no "
            r"route to host)"
        ),
        r"failed to connect to (?P<peer>[\w.-]+ port \d+)",
        r"connection to server at \"(?P<peer>[\w.-]+)\"[^:]*, port \d+ failed",
        (
            rf"(?:connect(?:ion|ing)?|connecting) (?:to|with) {_PEER}.{{0,80}}(?:refused|timed out|i/o timeout|"
            rf"unreachable|failed)"
        ),
        rf"{_PEER}.{{0,60}}(?:connection refused|timed out|i/o timeout|no route to host)",
        (
            r"(?:connection refused|ConnectionRefusedError|no route to host|host is unreachable|network is "
            r"unreachable)(?P<peer>)"
        ),
        r"(?P<peer>https?://[^\s\"']+).{0,60}\b(?:50[234])\b",
        r"\b50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)(?P<peer>)",
    )
]

RBAC = re.compile(
    r"User \\?\"system:serviceaccount:(?P<namespace>[\w.-]+):(?P<account>[\w.-]+)\\?\" cannot (?P<verb>\w+) resource "
    r"\\?\"(?P<resource>[\w./-]+)\\?\"(?: in API group \\?\"(?P<group>[\w.-]*)\\?\")?"
)
# Of inotify's watches the same is said (ENOSPC); they are a limit of the kernel, not of a disk.
NO_SPACE = [
    re.compile(
        r"^(?!.*(?:inotify|file watchers|, watch '|failed to watch)).*"
        r"(?:no space left|ENOSPC|disk quota exceeded|disk is full)",
        re.IGNORECASE,
    )
]
PORT_TAKEN = [
    re.compile(p, re.IGNORECASE)
    for p in (
        r"listen (?:tcp|udp)\d? \S*?:(?P<port>\d+): bind: address already in use",
        r"EADDRINUSE[^\d]*(?:[\w.:\[\]*]*:)?(?P<port>\d{2,5})",
        r":(?P<port>\d{2,5})\D{0,40}address (?:already )?in use",
        r"port:? (?P<port>\d{2,5})\D{0,40}(?:already )?in use",
        r"address (?:already )?in use(?:\D{0,40}:(?P<port>\d{2,5}))?",
    )
]
# A colon after these is a place in a source file, or a time of day, not a port.
_NOT_CODE = "".join(
    rf"(?<!\.{end})" for end in ("go", "py", "js", "ts", "rb", "rs", "cs", "kt", "ex", "java", "php", "cpp", "c")
)
# A program tells where it serves.
LISTENING = re.compile(
    r"\b(?:listen\w*|serving|server|bound|started|running|available|ready|starting \w+ server)\b[^\n]{0,60}?"
    rf"(?:\bport(?:\(s\))?\\?\"?(?: ?[:=]? ?\"?)|{_NOT_CODE}(?<!:\d\d):)(?P<port>\d{{2,5}})(?![\d:])",
    re.IGNORECASE,
)
STILL_STARTING = re.compile(
    r"\b(?:starting|initiali[sz]ing|loading|warming|migrating|booting|waiting for)\b", re.IGNORECASE
)
# A runtime says how much more it wanted than it got: figure and unit.
WANTED_MEMORY = re.compile(
    (
        r"(?:unable to allocate|failed to allocate|cannot allocate|could not allocate|tried to allocate|"
        r"allocation of|mmap failed for|requested)\D{0,30}?(?P<figure>\d+(?:\.\d+)?) ?(?P<unit>bytes|"
        r"[KMG]i?B)\b"
    ),
    re.IGNORECASE,
)
