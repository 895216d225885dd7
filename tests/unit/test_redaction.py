# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes and what stays. Every secret below is made up, and put together so that no scanner minds."""

from __future__ import annotations

import time

import pytest

from ansible_collections.aiops.kubernetes.plugins.module_utils.redaction import (
    REDACTED,
    is_secret_name,
    redact,
    redact_value,
    redact_words,
)

DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9." + "eyJpc3MiOiJrdWJlcm5ldGVzIn0." + "c2lnbmF0dXJlLXNpZ25hdHVyZQ"
RANDOM = "Zx81kQpL0vNs7RtYw3Bc9Df2"
PEM_BODY = "MIIEpAIBAAKCAQEA7bq1L2Zk8f0Q5yYt3xWm1nV9sK4dR6hJ2pB8cG5uT7eX0zFq"

# (text, the secret in it); the secret must be gone, and the rest must stand as it stood.
SECRETS = [
    ("DB_PASSWORD=hunter2 starting", "hunter2"),
    ("DB_PASSWORD_PROD=hunter2", "hunter2"),
    ("password: hunter2", "hunter2"),
    ("password = 'hunter two' then", "hunter two"),
    ('{"password":"hun\\"ter2","user":"bob"}', 'hun\\"ter2'),
    ('{"apiKey": "' + RANDOM + '"}', RANDOM),
    ('{\\"clientSecret\\":\\"' + RANDOM + '\\"}', RANDOM),
    ("API key: " + RANDOM, RANDOM),
    ("spring.datasource.password=hunter2", "hunter2"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("redis-server --requirepass hunter2 --port 6379", "hunter2"),
    ("tool --api-key " + RANDOM + " --verbose", RANDOM),
    ("tool --token=" + RANDOM, RANDOM),
    ('msg="login with password=hunter2 failed"', "hunter2"),
    ("password=a,b;c next", "a,b;c"),
    ("user=bob,password=hunter2,host=db", "hunter2"),
    ('unclosed "password": "hunter2', "hunter2"),
    ('env: {"name":"DB_PASSWORD","value":"hunter2"}', "hunter2"),
    ("- name: DB_PASSWORD\n  value: hunter2\n- name: PORT", "hunter2"),
    ("jwt " + JWT + " end", JWT),
    ("escaped\\n" + JWT, JWT),
    ("Authorization: Bearer " + RANDOM, RANDOM),
    ("curl -H 'Authorization: Basic Ym9iOmh1bnRlcjI=' https://x", "Ym9iOmh1bnRlcjI="),
    ("Authorization: Digest username=bob, response=6629fae4", "Digest username=bob, response=6629fae4"),
    ("sent bearer " + RANDOM + " to it", RANDOM),
    ("Cookie: session=abc; csrf=def", "session=abc; csrf=def"),
    ("X-Auth-Token: " + RANDOM, RANDOM),
    ("postgres://app:hunter2@db.shop:5432/orders?sslmode=disable", "hunter2"),
    ("amqp://guest:p@ss/w@rabbit:5672", "p@ss/w"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("app:hunter2@tcp(mysql:3306)/shop", "hunter2"),
    ("Server=db;User Id=app;Password=hunter2;Encrypt=true", "hunter2"),
    ("DefaultEndpointsProtocol=https;AccountKey=" + RANDOM + "==;EndpointSuffix=x", RANDOM + "=="),
    ("https://acc.blob.core.windows.net/c?sv=2022&sig=ab%2Bcd%3D&se=2026", "ab%2Bcd%3D"),
    ("https://" + "ghp_" + "a1B2" * 9 + "@github.com/x/y", "ghp_" + "a1B2" * 9),
    ("key AKIA" + "IOSFODNN7EXAMPLE used", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"),
    ("ya29." + "a0AfH6SMBx1234567890abc", "ya29." + "a0AfH6SMBx1234567890abc"),
    ("abc8Q~" + "a1B2c3D4" * 4, "abc8Q~" + "a1B2c3D4" * 4),
    ("github_pat_" + "11ABCDEFG0" * 3, "github_pat_" + "11ABCDEFG0" * 3),
    ("glpat-" + "a1B2c3D4e5F6g7H8i9J0", "glpat-" + "a1B2c3D4e5F6g7H8i9J0"),
    ("xoxb-" + "123456789012-abcdefABCDEF", "xoxb-" + "123456789012-abcdefABCDEF"),
    ("https://hooks.slack.com/services/" + "T000/B000/XXXX", "T000/B000/XXXX"),
    ("sk_live_" + "a1B2c3D4e5F6", "sk_live_" + "a1B2c3D4e5F6"),
    ("sk-" + "proj-a1B2c3D4e5F6g7H8i9J0", "sk-" + "proj-a1B2c3D4e5F6g7H8i9J0"),
    ("hvs." + "CAESIJ1234567890abcdefgh", "hvs." + "CAESIJ1234567890abcdefgh"),
    ('{"auths":{"r.io":{"password":"hunter2"}}}', "hunter2"),
    (".dockerconfigjson: eyJhdXRocyI6e30", "eyJhdXRocyI6e30"),
]

# What a person needs to read a diagnosis.
STAYS = [
    "registry.example.com/shop/checkout@" + DIGEST,
    "uid 3b1f0a52-7c1e-4f0e-9d1a-0f6f3f9f7e11 resourceVersion 123456",
    "pod/checkout-7d9f8c6b5d-xk2lp container app: CrashLoopBackOff",
    "pod/token-service-7d9f8c6b5d-xk2lp: CrashLoopBackOff",
    "pod-template-hash=7d9f8c6b5d",
    'Error: secret "checkout-db" not found',
    "couldn't find key DB_PASSWORD in Secret shop/checkout-db",
    "references non-existent secret key: username",
    "environment variable DATABASE_PASSWORD is not set",
    "KeyError: 'API_TOKEN'",
    "panic: missing API key: set API_KEY",
    "password: incorrect",
    "token: expired",
    "invalid token: signature check failed",
    "secretName: checkout-db",
    '{"secretKeyRef": {"name": "checkout-db", "key": "password"}}',
    "imagePullSecrets: regcred",
    "automountServiceAccountToken: true",
    "tokenExpirationSeconds: 3600",
    "max_tokens=4096",
    "PASSWORD_FILE=/run/secrets/db",
    "TOKEN_URL=https://idp.example.com/token",
    "Basic authentication failed",
    "Bearer authentication required",
    "authorization: denied by policy",
    "http://checkout.shop.svc:8080/path?to=a@b",
    "dial tcp 10.96.0.10:53: i/o timeout",
    "git sha 3f786850e387550fdab836ed7e6dc881de23001b",
    'MountVolume.SetUp failed for volume "kube-api-access-x2x9z"',
    "DB_PASSWORD=$(FROM_ELSEWHERE)",
    "password=",
    'password: ""',
    "task-with-a-very-long-hyphenated-name-here",
    "disk-pressure sk-lowercase-only-words-here",
    "-----BEGIN CERTIFICATE-----",
    "key: value, monkey: banana",
    "2026-11-20T13:37:00.250Z E1 event Back-off restarting failed container app",
    "limit 128Mi, used 127.6Mi (99%)",
    DIGEST.removeprefix("sha256:"),
    "author: bob@example.com",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _secret in SECRETS])
def test_a_secret_goes_and_the_rest_stays(text: str, secret: str) -> None:
    assert secret in text
    assert redact(text) == text.replace(secret, REDACTED)


@pytest.mark.parametrize("text", [text for text, _secret in SECRETS] + STAYS, ids=lambda text: text[:40])
def test_a_second_time_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("text", STAYS, ids=lambda text: text[:40])
def test_what_a_diagnosis_needs_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\\n{PEM_BODY}\\n-----END PRIVATE KEY-----\\n",
        f"-----BEGIN EC PRIVATE KEY-----\n{PEM_BODY}\n{PEM_BODY[:30]}",
        f"2026-11-20T13:37:00Z -----BEGIN OPENSSH PRIVATE KEY-----\n2026-11-20T13:37:00Z {PEM_BODY}\n"
        "2026-11-20T13:37:00Z -----END OPENSSH PRIVATE KEY-----",
        f"2026-11-20T13:37:00Z {PEM_BODY}\n2026-11-20T13:37:00Z {PEM_BODY}",
    ],
    ids=["whole", "escaped", "end cut off", "with log times", "beginning cut off"],
)
def test_private_keys_go_whole_or_cut(text: str) -> None:
    redacted = redact(f"before it\n{text}\nafter it")
    assert PEM_BODY[:20] not in redacted
    assert "before it" in redacted
    assert "after it" in redacted


def test_emails_go_on_request_only() -> None:
    assert redact("mail bob.smith+x@example.co.uk now") == "mail bob.smith+x@example.co.uk now"
    assert redact("mail bob.smith+x@example.co.uk now", emails=True) == f"mail {REDACTED} now"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_PASSWORD", "hunter2", REDACTED),
        ("DB_PASSWORD", "", ""),
        ("API_KEY_2", "abc", REDACTED),
        ("sessionKey", "abc", REDACTED),
        ("DATABASE_URL", "postgres://app:hunter2@db/x", f"postgres://app:{REDACTED}@db/x"),
        ("TOKEN_TTL", "3600", "3600"),
        ("SECRET_NAME", "checkout-db", "checkout-db"),
        ("KEYBOARD", "qwerty", "qwerty"),
        ("USE_TOKEN", "true", "true"),
        ("DB_PASSWORD", "$(OTHER)", "$(OTHER)"),
    ],
)
def test_values_of_variables(name: str, value: str, expected: str) -> None:
    assert redact_value(name, value) == expected


def test_names() -> None:
    assert is_secret_name("AWS_SECRET_ACCESS_KEY")
    assert not is_secret_name("MEMORY_LIMIT")


def test_a_command_line_word_by_word() -> None:
    words = ["ansible-playbook", "x.yml", "-e", "api_key=abc", "--token", "hunter2", "-e", '{"password": "x y"}']
    assert redact_words(words) == [
        "ansible-playbook",
        "x.yml",
        "-e",
        f"api_key={REDACTED}",
        "--token",
        REDACTED,
        "-e",
        '{"password": "' + REDACTED + '"}',
    ]


HOSTILE = [
    "a",
    "a ",
    "password",
    "password=",
    "password=,",
    'password="',
    'password="\\',
    "eyJ",
    "eyJa.",
    "://",
    "a://b:",
    "a://b:c@",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN ",
    "Authorization: ",
    "Authorization:",
    "-",
    "--token ",
    "name: x\n",
    "x@",
    "a.",
    "A" * 60 + "\n",
    "sk-",
    "bearer ",
    "\\",
    "'",
    " ",
    "\n",
    "é",
    "\x00",
]


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_time_grows_with_the_length_whatever_the_text(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    start = time.process_time()
    redact(text, emails=True)
    assert time.process_time() - start < 2.0
