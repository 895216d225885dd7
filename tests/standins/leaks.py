# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""200 and more kinds of secrets as programs leak them, made up from a fixed seed, and what looks like one and is none.

Formats of tokens are those that the services document (and secret scanners such as gitleaks know).
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
URLSAFE = ALNUM + "_-"

# kind: (what stands before it, alphabet, length, what stands after it)
TOKENS = {
    "aws access key": ("AKIA", UPPER, 16, ""),
    "aws temporary key": ("ASIA", UPPER, 16, ""),
    "google api key": ("AIza", URLSAFE, 35, ""),
    "google oauth token": ("ya29.", URLSAFE, 60, ""),
    "google client secret": ("GOCSPX-", URLSAFE, 28, ""),
    "google refresh token": ("1//0", URLSAFE, 60, ""),
    "azure client secret": ("Ab18Q~", ALNUM, 34, ""),
    "github token": ("ghp_", ALNUM, 36, ""),
    "github oauth": ("gho_", ALNUM, 36, ""),
    "github user": ("ghu_", ALNUM, 36, ""),
    "github server": ("ghs_", ALNUM, 36, ""),
    "github refresh": ("ghr_", ALNUM, 76, ""),
    "github fine-grained": ("github_pat_", ALNUM, 82, ""),
    "gitlab personal": ("glpat-", URLSAFE, 20, ""),
    "gitlab trigger": ("glptt-", HEX, 40, ""),
    "gitlab deploy": ("gldt-", URLSAFE, 20, ""),
    "gitlab runner": ("glrt-", URLSAFE, 20, ""),
    "gitlab job": ("glcbt-", ALNUM, 24, ""),
    "gitlab scim": ("glsoat-", URLSAFE, 20, ""),
    "gitlab feed": ("glft-", URLSAFE, 20, ""),
    "gitlab mail": ("glimt-", URLSAFE, 25, ""),
    "gitlab agent": ("glagent-", URLSAFE, 50, ""),
    "gitlab old runner": ("GR1348941", URLSAFE, 20, ""),
    "slack bot": ("xoxb-", string.digits, 12, "-1234567890123-AbCdEfGhIjKl"),
    "slack user": ("xoxp-", string.digits, 12, "-1234567890123-AbCdEfGhIjKl"),
    "slack app": ("xapp-1-A0", UPPER, 9, "-1234567890123-abcdef0123456789"),
    "slack refresh": ("xoxe-1-", ALNUM, 60, ""),
    "stripe live": ("sk_live_", ALNUM, 24, ""),
    "stripe restricted": ("rk_live_", ALNUM, 24, ""),
    "stripe webhook": ("whsec_", ALNUM, 32, ""),
    "square access": ("sq0atp-", URLSAFE, 22, ""),
    "square secret": ("sq0csp-", URLSAFE, 43, ""),
    "shopify access": ("shpat_", HEX, 32, ""),
    "shopify shared": ("shpss_", HEX, 32, ""),
    "shopify custom": ("shpca_", HEX, 32, ""),
    "shopify private": ("shppa_", HEX, 32, ""),
    "sendgrid": ("SG.", URLSAFE, 22, ".AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEf"),
    "sendinblue": ("xkeysib-", HEX, 64, "-AbCdEf0123456789"),
    "mailgun": ("key-", HEX, 32, ""),
    "npm": ("npm_", ALNUM, 36, ""),
    "pypi": ("pypi-AgEI", URLSAFE, 60, ""),
    "rubygems": ("rubygems_", HEX, 48, ""),
    "crates": ("cio", ALNUM, 32, ""),
    "docker pat": ("dckr_pat_", URLSAFE, 27, ""),
    "docker oat": ("dckr_oat_", URLSAFE, 32, ""),
    "vault service": ("hvs.", URLSAFE, 90, ""),
    "vault batch": ("hvb.", URLSAFE, 138, ""),
    "vault recovery": ("hvr.", URLSAFE, 40, ""),
    "terraform cloud": ("AbCdEfGhIjKlMn.atlasv1.", URLSAFE, 64, ""),
    "doppler": ("dp.pt.", ALNUM, 43, ""),
    "databricks": ("dapi", HEX, 32, ""),
    "digitalocean personal": ("dop_v1_", HEX, 64, ""),
    "digitalocean oauth": ("doo_v1_", HEX, 64, ""),
    "digitalocean refresh": ("dor_v1_", HEX, 64, ""),
    "linear": ("lin_api_", ALNUM, 40, ""),
    "notion": ("ntn_", ALNUM, 46, ""),
    "figma": ("figd_", URLSAFE, 40, ""),
    "atlassian": ("ATATT3x", URLSAFE, 184, ""),
    "bitbucket app": ("ATBB", ALNUM, 32, ""),
    "new relic user": ("NRAK-", UPPER, 27, ""),
    "new relic insert": ("NRII-", URLSAFE, 32, ""),
    "grafana service account": ("glsa_", ALNUM, 32, "_0a1b2c3d"),
    "grafana cloud": ("glc_", ALNUM, 60, ""),
    "sentry org": ("sntrys_", ALNUM, 60, ""),
    "sentry user": ("sntryu_", HEX, 64, ""),
    "openai project": ("sk-proj-", URLSAFE, 48, "A1"),
    "openai old": ("sk-", ALNUM, 48, "A1"),
    "anthropic": ("sk-ant-api03-", URLSAFE, 80, "A1"),
    "hugging face": ("hf_", ALNUM, 34, ""),
    "replicate": ("r8_", ALNUM, 37, ""),
    "groq": ("gsk_", ALNUM, 52, ""),
    "xai": ("xai-", ALNUM, 80, ""),
    "perplexity": ("pplx-", ALNUM, 48, ""),
    "pinecone": ("pcsk_", URLSAFE, 60, ""),
    "langsmith": ("lsv2_pt_", HEX, 32, "_0123456789"),
    "postman": ("PMAK-", HEX, 24, "-0123456789abcdef0123456789abcdef01"),
    "pulumi": ("pul-", HEX, 40, ""),
    "planetscale token": ("pscale_tkn_", URLSAFE, 43, ""),
    "planetscale password": ("pscale_pw_", URLSAFE, 43, ""),
    "supabase": ("sbp_", HEX, 40, ""),
    "fly": ("fm2_", ALNUM, 100, ""),
    "netlify": ("nfp_", ALNUM, 36, ""),
    "age": ("AGE-SECRET-KEY-1", UPPER, 58, ""),
    "1password": ("ops_", ALNUM, 250, ""),
    "tailscale": ("tskey-auth-", ALNUM, 17, "-AbCdEf0123456789AbCdEf012345678"),
    "sonarqube": ("sqp_", HEX, 40, ""),
    "sonar user": ("squ_", HEX, 40, ""),
    "artifactory": ("AKCp", ALNUM, 69, ""),
    "dynatrace": ("dt0c01.", UPPER, 24, "." + "A1B2C3D4" * 8),
    "clojars": ("CLOJARS_", LOWER, 60, ""),
    "easypost": ("EZAK", ALNUM, 54, ""),
    "flutterwave": ("FLWSECK-", HEX, 32, "-X"),
    "frameio": ("fio-u-", URLSAFE, 64, ""),
    "plaid": ("access-production-", HEX, 8, "-0123-4567-89ab-cdef01234567"),
    "prefect": ("pnu_", ALNUM, 36, ""),
    "readme": ("rdme_", LOWER, 70, ""),
    "scalingo": ("tk-us-", URLSAFE, 48, ""),
    "shippo": ("shippo_live_", HEX, 40, ""),
    "typeform": ("tfp_", URLSAFE, 59, ""),
    "duffel": ("duffel_live_", URLSAFE, 43, ""),
    "alibaba": ("LTAI5t", ALNUM, 18, ""),
    "contentful": ("CFPAT-", URLSAFE, 43, ""),
    "buildkite": ("bkua_", HEX, 40, ""),
    "circleci": ("CCIPAT_", ALNUM, 22, "_" + "0a1b2c3d" * 5),
    "sourcegraph": ("sgp_", HEX, 40, ""),
    "hubspot": ("pat-na1-", HEX, 8, "-0123-4567-89ab-cdef01234567"),
    "facebook": ("EAACEdEose0cBA", ALNUM, 60, ""),
    "firebase": ("AAAAAbCdEfG:APA91b", URLSAFE, 134, ""),
    "mapbox": ("sk.eyJ1Ijoi", ALNUM, 50, ".AbCdEfGhIjKlMnOpQrStUv"),
    "twilio": ("SK", HEX, 32, ""),
    "mailchimp": ("", HEX, 32, "-us12"),
    "telegram": ("123456789:AA", URLSAFE, 33, ""),
    "discord": ("MTA", ALNUM, 21, ".AbCdEf.AbCdEfGhIjKlMnOpQrStUvWxYz0"),
    "paypal": ("access_token$production$", LOWER, 16, "$0123456789abcdef0123456789abcdef"),
    "harness": ("pat.", ALNUM, 22, ".0123456789abcdef01234567.AbCdEfGhIjKlMnOpQrSt"),
    "infracost": ("ico-", ALNUM, 32, ""),
    "vercel blob": ("vercel_blob_rw_", ALNUM, 40, ""),
    "ibm cos": ("ibm_cloud_api_key=", URLSAFE, 44, ""),
    "bcrypt hash": ("$2y$10$", ALNUM, 53, ""),
    "shadow hash": ("$6$AbCdEfGh$", ALNUM, 86, ""),
    "apr1 hash": ("$apr1$AbCdEfGh$", ALNUM, 22, ""),
    "argon2 hash": ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$", ALNUM, 43, ""),
}
# Values whose name alone gives them away. `{}` is the secret.
NAMED = (
    "DB_PASSWORD={}",
    "DB_PASS={}",
    "SMTP_PASS={}",
    "MYSQL_PWD={}",
    "PGPASSWORD={}",
    "MYSQL_ROOT_PASSWORD={}",
    "POSTGRES_PASSWORD={}",
    "MONGO_INITDB_ROOT_PASSWORD={}",
    "REDIS_PASSWORD={}",
    "RABBITMQ_DEFAULT_PASS={}",
    "AWS_SECRET_ACCESS_KEY={}",
    "AWS_SESSION_TOKEN={}",
    "AZURE_CLIENT_SECRET={}",
    "AZURE_STORAGE_KEY={}",
    "GOOGLE_CLIENT_SECRET={}",
    "DD_API_KEY={}",
    "DD_APP_KEY={}",
    "PAGERDUTY_TOKEN={}",
    "CLOUDFLARE_API_TOKEN={}",
    "FASTLY_API_KEY={}",
    "SNYK_TOKEN={}",
    "HEROKU_API_KEY={}",
    "COHERE_API_KEY={}",
    "MISTRAL_API_KEY={}",
    "OKTA_API_TOKEN={}",
    "AUTH0_CLIENT_SECRET={}",
    "JWT_SECRET={}",
    "SESSION_SECRET={}",
    "SECRET_KEY_BASE={}",
    "DJANGO_SECRET_KEY={}",
    "APP_KEY={}",
    "ENCRYPTION_KEY={}",
    "SIGNING_KEY={}",
    "HMAC_SECRET={}",
    "WEBHOOK_SECRET={}",
    "KEYSTORE_PASSWORD={}",
    "TRUSTSTORE_PASSPHRASE={}",
    "LDAP_BIND_PASSWORD={}",
    "VAULT_TOKEN={}",
    "CONSUL_HTTP_TOKEN={}",
    "NOMAD_TOKEN={}",
    "K3S_TOKEN={}",
    "GRAFANA_ADMIN_PASSWORD={}",
    "KEYCLOAK_ADMIN_PASSWORD={}",
    "MINIO_SECRET_KEY={}",
    "ELASTIC_PASSWORD={}",
    "TWILIO_AUTH_TOKEN={}",
    'password: "{}"',
    "passwd: {}",
    "api_key: {}",
    "client_secret: {}",
    "access_token: {}",
    "refresh_token: {}",
    "private_key: {}",
    '"password":"{}"',
    '"apiKey": "{}"',
    '"client_secret": "{}"',
    '"refreshToken":"{}"',
    '{{"name":"API_TOKEN","value":"{}"}}',
    '\\"password\\":\\"{}\\"',
    "spring.datasource.password={}",
    "spring.redis.password={}",
    'sasl.jaas.config=org.apache.kafka.ScramLoginModule required username="app" password="{}";',
    "ssl.keystore.password={}",
    "requirepass {}",
    "masterauth {}",
    "redis-server --requirepass {}",
    "mysql --user=app --password={}",
    "kubeadm join --token {}",
    "tool --api-key {} --verbose",
    "tool --client-secret={}",
    "login with password={} failed",
    'level=error msg="denied" token={}',
    "Server=db;User Id=app;Password={};Encrypt=true",
    "Driver=ODBC;UID=app;PWD={};",
    "host=db user=app password={} dbname=shop",
    "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={}",
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey={};EndpointSuffix=core.windows.net",
    "machine git.example.com login bob password {}",
    "client-key-data: {}",
    '"auth": "{}"',
    "otpauth://totp/x:bob?secret={}&issuer=x",
    "Authorization: Bearer {}",
    "Authorization: Basic {}",
    "Authorization: ApiKey {}",
    "Authorization: token {}",
    "Proxy-Authorization: Basic {}",
    "Cookie: session={}",
    "Set-Cookie: sid={}; HttpOnly",
    "X-Api-Key: {}",
    "X-Auth-Token: {}",
    "X-Vault-Token: {}",
    "PRIVATE-TOKEN: {}",
    "postgres://app:{}@db.shop:5432/orders",
    "mysql://app:{}@db:3306/orders",
    "mongodb+srv://app:{}@cluster0.example.net/shop",
    "redis://:{}@cache:6379/0",
    "rediss://default:{}@cache:6380",
    "amqp://guest:{}@rabbit:5672",
    "amqps://app:{}@rabbit:5671/v",
    "https://bob:{}@git.example.com/x.git",
    "http://proxy:{}@10.0.0.1:3128",
    "ftp://bob:{}@files.example.com",
    "ldap://cn=admin:{}@ldap:389",
    "smtp://app:{}@mail:587",
    "nats://app:{}@nats:4222",
    "app:{}@tcp(mysql:3306)/shop",
    "jdbc:postgresql://db/shop?user=app&password={}",
    "jdbc:sqlserver://db;user=app;password={};",
    "https://x.blob.core.windows.net/c?sv=2022&sig={}&se=2026",
    "https://s3.amazonaws.com/b/k?X-Amz-Signature={}&X-Amz-Date=2026",
    "https://hooks.slack.com/services/{}",
    "https://discord.com/api/webhooks/1234567890/{}",
    "https://api.example.com/v1?api_key={}",
    "https://api.example.com/v1?access_token={}&page=2",
    "cloudinary://123456789012345:{}@shop",
    "wg: PrivateKey = {}",
    "PresharedKey = {}",
)
# What a person needs to read a diagnosis, and what only looks like a secret.
ORDINARY = (
    "registry.example.com/shop/checkout@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uid 3b1f0a52-7c1e-4f0e-9d1a-0f6f3f9f7e11 resourceVersion 123456",
    "pod/checkout-7d9f8c6b5d-xk2lp container app: CrashLoopBackOff",
    "pod/token-service-7d9f8c6b5d-xk2lp on node ip-10-0-12-34.eu-west-1.compute.internal",
    "containerd://4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    "controller-revision-hash=web-6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
    "git sha 3f786850e387550fdab836ed7e6dc881de23001b, build 20261120.3",
    'Error: secret "checkout-db" not found',
    "couldn't find key DB_PASSWORD in Secret shop/checkout-db",
    "environment variable DATABASE_PASSWORD is not set",
    "KeyError: 'API_TOKEN'",
    "ImagePullBackOff: Back-off pulling image registry.example.com/shop/checkout:1.4.2",
    "Readiness probe failed: Get http://10.244.0.12:8080/healthz: context deadline exceeded",
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {dedicated: gpu}",
    "OOMKilled, exit code 137, limit 128Mi, used 127.6Mi (99%)",
    "dial tcp 10.96.0.10:53: i/o timeout",
    "lookup payments.shop.svc.cluster.local on 10.96.0.10:53: no such host",
    "MountVolume.SetUp failed for volume kube-api-access-x2x9z",
    "invalid token: signature check failed",
    "password authentication failed for user app",
    "max_tokens=4096 temperature=0.2",
    "task-with-a-very-long-hyphenated-name-here",
    "tests pass: 12, fail: 3",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "ordinary words stay, and so does the author bob@example.com",
    "at com.example.shop.Checkout.total(Checkout.java:42)",
    "kernel 6.18.0-1-amd64, kubelet v1.34.4, containerd 1.6.20~ds1",
    "pvc-5f3c1f2e-8a4b-4e0b-9b1d-2f6d7c8e9f01 bound to data-postgres-0",
    "sk-lowercase-only-words-here and pul-request number 12",
    "SKIPPED 32 tests; key-value store; pat-terns; ops_manager; ghost_town",
)


@dataclass(frozen=True)
class Leak:
    """One kind: the line that leaks it and the part that is secret."""

    kind: str
    line: str
    secret: str


def leaks() -> list[Leak]:
    """All kinds, the same ones each time."""
    chance = random.Random(200)
    return [*_tokens(chance), *_named(chance), *_keys(chance)]


def _some(chance: random.Random, alphabet: str, length: int) -> str:
    return "".join(chance.choice(alphabet) for _letter in range(length))


def _tokens(chance: random.Random) -> Iterator[Leak]:
    for kind, (before, alphabet, length, after) in TOKENS.items():
        body = _some(chance, alphabet, length - 2) + ("A7" if alphabet == UPPER else "a7")[: min(2, length)]
        if alphabet == string.digits:
            body = _some(chance, alphabet, length)
        token = before + body + after
        secret = token.partition("=")[2] if kind == "ibm cos" else token
        yield Leak(kind, f"request failed, it was sent with {token} by the client", secret)


def _named(chance: random.Random) -> Iterator[Leak]:
    for template in NAMED:
        secret = _some(chance, string.ascii_lowercase, 5) + _some(chance, ALNUM, 14) + "9"
        yield Leak(template.replace("{}", "…"), template.format(secret), secret)


def _keys(chance: random.Random) -> Iterator[Leak]:
    for name in ("RSA PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "DSA PRIVATE", "ENCRYPTED PRIVATE", "PRIVATE"):
        body = "MII" + _some(chance, ALNUM + "+/", 58) + "a7Q"
        yield Leak(f"{name} KEY", f"-----BEGIN {name} KEY-----\n{body}\n-----END {name} KEY-----", body)
    body = "lQOY" + _some(chance, ALNUM + "+/", 58) + "a7"
    pgp = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}\n-----END PGP PRIVATE KEY BLOCK-----"
    yield Leak("PGP", pgp, body)
    for kind, count in (("JWT", 3), ("JWE", 5)):
        parts = [base64.urlsafe_b64encode(b'{"alg":"RS256"}').decode().rstrip("=")]
        parts += [_some(chance, URLSAFE, 40) for _part in range(count - 1)]
        yield Leak(kind, f"presented {'.'.join(parts)} and was refused", ".".join(parts))


def planted_secrets() -> list[str]:
    """What may be seen nowhere."""
    return [leak.secret for leak in leaks()]


def planted_pod(image: str, namespace: str) -> list[dict[str, Any]]:
    """Manifests: a ConfigMap, a pod that has all of it in its environment and log and dies, and events about it."""
    found = leaks()
    text = "the program starts\n" + "\n".join(leak.line for leak in found) + "\n" + "\n".join(ORDINARY) + "\n"
    variables = [{"name": f"LINE_{number}", "value": leak.line} for number, leak in enumerate(found)]
    for leak in found:
        name, equals, _value = leak.line.partition("=")
        if equals and name.isupper() and name.replace("_", "").isalnum():
            variables.append({"name": name, "value": leak.secret})
    container = {
        "name": "app",
        "image": image,
        "command": ["sh", "-c", "cat /leaky/text; exit 3"],
        "env": variables,
        "volumeMounts": [{"name": "leaky", "mountPath": "/leaky"}],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "leaky"},
        "spec": {"containers": [container], "volumes": [{"name": "leaky", "configMap": {"name": "leaky"}}]},
    }
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "leaky"}, "data": {"text": text}}
    return [config, pod, {"apiVersion": "v1", "kind": "List", "items": list(_events(found, namespace))}]


def _events(found: list[Leak], namespace: str) -> Iterator[dict[str, Any]]:
    for number, leak in enumerate(found):
        yield {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"leaky.{number}"},
            "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "leaky", "namespace": namespace},
            "reason": "Leaked",
            "type": "Warning",
            "message": leak.line[:1000],
            "firstTimestamp": "2026-11-20T10:00:00Z",
            "lastTimestamp": "2026-11-20T10:00:00Z",
            "count": 1,
            "source": {"component": "test"},
        }
