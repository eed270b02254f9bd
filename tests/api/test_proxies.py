"""The proxy that the environment names: used, told where it is in the way, refused where it cannot be used."""

from __future__ import annotations

import httpx
import pytest

from sostrades_cli.api.proxies import proxy_for
from sostrades_cli.api.transport import Connection, build_client, explained
from sostrades_cli.errors import Unreachable, UsageError

HOST = "https://corp.invalid"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin without a proxy."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("proxy", ["ftp://proxy.example", "http://proxy.example:abc", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """It names the variables to look at; nothing is sent."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UsageError, match="the proxy that the environment names cannot be used") as raised:
        build_client(Connection(HOST))
    assert "HTTPS_PROXY" in str(raised.value.hint)
    assert proxy_for(HOST) is not None


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks5h://127.0.0.1:9", "http://127.0.0.1:9"])
def test_a_proxy_of_each_kind_can_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """SOCKS as well as HTTP; one that is not there is named, where the address would be blamed."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with build_client(Connection(HOST)) as client, pytest.raises(Unreachable) as raised, explained(HOST, None, str):
        client.get(HOST)
    assert proxy in str(raised.value.hint)


def test_a_proxys_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint has the proxy's address only."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@127.0.0.1:9")
    assert proxy_for(HOST) == "http://127.0.0.1:9"


def test_no_proxy_goes_to_this_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """For loopback the variables are not even read, so that a bad one is no matter."""
    monkeypatch.setenv("ALL_PROXY", "ftp://proxy.example")
    build_client(Connection("http://127.0.0.1:5004")).close()
    assert proxy_for("http://127.0.0.1:5004") is None


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("407 Proxy Authentication Required", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("401 Unauthorized", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("Invalid username/password", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("403 Access violation", "NO_PROXY=sos.corp.example goes without the proxy"),
        ("Proxy Server could not connect: Host unreachable.", "NO_PROXY=sos.corp.example goes without the proxy"),
    ],
)
def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch, said: str, hint: str) -> None:
    """What a proxy refuses is not blamed on the server, nor on its key; the proxy's password is not told."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@127.0.0.1:9")
    with pytest.raises(Unreachable) as raised, explained("https://sos.corp.example", 21, str):
        raise httpx.ProxyError(said)
    error = raised.value
    assert error.message == "the proxy http://127.0.0.1:9 does not lead to https://sos.corp.example"
    assert error.detail == f"it says: {said}"
    assert hint in str(error.hint)
    assert "secret" not in f"{error.message} {error.detail} {error.hint}"
