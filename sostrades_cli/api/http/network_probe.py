"""Probes below HTTP: the addresses of a name, and the certificate of a server."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from sostrades_cli.api.http.tls_errors import untrusted
from sostrades_cli.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHIN_S: Final = 4.0


class Certificate(NamedTuple):
    """A trusted certificate: its subject, its issuer, and its expiry in seconds since 1970."""

    subject: str
    issuer: str
    expires_s: float


# A protocol, so that tests can replace the network.
class Network(Protocol):
    """The network probes of ``doctor``."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name."""

    def certificate(self, host: str, port: int, context: ssl.SSLContext) -> Certificate:
        """Return the certificate of a server that the context trusts."""


class SystemNetwork:
    """The network of this machine."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name.

        Raises
        ------
        Unreachable
            The name has no address.

        """
        try:
            # UnicodeError: a label that is too long fails in the codec, not in the resolver.
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable(
                f"the name {host} cannot be resolved",
                detail=getattr(error, "strerror", None) or str(error),
                hint="check the spelling of the name, and whether you need a VPN or a proxy (HTTPS_PROXY)",
            ) from error
        return list(dict.fromkeys(str(socket_address[0]) for *_, socket_address in answers))

    def certificate(self, host: str, port: int, context: ssl.SSLContext) -> Certificate:
        """Return the certificate of a server that the context trusts.

        Raises
        ------
        Unreachable
            The server does not answer, does not speak TLS, or its certificate is not trusted.

        """
        try:
            with (
                socket.create_connection((host, port), timeout=WITHIN_S) as plain,
                context.wrap_socket(plain, server_hostname=host) as secure,
            ):
                return _read(secure.getpeercert() or {})
        except ssl.SSLCertVerificationError as error:
            raise untrusted(host, error.verify_message or str(error)) from error
        except OSError as error:
            raise Unreachable(
                f"no secure connection to {host}, port {port}", detail=str(error), hint="check the port of the address"
            ) from error


def _read(certificate: Mapping[str, Any]) -> Certificate:
    expires = certificate.get("notAfter")
    return Certificate(
        _name(certificate.get("subject", ())),
        _name(certificate.get("issuer", ())),
        float(ssl.cert_time_to_seconds(expires)) if isinstance(expires, str) else float("inf"),
    )


def _name(parts: Any) -> str:  # noqa: ANN401 - tuples in tuples, as the standard library gives them
    fields = dict(pair for part in parts for pair in part)
    names = [fields[key] for key in ("organizationName", "commonName") if key in fields]
    return ", ".join(dict.fromkeys(names)) or "no name"
