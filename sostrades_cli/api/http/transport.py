"""The HTTP client: TLS, proxies, the key, and the one place where httpx errors become ours."""

from __future__ import annotations

import contextlib
import functools
import re
import ssl
import time
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from sostrades_cli.api.http.addresses import AddressKeeper
from sostrades_cli.api.http.body_limits import ACCEPTED, TooSlowError
from sostrades_cli.api.http.proxy import proxy_for, proxy_url
from sostrades_cli.api.http.tls_errors import untrusted
from sostrades_cli.api.protocol import BETWEEN
from sostrades_cli.errors import ServerFault, SostradesError, Unreachable, UsageError
from sostrades_cli.local.server_address import require_usable
from sostrades_cli.local.settings import CA_VARIABLE
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

CONNECT_S: Final = 4.0
# Of an answer that cannot be read: how much of why is shown, in letters.
LONGEST_TEXT: Final = 300
# httpx has one class for all of these; its texts tell a connection that ended within a body, one that ended before,
# and a server that does not begin like HTTP.
_CUT: Final = "complete message body"
_GONE: Final = re.compile(r"disconnected|unexpectedly closed")
_NO_STATUS: Final = re.compile(r"illegal (status|request) line")


class KeyAuth(httpx.Auth):
    """Sends the key as a bearer token; on a 401 tries its other form once, and stays with what works."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = list(forms)
        self.accepted: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Yield the request with each form until one is not answered with 401."""
        for form in [self.accepted] if self.accepted else self._forms:
            request.headers["Authorization"] = f"Bearer {form}"
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                self.accepted = form
                return


@dataclass(frozen=True, slots=True)
class Connection:
    """What a session is made from.

    ``ca_source`` names the setting that ``ca_bundle`` comes from. TLS secrets are logged into ``key_log``, for those
    who look at the traffic. ``transport`` replaces the network in tests.
    """

    host: str
    forms: tuple[str, ...] = field(default=(), repr=False)
    ca_bundle: Path | None = None
    ca_source: str | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    read_timeout_s: float | None = None
    key_log: Path | None = None
    transport: httpx.BaseTransport | None = None


def build_client(connection: Connection, monotonic: Callable[[], float] = time.monotonic) -> httpx.Client:
    """Make the client that every request of a command goes through."""
    scheme = urlsplit(connection.host).scheme
    proxy = _proxy(connection.host)
    if proxy is not None and connection.forms and scheme == "http":
        _require_no_proxy(connection.host)
    verify = tls_context(connection) if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limits = httpx.Limits(max_connections=16, keepalive_expiry=5.0)
    make = functools.partial(
        httpx.Client,
        # The server's cookies carry a name and an e-mail, and are of no use: a jar that takes none.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"sostrades/{__version__}", "Accept": "*/*", "Accept-Encoding": ACCEPTED},
        # The one proxy of this address was found above; httpx fails at entries of NO_PROXY that it cannot read.
        trust_env=False,
    )
    if connection.transport is not None:
        return make(transport=connection.transport)
    if proxy is None:
        return make(transport=AddressKeeper(httpx.HTTPTransport(verify, limits=limits), monotonic))
    try:
        require_usable(urlsplit(proxy).hostname or "")
        return make(proxy=proxy, verify=verify, limits=limits)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise UsageError(
            f"the proxy that the environment names cannot be used: {error}",
            hint="look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: http://proxy.example:3128; NO_PROXY=HOST goes without",
        ) from error


def _proxy(host: str) -> str | None:
    """Return the proxy for an address, if the environment names any."""
    from urllib.request import getproxies  # noqa: PLC0415 - start-up

    return proxy_url(host) if getproxies() else None


def _require_no_proxy(host: str) -> None:
    """Refuse to give the key to a proxy, which can read it where there is no TLS."""
    raise UsageError(
        f"{host} is reached through {proxy_for(host)}, which could read the key",
        hint=f"use https://, or go without the proxy: NO_PROXY={urlsplit(host).hostname}",
    )


def tls_context(connection: Connection) -> ssl.SSLContext:
    """Return what decides whether a server is trusted, and the certificate that is shown to one that asks.

    Raises
    ------
    UsageError
        A file cannot be used.

    """
    context = _trust(connection)
    if connection.key_log is not None:
        try:
            context.keylog_filename = str(connection.key_log)
        except OSError as error:
            raise UsageError(
                f"the file {connection.key_log} of SSLKEYLOGFILE cannot be written: {error.strerror}",
                hint="unset SSLKEYLOGFILE, or name a file in it that can be written",
            ) from error
    if connection.client_cert is None:
        return context
    try:
        # Without this OpenSSL itself would ask the terminal for a password.
        context.load_cert_chain(connection.client_cert, connection.client_key, password="")
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"the client certificate {connection.client_cert} cannot be used: {error}",
            hint="SOSTRADES_CLIENT_CERT and SOSTRADES_CLIENT_KEY name PEM files without a password",
        ) from error
    return context


def _trust(connection: Connection) -> ssl.SSLContext:
    bundle = connection.ca_bundle
    if bundle is None:
        import truststore  # noqa: PLC0415 - start-up: only https without a bundle needs the system's trust store

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not the default context: since Python 3.13 it refuses authorities without key identifiers, as many companies have.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # An authority that was named is trusted, whether it signed itself or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        # Requests takes a folder as well.
        context.load_verify_locations(**{"capath" if bundle.is_dir() else "cafile": str(bundle)})
    except (OSError, ssl.SSLError) as error:
        source = connection.ca_source or CA_VARIABLE
        raise UsageError(
            f"the CA bundle {bundle} cannot be used: {error}", hint=f"{source} names it: is it a PEM file?"
        ) from error
    return context


@contextlib.contextmanager
def explained(host: str, study: int | None, hidden: Callable[[str], str]) -> Iterator[None]:
    """Turn what httpx raises into our errors; ``hidden`` takes the key out of what whoever answers may have said."""
    try:
        yield
    except httpx.TransportError as error:
        raise _ours(error, hidden(str(error))[:LONGEST_TEXT] or type(error).__name__, host, study) from error
    except (httpx.InvalidURL, httpx.HTTPError) as error:
        text = hidden(str(error))[:LONGEST_TEXT]
        raise ServerFault(
            f"the answer of {host} cannot be read: {text}", hint=BETWEEN, study=study, answer_lost=True
        ) from error


def _ours(error: httpx.TransportError, text: str, host: str, study: int | None) -> SostradesError:
    if isinstance(error, httpx.ConnectTimeout):
        return Unreachable(f"no answer from {host} within {CONNECT_S:g} s", hint=_way(host), study=study)
    if isinstance(error, httpx.ConnectError):
        return _not_connected(text, host, study)
    if isinstance(error, httpx.ProxyError):
        return _kept_out(text, host, study)
    if isinstance(error, httpx.RemoteProtocolError) and not _GONE.search(text):
        return _not_whole(text, host, study)
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(
            f"{host} answers too slowly: {text}"
            if isinstance(error, TooSlowError)
            else f"{host} did not answer in time",
            hint="--read-timeout S waits longer",
            study=study,
            transient=True,
            answer_lost=True,
        )
    return Unreachable(
        f"the connection to {host} broke",
        detail=text,
        hint=f"try again{_or_with_tls(host)}",
        study=study,
        transient=True,
        answer_lost=True,
    )


def _not_whole(text: str, host: str, study: int | None) -> ServerFault:
    if _CUT in text:
        return ServerFault(
            f"the answer of {host} was cut",
            hint="try again; if it is cut each time, a proxy in between or the server's own time limit may do it",
            study=study,
            transient=True,
            answer_lost=True,
        )
    return ServerFault(
        f"what answers at {host} speaks no HTTP that can be read",
        detail=text,
        hint=f"is the port right{_or_with_tls(host) or ' ?'}" if _NO_STATUS.search(text) else BETWEEN,
        study=study,
        answer_lost=True,
    )


def _or_with_tls(host: str) -> str:
    """Return what to ask of an address without TLS: a server with it resets, or answers with what is no HTTP."""
    return "" if host.startswith("https:") else f"; or is it https:{host.partition(':')[2]} ?"


def _not_connected(text: str, host: str, study: int | None) -> Unreachable:
    if "CERTIFICATE" in text.upper():
        return untrusted(host, text, study)
    return Unreachable(
        f"{host} cannot be reached",
        detail=text,
        hint=_way(host),
        study=study,
        transient=True,
    )


def _kept_out(text: str, host: str, study: int | None) -> Unreachable:
    """Say that a proxy does not lead to the server; its own words say why."""
    name, proxy = urlsplit(host).hostname, proxy_for(host)
    unknown = text.startswith(("401", "407")) or "password" in text
    return Unreachable(
        f"the proxy {proxy} does not lead to {host}" if proxy else f"the proxy does not lead to {host}",
        detail=f"it says: {text}",
        hint="its user and password go into its address: HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"
        if unknown
        else f"is the address right? NO_PROXY={name} goes without the proxy, HTTPS_PROXY names another",
        study=study,
    )


def _way(host: str) -> str:
    """Return what to look at where a server cannot be reached."""
    proxy = proxy_for(host)
    if proxy is None:
        return "is the address right, is a VPN needed?"
    return f"it is reached through {proxy}: look at HTTPS_PROXY and NO_PROXY; is the address right?"
