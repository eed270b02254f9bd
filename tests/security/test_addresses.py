"""Test that plain http stays on this machine, and that files of the tool are private."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User

BEYOND = (
    *("http://corp.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://localhost.:1"),
    *("http://10.0.0.1", "http://0.0.0.0", "http://169.254.169.254", "http://128.0.0.1", "http://notlocalhost"),
    *("http://2130706433", "http://0177.0.0.1", "http://0x7f.0.0.1", "http://0x7f000001", "http://127.1"),
    *("http://[::]", "http://[::2]", "http://[fe80::1]", "http://[2001:db8::1]:80", "http://[::ffff:10.0.0.1]"),
    *("http://127.0.0.1\\.evil.example", "http://127.0.0.1%2eevil.example", "http://evil.example\\@127.0.0.1"),
    *("http://localhost@evil.example", "http://127.0.0.1:5004@evil.example", "http://user:pw@127.0.0.1"),
    *("http://evil.example#@127.0.0.1", "http://evil.example?@127.0.0.1", "http:///127.0.0.1", "http:127.0.0.1"),
    *(
        "http://\uff11\uff12\uff17.0.0.1.evil.example",
        "http://loc\u0430lhost",
        "http://127.0.0.1\t.evil.example",
        "HTTP://corp.example",
    ),
    *("ftp://127.0.0.1", "file:///etc/passwd", "//127.0.0.1", "127.0.0.1", "javascript:alert(1)"),
)
HERE = (
    "http://127.0.0.1:5004",
    "http://localhost:5004",
    "http://[::1]:5004",
    "http://127.8.9.10",
    "HTTP://LOCALHOST:1",
)


@pytest.mark.parametrize("host", mostly_slow(BEYOND, 3))
@pytest.mark.parametrize("source", ["--host", "SOSTRADES_HOST"])
def test_plain_http_to_other_hosts_is_rejected(user: User, host: str, source: str) -> None:
    """Look-alikes, user names in URLs and unusual forms of numbers included."""
    arguments, environ = (["--host", host], {}) if source == "--host" else ([], {"SOSTRADES_HOST": host})
    done = user.types("study", "load", "21", *arguments, **environ)
    assert done.code == 2, done.err
    assert user.requests == []


@pytest.mark.parametrize("host", HERE)
def test_plain_http_to_this_machine_is_allowed(user: User, host: str) -> None:
    assert user.types("calc", "status", "21", "--host", host).code == 0


def test_plain_http_to_other_hosts_needs_allow_http(user: User) -> None:
    """User names in URLs are always rejected."""
    assert user.types("calc", "status", "21", "--host", "http://corp.example", "--allow-http").code == 0
    assert user.types("calc", "status", "21", SOSTRADES_HOST="http://corp.example", SOSTRADES_ALLOW_HTTP="1").code == 0
    assert user.types("calc", "status", "21", "--host", "http://a@corp.example", "--allow-http").code == 2


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "socks5://proxy.example"])
def test_plain_http_through_a_proxy_is_rejected(
    user: User, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, proxy)
    arguments = ["calc", "status", "21", "--host", "http://corp.example", "--allow-http"]
    done = user.types(*arguments)
    assert (done.code, user.requests) == (2, [])
    assert "proxy.example" in done.err
    assert "NO_PROXY=corp.example" in done.err
    monkeypatch.setenv("NO_PROXY", "corp.example")
    assert user.types(*arguments).code == 0


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o027, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set the umask of new files."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_files_of_the_tool_are_private(user: User) -> None:
    """Folders have mode 0700 and files 0600, whatever the umask is."""
    lines = [
        "study load 21",
        "alias set dice 21",
        "config set format json",
        "param set 21 Macro.gamma=0.4",
        "param reset 21 Macro.population",
        "param undo 21",
        "calc run 21",
    ]
    for line in lines:
        done = user.types(*line.split(), "--yes") if "param" in line else user.types(*line.split())
        assert done.code == 0, f"{line}: {done.err}"
    modes = {}
    for name in ("config", "cache", "state"):
        for path in (user.folder / name, *(user.folder / name).rglob("*")):
            modes[path] = stat.S_IMODE(path.stat().st_mode)
    assert len(modes) > 6
    assert {path: oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_support_bundle_is_private(user: User) -> None:
    before = os.umask(0)
    try:
        user.types("doctor", "--bundle", str(user.folder / "b.zip"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((user.folder / "b.zip").stat().st_mode) == 0o600
