"""The HTTP client: TLS, proxies, the key, and the translation of httpx errors into ours."""

from __future__ import annotations

import contextlib
import functools
import re
import ssl
import time
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from sostrades_cli.api.http.addresses import AddressKeeper
from sostrades_cli.api.http.body_limits import ACCEPTED, TooSlowError
from sostrades_cli.api.http.interruptible import interruptible
from sostrades_cli.api.http.proxy import proxy_for, proxy_url, require_library
from sostrades_cli.api.protocol import BETWEEN, CHECK_NETWORK
from sostrades_cli.errors import ServerFault, SostradesError, Unreachable, UsageError
from sostrades_cli.local.server_address import require_usable
from sostrades_cli.local.settings import CA_VARIABLE
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from sostrades_cli.local.key_origin import KeyOrigin

# An answer may take minutes, but a host that is there accepts a connection within seconds.
CONNECT_S: Final = 4.0
# Longest part of an httpx message in an error, in characters.
LONGEST_TEXT: Final = 300
# httpx has one class for three failures: a connection closed within a body, closed before it, and an answer that does
# not start like HTTP. Only the texts differ.
_CUT_BODY: Final = "complete message body"
NO_TLS_REASON: Final = "WRONG_VERSION_NUMBER"  # OpenSSL's name for an answer without TLS
NO_TLS: Final = "check the port of the address, or use http:// if the server does not use TLS"
_CLOSED: Final = r"disconnected|unexpectedly closed"
_NO_STATUS: Final = r"illegal (status|request) line"


class KeyAuth(httpx.Auth):
    """Sends the key as a bearer token. After a 401 it tries the other form once, and keeps the accepted one."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = list(forms)
        self.accepted: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Yield the request with each form of the key until the server accepts one."""
        for form in [self.accepted] if self.accepted else self._forms:
            request.headers["Authorization"] = f"Bearer {form}"
            response = yield request
            # Any other answer, even an error, means that this form was accepted.
            if response.status_code != httpx.codes.UNAUTHORIZED:
                self.accepted = form
                return


class _NoCookies(CookieJar):
    """Ignores all cookies. Those of the server contain a name and an e-mail, and have no use."""

    def extract_cookies(self, response: object, request: object) -> None:
        """Read no header."""


class Connection(NamedTuple):
    """The settings of a session; the repr does not contain the key.

    ``ca_source`` names the setting that ``ca_bundle`` comes from. TLS secrets are logged into ``key_log``, so that
    the traffic can be decrypted. ``transport`` replaces the network in tests. ``key_origin`` is for the error of a
    rejected key.
    """

    host: str
    forms: tuple[str, ...] = ()
    ca_bundle: Path | None = None
    ca_source: str | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    read_timeout_s: float | None = None
    key_log: Path | None = None
    transport: httpx.BaseTransport | None = None
    key_origin: Callable[[], KeyOrigin] | None = None

    def __repr__(self) -> str:
        return f"Connection(host={self.host!r})"


def build_client(connection: Connection, monotonic: Callable[[], float] = time.monotonic) -> httpx.Client:
    """Build the HTTP client for all requests of a command."""
    scheme = urlsplit(connection.host).scheme
    proxy = _proxy(connection.host)
    if proxy is not None and connection.forms and scheme == "http":
        _require_no_proxy(connection.host)
    new_client = functools.partial(
        httpx.Client,
        cookies=_NoCookies(),
        headers={"User-Agent": f"sostrades/{__version__}", "Accept": "*/*", "Accept-Encoding": ACCEPTED},
        # The proxy is chosen above, because httpx fails on entries of NO_PROXY that it cannot parse.
        trust_env=False,
    )
    if connection.transport is not None:
        return new_client(transport=connection.transport)
    # An empty context for http: httpx would otherwise load its certificates, which takes time.
    verify = tls_context(connection) if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limits = httpx.Limits(max_connections=16, keepalive_expiry=5.0)
    if proxy is None:
        transport = interruptible(httpx.HTTPTransport(verify, limits=limits))
        return new_client(transport=AddressKeeper(transport, monotonic))
    require_library(proxy)
    try:
        require_usable(urlsplit(proxy).hostname or "")
        return new_client(transport=interruptible(httpx.HTTPTransport(verify, limits=limits, proxy=proxy)))
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise UsageError(
            f"the proxy of the environment cannot be used: {error}",
            hint="correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY (for example http://proxy.example:3128), or connect "
            f"without it: NO_PROXY={urlsplit(connection.host).hostname}",
        ) from error


def _proxy(host: str) -> str | None:
    """Return the proxy for an address, if the environment has one."""
    from urllib.request import getproxies

    return proxy_url(host) if getproxies() else None


def _require_no_proxy(host: str) -> None:
    """Refuse to send the key through a proxy without TLS, where the proxy could read it."""
    raise UsageError(
        f"the proxy {proxy_for(host)} could read the key on its way to {host}",
        hint=f"use an https:// address, or connect without the proxy: NO_PROXY={urlsplit(host).hostname}",
    )


def tls_context(connection: Connection) -> ssl.SSLContext:
    """Return the TLS context: the trusted authorities, and the client certificate.

    Raises
    ------
    UsageError
        A certificate or log file cannot be used.

    """
    context = _trust(connection)
    if connection.key_log is not None:
        try:
            context.keylog_filename = str(connection.key_log)
        except OSError as error:
            raise UsageError(
                f"cannot write {connection.key_log}, the file of SSLKEYLOGFILE: {error.strerror}",
                hint="unset SSLKEYLOGFILE, or set it to a file that you can write",
            ) from error
    if connection.client_cert is None:
        return context
    try:
        # Without a password argument OpenSSL would prompt on the terminal.
        context.load_cert_chain(connection.client_cert, connection.client_key, password="")
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"the client certificate {connection.client_cert} cannot be used: {error}",
            hint="set SOSTRADES_CLIENT_CERT and SOSTRADES_CLIENT_KEY to PEM files without a password",
        ) from error
    return context


def _trust(connection: Connection) -> ssl.SSLContext:
    bundle = connection.ca_bundle
    if bundle is None:
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not the default context: since Python 3.13 it refuses authorities without key identifiers, common in companies.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Every authority in the bundle is trusted, also an intermediate one.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        # The requests library accepts a folder as well, and the same variables name the bundle.
        context.load_verify_locations(**{"capath" if bundle.is_dir() else "cafile": str(bundle)})
    except (OSError, ssl.SSLError) as error:
        source = connection.ca_source or CA_VARIABLE
        raise UsageError(
            f"the CA bundle {bundle} cannot be used: {error.strerror or error}",
            hint=f"correct {source}, which must name a PEM file",
        ) from error
    return context


@contextlib.contextmanager
def explained(host: str, study: int | None, redact: Callable[[str], str]) -> Iterator[None]:
    """Turn the errors of httpx into ours; ``redact`` removes the key, which a server may have repeated."""
    try:
        yield
    except httpx.TransportError as error:
        raise _transport_error(error, redact(str(error))[:LONGEST_TEXT] or type(error).__name__, host, study) from error
    except (httpx.InvalidURL, httpx.HTTPError) as error:
        text = redact(str(error))[:LONGEST_TEXT]
        raise ServerFault(
            f"cannot read the answer of {host}: {text}", hint=BETWEEN, study=study, answer_lost=True
        ) from error


def _transport_error(error: httpx.TransportError, text: str, host: str, study: int | None) -> SostradesError:
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(f"no answer from {host} within {CONNECT_S:g} s", hint=_unreachable_hint(host), study=study)
    if isinstance(error, httpx.ConnectError):
        return _connect_error(text, host, study)
    if isinstance(error, httpx.ProxyError):
        return _proxy_error(text, host, study)
    if isinstance(error, httpx.RemoteProtocolError) and not re.search(_CLOSED, text):
        return _protocol_error(text, host, study)
    if isinstance(error, httpx.TimeoutException):
        limit = error.request.extensions["timeout"]["read"]
        return Unreachable(
            f"{host} sends its answer too slowly: {text}"
            if isinstance(error, TooSlowError)
            else f"{host} did not answer within {limit:g} s",
            hint=f"wait longer: add `--read-timeout {2 * limit:g}s`",
            study=study,
            transient=True,
            answer_lost=True,
        )
    return Unreachable(
        f"the connection to {host} broke",
        detail=text,
        hint=f"run the command again{_tls_hint(host)}",
        study=study,
        transient=True,
        answer_lost=True,
    )


def _protocol_error(text: str, host: str, study: int | None) -> ServerFault:
    if _CUT_BODY in text:
        return ServerFault(
            f"the answer of {host} is incomplete",
            hint="run the command again. If this happens every time, check proxies and the time limit of the server",
            study=study,
            transient=True,
            answer_lost=True,
        )
    return ServerFault(
        f"{host} does not speak HTTP",
        detail=text,
        hint=f"check the port{_tls_hint(host)}" if re.search(_NO_STATUS, text) else BETWEEN,
        study=study,
        answer_lost=True,
    )


def _tls_hint(host: str) -> str:
    """Return a hint for http addresses: a server with TLS resets the connection or does not answer in HTTP."""
    return "" if host.startswith("https:") else f", or use https: `--host https:{host.partition(':')[2]}`"


def _connect_error(text: str, host: str, study: int | None) -> Unreachable:
    if "CERTIFICATE" in text.upper():
        from sostrades_cli.api.http.tls_errors import untrusted

        return untrusted(host, text, study)
    return Unreachable(
        f"cannot reach {host}",
        detail=text,
        hint=NO_TLS if NO_TLS_REASON in text else _unreachable_hint(host),
        study=study,
        transient=True,
    )


def _proxy_error(text: str, host: str, study: int | None) -> Unreachable:
    """Return the error for a proxy that refuses to connect to the server."""
    name, proxy = urlsplit(host).hostname, proxy_for(host)
    unknown = text.startswith(("401", "407")) or "password" in text
    return Unreachable(
        f"the proxy {proxy} does not connect to {host}" if proxy else f"the proxy does not connect to {host}",
        detail=f"the proxy says: {text}",
        hint="put your user and password into its address: HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"
        if unknown
        else f"check the address, set HTTPS_PROXY to another proxy, or connect without one: NO_PROXY={name}",
        study=study,
    )


def _unreachable_hint(host: str) -> str:
    """Return the hint for a server that cannot be reached."""
    proxy = proxy_for(host)
    if proxy is None:
        return CHECK_NETWORK
    return f"check the address, HTTPS_PROXY and NO_PROXY (the connection goes through {proxy})"
