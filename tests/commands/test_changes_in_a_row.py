"""Test two consecutive changes of a study. The server can lose the first one unless the study is loaded in between."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User

LOAD = "GET /api/v0/study-case/21/30"
POST = "POST /api/v0/study-case/21/parameters"


def loads_between_posts(user: User) -> list[int]:
    """Return how many loads there are between consecutive changes of study 21."""
    asked = [request for request in user.requests if request in {LOAD, POST}]
    posts = [item for item, request in enumerate(asked) if request == POST]
    return [second - first - 1 for first, second in itertools.pairwise(posts)]


def test_table_and_value_of_one_command_have_a_load_between(user: User) -> None:
    table = user.folder / "t.csv"
    table.write_text("years,population\n2020,1.5\n")
    done = user.types("param", "set", "21", f"Macro.population=@{table}", "Macro.gamma=0.5", "--yes")
    assert done.code == 0
    assert loads_between_posts(user)
    assert all(loads_between_posts(user))


@pytest.mark.parametrize("seconds", [0.0, 9.0])
def test_two_consecutive_commands_have_a_load_between(anyone: User, seconds: float) -> None:
    assert anyone.types("param", "set", "21", "Macro.gamma=0.5").code == 0
    anyone.world.clock.advance(seconds)
    assert anyone.types("param", "set", "21", "Macro.gamma=0.6").code == 0
    assert all(loads_between_posts(anyone))
