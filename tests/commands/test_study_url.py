"""Test `sostrades study url`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

LINK = "http://localhost:4200/study/21"


def set_answer(user: User, url: object) -> None:
    """Let the server answer with another address."""
    fault = Fault("body", path="url", body=json.dumps({"study_url": url}), content_type="application/json")
    user.world.faults.arm(fault)


@pytest.mark.parametrize("server", SERVERS)
def test_pipe_gets_the_bare_url(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("study", "url", "21")
    assert (done.code, done.out, done.err, user.opened) == (0, f"{LINK}\n", "", [])


def test_json_is_the_object_of_the_server(user: User) -> None:
    done = user.types("study", "url", "21", "-F", "json")
    assert (json.loads(done.out), done.err) == ({"study_url": LINK}, "")


def test_relative_link_is_printed_with_a_note(user: User) -> None:
    """The server has no configured address of its web pages."""
    set_answer(user, "study/21")
    done = user.types("study", "url", "21")
    assert (done.code, done.out) == (0, "study/21\n")
    assert done.err


@pytest.mark.parametrize("url", [None, 21, {}])
def test_answer_without_an_address_is_exit_7(user: User, url: object) -> None:
    set_answer(user, url)
    done = user.types("study", "url", "21")
    assert (done.code, done.out) == (7, "")


def test_user_key_works_except_on_5_3(user_of: Callable[..., User]) -> None:
    for server, code in (("documented", 0), ("5.0", 0), ("5.3", 7)):
        user = user_of(server)
        done = user.types("study", "url", "21", SOSTRADES_API_KEY=user.world.user_key)
        assert done.code == code
        assert (done.kind == "link_fault") == (code == 7)
        assert ("5.3.4" in done.err) == (code == 7)


@pytest.mark.parametrize("server", SERVERS)
def test_unknown_study_is_exit_5(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("study", "url", "99999")
    assert (done.code, done.out) == (5, "")


def test_control_characters_are_escaped_on_a_terminal(user: User) -> None:
    for tty in (True, False):
        set_answer(user, "https://gui.example/\x1b]0;owned\x07")
        done = user.types("study", "url", "21", tty=tty)
        assert ("\x1b" in done.out) == (not tty)


def test_printed_link_can_be_used_as_study(user: User) -> None:
    link = user.types("study", "url", "21").out.strip()
    assert user.types("study", "url", link).out.strip() == link


def test_link_to_the_server_of_another_profile_is_a_usage_error(user: User) -> None:
    file = Folders(user.environ).config / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[profiles.production]\nhost = "https://prod.example/api"\n')
    done = user.types("param", "set", "https://prod.example/study/21", "Macro.gamma=0.1")
    assert (done.code, "--profile production" in done.err, len(user.world.requests)) == (2, True, 0)
    # The web page of a server may have a host of its own.
    assert user.types("study", "url", "https://gui.example/study/21").code == 0
