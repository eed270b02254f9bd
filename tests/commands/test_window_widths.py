"""Test that tables on a terminal fit its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import make_user, slow
from rich.cells import cell_len

if TYPE_CHECKING:
    from conftest import User

READING = [
    "param list 21 --all",
    "param show 21 Macro.population",
    "param show 21 Macro.scenario",
    "param get 21 Macro.population",
    "param get 21 Macro.gamma Macro.shares",
    "param history 21",
    "param set 21 Macro.gamma=0.9 Macro.note={words} --dry-run",
    "study load 21 --all",
    "study show 21",
    "study list",
    "study diff 21 {folder}/dice",
    "calc status 21 22 30",
    "postproc list 27",
    "doctor",
    "config list",
    "config explain host",
    "auth status",
    "alias list",
]
CHANGES = 'param set 21 Macro.note={words} Macro.shares={{"coal":0.5,"wind":0.5}} --yes'
CHANGING = [
    "param set 21 Macro.gamma=0.9 Macro.note={words} --yes",
    "param reset 21 Macro.gamma Macro.shares --yes",
    "param undo 21 --yes",
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> User:
    """Return a user with an export, changes, an alias and several studies in the cache."""
    user = make_user(tmp_path_factory.mktemp("reader"))
    for line in (
        "study export 21 {folder}/dice",
        "alias set an-alias-that-is-rather-long 21",
        CHANGES,
        "study load 22",
    ):
        assert types(user, line, 80).code == 0
    return user


def types(user: User, line: str, width: int):  # noqa: ANN201 - the outcome of the user
    """Run a command line at a terminal with so many columns."""
    words = [word.format(folder=user.folder, words="a long note " * 10) for word in line.split()]
    return user.types(*words, tty=True, NO_COLOR="1", COLUMNS=str(width))


@pytest.mark.parametrize("width", [80, slow(60), slow(200)])
@pytest.mark.parametrize("line", [*READING, slow("param list 23 --all"), slow("study load 23 --all")])
def test_no_line_of_a_result_is_wider_than_the_window(reader: User, line: str, width: int) -> None:
    done = types(reader, line, width)
    assert done.code == 0
    assert done.out
    assert max(map(cell_len, done.out.splitlines())) <= width


@pytest.mark.parametrize("width", [80, slow(60), slow(200)])
@pytest.mark.parametrize("line", CHANGING)
def test_no_line_of_a_change_is_wider_than_the_window(user: User, line: str, width: int) -> None:
    assert types(user, CHANGES, 80).code == 0
    done = types(user, line, width)
    assert done.code == 0
    assert done.out
    assert max(map(cell_len, done.out.splitlines())) <= width
