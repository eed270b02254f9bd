"""Check the connection to a server: name lookup, proxy, certificate, and the answer of a SoSTrades API."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sostrades_cli.api.http.proxy import PORTS, proxy_for, require_library
from sostrades_cli.errors import ServerFault, SostradesError
from sostrades_cli.operations.doctor.check import Check, failed, not_checked, ok, warning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sostrades_cli.api.client import Api
    from sostrades_cli.api.http.network_probe import Network
    from sostrades_cli.api.http.transport import Connection
    from sostrades_cli.clock import Clock

DAY_S: Final = 86400.0
SOON_DAYS: Final = 21
MOST_SKEW_S: Final = 60.0


def run_checks(
    connection: Connection,
    network: Network,
    connect: Callable[[], Api],
    clock: Clock,
    waiting: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Iterator[Check]:
    """Check the connection step by step, and stop at the first failure. ``waiting`` shows the purpose of a wait."""
    proxy = proxy_for(connection.host)
    with waiting(f"Looking up {connection.host} and its certificate"):
        checks = [*_name_and_tls(connection, network, clock, proxy)]
    yield from checks
    if not any(check.error for check in checks):
        yield from _ping(connect, clock)


def _name_and_tls(connection: Connection, network: Network, clock: Clock, proxy: str | None) -> Iterator[Check]:
    parts = urlsplit(connection.host)
    name, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    if proxy is not None:
        try:
            require_library(proxy)
        except SostradesError as error:
            yield failed("proxy", error)
            return
        yield ok("proxy", f"{proxy} (from the environment)")
        # Behind a proxy, a local name lookup may fail although requests work.
        yield not_checked("host name", "the proxy looks it up")
        if parts.scheme == "https":
            yield not_checked("certificate", "checked through the proxy, with the first request")
        return
    yield ok("proxy", "none")
    try:
        yield ok("host name", f"{name} resolves to {', '.join(network.addresses(name, port))}")
    except SostradesError as error:
        yield failed("host name", error)
        return
    if parts.scheme == "https":
        yield _certificate(connection, network, clock, (name, port))


def _certificate(connection: Connection, network: Network, clock: Clock, address: tuple[str, int]) -> Check:
    from sostrades_cli.api.http.transport import tls_context

    try:
        certificate = network.certificate(*address, tls_context(connection))
    except SostradesError as error:
        return failed("certificate", error)
    # The end of some certificates cannot be read. It is infinite then.
    days = (
        int((certificate.expires_s - clock.now().timestamp()) // DAY_S)
        if certificate.expires_s != float("inf")
        else None
    )
    trust = f"by {connection.ca_bundle}" if connection.ca_bundle else "by this system"
    until = "" if days is None else f", valid until {datetime.fromtimestamp(certificate.expires_s, UTC):%Y-%m-%d}"
    text = f"{certificate.subject}, signed by {certificate.issuer}, trusted {trust}{until}"
    if days is not None and days < SOON_DAYS:
        return warning("certificate", text, f"it expires in {days} days: tell the administrator of the server")
    return ok("certificate", text)


def _ping(connect: Callable[[], Api], clock: Clock) -> Iterator[Check]:
    started = clock.monotonic()
    try:
        reply = connect().session.read("GET", "/api/ping")
        answer = reply.json()
    except SostradesError as error:
        yield failed("api", error)
        return
    took_s = clock.monotonic() - started
    if answer != "pong":
        yield failed("api", ServerFault("the server is not a SoSTrades API", hint="sostrades config explain host"))
        return
    yield ok("api", f"answered /api/ping in {took_s:.2f} s")
    yield _clock(reply.headers.get("date"), clock)


def _clock(date: str | None, clock: Clock) -> Check:
    try:
        server_time = parsedate_to_datetime(date or "")
    except ValueError:
        return not_checked("clock", "the server sends no time")
    # A date header with "-0000" parses as naive.
    if server_time.tzinfo is None:
        server_time = server_time.replace(tzinfo=UTC)
    skew_s = (clock.now() - server_time).total_seconds()
    if abs(skew_s) > MOST_SKEW_S:
        side = "ahead of" if skew_s > 0 else "behind"
        return warning(
            "clock",
            f"this computer is {abs(skew_s):.0f} s {side} the server",
            "correct the clock, so that times in logs agree",
        )
    return ok("clock", f"differs from the server's by at most {max(1, round(abs(skew_s)))} s")
