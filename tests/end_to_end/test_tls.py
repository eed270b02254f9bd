"""Test TLS on real sockets: a local authority, invalid certificates and client certificates."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from werkzeug.serving import WSGIRequestHandler, make_server

from server_stub.app import create_app
from server_stub.worlds import build_world
from sostrades_cli.api.http.transport import Connection, tls_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Shell  # type: ignore[attr-defined] # the conftest beside this file

    from server_stub.world import World


class Quiet(WSGIRequestHandler):
    """A handler that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Write nothing."""


@contextmanager
def serving(world: World, context: ssl.SSLContext) -> Iterator[str]:
    """Serve a world over TLS on the loopback interface."""
    server = make_server("127.0.0.1", 0, create_app(world), threaded=True, ssl_context=context, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """Return the TLS context of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """Return an authority whose certificate is in `ca.pem`."""
    made = trustme.CA(organization_name="Corp CA")
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


def signed_without_identifiers(folder: Path) -> tuple[Path, Path]:
    """Write an authority without key identifiers to `ca.pem`. Return a key and a certificate signed by it."""
    script = """
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/O=Corp CA' -config ca.cnf
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost -config ca.cnf
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile server.cnf -out server.pem
    """
    (folder / "ca.cnf").write_text(
        "[req]\ndistinguished_name=name\nx509_extensions=ca\n[name]\n[ca]\n"
        "basicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n"
    )
    (folder / "server.cnf").write_text(
        "subjectAltName=DNS:localhost\nsubjectKeyIdentifier=none\nauthorityKeyIdentifier=none\n"
    )
    subprocess.run(["bash", "-ec", script], cwd=folder, check=True, capture_output=True)
    return folder / "server.key", folder / "server.pem"


@pytest.mark.slow
def test_own_authority_is_trusted_if_configured(shell: Shell, authority: trustme.CA, tmp_path: Path) -> None:
    world = build_world("demo", speed=20.0)
    with serving(world, context_of(authority.issue_cert("localhost"))) as url:
        good = shell.runs("sostrades doctor -F json", SOSTRADES_HOST=url, SOSTRADES_CA_BUNDLE=str(tmp_path / "ca.pem"))
        result = {check["check"]: check for check in json.loads(good.stdout)}
        assert (good.returncode, result["certificate"]["state"]) == (0, "ok"), good.stdout
        assert "Corp CA" in result["certificate"]["found"]
        bad = shell.runs("sostrades calc status 21", SOSTRADES_HOST=url)
        assert bad.returncode == 6
        assert "is not trusted" in bad.stderr
        assert "SOSTRADES_CA_BUNDLE" in bad.stderr
        doctor = shell.runs("sostrades doctor -F json", SOSTRADES_HOST=url)
        assert doctor.returncode == 6
        assert next(c["state"] for c in json.loads(doctor.stdout) if c["check"] == "certificate") == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [("other.example", 30, "check the address"), ("localhost", -1, "renew the certificate")],
)
def test_certificate_of_another_name_or_time_is_exit_6(
    shell: Shell, authority: trustme.CA, tmp_path: Path, name: str, days: int, expected: str
) -> None:
    certificate = authority.issue_cert(name, not_after=datetime.now(UTC) + timedelta(days=days))
    with serving(build_world("demo", speed=20.0), context_of(certificate)) as url:
        for line in ("sostrades study load 21", "sostrades doctor"):
            done = shell.runs(line, SOSTRADES_HOST=url, SOSTRADES_CA_BUNDLE=str(tmp_path / "ca.pem"))
            assert done.returncode == 6, done.stderr
            assert "is not trusted" in done.stderr
            assert expected in done.stderr


@pytest.mark.slow
def test_client_certificate_is_sent(shell: Shell, authority: trustme.CA, tmp_path: Path) -> None:
    """Without one, the server is not reached."""
    client = authority.issue_cert("client.example")
    client.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
    context = context_of(authority.issue_cert("localhost"))
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(build_world("demo", speed=20.0), context) as url:
        trusted = {"SOSTRADES_HOST": url, "SOSTRADES_CA_BUNDLE": str(tmp_path / "ca.pem")}
        files = {
            "SOSTRADES_CLIENT_CERT": str(tmp_path / "cert.pem"),
            "SOSTRADES_CLIENT_KEY": str(tmp_path / "key.pem"),
        }
        assert shell.runs("sostrades calc status 21 -F json", **trusted, **files).returncode == 0
        assert shell.runs("sostrades calc status 21", **trusted).returncode == 6
        wrong = shell.runs("sostrades calc status 21", **trusted, SOSTRADES_CLIENT_CERT=str(tmp_path / "none.pem"))
        assert wrong.returncode == 2
        assert "client certificate" in wrong.stderr


WAYS = ("SOSTRADES_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
NO_WAY = dict.fromkeys((*WAYS, "SSL_CERT_DIR"), "")


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_authority_can_be_named_by_any_variable(shell: Shell, authority: trustme.CA, tmp_path: Path, way: str) -> None:
    with serving(build_world("demo", speed=20.0), context_of(authority.issue_cert("localhost"))) as url:
        shell.environ.update(NO_WAY, SOSTRADES_HOST=url)
        assert shell.runs("sostrades calc status 21").returncode == 6
        assert shell.runs("sostrades calc status 21", **{way: str(tmp_path / "ca.pem")}).returncode == 0
        for broken in ("none.pem", "empty.pem"):
            (tmp_path / "empty.pem").touch()
            done = shell.runs("sostrades calc status 21", **{way: str(tmp_path / broken)})
            assert (done.returncode, way in done.stderr) == (2, True), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_authority_without_key_identifiers_is_trusted(shell: Shell, tmp_path: Path, way: str) -> None:
    """Python 3.13 and later reject one by default, and companies use them."""
    key, signed = signed_without_identifiers(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    with serving(build_world("demo", speed=20.0), context) as url:
        done = shell.runs(
            "sostrades calc status 21", **{**NO_WAY, "SOSTRADES_HOST": url, way: str(tmp_path / "ca.pem")}
        )
        assert done.returncode == 0, done.stderr


def test_verification_is_not_stricter_with_a_newer_python(authority: trustme.CA, tmp_path: Path) -> None:
    strict = getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
    context = tls_context(Connection("https://localhost", ca_bundle=tmp_path / "ca.pem"))
    assert not context.verify_flags & strict
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_intermediate_authority_can_be_the_only_one(shell: Shell, authority: trustme.CA, tmp_path: Path) -> None:
    between = authority.create_child_ca()
    between.cert_pem.write_to_path(str(tmp_path / "between.pem"))
    with serving(build_world("demo", speed=20.0), context_of(between.issue_cert("localhost"))) as url:
        named = {"SOSTRADES_HOST": url, "SOSTRADES_CA_BUNDLE": str(tmp_path / "between.pem")}
        assert shell.runs("sostrades calc status 21", **named).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("bundle", ["", "ca.pem"])
def test_secrets_are_logged_to_sslkeylogfile(shell: Shell, authority: trustme.CA, tmp_path: Path, bundle: str) -> None:
    """An unwritable file is reported by its own variable."""
    named = {**NO_WAY, "SOSTRADES_CA_BUNDLE": str(tmp_path / bundle) if bundle else ""}
    with serving(build_world("demo", speed=20.0), context_of(authority.issue_cert("localhost"))) as url:
        log = tmp_path / "secrets.log"
        shell.runs("sostrades calc status 21", SOSTRADES_HOST=url, SSLKEYLOGFILE=str(log), **named)
        assert "TRAFFIC_SECRET" in log.read_text()
        for unusable in (tmp_path, tmp_path / "none" / "secrets.log"):
            done = shell.runs("sostrades calc status 21", SOSTRADES_HOST=url, SSLKEYLOGFILE=str(unusable), **named)
            assert (done.returncode, "SSLKEYLOGFILE" in done.stderr, "bundle" in done.stderr) == (2, True, False)
