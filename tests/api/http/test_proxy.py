"""Test the proxy of the environment: used, reported if unreachable, rejected if invalid."""

from __future__ import annotations

import sys

import httpx
import pytest

from sostrades_cli.api.http.addresses import AddressKeeper
from sostrades_cli.api.http.proxy import proxy_for
from sostrades_cli.api.http.transport import Connection, build_client, explained
from sostrades_cli.errors import ExtraMissing, Unreachable, UsageError

HOST = "https://corp.invalid"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all proxy variables."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("proxy", ["ftp://proxy.example", "http://proxy.example:abc", "http://[::1"])
def test_invalid_proxy_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UsageError, match="proxy") as raised:
        build_client(Connection(HOST))
    assert "HTTPS_PROXY" in str(raised.value.hint)
    assert proxy_for(HOST) is not None


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks5h://127.0.0.1:9", "http://127.0.0.1:9"])
def test_each_kind_of_proxy_is_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """An unreachable proxy is reported with its own address."""
    if proxy.startswith("socks"):
        pytest.importorskip("socksio", reason="the extra `socks`, which the test of the lowest versions installs")
    monkeypatch.setenv("ALL_PROXY", proxy)
    with build_client(Connection(HOST)) as client, pytest.raises(Unreachable) as raised, explained(HOST, None, str):
        client.get(HOST)
    assert proxy in str(raised.value.hint)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "SOCKS5H://127.0.0.1:9"])
def test_socks_proxy_without_its_extra_is_reported(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ExtraMissing) as raised:
        build_client(Connection(HOST))
    assert "[socks]" in str(raised.value.hint)
    build_client(Connection("http://127.0.0.1:5004")).close()


def test_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@127.0.0.1:9")
    assert proxy_for(HOST) == "http://127.0.0.1:9"


def test_loopback_ignores_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an invalid one."""
    monkeypatch.setenv("ALL_PROXY", "ftp://proxy.example")
    build_client(Connection("http://127.0.0.1:5004")).close()
    assert proxy_for("http://127.0.0.1:5004") is None


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("407 Proxy Authentication Required", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("401 Unauthorized", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("Invalid username/password", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"),
        ("403 Access violation", "NO_PROXY=sos.corp.example"),
        ("Proxy Server could not connect: Host unreachable.", "NO_PROXY=sos.corp.example"),
    ],
)
def test_refusal_of_a_proxy_is_reported(monkeypatch: pytest.MonkeyPatch, reason: str, hint: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:secret@127.0.0.1:9")
    with pytest.raises(Unreachable) as raised, explained("https://sos.corp.example", 21, str):
        raise httpx.ProxyError(reason)
    error = raised.value
    assert all(part in error.message for part in ("proxy http://127.0.0.1:9", "https://sos.corp.example"))
    assert reason in str(error.detail)
    assert hint in str(error.hint)
    assert "secret" not in f"{error.message} {error.detail} {error.hint}"


@pytest.mark.parametrize(
    ("entries", "excluded", "proxied"),
    [
        ("localhost,[::1]", "", "https://corp.example"),
        ("fd00::/8", "https://[fd12::5]", "https://corp.example https://[fe80::1]"),
        ("::1/128", "", "https://[::2]"),
        ("[fd00::1]", "https://[fd00::1] https://[fd00::1]:8443", "https://[fd00::2]"),
        ("[fd00::1]:8443", "https://[fd00::1]:8443", "https://[fd00::1]"),
        ("10.0.0.0/8", "https://10.1.2.3 https://10.0.0.0:8443", "https://11.0.0.1 https://10.example"),
        ("10.1.2.3/8", "https://10.9.9.9", "https://11.0.0.1"),
        ("10.1.2.3", "https://10.1.2.3", "https://10.1.2.30"),
        ("10.1.2.3:8443", "https://10.1.2.3:8443", "https://10.1.2.3"),
        ("10.1.*", "https://10.1.2.3", "https://10.2.1.1"),
        ("*.corp", "https://a.corp https://a.b.corp", "https://corp https://acorp https://a.corp.example"),
        (".corp", "https://a.corp https://corp", "https://acorp"),
        ("corp", "https://a.corp https://corp https://A.CORP https://corp.", "https://acorp https://corp.example"),
        ("corp:443", "https://a.corp", "https://corp:8443"),
        ("corp:8443", "https://corp:8443", "https://corp"),
        ("https://corp/", "https://corp", "https://other.example"),
        ("other.example corp , third.example", "https://corp https://third.example", "https://fourth.example"),
        ("other.example,*", "https://corp https://[fd00::1]", ""),
        (
            "[::1, 300.0.0.0/8, 10.0.0.0/99, :, /, [], a:b:c, .,,☃",
            "",
            "https://corp https://10.0.0.1 https://[fd00::1]",
        ),
    ],
)
def test_no_proxy_excludes_names_networks_and_ports(
    monkeypatch: pytest.MonkeyPatch, entries: str, excluded: str, proxied: str
) -> None:
    """The reported and the used proxy agree. Invalid entries exclude nothing."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", entries)
    for host, expected in [*((item, False) for item in excluded.split()), *((item, True) for item in proxied.split())]:
        assert (proxy_for(host) is not None) is expected, host
        with build_client(Connection(host)) as client:
            assert isinstance(client._transport, AddressKeeper) is not expected, host


@pytest.mark.parametrize("entries", ["localhost,[::1]", "fd00::/8", "::1/128", "[::1"])
def test_no_entry_of_no_proxy_is_an_error_without_a_proxy(monkeypatch: pytest.MonkeyPatch, entries: str) -> None:
    monkeypatch.setenv("NO_PROXY", entries)
    build_client(Connection(HOST)).close()
    assert proxy_for(HOST) is None
