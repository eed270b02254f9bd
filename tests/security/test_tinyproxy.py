"""Test the installed program behind a real proxy: tunnels, passwords and refusals."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from security.machine import NAME, Machine, serving
from security.proxy import proxying
from security.searching import Search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TINYPROXY = shutil.which("tinyproxy")
PASSWORD = "k7-word-of-the-proxy"
STARTS_S = 10.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(TINYPROXY is None, reason="tinyproxy is not installed (.ci/run installs it)"),
]


@contextmanager
def tinyproxy(folder: Path, upstream: str, *more: str) -> Iterator[str]:
    """Run tinyproxy with another proxy as its upstream, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "tinyproxy.conf"
    lines = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 60", "LogLevel Connect"]
    lines += [f'LogFile "{folder / "tinyproxy.log"}"', f"Upstream http {upstream}", *more]
    config.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert TINYPROXY is not None
    with subprocess.Popen([TINYPROXY, "-d", "-c", str(config)], stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once something listens at a port."""
    until_s = time.monotonic() + STARTS_S
    while process.poll() is None and time.monotonic() < until_s:
        with socket.socket() as item:
            if item.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("tinyproxy did not start")


@contextmanager
def office(machine: Machine, *more: str) -> Iterator[str]:
    """Run tinyproxy between the machine and the server, and yield its address."""
    with (
        serving(machine.world, machine.authority.issue_cert(NAME)) as port,
        proxying(("127.0.0.1", port)) as outer,
        tinyproxy(machine.folder, outer.url.removeprefix("http://"), *more) as position,
    ):
        yield position
        search = Search(machine.world.key)
        search.within((machine.folder / "tinyproxy.log").read_bytes(), "the log of the proxy")
        assert search.findings == []


SESSION = [
    ["study", "load", "21", "-F", "json"],
    ["param", "set", "21", "Macro.gamma=0.5", "Macro.population=@population.csv"],
    ["param", "download", "21", "Macro.population", "-o", "back.csv"],
    ["calc", "run", "21"],
    ["postproc", "html", "21", "-o", "charts.html"],
    ["doctor", "21"],
]


def test_whole_session_works_through_a_proxy(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(machine.folder)
    (machine.folder / "population.csv").write_text("years,population\n2020,8000.5\n", encoding="utf-8")
    with office(machine) as position:
        for line in SESSION:
            done = machine.types(*line, SOSTRADES_HOST=f"https://{NAME}", HTTPS_PROXY=f"http://{position}")
            assert done.returncode == 0, (line, done.stderr)
    assert (machine.folder / "back.csv").read_text(encoding="utf-8") == "years,population\n2020,8000.5\n"
    assert f"CONNECT {NAME}:443" in (machine.folder / "tinyproxy.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "code"), [(f"ann:{PASSWORD}@", 0), ("ann:wrong@", 6), ("", 6)])
def test_proxy_password_is_used_and_not_shown(machine: Machine, name: str, code: int) -> None:
    with office(machine, f"BasicAuth ann {PASSWORD}") as position:
        proxy = f"http://{name}{position}"
        done = machine.types("study", "load", "21", "-v", SOSTRADES_HOST=f"https://{NAME}", HTTPS_PROXY=proxy)
        assert done.returncode == code, done.stderr
        assert PASSWORD not in done.stderr
        assert "wrong" not in done.stderr
        if code:
            assert all(part in done.stderr for part in (f"proxy http://{position} ", f" https://{NAME}\n"))
            assert "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT" in done.stderr


def test_refusal_of_a_proxy_is_not_reported_as_a_rejected_key(machine: Machine) -> None:
    with office(machine, "ConnectPort 8443") as position:
        done = machine.types("study", "load", "21", SOSTRADES_HOST=f"https://{NAME}", HTTPS_PROXY=f"http://{position}")
        assert done.returncode == 6, done.stderr
        assert all(part in done.stderr for part in (f"proxy http://{position} ", f" https://{NAME}\n", ": 403 "))
        assert not machine.world.requests
