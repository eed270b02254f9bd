"""Test faults that need a process of their own, with real time and memory: slow bodies, certificates, floods."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
KEY = "5a6b7c8d9eafb0c1d2e3f4051627384a"
MB = 1_000_000
LEEWAY_S = 40.0  # for the waits between attempts and a busy machine
# Runs the program and tells the most memory that it took, in MB.
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
sys.exit(code)
"""
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
STATUS_LINE = ("calc", "status", "21", "-F", "json")


class End(NamedTuple):
    """The end of a command: its code, its streams and its duration in seconds."""

    code: int
    out: bytes
    err: str
    took_s: float

    @property
    def error(self) -> dict[str, object]:
        """The error object, which is the first line of standard error."""
        result: dict[str, object] = json.loads(self.err.splitlines()[0])
        return result


@contextlib.contextmanager
def serving(play: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve connections: read a request, then pass the connection to ``play``."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            plain = context.wrap_socket(connection, server_side=True) if context else connection
            with plain:
                plain.recv(65536)
                play(plain)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"{'https://localhost' if context else 'http://127.0.0.1'}:{listening.getsockname()[1]}"
    finally:
        # Closing alone does not end an `accept` that waits in another thread.
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def runs(folder: Path, url: str, *words: str, measured: bool = False, **environ: str) -> End:
    """Run the program in its own process."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SOSTRADES_")}
    own = {"SOSTRADES_HOST": url, "SOSTRADES_API_KEY": KEY, "HOME": str(folder)}
    line = [sys.executable, "-m", "sostrades_cli", *words]
    if measured:
        line = [sys.executable, "-c", MEASURED, *line]
    began = time.monotonic()
    done = subprocess.run(
        line, env={**kept, **own, **environ}, cwd=folder, capture_output=True, timeout=120, check=False
    )
    return End(done.returncode, done.stdout, done.stderr.decode(), time.monotonic() - began)


def dripping(head: bytes, piece: bytes = b" ", every_s: float = 0.1) -> Callable[[socket.socket], None]:
    """Send a head, then a piece now and then, forever."""

    def play(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            time.sleep(every_s)
            connection.sendall(piece)

    return play


def test_slowly_dripping_body_is_exit_6(tmp_path: Path) -> None:
    """It takes at most twice the read timeout for each attempt."""
    with serving(dripping(JSON_HEAD + b"\r\n{")) as url:
        done = runs(tmp_path, url, *STATUS_LINE, "--read-timeout", "0.4s")
    assert (done.code, done.error["kind"]) == (6, "unreachable")
    assert done.took_s < 4 * 2 * 0.4 + LEEWAY_S


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}", 7),
        (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", 7),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 7),
        (b"\x15\x03\x03\x00\x02\x02F", 7),
        (b"HTTP/1.1 000 Nothing\r\n\r\n", 7),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[:x\r\nContent-Length: 0\r\n\r\n", 7),
        (b"", 6),
        (b"HTTP/1.1 200 OK\r\nContent", 6),
    ],
    ids=["length", "chunk", "ssh", "tls", "000", "location", "nothing", "half a head"],
)
def test_invalid_http_is_distinguished_from_a_closed_connection(tmp_path: Path, answer: bytes, code: int) -> None:
    asked: list[int] = []

    def play(connection: socket.socket) -> None:
        asked.append(1)
        connection.sendall(answer)
        time.sleep(0.2)

    with serving(play) as url:
        done = runs(tmp_path, url, *STATUS_LINE)
    assert done.code == code, done.err
    assert (len(asked) == 1) == (code == 7)
    assert done.error["hint"]


def test_slow_download_is_complete(tmp_path: Path) -> None:
    """It transfers 2 kB a second, and takes many times the timeout."""
    content = b"value\n" + b"1.25\n" * 1200

    def slowly(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % len(content))
        for at in range(0, len(content), 200):
            connection.sendall(content[at : at + 200])
            time.sleep(0.1)

    with serving(slowly) as url:
        words = ("param", "download", "21", "dice.Macro.weights", "-o", "w.csv", "--read-timeout", "0.5s")
        done = runs(tmp_path, url, *words)
    assert (done.code, (tmp_path / "w.csv").read_bytes()) == (0, content)


@pytest.mark.parametrize(
    ("name", "days", "trusted"),
    [("localhost", 30, False), ("localhost", -1, True), ("other.example", 30, True)],
    ids=["untrusted", "expired", "wrong name"],
)
def test_untrusted_certificate_gets_no_request(tmp_path: Path, name: str, days: int, *, trusted: bool) -> None:
    authority, asked = trustme.CA(), []
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=datetime.now(UTC) + timedelta(days=days)).configure_cert(context)
    environ = {"SOSTRADES_CA_BUNDLE": str(tmp_path / "ca.pem")} if trusted else {}
    with serving(lambda _: asked.append(1), context) as url:
        done = runs(tmp_path, url, *STATUS_LINE, **environ)
    assert (done.code, asked) == (6, [])
    assert "certificate" in str(done.error["error"])


def test_unknown_host_name_is_exit_6(tmp_path: Path) -> None:
    done = runs(tmp_path, "https://no-such-host.invalid", *STATUS_LINE)
    assert done.code == 6
    assert done.took_s < LEEWAY_S


def test_flood_is_rejected_within_the_memory_limit(tmp_path: Path) -> None:
    block = b"x" * MB

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200000000\r\n\r\n")
        for _ in range(200):
            connection.sendall(block)

    with serving(flood) as url:
        done = runs(tmp_path, url, "study", "load", "21", "-F", "json", measured=True)
    assert (done.code, done.error["kind"]) == (7, "unusable_answer")
    assert int(done.err.splitlines()[-1]) < 150


@pytest.mark.parametrize("layers", [1, 2])
def test_decompression_bomb_is_rejected_at_a_known_size(tmp_path: Path, layers: int) -> None:
    packed = gzip.compress(b'{"a": "' + b"a" * (300 * MB), 1)
    body = packed if layers == 1 else gzip.compress(packed, 9)
    coding = b", ".join([b"gzip"] * layers)

    def burst(connection: socket.socket) -> None:
        connection.sendall(b"%bContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (JSON_HEAD, coding, len(body)))
        connection.sendall(body)

    with serving(burst) as url:
        done = runs(tmp_path, url, *STATUS_LINE, measured=True)
    assert (done.code, done.error["kind"]) == (7, "unusable_answer")
    assert int(done.err.splitlines()[-1]) < 300


def test_large_valid_answer_is_accepted(tmp_path: Path) -> None:
    entry = (
        '"dice.Macro.p%07d": {"type": "string", "unit": null, "var_name": "p%07d", "value": "%s", "optional": false}'
    )
    count = 50_000
    body = ("{" + ", ".join(entry % (at, at, "v" * 1900) for at in range(count)) + "}").encode()
    assert len(body) > 100 * MB

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"%bContent-Length: %d\r\n\r\n" % (JSON_HEAD, len(body)))
        connection.sendall(body)

    with serving(answer) as url:
        done = runs(tmp_path, url, "param", "list", "21", "--inputs", "--query", "length(@)")
    assert (done.code, done.out.strip()) == (0, b"50000")
