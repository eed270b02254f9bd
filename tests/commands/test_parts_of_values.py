"""Entries that cannot be set one by one: the error has the present value, ready to edit."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SENT = "POST /api/v0/study-case/21/parameters"


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
@pytest.mark.parametrize("key", ["Macro.milestones.0", slow("milestones.3"), "Macro.milestones[0]"])
def test_entry_of_a_list_is_rejected_with_the_present_list(user_of: Callable[..., User], server: str, key: str) -> None:
    user = user_of(server)
    user.types("study", "load", "21")
    done = user.types("param", "set", "21", f"{key}=5")
    assert (done.code, SENT in user.requests) == (2, False)
    assert done.error is not None
    word = shlex.split((done.error.hint or "").partition(": ")[2])[0]
    assert json.loads(word.partition("=")[2]) == [float(number) for number in range(12)]
    assert user.types("param", "set", "21", word.replace("0.0, ", "5.0, ", 1)).code == 0


def test_part_of_a_table_is_rejected_with_the_command_to_edit_it(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.population.2020=5")
    assert done.code == 2
    assert done.error is not None
    assert "param edit 21 dice.Macro.population" in (done.error.hint or "")


def test_misspelt_name_below_a_discipline_has_suggestions(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.gama=5")
    assert done.code == 5
    assert "Macro.gamma" in done.err


def test_dict_without_shown_types_has_its_present_value_in_the_hint(user53: User) -> None:
    user53.world.studies[21].values["Macro.shares"] = {"coal": 0.25, "wind": 0.75}
    done = user53.types("param", "set", "21", "Macro.shares.coal=0.3")
    assert done.code == 2
    assert done.error is not None
    assert "contains tables" not in done.error.message
    assert '"coal": 0.25' in (done.error.hint or "")
