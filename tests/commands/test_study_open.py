"""Test `sostrades study open`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User

LINK = "http://localhost:4200/study/21"


def test_page_is_opened_and_its_link_printed(user: User) -> None:
    done = user.types("study", "open", "21")
    assert (done.code, done.out, done.err, user.opened) == (0, f"{LINK}\n", "", [LINK])


def test_json_is_the_object_of_the_server(user: User) -> None:
    assert user.prints("study", "open", "21") == {"study_url": LINK}


def test_link_is_printed_without_a_browser(user: User) -> None:
    user.has_browser = False
    done = user.types("study", "open", "21")
    assert (done.code, done.out, user.opened) == (0, f"{LINK}\n", [])
    assert "no browser" in done.err


@pytest.mark.parametrize("url", ["study/21", "javascript:alert(1)", "file:///etc/passwd", "--help", ""])
def test_link_that_is_not_a_web_address_is_not_opened(user: User, url: str) -> None:
    body = json.dumps({"study_url": url})
    user.world.faults.arm(Fault("body", path="url", body=body, content_type="application/json"))
    assert user.types("study", "open", "21").code == 2
    assert user.opened == []


def test_unknown_study_is_exit_5(user: User) -> None:
    done = user.types("study", "open", "99999")
    assert (done.code, done.out, user.opened) == (5, "", [])
