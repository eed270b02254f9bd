"""Test the options that select parameters in `param list` and `study load`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

COMMANDS = [("param", "list"), ("study", "load")]


def names(user: User, *line: str) -> list[str]:
    """Return the names that a command lists, without the study's own."""
    done = user.types(*line)
    assert done.code == 0, done.err
    return [row.split("\t")[0].removeprefix("dice.") for row in done.out.splitlines()[1:]]


@pytest.mark.parametrize("command", [("param", "list"), slow(("study", "load"))])
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("--type BOOL", ["Macro.use_damage"]),
        ("--type bool --type int", ["Macro.start_year", "Macro.periods", "Macro.use_damage"]),
        slow("--unit kg/$", ["Carbon.intensity"]),
        slow("--unit year --type int", ["Macro.start_year"]),
        ("--node damage --inputs", ["Damage.theta"]),
        ("--node Macro --match g*", ["Macro.gamma"]),
        ("--match MACRO.G*", ["Macro.gamma"]),
        slow("--match gam", ["Macro.gamma"]),
        slow("--match gam*", ["Macro.gamma"]),
        ("--node Damage --solver --match debug", ["Damage.debug_mode"]),
        slow("--node Carbon --inputs --sort parameter", ["Carbon.intensity", "Carbon.price"]),
        ("--node Carbon --inputs --sort unit", ["Carbon.price", "Carbon.intensity"]),
    ],
)
def test_filters_select_the_same_on_all_commands(
    user: User, command: tuple[str, ...], filters: str, expected: list[str]
) -> None:
    assert names(user, *command, "21", *filters.split()) == expected


def test_empty_unit_selects_parameters_without_a_unit(user: User) -> None:
    assert "Macro.use_damage" in names(user, "param", "list", "21", "--unit", "")
    assert "Macro.gamma" not in names(user, "param", "list", "21", "--unit", "")


def test_inputs_outputs_and_solver_settings_are_all_parameters(user: User) -> None:
    lists = {group: names(user, "param", "list", "21", f"--{group}") for group in ("inputs", "outputs", "solver")}
    assert names(user, "param", "list", "21", "--inputs", "--outputs") == names(user, "param", "list", "21")
    assert sorted(name for group in lists.values() for name in group) == sorted(
        names(user, "param", "list", "21", "--all")
    )
    assert len(lists["solver"]) == 54


@pytest.mark.parametrize("command", [slow(("param", "list")), ("study", "load")])
def test_outputs_have_the_values_of_the_last_run(user: User, command: tuple[str, ...]) -> None:
    rows = user.types(*command, "21", "--outputs").out.splitlines()[1:]
    assert "dice.Macro.output" in rows[0]
    assert len(rows) == 8
    user.types("param", "set", "21", "Macro.gamma=0.9")
    done = user.types(*command, "21", "--outputs")
    assert {row.rpartition("\t")[2] for row in done.out.splitlines()[1:]} == {"unknown"}
    assert "calc run 21" in done.err


def test_json_of_a_load_has_the_selected_entries_of_the_api(user: User) -> None:
    whole = user.prints("study", "load", "21")
    part = user.prints("study", "load", "21", "--node", "Carbon", "--inputs")
    assert part == {name: whole[name] for name in ("dice.Carbon.price", "dice.Carbon.intensity")}
    assert user.prints("study", "load", "21", "--sort", "type") == whole
    outputs = user.prints("study", "load", "21", "--outputs")
    assert set(outputs["dice.Damage.total_damage"]) == {"type", "unit", "var_name", "value", "optional"}


@pytest.mark.parametrize("command", [slow(("param", "list")), ("study", "load")])
def test_changed_shows_inputs_that_differ_from_their_defaults(
    user_of: Callable[..., User], command: tuple[str, ...]
) -> None:
    user = user_of()
    assert names(user, *command, "21", "--changed") == []
    user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.targets=[1.0]")
    # The change deletes the file with the defaults on the server, but the cache has them.
    assert names(user, *command, "21", "--changed") == ["Macro.gamma", "Macro.targets"]
    user.types("param", "set", "21", "Macro.gamma=0.3")
    assert names(user, *command, "21", "--changed") == ["Macro.targets"]


@pytest.mark.parametrize("command", COMMANDS)
def test_changed_needs_known_defaults(user: User, command: tuple[str, ...]) -> None:
    done = user.types(*command, "22", "--changed")
    assert (done.code, done.kind, done.out) == (8, "no_value", "")


def test_changed_needs_present_values(user53: User) -> None:
    """After a change, this server shows no values until the next run ends."""
    user53.types("param", "set", "21", "Macro.gamma=0.9")
    done = user53.types("param", "list", "21", "--changed")
    assert (done.code, done.kind, done.out) == (8, "no_value", "")
    assert user53.prints("study", "show", "21")["changed_inputs"] is None


@pytest.mark.parametrize("command", [("param", "list"), slow(("study", "load"))])
@pytest.mark.parametrize(
    ("filters", "word"),
    [("--type df_dict", "dataframe"), ("--unit Kg", "kg"), ("--node Macr", "Macro"), ("--match gama", "Macro.gamma")],
)
def test_filter_without_a_match_is_noted_with_known_words(
    user: User, command: tuple[str, ...], filters: str, word: str
) -> None:
    done = user.types(*command, "21", *filters.split())
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert word in done.err


@pytest.mark.parametrize("form", ["table", "json"])
def test_unknown_type_is_rejected_with_the_known_ones(user: User, form: str) -> None:
    error = user.types("param", "list", "21", "--type", "flaot", "-F", form).error
    assert error is not None
    assert (error.kind, "'float'" in error.message, "dataframe" in str(error.hint)) == ("usage", True, True)


def test_values_are_sorted_by_size(user: User) -> None:
    rows = user.prints("param", "list", "21", "--inputs", "--type", "float", "--sort", "value")
    values = [row["value"] for row in rows if row["value"] is not None]
    assert values == sorted(values)
    assert [row["value"] for row in rows[len(values) :]] == [None] * (len(rows) - len(values))


def test_query_of_a_filtered_list_has_the_values_of_the_api(user: User) -> None:
    line = ("param", "list", "21", "--match", "population", "--query", "[0].value")
    assert json.loads(user.types(*line, "-F", "json").out) == "://dataframe"
    assert user.types(*line, "-F", "tsv").out == "://dataframe\n"
