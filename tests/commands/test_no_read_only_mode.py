"""Test what servers without read-only mode, older than 5.3.1, cannot tell: a run would not change it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow, slow

from server_stub.behaviours import BEHAVIOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

REASON = "no read-only mode"


@pytest.fixture
def user50(user_of: Callable[..., User]) -> User:
    """Return a user of such a server."""
    return user_of("5.0")


@pytest.mark.parametrize(
    "words",
    ["study tree 21", slow("study show 21"), slow("study graph 21"), "param list 21", slow("param list 21 --labels")],
)
def test_finished_study_is_not_to_be_run(user50: User, words: str) -> None:
    done = user50.types(*words.split())
    assert REASON in done.err
    assert "finished run" not in done.out + done.err
    assert "calc run" not in done.err


def test_unknown_changes_have_the_reason(user50: User) -> None:
    assert user50.prints("study", "show", "21")["changed_inputs"] is None
    out = user50.types("study", "show", "21").out
    assert any("changed inputs" in line and REASON in line for line in out.splitlines())


def test_server_that_cannot_load_either_names_both_reasons(user50: User) -> None:
    user50.world.behaviour = replace(BEHAVIOURS["5.0"], load_works=False)
    done = user50.types("param", "list", "21")
    assert (done.code, done.kind) == (7, "load_fault")
    assert REASON in done.err
    assert "calc run" not in done.err


@pytest.mark.parametrize("words", ["study tree 25", "study show 25", "param list 25 --labels"])
def test_server_with_read_only_mode_needs_a_run(user: User, words: str) -> None:
    done = user.types(*words.split())
    assert REASON not in done.out + done.err


@pytest.mark.parametrize(
    "words",
    mostly_slow(
        [
            *("study docs 21", "study tree 21", "study order 21", "study graph 21", "study show 21"),
            *("param list 21 --labels", "param show 21 gamma", "param trace 21 gamma", "postproc list 21"),
        ],
        8,
    ),
)
def test_cache_of_a_newer_server_does_not_make_the_address_wrong(user: User, words: str) -> None:
    """The server was set back to an older version, or replaced by another one at the same address."""
    for line in ("study docs 21", "param list 21 --labels"):
        assert user.types(*line.split()).code == 0
    user.world.behaviour = BEHAVIOURS["5.0"]
    done = user.types(*words.split())
    assert "does not exist" not in done.out + done.err
    assert "address" not in done.out + done.err


def test_documentation_of_an_old_server_is_missing_whatever_the_cache_has(user: User) -> None:
    assert user.types("study", "docs", "21").code == 0
    user.world.behaviour = BEHAVIOURS["5.0"]
    done = user.types("study", "docs", "21")
    assert (done.code, done.kind) == (7, "no_route")
    assert REASON in done.err
