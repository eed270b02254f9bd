"""Test the hints of command lines with a wrong, misplaced or missing study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from conftest import User


@pytest.fixture
def knowing_user(user: User) -> User:
    """Return a user with the parameters of study 21 in the cache."""
    assert user.types("param", "list", "21").code == 0
    user.world.requests.clear()
    return user


def hint(user: User, *line: str) -> str:
    """Return the hint of a usage error that sends nothing."""
    done = user.types(*line)
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    return str(done.error and done.error.hint)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("param set gamma 0.3", "sostrades param set STUDY gamma 0.3"),
        ("param set unknown=0.3 -q", "sostrades param set STUDY unknown=0.3 -q"),
        ("param get Macro.GAMMA x", "sostrades param get STUDY Macro.GAMMA x"),
        slow("param reset gamma", "sostrades param reset STUDY gamma"),
        slow("param show gamma x", "sostrades param show STUDY gamma x"),
    ],
)
def test_missing_study_is_shown_in_its_place(knowing_user: User, line: str, expected: str) -> None:
    assert hint(knowing_user, *line.split()) == expected


@pytest.mark.parametrize(
    "line", [["calc", "status", "gamma"], ["param", "set", "blabla", "0.3"], ["study", "show", "Grüne Variante"]]
)
def test_unknown_study_proposes_the_list_of_studies(knowing_user: User, line: list[str]) -> None:
    """Where no parameter can follow, the name of one has another meaning."""
    assert hint(knowing_user, *line) == "sostrades study list"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("study 21", "sostrades study show 21"),
        ("param 21 gamma", "sostrades param list 21"),
        slow("calc 21", "sostrades calc status 21"),
        slow("postproc 21", "sostrades postproc list 21"),
        ("21", "sostrades study show 21"),
        ("study info 21", "sostrades study show --help"),
        slow("config 21", "sostrades config --help"),
    ],
)
def test_study_in_place_of_a_command_gets_a_command(user: User, line: str, expected: str) -> None:
    assert hint(user, *line.split()) == expected


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_format_of_files_names_the_option_for_files(user: User, form: str) -> None:
    done = user.types("param", "list", "21", "-F", form)
    assert (done.code, f"-o FILE.{form}" in done.err) == (2, True)
