# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given parameters, environment and kubeconfig, which credentials reach the server; and what unusable ones say."""

from __future__ import annotations

import base64
import datetime
import json
import shlex
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from loopback import Api, Authority, Reply, Seen, in_turn, serving, status

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.client import Client
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.connection import (
    Connection,
    connection_from_params,
)
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.deadline import Deadline
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import (
    ClusterError,
    NotSent,
    TlsNotTrusted,
    Unauthorized,
    Unreachable,
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


def kubeconfig(
    server: str = "https://127.0.0.1:1", user: Mapping[str, Any] | None = None, **cluster: Any
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "dev",
        "contexts": [{"name": "dev", "context": {"cluster": "dev-cluster", "user": "me"}}],
        "clusters": [{"name": "dev-cluster", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "me", "user": dict(user or {"token": "from-file"})}],
    }


def write(path: Path, content: Any) -> str:
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return str(path)


def seen_headers(connection: Connection, api: Api, requests: int = 1) -> Any:
    client = Client(connection)
    for _again in range(requests):
        client.get_raw("/version")
    return api.seen[-1].headers


# Parameters, then K8S_AUTH_*


@pytest.mark.parametrize(
    ("params", "environ", "word", "value"),
    [
        ({}, {}, "host", ""),
        ({"host": "https://a"}, {"K8S_AUTH_HOST": "https://b"}, "host", "https://a"),
        ({"host": None}, {"K8S_AUTH_HOST": "https://b"}, "host", "https://b"),
        ({}, {"K8S_AUTH_API_KEY": "t"}, "api_key", "t"),
        ({}, {"K8S_AUTH_USERNAME": "u"}, "username", "u"),
        ({}, {"K8S_AUTH_PASSWORD": "p"}, "password", "p"),
        ({}, {"K8S_AUTH_KUBECONFIG": "/k"}, "kubeconfig", "/k"),
        ({"kubeconfig": {"a": 1}}, {"K8S_AUTH_KUBECONFIG": "/k"}, "kubeconfig", {"a": 1}),
        ({}, {"K8S_AUTH_CONTEXT": "c"}, "context", "c"),
        ({}, {"K8S_AUTH_CERT_FILE": "/c"}, "client_cert", "/c"),
        ({}, {"K8S_AUTH_CLIENT_CERT": "/d", "K8S_AUTH_CERT_FILE": "/c"}, "client_cert", "/d"),
        ({}, {"K8S_AUTH_KEY_FILE": "/k"}, "client_key", "/k"),
        ({}, {"K8S_AUTH_SSL_CA_CERT": "/ca"}, "ca_cert", "/ca"),
        ({}, {"K8S_AUTH_CA_CERT": "/ca"}, "ca_cert", "/ca"),
        ({}, {}, "validate_certs", None),
        ({}, {"K8S_AUTH_VERIFY_SSL": "no"}, "validate_certs", False),
        ({}, {"K8S_AUTH_VALIDATE_CERTS": "True"}, "validate_certs", True),
        ({"validate_certs": False}, {"K8S_AUTH_VERIFY_SSL": "yes"}, "validate_certs", False),
        ({}, {"K8S_AUTH_PROXY": "http://p:1"}, "proxy", "http://p:1"),
        ({}, {"K8S_AUTH_NO_PROXY": "a,b"}, "no_proxy", "a,b"),
        ({}, {"K8S_AUTH_PROXY_HEADERS_BASIC_AUTH": "u:p"}, "proxy_headers", {"basic_auth": "u:p"}),
        ({"proxy_headers": {"user_agent": "x", "basic_auth": None}}, {}, "proxy_headers", {"user_agent": "x"}),
        ({}, {"K8S_AUTH_PERSIST_CONFIG": "true"}, "persist_config", True),
        ({}, {"K8S_AUTH_IMPERSONATE_USER": "jane"}, "impersonate_user", "jane"),
        ({}, {"K8S_AUTH_IMPERSONATE_GROUPS": "a, b,"}, "impersonate_groups", ("a", "b")),
        ({"impersonate_groups": ["c"]}, {"K8S_AUTH_IMPERSONATE_GROUPS": "a"}, "impersonate_groups", ("c",)),
        ({}, {"HOME": "/home/me"}, "default_kubeconfig", "/home/me/.kube/config"),
        ({}, {"HOME": "/home/me", "KUBECONFIG": "/x"}, "default_kubeconfig", "/x"),
    ],
)
def test_parameters_come_before_the_environment(
    params: dict[str, Any], environ: dict[str, str], word: str, value: Any
) -> None:
    assert getattr(connection_from_params(params, environ), word) == value


def test_no_secret_shows_in_a_connection() -> None:
    connection = Connection(api_key="s3cret", password="s3cret", kubeconfig={"t": "s3cret"}, proxy="http://u:s3cret@p")
    assert "s3cret" not in repr(connection)


# Which credentials are used


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": "abc"}, "Bearer abc"),
        ({"username": "u", "password": "p"}, "Basic " + base64.b64encode(b"u:p").decode()),
        ({}, None),
    ],
)
def test_a_kubeconfigs_user(user: dict[str, Any], header: str | None, tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        file = write(tmp_path / "config", {**kubeconfig(api.url), "users": [{"name": "me", "user": user}]})
        assert seen_headers(Connection(kubeconfig=file), api)["Authorization"] == header
        assert Client(Connection(kubeconfig=file)).cluster == "dev-cluster"


def test_a_kubeconfig_as_a_dictionary() -> None:
    with serving(in_turn(Reply({}))) as api:
        assert seen_headers(Connection(kubeconfig=kubeconfig(api.url)), api)["Authorization"] == "Bearer from-file"


def test_several_kubeconfigs_are_merged(tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        one = write(tmp_path / "one", {**kubeconfig(api.url), "users": []})
        two = write(tmp_path / "two", {"users": [{"name": "me", "user": {"token": "two"}}]})
        connection = Connection(kubeconfig=f"{one}:{two}:{tmp_path}/absent")
        assert seen_headers(connection, api)["Authorization"] == "Bearer two"


def test_a_named_context_is_used(tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        content = kubeconfig("http://127.0.0.1:1")
        content["contexts"].append({"name": "other", "context": {"cluster": "there", "user": "you"}})
        content["clusters"].append({"name": "there", "cluster": {"server": api.url}})
        content["users"].append({"name": "you", "user": {"token": "other"}})
        file = write(tmp_path / "config", content)
        assert seen_headers(Connection(kubeconfig=file, context="other"), api)["Authorization"] == "Bearer other"


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"api_key": "mine"}, "Bearer mine"),
        ({"username": "u", "password": "p"}, "Basic " + base64.b64encode(b"u:p").decode()),
    ],
)
def test_explicit_credentials_replace_the_kubeconfigs(given: dict[str, str], header: str) -> None:
    with serving(in_turn(Reply({}))) as api:
        connection = Connection(kubeconfig=kubeconfig(api.url), **given)
        assert seen_headers(connection, api)["Authorization"] == header


def test_the_default_kubeconfig_is_the_last_resort(tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        environ = {"KUBECONFIG": write(tmp_path / "config", kubeconfig(api.url))}
        headers = seen_headers(connection_from_params({}, environ), api)
        assert headers["Authorization"] == "Bearer from-file"
        headers = seen_headers(connection_from_params({"host": api.url, "api_key": "given"}, environ), api)
        assert headers["Authorization"] == "Bearer given"


def test_a_token_file_is_read_again_when_its_token_is_refused(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")

    def answer(seen: Seen) -> Reply:
        return Reply({}) if seen.headers["Authorization"] == "Bearer new" else status(401, "Unauthorized", "expired")

    with serving(answer) as api:
        client = Client(Connection(kubeconfig=kubeconfig(api.url, {"tokenFile": str(token)})))
        with pytest.raises(Unauthorized):
            client.get_raw("/version")
        assert len(api.seen) == 2
        token.write_text("new\n")
        client.get_raw("/version")
        assert [seen.headers["Authorization"] for seen in api.seen[2:]] == ["Bearer old", "Bearer new"]


def test_a_plain_token_that_is_refused_is_not_tried_again() -> None:
    with serving(in_turn(status(401, "Unauthorized", "no"))) as api:
        with pytest.raises(Unauthorized):
            Client(Connection(host=api.url, api_key="x")).get_raw("/version")
        assert len(api.seen) == 1


def test_the_service_account_of_a_pod(tmp_path: Path, authority: Authority) -> None:
    context = authority.server_context(authority.issue("server"))
    (tmp_path / "token").write_text("pod-token\n")
    (tmp_path / "ca.crt").write_bytes(authority.certificate.read_bytes())
    with serving(in_turn(Reply({})), context) as api:
        connection = Connection(service_host="127.0.0.1", service_port=str(api.port), service_account=str(tmp_path))
        assert seen_headers(connection, api)["Authorization"].lower() == "bearer pod-token"
        assert Client(connection).cluster == "in-cluster"


@pytest.mark.parametrize(
    ("given", "user", "expected"),
    [
        ({"impersonate_user": "jane", "impersonate_groups": ("a", "b")}, {}, ["jane", ["a", "b"]]),
        ({}, {"as": "kim", "as-groups": ["c"]}, ["kim", ["c"]]),
        ({"impersonate_user": "jane"}, {"as": "kim", "as-groups": ["c"]}, ["jane", None]),
    ],
    ids=["parameters", "kubeconfig", "parameters replace the kubeconfig's"],
)
def test_impersonation(given: dict[str, Any], user: dict[str, Any], expected: list[Any]) -> None:
    with serving(in_turn(Reply({}))) as api:
        connection = Connection(kubeconfig=kubeconfig(api.url, {"token": "t", **user}), **given)
        headers = seen_headers(connection, api)
    assert [headers["Impersonate-User"], headers.get_all("Impersonate-Group")] == expected


# Exec plugins


def plugin(folder: Path, body: str) -> dict[str, Any]:
    """A user whose credentials come from a script; it appends to calls each time."""
    script, program = folder / "plugin", folder / "plugin.py"
    program.write_text(f"import json, os, sys, time\nopen({str(folder / 'calls')!r}, 'a').write('x')\n{body}")
    # A first line cannot name an interpreter whose folder has a blank, as that of a clone may.
    script.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script), "interactiveMode": "Never"}
    }


def credential(folder: Path, lifetime_seconds: int | None = None) -> str:
    status: dict[str, Any] = {"token": "t"}
    if lifetime_seconds is not None:
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=lifetime_seconds)
        status["expirationTimestamp"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    calls = str(folder / "calls")
    return f"a = {answer!r}\na['status']['token'] += str(len(open({calls!r}).read()))\nprint(json.dumps(a))"


def calls(folder: Path) -> int:
    return len((folder / "calls").read_text())


def test_an_exec_plugin_gives_the_token_and_is_asked_once(tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        user = plugin(tmp_path, credential(tmp_path, 3600))
        headers = seen_headers(Connection(kubeconfig=kubeconfig(api.url, user)), api, requests=3)
    assert headers["Authorization"] == "Bearer t1"
    assert calls(tmp_path) == 1


def test_an_exec_plugin_is_asked_again_when_its_token_ends(tmp_path: Path) -> None:
    with serving(in_turn(Reply({}))) as api:
        user = plugin(tmp_path, credential(tmp_path, 5))
        seen_headers(Connection(kubeconfig=kubeconfig(api.url, user)), api)
    assert calls(tmp_path) == 2
    assert api.seen[-1].headers["Authorization"] == "Bearer t2"


def test_an_exec_plugin_is_asked_again_when_its_token_is_refused(tmp_path: Path) -> None:
    with serving(in_turn(status(401, "Unauthorized", "expired"), Reply({}))) as api:
        user = plugin(tmp_path, credential(tmp_path))
        seen_headers(Connection(kubeconfig=kubeconfig(api.url, user)), api)
    assert [seen.headers["Authorization"] for seen in api.seen] == ["Bearer t1", "Bearer t2"]


def test_renewing_keeps_the_calls_deadline(tmp_path: Path) -> None:
    slow_second_time = f"if len(open({str(tmp_path / 'calls')!r}).read()) > 1: time.sleep(3)\n"
    with serving(in_turn(status(401, "Unauthorized", "expired"))) as api:
        user = plugin(tmp_path, slow_second_time + credential(tmp_path))
        client = Client(Connection(kubeconfig=kubeconfig(api.url, user)))
        started = time.monotonic()
        with pytest.raises(NotSent, match="loading the credentials took longer than"):
            client.get_raw("/version", deadline=Deadline.after(0.4))
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit('no session: run login')", "gave no credentials: exec: process returned 1. no session: run login"),
        ("print('hello')", "gave no credentials: exec: failed to decode process output"),
        ("print(json.dumps({'apiVersion': 'x', 'kind': 'y', 'status': {}}))", "plugin api version x does not match"),
    ],
)
def test_an_exec_plugin_that_fails_says_why(body: str, says: str, tmp_path: Path, capfd: Any) -> None:
    with pytest.raises(NotSent) as caught:
        Client(Connection(kubeconfig=kubeconfig(user=plugin(tmp_path, body))))
    assert says in str(caught.value)
    assert str(tmp_path / "plugin") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_an_exec_plugin_that_does_not_exist() -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
    with pytest.raises(NotSent, match="exec plugin no-such-plugin gave no credentials: .*No such file"):
        Client(Connection(kubeconfig=kubeconfig(user=user)))


def test_an_exec_plugin_that_hangs_is_given_up(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(NotSent, match="longer than 0.5 s: does an exec plugin wait for input"):
        Client(Connection(kubeconfig=kubeconfig(user=plugin(tmp_path, "time.sleep(3)"))), timeout_seconds=0.5)
    assert time.monotonic() - started < 2.5


# Kubeconfigs that cannot be used


def without(part: str) -> dict[str, Any]:
    content = kubeconfig()
    del content[part]
    return content


@pytest.mark.parametrize(
    ("content", "given", "says"),
    [
        (None, {}, "kubeconfig {file} does not exist"),
        ("a: [1,", {}, "kubeconfig {file} is not YAML (line 1): it has to be a file as kubectl writes it"),
        ("", {}, "kubeconfig {file} cannot be used: Invalid kube-config. {file} file is empty"),
        ("just text", {}, "kubeconfig {file} is not a kubeconfig"),
        ("- a\n- b", {}, "kubeconfig {file} is not a kubeconfig"),
        ({"hello": 1}, {}, "kubeconfig {file} is not a kubeconfig: it has no contexts and no clusters"),
        (kubeconfig(), {"context": "prod"}, "kubeconfig {file} has no context prod: it has dev"),
        (without("current-context"), {}, "kubeconfig {file} has no current-context: set context to one of dev"),
        (without("clusters"), {}, "context dev names the cluster dev-cluster, which is not in it"),
        (kubeconfig(""), {}, "kubeconfig {file}: cluster dev-cluster has no server"),
        (kubeconfig("127.0.0.1:6443"), {}, "'127.0.0.1:6443' is not of the form https://name:port"),
        (kubeconfig(user={"tokenFile": "/no/token"}), {}, "cannot be used: /no/token: No such file or directory"),
        (kubeconfig(user={"client-certificate": "/no/c"}), {}, "cannot be used: File does not exist: /no/c"),
        (kubeconfig(**{"certificate-authority": "/no/ca"}), {}, "cannot be used: File does not exist: /no/ca"),
        (kubeconfig(), {"ca_cert": "/no/ca"}, "the CA certificate /no/ca does not exist"),
        (kubeconfig(), {"client_cert": "/no/c"}, "the client certificate /no/c does not exist"),
    ],
)
def test_an_unusable_kubeconfig_is_one_sentence(content: Any, given: dict[str, str], says: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    if content is not None:
        write(file, content)
    with pytest.raises(NotSent) as caught:
        Client(Connection(kubeconfig=str(file), **given))
    assert says.format(file=file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="cannot be used: .*Is a directory"):
        Client(Connection(kubeconfig=str(tmp_path)))


def test_nothing_given_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="no cluster is named: set kubeconfig, or host with api_key"):
        Client(Connection())
    with pytest.raises(NotSent, match=f"{tmp_path}/.kube/config does not exist"):
        Client(connection_from_params({}, {"HOME": str(tmp_path)}))


# TLS


def secure(api: Api, authority: Authority, **given: Any) -> Connection:
    return Connection(**{"host": api.url, "api_key": "x", "ca_cert": str(authority.certificate), **given})


def test_a_certificate_of_the_given_ca_is_trusted(authority: Authority) -> None:
    with serving(in_turn(Reply({"a": 1})), authority.server_context(authority.issue("server"))) as api:
        assert Client(secure(api, authority)).get_raw("/version") == b'{"a": 1}'


@pytest.mark.parametrize("name", ["another CA", "no CA"])
def test_a_certificate_of_another_ca_is_not(name: str, authority: Authority, tmp_path: Path) -> None:
    other = str(Authority(tmp_path).certificate) if name == "another CA" else ""
    with serving(in_turn(Reply({})), authority.server_context(authority.issue("server"))) as api:
        client = Client(secure(api, authority, ca_cert=other))
        with pytest.raises(TlsNotTrusted) as caught:
            client.get_raw("/version")
    assert str(caught.value).startswith(f"the certificate of {api.url} is not trusted (")
    assert "set ca_cert, or certificate-authority in the kubeconfig" in str(caught.value)
    assert client.requests == 1
    assert api.seen == []


def test_a_certificate_for_another_address_is_not_trusted(authority: Authority) -> None:
    context = authority.server_context(authority.issue("elsewhere", "127.0.0.9"))
    with serving(in_turn(Reply({})), context) as api, pytest.raises(TlsNotTrusted, match="mismatch"):
        Client(secure(api, authority)).get_raw("/version")


def test_certificates_need_not_be_validated(authority: Authority, recwarn: pytest.WarningsRecorder) -> None:
    with serving(in_turn(Reply({})), authority.server_context(authority.issue("server"))) as api:
        Client(secure(api, authority, ca_cert="", validate_certs=False)).get_raw("/version")
        skipping = kubeconfig(api.url, **{"insecure-skip-tls-verify": True})
        Client(Connection(kubeconfig=skipping)).get_raw("/version")
        with pytest.raises(TlsNotTrusted):
            Client(Connection(kubeconfig=skipping, validate_certs=True)).get_raw("/version")


@pytest.mark.parametrize("form", ["parameters", "kubeconfig files", "kubeconfig data"])
def test_client_certificates(form: str, authority: Authority) -> None:
    mine = authority.issue("me")
    context = authority.server_context(authority.issue("server"), ask_client=True)
    with serving(in_turn(Reply({})), context) as api:
        if form == "parameters":
            files = {"client_cert": str(mine.certificate), "client_key": str(mine.key)}
            connection = secure(api, authority, api_key="", **files)
        else:
            names = ("client-certificate", "client-key", "certificate-authority")
            paths = dict(zip(names, (mine.certificate, mine.key, authority.certificate), strict=True))
            values = {name: str(path) for name, path in paths.items()}
            if form == "kubeconfig data":
                values = {f"{name}-data": base64.b64encode(path.read_bytes()).decode() for name, path in paths.items()}
            cluster = {name: value for name, value in values.items() if name.startswith("certificate")}
            user = {name: value for name, value in values.items() if name.startswith("client")}
            connection = Connection(kubeconfig=kubeconfig(api.url, user, **cluster))
        Client(connection).get_raw("/version")


def test_a_server_that_wants_a_client_certificate_and_gets_none(authority: Authority, quick: Any) -> None:
    context = authority.server_context(authority.issue("server"), ask_client=True)
    with serving(in_turn(Reply({})), context) as api, pytest.raises(Unreachable) as caught:
        Client(secure(api, authority), clock=quick).get_raw("/version")
    assert str(caught.value).startswith(f"cannot reach the API server at {api.url}: ")


def test_a_certificate_file_that_is_none(authority: Authority, tmp_path: Path, quick: Any) -> None:
    nonsense = write(tmp_path / "ca", "nonsense")
    with serving(in_turn(Reply({})), authority.server_context(authority.issue("server"))) as api:
        with pytest.raises(NotSent, match="CA certificate, client certificate or key cannot be used"):
            Client(secure(api, authority, ca_cert=nonsense), clock=quick).get_raw("/version")
        with pytest.raises(NotSent, match="CA certificate, client certificate or key cannot be used"):
            mine = {"client_cert": nonsense, "client_key": nonsense}
            Client(secure(api, authority, **mine), clock=quick).get_raw("/version")


def test_https_to_a_server_that_speaks_http(quick: Any) -> None:
    with serving(in_turn(Reply({}))) as api, pytest.raises(Unreachable) as caught:
        Client(Connection(host=api.url.replace("http", "https"), api_key="x"), clock=quick).get_raw("/version")
    assert "it does not speak TLS" in str(caught.value)


# Unreachable


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("http://127.0.0.1:1", "cannot reach the API server at http://127.0.0.1:1: Connection refused"),
        ("https://no-such-host.invalid:6443", "cannot reach the API server at https://no-such-host.invalid:6443: "),
    ],
)
def test_an_address_that_does_not_answer_is_named(host: str, says: str, quick: Any) -> None:
    with pytest.raises(ClusterError) as caught:
        Client(Connection(host=host, api_key="x"), clock=quick, timeout_seconds=5).get_raw("/version")
    assert str(caught.value).startswith(says)


# Proxies


def test_plain_http_goes_through_the_proxy() -> None:
    with serving(in_turn(Reply({"via": "proxy"}))) as proxy:
        connection = Connection(
            host="http://cluster.invalid:6443",
            api_key="x",
            proxy=proxy.url,
            proxy_headers={"proxy_basic_auth": "u:p"},
        )
        assert json.loads(Client(connection).get_raw("/version")) == {"via": "proxy"}
    assert proxy.seen[0].headers["Host"] == "cluster.invalid:6443"
    assert proxy.seen[0].headers["Proxy-Authorization"].startswith("Basic ")


def test_a_kubeconfigs_proxy_is_used() -> None:
    with serving(in_turn(Reply({"via": "proxy"}))) as proxy:
        content = kubeconfig("http://cluster.invalid:6443", **{"proxy-url": proxy.url})
        assert json.loads(Client(Connection(kubeconfig=content)).get_raw("/version")) == {"via": "proxy"}


def test_no_proxy_goes_straight() -> None:
    with serving(in_turn(Reply({"via": "nothing"}))) as api, serving(in_turn(Reply({}))) as proxy:
        connection = Connection(host=api.url, api_key="x", proxy=proxy.url, no_proxy="127.0.0.0/8")
        assert json.loads(Client(connection).get_raw("/version")) == {"via": "nothing"}
        assert proxy.seen == []


def test_a_proxy_that_is_down_is_named_without_its_password(quick: Any) -> None:
    connection = Connection(host="https://c.invalid", api_key="x", proxy="http://me:s3cret@127.0.0.1:1")
    with pytest.raises(Unreachable) as caught:
        Client(connection, clock=quick).get_raw("/version")
    says = "cannot reach the API server at https://c.invalid through the proxy 127.0.0.1:1: Connection refused"
    assert str(caught.value) == says


def test_https_is_tunnelled_and_a_refusal_of_the_tunnel_is_told(quick: Any) -> None:
    # The loopback server knows no CONNECT: it answers 501, as a proxy that forbids it would answer 403.
    with serving(in_turn(Reply({}))) as proxy:
        connection = Connection(host="https://c.invalid:6443", api_key="x", proxy=proxy.url)
        with pytest.raises(Unreachable, match="through the proxy 127.0.0.1:.* Tunnel connection failed: 501"):
            Client(connection, clock=quick).get_raw("/version")


def test_a_cluster_may_be_called_otherwise_than_in_the_kubeconfig() -> None:
    given = {"kubeconfig": kubeconfig("http://127.0.0.1:1"), "cluster_name": "production-eu"}
    assert Client(connection_from_params(given, {})).cluster == "production-eu"
    assert Client(connection_from_params({**given, "cluster_name": None}, {})).cluster == "dev-cluster"
