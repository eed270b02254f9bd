"""Test host names that no resolver accepts."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.api.http.transport import Connection, build_client
from sostrades_cli.errors import UsageError
from sostrades_cli.local.server_address import is_usable

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the one above this folder

UNUSABLE = [
    "sos..invalid",
    ".invalid",
    "a.b..",
    "..",
    f"{'a' * 64}.invalid",
    ".".join(["abcdefghi"] * 30),
    "☃.invalid",
    "xn--n3h.invalid",
    "\uff41.invalid",
    f"{'ü' * 60}.invalid",
    "999.1.1.1",
    "::g",
]
USABLE = [
    "localhost",
    "a_b.invalid",
    "invalid.",
    f"{'a' * 63}.invalid",
    "bücher.invalid",
    "127.0.0.1",
    "::1",
    "fe80::1%lo",
]


@pytest.mark.parametrize("name", UNUSABLE)
def test_name_that_cannot_be_looked_up_is_not_usable(name: str) -> None:
    assert not is_usable(name)


@pytest.mark.parametrize("name", USABLE)
def test_usable_name_can_be_looked_up(name: str) -> None:
    assert is_usable(name)
    with contextlib.suppress(socket.gaierror):  # the name does not exist, but the resolver takes it
        socket.getaddrinfo(name, 443)


@pytest.mark.parametrize("name", [*UNUSABLE[:-1], "[::g]", "[v1.x]"])
def test_unusable_name_is_rejected_in_every_setting(user: User, name: str) -> None:
    url = f"https://{name}"
    for done in (
        user.types("calc", "status", "21", "--host", url),
        user.types("calc", "status", "21", SOSTRADES_HOST=url),
        user.types("config", "set", "host", url),
        user.types("doctor", "--host", url),
    ):
        assert (done.code, "bug" in done.err) == (2, False), done.err
        assert f"{name!r}"[1:-1] not in done.err.partition("try:")[2]
    with pytest.raises(UsageError):
        user.client(host=url)
    assert user.requests == []


@pytest.mark.parametrize("name", UNUSABLE[:-1])
def test_unusable_name_of_a_proxy_is_rejected(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("https_proxy", f"http://{name}:3128")
    with pytest.raises(UsageError):
        build_client(Connection("https://corp.invalid"))
