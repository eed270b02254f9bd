"""Test the study name in keys, which comes from the keys, the cache or read-only mode, in this order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.model import Model, Parameter
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.worlds.demo import finished
from server_stub.worlds.people import KEYS
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.study_reference import likely_name, possible_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from server_stub.study import Study
    from sostrades_cli.operations.context import Context

quickly = settings(deadline=None, derandomize=True, max_examples=20)
words = st.text("ab []%", min_size=1, max_size=4)
# A study like Sellar: the root shows no settings, so that every key begins with its only node.
LOOP = Model(
    "loop",
    ("", "Loop", "Loop.One"),
    (
        *(replace(setting, name=f"Loop.{setting.name}") for setting in coupling_settings()),
        Parameter("Loop.x", "float", 1.0),
        *discipline_settings("Loop.One"),
        Parameter("Loop.One.y", "float", None, io_type="out"),
    ),
    lambda values: {"Loop.One.y": values["Loop.x"] * 2, "Loop.residuals_history": None},
)
FLAT = Model(
    "flat",
    ("", "Macro"),
    (*coupling_settings(), Parameter("gamma", "float", 0.3), Parameter("Macro.gamma", "float", 0.5)),
)


def added(user: User, name: str, model: Model, prepare: Callable[[Study], None] | None = None) -> int:
    """Add a study to the world of a user, with the permissions of study 21, and return its number."""
    world = user.world
    number = max(world.studies) + 1
    rights: Any = {item: world.right(world.caller(f"Bearer {KEYS[item.name]}"), 21) for item in world.users.values()}
    world.add_study(number, name, model, rights, prepare)
    return number


def keys_of(user: User, study: int) -> list[str]:
    """Return the keys in a load of a study."""
    result = user.world.studies[study]
    return [result.full(parameter.name) for parameter in result.model.parameters if parameter.shown]


@pytest.mark.parametrize(
    ("keys", "possible"),
    [
        ([], []),
        (["x"], []),
        (["dice.x", "other.x"], []),
        (["dice.x", "dice.Macro.gamma"], ["dice"]),
        (["dice.Macro.gamma", "dice.Macro.gammas"], ["dice", "dice.Macro"]),
        (["dice.v2.x", "dice.v2.Macro.gamma"], ["dice", "dice.v2"]),
        (["dice.v2.Macro.gamma"], ["dice", "dice.v2", "dice.v2.Macro"]),
        (["dice.Macro.x", "dice2.Macro.x"], []),
        (["my study.x", "my study.A.y"], ["my study"]),
    ],
)
def test_possible_names_are_common_prefixes_of_all_keys(keys: list[str], possible: list[str]) -> None:
    """A parameter at the root ends the name."""
    assert possible_names(keys) == possible
    assert possible_names(reversed(keys)) == possible


@quickly
@given(
    st.lists(words, min_size=1, max_size=3).map(".".join),
    st.lists(st.lists(words, min_size=1, max_size=3).map(".".join), min_size=1, max_size=5),
)
def test_name_from_the_server_is_always_possible(own: str, rest: list[str]) -> None:
    keys = [f"{own}.{name}" for name in rest]
    assert own in possible_names(keys)
    assert likely_name(own, keys) == own
    assert likely_name("", keys) == own.partition(".")[0]


def test_unambiguous_keys_need_no_request(user: User, server_of: Callable[[User], Context]) -> None:
    assert own_name(server_of(user), 21, ["dice.x", "dice.Macro.gamma"]) == "dice"
    assert user.requests == []


@pytest.mark.parametrize(("name", "model"), [("sellar", LOOP), ("dice.v2", FLAT), ("a.b.c", LOOP)])
def test_read_only_mode_is_requested_once(
    user: User, server_of: Callable[[User], Context], name: str, model: Model
) -> None:
    """Afterwards the name is in the cache."""
    study = added(user, name, model, finished)
    assert own_name(server_of(user), study, keys_of(user, study)) == name
    assert len(user.requests) == 1
    assert own_name(server_of(user), study, keys_of(user, study)) == name
    assert len(user.requests) == 1


def test_answer_to_a_change_has_the_name(user: User, server_of: Callable[[User], Context]) -> None:
    """Its answer contains it."""
    study = added(user, "dice.v2", FLAT)
    assert user.types("param", "set", str(study), "dice.v2.Macro.gamma=0.4").code == 0
    assert own_name(server_of(user), study, keys_of(user, study)) == "dice.v2"


def test_unknown_name_is_assumed_to_end_at_the_first_dot(user: User, server_of: Callable[[User], Context]) -> None:
    """It is not cached."""
    study = added(user, "dice.v2", FLAT)
    context = server_of(user)
    assert own_name(context, study, keys_of(user, study)) == "dice"
    assert context.cache.name(study) == ""
    assert user.noted == []


def test_new_name_replaces_the_old_one(user: User, server_of: Callable[[User], Context]) -> None:
    study = added(user, "sellar", LOOP, finished)
    context = server_of(user)
    own_name(context, study, keys_of(user, study))
    user.world.studies[study].name = "cello"
    user.world.files.clear()
    assert own_name(context, study, keys_of(user, study)) == "cello"


def test_name_comes_from_read_only_mode_without_a_load(
    user_of: Callable[..., User], server_of: Callable[[User], Context]
) -> None:
    user = user_of("5.3")
    study = added(user, "sellar", LOOP, finished)
    assert user.types("study", "load", str(study)).code == 0
    assert server_of(user).cache.name(study) == "sellar"


def test_keys_are_found_without_the_name(user: User) -> None:
    study = str(added(user, "dice.v2", FLAT, finished))
    assert user.types("param", "get", study, "gamma").out == "0.3\n"
    assert user.types("param", "get", study, "Macro.gamma").out == "0.5\n"


def test_export_leaves_out_the_whole_name(user: User) -> None:
    study = str(added(user, "dice.v2", FLAT, finished))
    assert user.types("study", "export", study, str(user.folder / "out")).code == 0
    text = (user.folder / "out" / "parameters.toml").read_text()
    assert "v2" not in text
    assert '\n"gamma" = 0.3' in text


def test_cached_study_can_be_named(user: User) -> None:
    """Numbers have priority over aliases, and aliases over names."""
    assert user.types("calc", "status", "sellar").code == 2
    # The name of a known study is not an alias of another one, so the alias comes first.
    user.types("alias", "set", "sellar", "21")
    study = added(user, "sellar", LOOP, finished)
    user.types("study", "load", str(study))
    assert user.prints("calc", "status", "sellar")["study_case_id"] == 21
    user.types("alias", "remove", "sellar")
    assert user.prints("calc", "status", "sellar")["study_case_id"] == study
    with user.client() as client:
        assert client.study("sellar").number == study


def test_name_with_dots_and_blanks_can_be_used(user: User) -> None:
    study = added(user, "my study v2.1", FLAT, finished)
    user.types("study", "load", str(study))
    assert user.prints("calc", "status", "my study v2.1")["study_case_id"] == study


def test_name_of_two_studies_is_a_usage_error(user: User) -> None:
    numbers = [added(user, "sellar", LOOP, finished) for _ in range(2)]
    user.types("study", "load", str(numbers[0]))
    user.types("study", "load", str(numbers[1]))
    done = user.types("calc", "status", "sellar")
    assert done.code == 2
    assert all(str(number) in done.err for number in numbers)


def test_folder_has_priority_over_a_study_name(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(user.folder)
    study = added(user, "sellar", LOOP, finished)
    user.types("study", "load", str(study))
    assert user.types("study", "diff", str(study), "sellar").code == 0
    (user.folder / "sellar").mkdir()
    assert user.types("study", "diff", str(study), "sellar").code == 2


def test_name_of_a_copy_is_cached(user: User) -> None:
    user.types("study", "copy", "21", "second")
    assert {row["name"] for row in user.prints("study", "list")} >= {"second"}


def test_several_keys_request_the_name_once(user: User) -> None:
    number = str(added(user, "pair", LOOP))

    def count_requests(*assignments: str) -> int:
        user.world.requests.clear()
        assert user.types("param", "set", number, *assignments, "--dry-run").code == 0
        return user.requests.count(f"GET /api/v0/study-case/{number}/read-only-mode")

    assert count_requests("x=2.0", "max_mda_iter=31", "n_processes=2") == count_requests("x=3.0")
