"""Test `sostrades calc stop`, which explains why it cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import SERVERS

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


@pytest.mark.parametrize("server", SERVERS)
def test_link_is_printed_and_nothing_is_sent(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    user.world.requests.clear()
    done = user.types("calc", "stop", "21")
    assert (done.code, done.kind) == (2, "usage")
    assert done.out == user.types("study", "url", "21").out
    assert {request.split()[0] for request in user.requests} == {"GET"}
    assert user.types("calc", "watch", "21").code == 0


def test_json_has_the_link_and_an_error_object(user: User) -> None:
    done = user.types("calc", "stop", "21", "-F", "json")
    assert json.loads(done.out) == user.prints("study", "url", "21")
    error = json.loads(done.err)
    assert (error["code"], error["study"]) == (2, 21)


def test_hint_opens_no_page_whose_address_is_unknown(user: User) -> None:
    complete = user.types("calc", "stop", "21")
    assert "study open" in complete.err
    user.world.faults.arm(Fault("body", path="url", body='{"study_url": "study/21"}', content_type="application/json"))
    done = user.types("calc", "stop", "21")
    assert (done.code, done.out) == (2, "study/21\n")
    assert "study open" not in done.err


def test_without_a_study_no_request_is_sent(user: User) -> None:
    done = user.types("calc", "stop")
    assert (done.code, done.kind, done.out, user.requests) == (2, "usage", "", [])


def test_missing_link_does_not_change_the_answer(user53: User) -> None:
    user53.environ["SOSTRADES_API_KEY"] = user53.world.user_key
    done = user53.types("calc", "stop", "21")
    assert (done.code, done.kind, done.out) == (2, "usage", "")


@pytest.mark.parametrize("key", ["", "0" * 32])
def test_no_accepted_key_is_needed_for_the_explanation(user: User, key: str) -> None:
    user.environ["SOSTRADES_API_KEY"] = key
    done = user.types("calc", "stop", "21")
    assert (done.code, done.kind, done.out) == (2, "usage", "")
