"""`sostrades study url`."""

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


def says(user: User, url: object) -> None:
    """Let the server answer with another address."""
    fault = Fault("body", path="url", body=json.dumps({"study_url": url}), content_type="application/json")
    user.world.faults.arm(fault)


@pytest.mark.parametrize("server", SERVERS)
def test_a_pipe_gets_the_bare_url(user_of: Callable[..., User], server: str) -> None:
    """The link and a line end, nothing else; no browser opens."""
    user = user_of(server)
    done = user.types("study", "url", "21")
    assert (done.code, done.out, done.err, user.opened) == (0, f"{LINK}\n", "", [])


def test_json_is_the_servers_object(user: User) -> None:
    """`-F json` is the shape of the API."""
    done = user.types("study", "url", "21", "-F", "json")
    assert (json.loads(done.out), done.err) == ({"study_url": LINK}, "")


def test_open_opens_it(user: User) -> None:
    """`--open` opens the link, and prints it all the same."""
    done = user.types("study", "url", "21", "--open")
    assert (done.code, done.out, user.opened) == (0, f"{LINK}\n", [LINK])


def test_a_relative_answer_is_printed_with_a_note(user: User) -> None:
    """Where no address of the web pages is configured the answer is printed as it is, with a note, exit 0."""
    says(user, "study/21")
    done = user.types("study", "url", "21")
    assert (done.code, done.out) == (0, "study/21\n")
    assert done.err


@pytest.mark.parametrize("url", ["study/21", "javascript:alert(1)", "file:///etc/passwd", "--help", ""])
def test_what_is_no_web_address_is_never_opened(user: User, url: str) -> None:
    """`--open` of anything but http(s) is exit 2, and no browser sees it."""
    says(user, url)
    assert user.types("study", "url", "21", "--open").code == 2
    assert user.opened == []


@pytest.mark.parametrize("url", [None, 21, {}])
def test_an_answer_without_an_address_is_exit_7(user: User, url: object) -> None:
    """An object whose address is no text is exit 7."""
    says(user, url)
    done = user.types("study", "url", "21")
    assert (done.code, done.out) == (7, "")


def test_a_users_key_works_but_on_5_3(user_of: Callable[..., User]) -> None:
    """The 500 that 5.3 gives to the key of a user is exit 7 and named as its fault; other servers answer."""
    for server, code in (("documented", 0), ("5.0", 0), ("5.3", 7)):
        user = user_of(server)
        done = user.types("study", "url", "21", SOSTRADES_API_KEY=user.world.user_key)
        assert done.code == code
        assert (done.kind == "link_fault") == (code == 7)
        assert ("5.3.4" in done.err) == (code == 7)


@pytest.mark.parametrize("server", SERVERS)
def test_an_unknown_study_is_exit_5(user_of: Callable[..., User], server: str) -> None:
    """The 400 of this route for an unknown study is exit 5."""
    done = user_of(server).types("study", "url", "99999")
    assert (done.code, done.out) == (5, "")


def test_a_hostile_url_is_visible_on_a_terminal(user: User) -> None:
    """An address with escape codes is visible text on a terminal and exact in a pipe."""
    for tty in (True, False):
        says(user, "https://gui.example/\x1b]0;owned\x07")
        done = user.types("study", "url", "21", tty=tty)
        assert ("\x1b" in done.out) == (not tty)


def test_the_link_leads_back_to_the_study(user: User) -> None:
    """The link that is printed can be given as STUDY."""
    link = user.types("study", "url", "21").out.strip()
    assert user.types("study", "url", link).out.strip() == link


def test_link_to_the_server_of_another_profile_is_wrong_usage(user: User) -> None:
    file = Folders(user.environ).config / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('[profiles.production]\nhost = "https://prod.example/api"\n')
    done = user.types("param", "set", "https://prod.example/study/21", "Macro.gamma=0.1")
    assert (done.code, "--profile production" in done.err, len(user.world.requests)) == (2, True, 0)
    # The web page of a server may have a host of its own.
    assert user.types("study", "url", "https://gui.example/study/21").code == 0
