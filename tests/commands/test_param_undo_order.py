"""Test which changes `param undo` reverts."""

from __future__ import annotations

import json
from math import nan
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, StubTransport, mostly_slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
GAMMA, PERIODS = "dice.Macro.gamma", "dice.Macro.periods"


class InterruptedServer(httpx.BaseTransport):
    """A stub on which a command is interrupted when it sends a change."""

    def __init__(self, user: User) -> None:
        self._stub = StubTransport(user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or be interrupted before a change arrives."""
        if request.url.path.endswith("/parameters"):
            raise KeyboardInterrupt
        return self._stub.handle_request(request)


@pytest.fixture(params=QUICK_WITH_READ_ONLY_MODE)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user who has set gamma from 0.3 to 0.5 and then periods from 11 to 5: entries 1 and 2."""
    user = user_of(request.param)
    assert user.types("param", "set", "21", "Macro.gamma=0.5").code == 0
    assert user.types("param", "set", "21", "Macro.periods=5").code == 0
    return user


def stored_values(user: User) -> tuple[Any, Any]:
    """Return gamma and periods as stored on the server."""
    study = user.world.studies[21]
    study.settle()
    return study.values["Macro.gamma"], study.values["Macro.periods"]


def undo(user: User, *to: int) -> Outcome:
    """Undo the last change, or all since an entry."""
    return user.types("param", "undo", "21", *(f"--to={number}" for number in to))


def run_interrupted(user: User, *words: str) -> None:
    """Run a command that is interrupted before its change arrives."""
    user.transport = InterruptedServer(user)
    assert user.types("param", *words).code == 130
    user.transport = None


def journaled(user: User) -> list[dict[str, Any]]:
    """Return the entries of study 21."""
    result: list[dict[str, Any]] = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return result


def test_repeated_undo_reverts_earlier_changes(editor: User) -> None:
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.3, 11))
    editor.world.requests.clear()
    last = undo(editor)
    assert (last.code, SENT in editor.requests) == (2, False)
    assert "all changes made here are already undone" in last.err


def test_entry_of_an_undo_has_the_number_of_the_reverted_entry(editor: User) -> None:
    undo(editor)
    last = journaled(editor)[-1]
    assert (last["command"], last["undoes"], last["outcome"]) == ("undo", [2], "done")
    assert [(c["key"], c["old"], c["new"]) for c in last["changes"]] == [(PERIODS, 5, 11)]


def test_change_after_an_undo_is_undone_first(editor: User) -> None:
    undo(editor)
    editor.types("param", "set", "21", "Macro.periods=7")
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.3, 11))
    assert undo(editor).code == 2


def test_option_to_reverts_the_given_entry_and_all_later_ones(editor: User) -> None:
    editor.world.requests.clear()
    assert (undo(editor, 1).code, stored_values(editor)) == (0, (0.3, 11))
    assert editor.requests.count(SENT) == 1
    assert undo(editor).code == 2


def test_option_to_with_the_last_entry_reverts_only_that_entry(editor: User) -> None:
    assert (undo(editor, 2).code, stored_values(editor)) == (0, (0.5, 11))


def test_option_to_restores_the_oldest_value_of_a_repeated_change(editor: User) -> None:
    editor.types("param", "set", "21", "Macro.gamma=0.9")
    assert (undo(editor, 1).code, stored_values(editor)) == (0, (0.3, 11))


@pytest.mark.slow
def test_option_to_with_an_undo_reverts_that_undo(editor: User) -> None:
    undo(editor)
    assert (undo(editor, 3).code, stored_values(editor)) == (0, (0.5, 5))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.3, 11))


@pytest.mark.slow
def test_redone_and_undone_change_counts_as_undone(editor: User) -> None:
    undo(editor)
    undo(editor, 3)
    assert (undo(editor, 4).code, stored_values(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.3, 11))


def test_option_to_before_an_undo_leaves_nothing_to_undo(editor: User) -> None:
    undo(editor)
    assert (undo(editor, 1).code, stored_values(editor)) == (0, (0.3, 11))
    assert undo(editor).code == 2


def test_failed_change_is_skipped(editor: User) -> None:
    editor.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 6
    assert undo(editor, 3).code == 2
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))


def test_change_that_never_arrived_is_skipped(editor: User) -> None:
    run_interrupted(editor, "set", "21", "Macro.gamma=0.9")
    assert journaled(editor)[-1]["outcome"] == "begun"
    assert [undo(editor).code for _ in range(2)] == [0, 0]
    undo(editor)
    assert stored_values(editor) == (0.3, 11)


def test_change_restored_by_another_user_is_skipped(editor: User) -> None:
    editor.world.studies[21].values["Macro.periods"] = 11
    assert undo(editor).code == 0
    undo(editor)
    assert stored_values(editor) == (0.3, 11)


def test_interrupted_undo_can_be_repeated(editor: User) -> None:
    run_interrupted(editor, "undo", "21")
    assert stored_values(editor) == (0.5, 5)
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))


def test_interrupted_undo_is_not_a_conflict(editor: User) -> None:
    run_interrupted(editor, "undo", "21")
    assert (undo(editor, 1).code, stored_values(editor)) == (0, (0.3, 11))


def test_dropped_undo_can_be_repeated(editor: User) -> None:
    editor.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    assert (undo(editor).code, stored_values(editor)) == (8, (0.5, 5))
    editor.world.faults.clear()
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))


def test_failed_undo_can_be_repeated(editor: User) -> None:
    editor.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    assert (undo(editor).code, stored_values(editor)) == (6, (0.5, 5))
    assert (undo(editor).code, stored_values(editor)) == (0, (0.5, 11))


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_nothing_to_undo_is_a_usage_error(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    nothing = user.types("param", "undo", "21")
    assert nothing.code == 2
    assert "no change was made on this computer" in nothing.err
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.world.requests.clear()
    assert user.types("param", "undo", "22").code == 2
    assert user.types("param", "undo", "21", "--host", "http://localhost:5004").code == 2
    assert [undo(user, number).code for number in (7, 0)] == [2, 2]
    assert not any(asked.endswith("/parameters") for asked in user.requests)


def test_value_that_was_never_saved_is_exit_8(user: User) -> None:
    """No download shows a 2-D array."""
    file = user.folder / "m.csv"
    file.write_text("value\n1.5\n")
    assert "cannot be undone" in user.types("param", "set", "21", f"Macro.matrix=@{file}").err
    user.world.requests.clear()
    refused = undo(user)
    assert (refused.code, SENT in user.requests) == (8, False)
    assert "sostrades param reset 21 dice.Macro.matrix" in refused.err


def test_undo_without_an_effect_can_be_reverted(editor: User) -> None:
    undo(editor, 1)
    undo(editor, 1)
    last = journaled(editor)[-1]["entry"]
    done = undo(editor, last)
    assert (done.code in {0, 2}, stored_values(editor)) == (True, (0.3, 11))
    assert "KEY=VALUE" not in done.err


@pytest.mark.parametrize("seed", mostly_slow(range(5), 5))
def test_any_sequence_of_set_and_undo_matches_the_model(user_of: Callable[..., User], seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a walk, not a secret
    user = user_of(chance.choice(SERVERS))
    account: list[tuple[int, float]] = []  # which of the two values is set, and to what, the newest last
    before: list[list[tuple[int, float]]] = []  # the account before each entry
    for step in range(10):
        kind = chance.choice(["set", "set", "undo", "to"])
        left = list(account)
        if kind == "set":
            which = chance.randrange(2)
            name, value = (("gamma", 0.4 + step / 100), ("periods", 20 + step))[which]
            code = user.types("param", "set", "21", f"Macro.{name}={value}").code
            account.append((which, value))
        elif kind == "to" and before:
            number = chance.randint(1, len(before))
            account = list(before[number - 1])
            code = undo(user, number).code if account != left else None
        else:
            code = undo(user).code if account else None
            account = account[:-1]
        if code is not None:
            before.append(left)
        assert (code or 0, stored_values(user)) == (
            0,
            tuple(({0: 0.3, 1: 11} | dict(account))[which] for which in (0, 1)),
        )


def test_emptied_dict_of_tables_is_restored(user: User) -> None:
    before = user.world.studies[21].values["Macro.regions"]
    file = user.folder / "r.csv"
    file.write_text("variable,years,share\n")
    assert user.types("param", "set", "21", f"Macro.regions=@{file}", "--force").code == 0
    done = undo(user)
    assert (done.code, user.world.studies[21].values["Macro.regions"]) == (0, before)


def test_list_in_place_of_a_table_is_restored_or_reported(user: User) -> None:
    posted = [{"years": 2020, "population": 1.0}]
    user.world.studies[21].values["Macro.population"] = posted
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,2.0\n")
    user.types("param", "set", "21", f"Macro.population=@{file}")
    done = undo(user)
    assert done.code != 0 or user.world.studies[21].values["Macro.population"] == posted


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_missing_value_that_cannot_be_restored_is_reported(user_of: Callable[..., User], server: str) -> None:
    """The server cannot store nan if the default is a number."""
    user = user_of(server)
    user.world.studies[21].values["Macro.gamma"] = nan
    user.types("param", "set", "21", "Macro.gamma=0.5")
    assert undo(user).code == 8
