# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How programs of many languages say what is wrong, and what only sounds like it."""

from __future__ import annotations

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis import phrases
from ansible_collections.aiops.kubernetes.plugins.module_utils.diagnosis.looking import search
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.shapes import LogLine
from ansible_collections.aiops.kubernetes.plugins.module_utils.evidence.text import one_line


def lines(*texts):
    return [LogLine(one_line(text)) for text in texts]


MISSING = [
    ("KeyError: 'DATABASE_URL'", "DATABASE_URL"),
    ("sh: DATABASE_URL: parameter not set", "DATABASE_URL"),
    ("/start.sh: line 3: DATABASE_URL: unbound variable", "DATABASE_URL"),
    ("bash: DB_PASSWORD: parameter null or not set", "DB_PASSWORD"),
    ("sh: DB_URL: set the database url", "DB_URL"),
    ("Error: Missing required env: DATABASE_URL", "DATABASE_URL"),
    ("Error: Missing required environment variable: API_TOKEN", "API_TOKEN"),
    ("Error: Missing required environment variables: API_TOKEN, OTHER", "API_TOKEN"),
    ("environment variable DATABASE_URL is not set", "DATABASE_URL"),
    ("FATAL: environment variable 'DATABASE_URL' must be set", "DATABASE_URL"),
    ("panic: DATABASE_URL must be set", "DATABASE_URL"),
    ("2026/11/20 12:00:00 DATABASE_URL is required", "DATABASE_URL"),
    ('level=fatal msg="DATABASE_URL environment variable not set"', "DATABASE_URL"),
    ('{"level":"fatal","msg":"missing env var DATABASE_URL"}', "DATABASE_URL"),
    ("required key DATABASE_URL missing value", "DATABASE_URL"),
    ('env: required environment variable "DATABASE_URL" is not set', "DATABASE_URL"),
    ("Caused by: IllegalArgumentException: Could not resolve placeholder 'DATABASE_URL' in value", "DATABASE_URL"),
    ("thread 'main' panicked at src/main.rs:5:40: DATABASE_URL must be set: NotPresent", "DATABASE_URL"),
    ("Error: environment variable not found: DATABASE_URL", "DATABASE_URL"),
    ('in `fetch\': key not found: "SECRET_KEY_BASE" (KeyError)', "SECRET_KEY_BASE"),
    ("** (RuntimeError) environment variable DATABASE_URL is missing.", "DATABASE_URL"),
    ('could not fetch environment variable "DATABASE_URL" because it is not set', "DATABASE_URL"),
    ('PHP Warning:  Undefined array key "DATABASE_URL" in /app/index.php', "DATABASE_URL"),
    ("decouple.UndefinedValueError: SECRET_KEY not found. Declare it as envvar or define a default.", "SECRET_KEY"),
    ("django.core.exceptions.ImproperlyConfigured: Set the DATABASE_URL environment variable", "DATABASE_URL"),
    ("ImproperlyConfigured: The SECRET_KEY setting must not be empty.", "SECRET_KEY"),
    ("ArgumentNullException: Value cannot be null. (Parameter 'DATABASE_URL')", "DATABASE_URL"),
    ("You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.", "POSTGRES_PASSWORD"),
    ("Invalid environment variables: { DATABASE_URL: [ 'Required' ] }", "DATABASE_URL"),
    ("ERROR: JWT_SECRET env var missing", "JWT_SECRET"),
    ("RuntimeError: DATABASE_URL not set", "DATABASE_URL"),
    ("error: Environment variable not found: DATABASE_URL. --> schema.prisma:7", "DATABASE_URL"),
    ("$DATABASE_URL is not set, exiting", "DATABASE_URL"),
    ("${DATABASE_URL} is empty", "DATABASE_URL"),
    ("No value for required property DATABASE_URL", "DATABASE_URL"),
    ("Error: process.env.DATABASE_URL is not set", "DATABASE_URL"),
    ("missing from the .env file: DATABASE_URL is required", "DATABASE_URL"),
    ("environment variable TABLE is not set", "TABLE"),
    ("starting\nWARN DATABASE_URL is not set", "DATABASE_URL"),
    ('PHP Warning:  Undefined array key "DATABASE_URL" in /app/index.php\ngoing down', "DATABASE_URL"),
    ('File "/app/m.py", line 3\nFile "<frozen os>", line 714, in __getitem__\nKeyError: \'TABLE\'', "TABLE"),
    (
        "const host = process.env.DATABASE_URL.split(':')[0]\n^\n"
        "TypeError: Cannot read properties of undefined (reading 'split')",
        "DATABASE_URL",
    ),
]
NOT_MISSING = [
    "called `Result::unwrap()` on an `Err` value: NotPresent",
    "java.lang.NullPointerException: DATABASE_URL",
    "TypeError: Cannot read properties of undefined (reading 'split')",
    "NameError: name 'DATABASE_URL' is not defined",
    "error: file CONFIG_FILE not found",
    "HTTP_500 is missing a handler",
    "ERROR_CODE is not set to zero",
    "KeyError: 'user_id'",
    "GET /x 404 not found",
    "variable x is not defined",
    "field total is required",
    # The program goes on without, or does so at least long enough to say more.
    "INFO LOG_LEVEL is not set, using default info",
    "WARN SENTRY_DSN is not set, error reporting disabled\npanic: runtime error: invalid memory address",
    "WARN SENTRY_DSN is not set\npanic: runtime error: invalid memory address",
    # Keys and columns of data.
    'File "/app/etl.py", line 12, in <module>\nd = frame["DATE"]\nKeyError: \'DATE\'',
    "java.sql.SQLIntegrityConstraintViolationException: Column 'USER_ID' cannot be null",
    'JdbcSQLSyntaxErrorException: Table "ORDER_ITEMS" not found; SQL statement:',
    # The line of source that Node prints.
    "if (process.env.NODE_ENV === 'production') throw new Error('boom');\n^\nError: boom",
]


@pytest.mark.parametrize(("text", "variable"), MISSING)
def test_a_missing_variable_is_named(text, variable):
    found = phrases.missing_variable(lines(*text.split("\n")))
    assert found and found[1] == variable and 0.8 <= found[2] <= 1


@pytest.mark.parametrize("text", NOT_MISSING)
def test_what_only_sounds_like_a_missing_variable(text):
    assert phrases.missing_variable(lines(*text.split("\n"))) is None


def test_names_and_complaints_on_two_lines():
    told = lines("You need to specify one of the following as an environment variable:", "- MYSQL_ROOT_PASSWORD")
    assert phrases.missing_variable(told)[1] == "MYSQL_ROOT_PASSWORD"
    told = lines("1 validation error for Settings", "database_url", "Field required [type=missing, input_value={}]")
    assert phrases.missing_variable(told)[1] == "DATABASE_URL"


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Listening on :8080", 8080),
        ("server started on port 3000", 3000),
        ("Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)", 8000),
        ('{"level":"info","msg":"Starting HTTP Server.","addr":":9898"}', 9898),
        ("Tomcat started on port(s): 8080 (http)", 8080),
        ("* Running on http://127.0.0.1:5000", 5000),
        ('{"caller":"http/server.go:224","msg":"crashed"}', None),
        ("server started at 12:30:45", None),
        ("connecting to db:5432", None),
    ],
)
def test_where_a_program_listens(text, port):
    match = phrases.LISTENING.search(text)
    assert (int(match["port"]) if match else None) == port


@pytest.mark.parametrize(
    ("text", "peer"),
    [
        ("dial tcp 10.1.2.3:5432: connect: connection refused", "10.1.2.3:5432"),
        ("Error: connect ECONNREFUSED 10.1.2.3:6379", "10.1.2.3:6379"),
        ("wget: can't connect to remote host (10.1.2.3): Connection refused", "10.1.2.3"),
        ("Connection to db.shop:5432 refused. Check that the hostname and port are correct", "db.shop:5432"),
        ('connection to server at "db" (10.1.2.3), port 5432 failed: Connection refused', "db"),
        ("curl: (7) Failed to connect to payments port 80 after 2 ms", "payments port 80"),
        ('{"caller":"signals/shutdown.go:49","msg":"Shutting down","timeout":5}', None),
    ],
)
def test_what_a_program_cannot_reach(text, peer):
    found = search(lines(text), phrases.DEPENDENCY)
    assert (found[1]["peer"] if found else None) == peer


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("dial tcp: lookup db on 10.96.0.10:53: no such host", "db"),
        ("Error: getaddrinfo ENOTFOUND db.shop", "db.shop"),
        ("java.net.UnknownHostException: db", "db"),
        ('could not translate host name "db" to address', "db"),
        ("wget: bad address 'db:80'", "db"),
        ("curl: (6) Could not resolve host: db", "db"),
        ("** server can't find db.shop: NXDOMAIN", "db.shop"),
        ("connection refused", None),
    ],
)
def test_names_that_do_not_resolve(text, host):
    found = search(lines(text), phrases.DNS)
    assert (found[1].groupdict().get("host") if found else None) == host


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("thread 'main' panicked at src/main.rs:2:5:", phrases.CRASH),
        ("panic: runtime error: index out of range [7]", phrases.CRASH),
        ('Exception in thread "main" java.lang.IllegalStateException', phrases.CRASH),
        ("Uncaught TypeError: x is not a function", phrases.CRASH),
        ("app.rb:3:in `total': bad total (RuntimeError)", phrases.CRASH),
        ("PHP Fatal error:  Uncaught Error", phrases.CRASH),
        ("Unhandled exception. System.Exception: no", phrases.CRASH),
        ("PermissionError: [Errno 13] Permission denied: '/data/x'", phrases.FILE_DENIED),
        ("Error: EACCES: permission denied, open '/data/x'", phrases.FILE_DENIED),
        ("open /data/x: permission denied", phrases.FILE_DENIED),
        ("mkdir: can't create directory '/data/x': Permission denied", phrases.FILE_DENIED),
        ("unknown flag: --prot", phrases.CONFIG_INVALID),
        ('nginx: [emerg] unknown directive "servr" in /etc/nginx/nginx.conf:3', phrases.CONFIG_INVALID),
        ("yaml: line 3: mapping values are not allowed in this context", phrases.CONFIG_INVALID),
        ("error: unrecognized arguments: --workerz", phrases.CONFIG_INVALID),
        ("Error: listen EADDRINUSE: address already in use :::3000", phrases.PORT_TAKEN),
        ("listen tcp :8080: bind: address already in use", phrases.PORT_TAKEN),
        ("Error: java.net.BindException: Address already in use", phrases.PORT_TAKEN),
        ("OSError: [Errno 28] No space left on device", phrases.NO_SPACE),
        ("Error: ENOSPC: no space left on device, write", phrases.NO_SPACE),
    ],
)
def test_other_failures_in_many_languages(text, patterns):
    assert search(lines(text), patterns)


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("Caused by: java.net.BindException: Permission denied", phrases.PORT_TAKEN),
        ("java.net.BindException: Cannot assign requested address", phrases.PORT_TAKEN),
        ("Error: ENOSPC: System limit for number of file watchers reached, watch '/app/src'", phrases.NO_SPACE),
        ("inotify_add_watch(/app): No space left on device", phrases.NO_SPACE),
    ],
)
def test_what_only_sounds_like_another_failure(text, patterns):
    assert search(lines(text), patterns) is None


def test_no_pattern_takes_long_over_a_long_line():
    import time

    hostile = ["a" * 400, "A_" * 200, "1:" * 200, "error " * 66, "/" * 400, '"' * 400, " " * 400, "port " * 80]
    start = time.perf_counter()
    for text in hostile:
        told = [LogLine(text)]
        phrases.missing_variable(told)
        for patterns in (phrases.CONFIG_INVALID, phrases.FILE_DENIED, phrases.CRASH, phrases.DNS, phrases.DEPENDENCY):
            search(told, patterns)
        search(told, phrases.NO_SPACE)
        phrases.NOT_OF_A_FILE.search(text)
        phrases.LISTENING.search(text)
    assert time.perf_counter() - start < 1.0
