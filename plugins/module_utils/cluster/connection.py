# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How to reach a cluster, in the words of kubernetes.core, and credentials as the kubernetes client loads them.

The only file that imports the kubernetes client, for its loader alone: requests do not go through its typed models.
What urllib3 (which comes with it) is needed for in sockets.py and transport.py is checked here too.
"""

from __future__ import annotations

import base64
import datetime
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import NotSent

try:
    import yaml
    from kubernetes.client import Configuration
    from kubernetes.client.rest import RESTClientObject
    from kubernetes.config import ConfigException
    from kubernetes.config.incluster_config import InClusterConfigLoader
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    # Of urllib3 2; transport.py needs it to send a header several times.
    from urllib3 import HTTPHeaderDict as _HTTPHeaderDict  # noqa: F401
    from urllib3.util import make_headers
except ImportError as missing:
    MISSING_PACKAGE = (missing.name or "kubernetes").partition(".")[0]
    MISSING = str(missing)
else:
    MISSING_PACKAGE = MISSING = ""

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
CONNECTIONS_KEPT = 32
PROXY_HEADER_WORDS = ("proxy_basic_auth", "basic_auth", "user_agent")
# A parameter's names in the environment, after K8S_AUTH_: its own, then the one of the kubernetes client.
ENVIRONMENT_NAMES = {
    "kubeconfig": ("KUBECONFIG",),
    "context": ("CONTEXT",),
    "host": ("HOST",),
    "api_key": ("API_KEY",),
    "username": ("USERNAME",),
    "password": ("PASSWORD",),
    "client_cert": ("CLIENT_CERT", "CERT_FILE"),
    "client_key": ("CLIENT_KEY", "KEY_FILE"),
    "ca_cert": ("CA_CERT", "SSL_CA_CERT"),
    "validate_certs": ("VALIDATE_CERTS", "VERIFY_SSL"),
    "proxy": ("PROXY",),
    "no_proxy": ("NO_PROXY",),
    "persist_config": ("PERSIST_CONFIG",),
    "impersonate_user": ("IMPERSONATE_USER",),
    "impersonate_groups": ("IMPERSONATE_GROUPS",),
}


@dataclass(frozen=True)
class Connection:
    """Settings of one connection. Empty means: not given. What would show a secret stays out of repr().

    default_kubeconfig and service_* say where to look when nothing else is given: in the pod that this runs in, then in
    the user's kubeconfig. connection_from_params() fills them from its environ; a Connection made by hand has none.
    cluster_name is what people call the cluster; the kubeconfig's name where it is empty.
    """

    kubeconfig: str | dict[str, Any] | None = field(default=None, repr=False)
    context: str = ""
    host: str = ""
    api_key: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    client_cert: str = ""
    client_key: str = ""
    ca_cert: str = ""
    validate_certs: bool | None = None
    proxy: str = field(default="", repr=False)
    no_proxy: str = ""
    proxy_headers: Mapping[str, str] | None = field(default=None, repr=False)
    persist_config: bool = False
    impersonate_user: str = ""
    impersonate_groups: tuple[str, ...] = ()
    tls_server_name: str = ""
    cluster_name: str = ""
    default_kubeconfig: str = ""
    service_host: str = ""
    service_port: str = ""
    service_account: str = SERVICE_ACCOUNT


@dataclass(frozen=True)
class Access:
    """A connection with its credentials loaded.

    url has no slash at its end. headers are pairs, since Impersonate-Group may come several times. identity is what the
    pool's TLS settings were made from: a new identity needs a new pool. expires is when the credentials end, if known.
    """

    url: str
    cluster: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    pool: Any = field(repr=False)
    identity: tuple[Any, ...] = field(repr=False)
    proxy: str = field(default="", repr=False)
    expires: datetime.datetime | None = None
    renewable: bool = False
    verifies: bool = True
    server_name: str = ""


@dataclass
class _Loaded:
    """What a loader found, before the parameters override it."""

    configuration: Any
    cluster: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    expires: datetime.datetime | None = None
    renewable: bool = False


def connection_from_params(params: Mapping[str, Any], environ: Mapping[str, str]) -> Connection:
    """A module's parameters, then K8S_AUTH_*; and where pods and kubectl look (service, KUBECONFIG, ~/.kube/config)."""
    given = {word: _from_params(params, environ, word) for word in ENVIRONMENT_NAMES}
    home = environ.get("HOME", "")
    return Connection(
        kubeconfig=given["kubeconfig"] or None,
        **{word: str(given[word] or "") for word in _TEXT_WORDS},
        validate_certs=_boolean(given["validate_certs"]),
        persist_config=bool(_boolean(given["persist_config"])),
        impersonate_groups=_groups(given["impersonate_groups"]),
        proxy_headers=_proxy_headers(params, environ),
        cluster_name=str(params.get("cluster_name") or ""),
        default_kubeconfig=environ.get("KUBECONFIG") or (f"{home}/.kube/config" if home else ""),
        service_host=environ.get("KUBERNETES_SERVICE_HOST", ""),
        service_port=environ.get("KUBERNETES_SERVICE_PORT", ""),
    )


_TEXT_WORDS = (
    "context",
    "host",
    "api_key",
    "username",
    "password",
    "client_cert",
    "client_key",
    "ca_cert",
    "proxy",
    "no_proxy",
    "impersonate_user",
)


def _from_params(params: Mapping[str, Any], environ: Mapping[str, str], word: str) -> Any:
    if params.get(word) is not None:
        return params[word]
    names = (f"K8S_AUTH_{name}" for name in ENVIRONMENT_NAMES[word])
    return next((environ[name] for name in names if environ.get(name)), None)


def _boolean(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    return str(value).strip().lower() not in ("0", "false", "no", "off")


def _groups(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value or ()
    return tuple(part.strip() for part in parts if part.strip())


def _proxy_headers(params: Mapping[str, Any], environ: Mapping[str, str]) -> Mapping[str, str] | None:
    given = params.get("proxy_headers")
    if given is None:
        given = {word: environ.get(f"K8S_AUTH_PROXY_HEADERS_{word.upper()}") for word in PROXY_HEADER_WORDS}
    return {word: value for word, value in given.items() if value} or None


def load_access(connection: Connection, timeout_seconds: float) -> Access:
    """Loads kubeconfig, token files and exec plugins (these may take timeout_seconds). NotSent where that fails.

    Called again to renew credentials: everything is read afresh.
    """
    if MISSING:
        package = {"yaml": "PyYAML", "urllib3": "'urllib3>=2'"}.get(MISSING_PACKAGE, MISSING_PACKAGE)
        raise NotSent(
            f"the Python package {MISSING_PACKAGE} is missing for {sys.executable} ({MISSING}): pip install {package}"
        )
    loaded = _within(timeout_seconds, lambda: _load(connection))
    _override(loaded, connection)
    configuration = loaded.configuration
    _check(configuration)
    return Access(
        url=configuration.host.rstrip("/"),
        cluster=connection.cluster_name or loaded.cluster or configuration.host,
        headers=_headers(connection, loaded),
        pool=RESTClientObject(configuration).pool_manager,
        identity=(configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file, configuration.host),
        proxy=configuration.proxy or "",
        expires=loaded.expires,
        renewable=loaded.renewable,
        verifies=bool(configuration.verify_ssl),
        server_name=getattr(configuration, "tls_server_name", None) or "",
    )


def with_token(access: Access, token: str) -> Connection:
    """The settings that reach the same cluster as whoever the token is, with no other credential."""
    return Connection(
        host=access.url,
        api_key=token,
        ca_cert=access.identity[0] or "",
        validate_certs=access.verifies,
        proxy=access.proxy,
        tls_server_name=access.server_name,
    )


def _load(connection: Connection) -> _Loaded:
    """In the order of kubernetes.core: complete parameters, a named kubeconfig or context, the pod, the user's file."""
    complete = connection.host and (
        connection.api_key
        or (connection.username and connection.password)
        or (connection.client_cert and connection.client_key)
    )
    if complete:
        return _Loaded(Configuration())
    if connection.kubeconfig:
        return _load_kubeconfig(connection, connection.kubeconfig)
    if connection.service_host and connection.service_port and not connection.context:
        return _load_in_cluster(connection)
    if connection.default_kubeconfig and any(path.exists() for path in _paths(connection.default_kubeconfig)):
        return _load_kubeconfig(connection, connection.default_kubeconfig)
    if connection.host:
        return _Loaded(Configuration())
    where = f", and {connection.default_kubeconfig} does not exist" if connection.default_kubeconfig else ""
    raise NotSent(f"no cluster is named: set kubeconfig, or host with api_key{where}")


def _paths(kubeconfig: str) -> list[Path]:
    return [Path(part).expanduser() for part in kubeconfig.split(":") if part]


def _load_in_cluster(connection: Connection) -> _Loaded:
    folder = Path(connection.service_account)
    environ = {
        "KUBERNETES_SERVICE_HOST": connection.service_host,
        "KUBERNETES_SERVICE_PORT": connection.service_port,
    }
    loaded = _Loaded(Configuration(), cluster="in-cluster", renewable=True)
    try:
        InClusterConfigLoader(str(folder / "token"), str(folder / "ca.crt"), environ=environ).load_and_set(
            loaded.configuration
        )
    except (ConfigException, OSError) as error:
        raise NotSent(f"the service account of this pod in {folder} cannot be used: {_reason(error)}") from error
    return loaded


def _load_kubeconfig(connection: Connection, kubeconfig: str | dict[str, Any]) -> _Loaded:
    where = "the kubeconfig given as a dictionary" if isinstance(kubeconfig, dict) else f"kubeconfig {kubeconfig}"
    errors = _LoggedErrors()
    root = logging.getLogger()
    root.addHandler(errors)
    try:
        return _run_loader(connection, kubeconfig, where, errors)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise NotSent(f"{where} is not YAML{line}: it has to be a file as kubectl writes it") from error
    except ConfigException as error:
        raise NotSent(f"{where} cannot be used: {_reason(error)}") from error
    except OSError as error:
        raise NotSent(f"{where} cannot be used: {_reason(error)}") from error
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise NotSent(f"{where} is not a kubeconfig: {_reason(error)}") from error
    finally:
        root.removeHandler(errors)


def _run_loader(connection: Connection, kubeconfig: str | dict[str, Any], where: str, errors: _LoggedErrors) -> _Loaded:
    save: Callable[[], None] | None = None
    if isinstance(kubeconfig, dict):
        tree, content = kubeconfig, kubeconfig
    else:
        if not any(path.exists() for path in _paths(kubeconfig)):
            raise NotSent(f"{where} does not exist")
        merged = KubeConfigMerger(kubeconfig)
        tree, content = merged.config, getattr(merged.config, "value", {})
        save = merged.save_changes if connection.persist_config else None
    chosen = _chosen(content, connection.context, where)
    loader = KubeConfigLoader(
        config_dict=tree, active_context=chosen.context, config_base_path=None, config_persister=save
    )
    loaded = _Loaded(Configuration(), cluster=chosen.cluster, headers=_impersonation(chosen.user))
    loader.load_and_set(loaded.configuration)
    plugin = chosen.user.get("exec")
    if plugin and not (vars(loader).get("token") or vars(loader).get("cert_file")):
        command = plugin.get("command") if isinstance(plugin, dict) else plugin
        raise NotSent(f"{where} cannot be used: its exec plugin {command} gave no credentials: {errors.text()}")
    loaded.expires = vars(loader).get("expiry")
    loaded.renewable = bool({"exec", "tokenFile", "auth-provider"} & set(chosen.user))
    return loaded


@dataclass(frozen=True)
class _Chosen:
    context: str
    cluster: str
    user: Mapping[str, Any]


def _chosen(content: Any, context: str, where: str) -> _Chosen:
    """Context, cluster and user that a kubeconfig's content names; NotSent says which of them is not there."""
    if not isinstance(content, dict) or not any(content.get(part) for part in ("contexts", "clusters")):
        raise NotSent(f"{where} is not a kubeconfig: it has no contexts and no clusters")
    name = context or content.get("current-context") or ""
    if not name:
        raise NotSent(f"{where} has no current-context: set context to one of {_names(content, 'contexts')}")
    entry = _entry(content, "contexts", name)
    if entry is None:
        raise NotSent(f"{where} has no context {name}: it has {_names(content, 'contexts')}")
    cluster_name = entry.get("cluster") or ""
    cluster = _entry(content, "clusters", cluster_name)
    if cluster is None:
        raise NotSent(f"{where}: context {name} names the cluster {cluster_name or '(none)'}, which is not in it")
    if not cluster.get("server"):
        raise NotSent(f"{where}: cluster {cluster_name} has no server")
    return _Chosen(name, cluster_name, _entry(content, "users", entry.get("user") or "") or {})


def _entry(content: Mapping[str, Any], part: str, name: str) -> Mapping[str, Any] | None:
    for item in content.get(part) or ():
        # Entries of a merged kubeconfig are wrapped by the loader, those of a dictionary are not.
        plain = getattr(item, "value", item)
        if plain.get("name") == name:
            return plain.get(part[:-1]) or {}
    return None


def _names(content: Mapping[str, Any], part: str) -> str:
    names = [str(getattr(item, "value", item).get("name")) for item in content.get(part) or ()]
    return ", ".join(names) or "none"


def _impersonation(user: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The kubeconfig's own impersonation, which the client's loader passes over in silence."""
    headers = [("Impersonate-User", str(user["as"]))] if user.get("as") else []
    headers += [("Impersonate-Uid", str(user["as-uid"]))] if user.get("as-uid") else []
    headers += [("Impersonate-Group", str(group)) for group in user.get("as-groups") or ()]
    extra = user.get("as-user-extra") or {}
    headers += [(f"Impersonate-Extra-{key}", str(value)) for key, values in extra.items() for value in values]
    return headers


def _override(loaded: _Loaded, connection: Connection) -> None:
    """Parameters win over what was loaded; an explicit credential replaces the loaded ones instead of joining them."""
    configuration = loaded.configuration
    if connection.host:
        configuration.host = connection.host
        loaded.cluster = connection.host
    if connection.api_key or connection.username or connection.client_cert:
        configuration.api_key = {}
        configuration.cert_file = configuration.key_file = None
        loaded.renewable, loaded.expires = False, None
    if connection.client_cert:
        configuration.cert_file = str(Path(connection.client_cert).expanduser())
        configuration.key_file = str(Path(connection.client_key or connection.client_cert).expanduser())
    if connection.ca_cert:
        configuration.ssl_ca_cert = str(Path(connection.ca_cert).expanduser())
    if connection.tls_server_name:
        configuration.tls_server_name = connection.tls_server_name
    if connection.validate_certs is not None:
        configuration.verify_ssl = connection.validate_certs
    if connection.proxy:
        # A proxy that was asked for is used, whatever NO_PROXY in the environment says.
        configuration.proxy = connection.proxy
        configuration.no_proxy = None
    if connection.no_proxy:
        configuration.no_proxy = connection.no_proxy
    if connection.proxy_headers:
        configuration.proxy_headers = make_proxy_headers(connection.proxy_headers)
    configuration.connection_pool_maxsize = CONNECTIONS_KEPT


def make_proxy_headers(words: Mapping[str, str]) -> dict[str, str]:
    """proxy_headers of kubernetes.core (proxy_basic_auth, basic_auth, user_agent) as HTTP headers."""
    given: dict[str, Any] = {word: words[word] for word in PROXY_HEADER_WORDS if words.get(word)}
    return make_headers(**given)


def _check(configuration: Any) -> None:
    """Settings that would otherwise fail deep inside the first request."""
    parts = urlsplit(configuration.host)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent(f"the API server's address {configuration.host!r} is not of the form https://name:port")
    files = {
        "CA certificate": configuration.ssl_ca_cert,
        "client certificate": configuration.cert_file,
        "client key": configuration.key_file,
    }
    for what, name in files.items():
        if name and not Path(name).is_file():
            raise NotSent(f"the {what} {name} does not exist")


def _headers(connection: Connection, loaded: _Loaded) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    token = loaded.configuration.api_key.get("BearerToken") or ""
    if connection.api_key:
        token = f"Bearer {connection.api_key}"
    elif connection.username:
        pair = f"{connection.username}:{connection.password}"
        token = f"Basic {base64.b64encode(pair.encode()).decode()}"
    if token:
        # Token files end with a newline, which is not allowed in a header.
        headers.append(("Authorization", token.strip()))
    if connection.impersonate_user or connection.impersonate_groups:
        headers += [("Impersonate-User", connection.impersonate_user)] if connection.impersonate_user else []
        headers += [("Impersonate-Group", group) for group in connection.impersonate_groups]
    else:
        headers += loaded.headers
    return tuple(headers)


class _LoggedErrors(logging.Handler):
    """The loader only logs what an exec plugin did wrong; this keeps the text for the error, of this thread alone."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._thread = threading.get_ident()
        self._texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self._texts.append(record.getMessage())

    def text(self) -> str:
        return " ".join(" ".join(self._texts).split()) or "it said nothing"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


def _within(seconds: float, load: Callable[[], _Loaded]) -> _Loaded:
    """Runs load in a thread of its own, since an exec plugin that hangs cannot be told to stop."""
    results: list[_Loaded] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(load())
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True, name="load-credentials")
    thread.start()
    thread.join(seconds)
    if failures:
        raise failures[0]
    if not results:
        raise NotSent(f"loading the credentials took longer than {seconds:.1f} s: does an exec plugin wait for input?")
    return results[0]


def with_pool(access: Access, pool: Any) -> Access:
    """The same access over another pool: keeps open connections when only a token was renewed."""
    return replace(access, pool=pool)
