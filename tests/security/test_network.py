"""Test the installed program on real sockets: TLS with a local authority, a proxy, and redirects."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from conftest import slow
from security.machine import NAME, PROGRAM, Machine, serving
from security.proxy import proxying
from security.searching import Search, tells_of

from server_stub.faults import Fault
from server_stub.server import running


def test_key_is_not_sent_to_a_proxy_in_clear_text(machine: Machine) -> None:
    """With CONNECT, the proxy only sees the host name."""
    with (
        serving(machine.world, machine.authority.issue_cert(NAME)) as port,
        proxying(("127.0.0.1", port)) as proxy,
    ):
        host = f"https://{NAME}"
        done = machine.types("study", "load", "21", "-v", SOSTRADES_HOST=host, HTTPS_PROXY=proxy.url)
        assert done.returncode == 0, done.stderr
        assert proxy.received
        search = Search(machine.world.key)
        for head in [*proxy.received, bytes(proxy.tunnelled)]:
            search.within(head, "the proxy")
        assert search.findings == []
        assert {head.split(b"\r\n")[0] for head in proxy.received} == {f"CONNECT {NAME}:443 HTTP/1.1".encode()}
        assert b"uthorization" not in b"".join(proxy.received)
        assert machine.world.requests


@pytest.mark.slow
def test_excluded_hosts_do_not_use_the_proxy(machine: Machine) -> None:
    with serving(machine.world, machine.authority.issue_cert("localhost")) as port, proxying(("127.0.0.1", 9)) as proxy:
        for variables in ({"NO_PROXY": NAME}, {"no_proxy": ".corp.example"}):
            done = machine.types("doctor", SOSTRADES_HOST=f"https://{NAME}", HTTPS_PROXY=proxy.url, **variables)
            assert done.returncode == 6
        own = machine.types("calc", "status", "21", SOSTRADES_HOST=f"https://localhost:{port}", ALL_PROXY=proxy.url)
        assert own.returncode == 0, own.stderr
        assert proxy.received == []


@pytest.mark.slow
def test_plain_http_is_never_sent_to_a_proxy(machine: Machine) -> None:
    with proxying(("127.0.0.1", 9)) as proxy:
        host = f"http://{NAME}"
        for line in (["calc", "status", "21"], ["doctor"]):
            done = machine.types(*line, "--allow-http", SOSTRADES_HOST=host, HTTP_PROXY=proxy.url, http_proxy=proxy.url)
            assert done.returncode != 0
            assert "a bug" not in done.stderr
            assert not any(tell.encode() in head for head in proxy.received for tell in tells_of(machine.world.key))


@pytest.mark.parametrize(
    "fault", ["name", "none named", *map(slow, ("expired", "not yet", "self-signed", "other authority"))]
)
def test_untrusted_certificate_gets_no_key(machine: Machine, fault: str) -> None:
    now, authority, bundle = datetime.now(UTC), machine.authority, str(machine.folder / "ca.pem")
    certificates = {
        "name": lambda: authority.issue_cert("other.example"),
        "expired": lambda: authority.issue_cert("localhost", not_after=now - timedelta(days=1)),
        "not yet": lambda: authority.issue_cert("localhost", not_before=now + timedelta(days=1)),
        "other authority": lambda: trustme.CA().issue_cert("localhost"),
        "none named": lambda: authority.issue_cert("localhost"),
        "self-signed": lambda: trustme.CA().issue_cert("localhost"),
    }
    bundle = "" if fault in {"none named", "self-signed"} else bundle
    advice = {"name": "check the address", "expired": "renew the certificate", "not yet": "clock of this computer"}
    with serving(machine.world, certificates[fault]()) as port:
        done = machine.types(
            "study", "load", "21", SOSTRADES_HOST=f"https://localhost:{port}", SOSTRADES_CA_BUNDLE=bundle
        )
        assert done.returncode == 6, done.stderr
        assert "is not trusted" in done.stderr
        assert advice.get(fault, "SOSTRADES_CA_BUNDLE=FILE.pem") in done.stderr
        assert not machine.world.requests


@pytest.mark.parametrize("status", [302, *map(slow, (301, 303, 307, 308))])
def test_redirect_to_another_port_is_not_followed(machine: Machine, status: int) -> None:
    with running(machine.world) as url, proxying(("127.0.0.1", 9)) as other:
        for line in (
            ["study", "load", "21"],
            ["api", "POST", "/api/v0/calculation/execute/21"],
            ["study", "url", "21"],
        ):
            machine.world.faults.arm(Fault("status", status=status, headers={"Location": f"{other.url}/x"}))
            done = machine.types(*line, SOSTRADES_HOST=url)
            assert done.returncode == 7, done.stderr
            assert other.url in done.stderr
        assert other.received == []


def test_process_arguments_do_not_contain_the_key(machine: Machine) -> None:
    search = Search(machine.world.key)
    with running(machine.world) as url:
        command = [PROGRAM, "calc", "watch", "26", "-F", "ndjson"]
        environ = machine.environ(SOSTRADES_HOST=url)
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline()
            for name in ("cmdline", "comm", "stat", "status"):
                search.within(Path(f"/proc/{process.pid}/{name}").read_bytes(), name)
            process.terminate()
            out, err = process.communicate(timeout=60)
            search.within(out + err, "the streams")
    search.below(machine.folder)
    assert search.searched > 5
    assert search.findings == []
