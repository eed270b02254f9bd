"""Which changes `param undo` takes back: the newest that is not taken back yet, and all from an entry on."""

from __future__ import annotations

import json
from math import nan
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
GAMMA, PERIODS = "dice.Macro.gamma", "dice.Macro.periods"


class CutOff(httpx.BaseTransport):
    """The stub, seen by a command that is interrupted when it sends a change."""

    def __init__(self, user: User) -> None:
        self._stub = StubTransport(user.world)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or be interrupted before a change arrives."""
        if request.url.path.endswith("/parameters"):
            raise KeyboardInterrupt
        return self._stub.handle_request(request)


@pytest.fixture(params=SERVERS)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user who has set gamma from 0.3 to 0.5 and then periods from 11 to 5: entries 1 and 2."""
    user = user_of(request.param)
    assert user.types("param", "set", "21", "Macro.gamma=0.5").code == 0
    assert user.types("param", "set", "21", "Macro.periods=5").code == 0
    return user


def held(user: User) -> tuple[Any, Any]:
    """Return gamma and periods as the server holds them."""
    study = user.world.studies[21]
    study.settle()
    return study.values["Macro.gamma"], study.values["Macro.periods"]


def undo(user: User, *to: int) -> Outcome:
    """Undo the last change, or all from an entry on."""
    return user.types("param", "undo", "21", *(f"--to={number}" for number in to))


def cut_off(user: User, *words: str) -> None:
    """Give a command that is interrupted before its change arrives."""
    user.transport = CutOff(user)
    assert user.types("param", *words).code == 130
    user.transport = None


def journaled(user: User) -> list[dict[str, Any]]:
    """Return the entries of study 21."""
    found: list[dict[str, Any]] = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return found


def test_each_undo_takes_back_the_one_before(editor: User) -> None:
    """Given again, undo goes one change further back, and then there is nothing left: exit 2, nothing sent."""
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, held(editor)) == (0, (0.3, 11))
    editor.world.requests.clear()
    last = undo(editor)
    assert (last.code, SENT in editor.requests) == (2, False)
    assert "all changes made here are already undone" in last.err


def test_an_undo_is_an_entry_that_names_what_it_took_back(editor: User) -> None:
    """The journal has the undo as a change of its own, with the number of the entry that it took back."""
    undo(editor)
    last = journaled(editor)[-1]
    assert (last["command"], last["undoes"], last["outcome"]) == ("undo", [2], "done")
    assert [(c["key"], c["old"], c["new"]) for c in last["changes"]] == [(PERIODS, 5, 11)]


def test_a_change_after_an_undo_comes_first(editor: User) -> None:
    """What was set after an undo is the newest; what was taken back before stays so."""
    undo(editor)
    editor.types("param", "set", "21", "Macro.periods=7")
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, held(editor)) == (0, (0.3, 11))
    assert undo(editor).code == 2


def test_to_an_entry_takes_back_all_from_it_on(editor: User) -> None:
    """`--to` the first entry puts both back at once, in one request, and then there is nothing left."""
    editor.world.requests.clear()
    assert (undo(editor, 1).code, held(editor)) == (0, (0.3, 11))
    assert editor.requests.count(SENT) == 1
    assert undo(editor).code == 2


def test_to_the_last_entry_is_the_same_as_no_entry(editor: User) -> None:
    """`--to` the newest entry takes back that one alone."""
    assert (undo(editor, 2).code, held(editor)) == (0, (0.5, 11))


def test_to_the_first_of_two_changes_of_one_value(editor: User) -> None:
    """Of a value that was changed twice the oldest is put back, and what the last change left is no conflict."""
    editor.types("param", "set", "21", "Macro.gamma=0.9")
    assert (undo(editor, 1).code, held(editor)) == (0, (0.3, 11))


def test_to_an_undo_takes_the_undo_back(editor: User) -> None:
    """`--to` the entry of an undo makes the change again; the next undo takes it back once more."""
    undo(editor)
    assert (undo(editor, 3).code, held(editor)) == (0, (0.5, 5))
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, held(editor)) == (0, (0.3, 11))


def test_an_undo_that_was_made_again_and_taken_back_again_counts(editor: User) -> None:
    """After undo, redo and undo of the redo the change is taken back, and the next undo goes one further."""
    undo(editor)
    undo(editor, 3)
    assert (undo(editor, 4).code, held(editor)) == (0, (0.5, 11))
    assert (undo(editor).code, held(editor)) == (0, (0.3, 11))


def test_to_an_entry_before_an_undo_leaves_nothing(editor: User) -> None:
    """`--to` an entry that lies before an undo takes back what is left, and no more is to be undone."""
    undo(editor)
    assert (undo(editor, 1).code, held(editor)) == (0, (0.3, 11))
    assert undo(editor).code == 2


def test_a_change_that_was_not_made_is_passed_over(editor: User) -> None:
    """An entry that is known not to have been made is none to take back, by itself or on the way to an older one."""
    editor.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 6
    assert undo(editor, 3).code == 2
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))


def test_a_change_that_never_arrived_does_not_stand_in_the_way(editor: User) -> None:
    """After a command that was cut off before its request, undo reaches the changes before it."""
    cut_off(editor, "set", "21", "Macro.gamma=0.9")
    assert journaled(editor)[-1]["outcome"] == "begun"
    assert [undo(editor).code for _ in range(2)] == [0, 0]
    undo(editor)
    assert held(editor) == (0.3, 11)


def test_what_someone_else_put_back_does_not_stand_in_the_way(editor: User) -> None:
    """When the newest change is back already, undo given again goes one further."""
    editor.world.studies[21].values["Macro.periods"] = 11
    assert undo(editor).code == 0
    undo(editor)
    assert held(editor) == (0.3, 11)


def test_an_undo_that_was_cut_off_can_be_given_again(editor: User) -> None:
    """An undo that never arrived has taken nothing back: the next one does what it did not."""
    cut_off(editor, "undo", "21")
    assert held(editor) == (0.5, 5)
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))


def test_an_undo_that_was_cut_off_is_nobody_elses_change(editor: User) -> None:
    """`--to` an older entry goes back past an undo that never arrived: what the study holds is one's own."""
    cut_off(editor, "undo", "21")
    assert (undo(editor, 1).code, held(editor)) == (0, (0.3, 11))


def test_an_undo_that_was_dropped_can_be_given_again(editor: User) -> None:
    """An undo that the server took and lost, exit 8, has taken nothing back: the next one does what it did not."""
    editor.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    assert (undo(editor).code, held(editor)) == (8, (0.5, 5))
    editor.world.faults.clear()
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))


def test_an_undo_that_was_not_made_can_be_given_again(editor: User) -> None:
    """An undo whose request was lost is `not made`, and the next one takes back what it did not."""
    editor.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    assert (undo(editor).code, held(editor)) == (6, (0.5, 5))
    assert (undo(editor).code, held(editor)) == (0, (0.5, 11))


@pytest.mark.parametrize("server", SERVERS)
def test_nothing_to_undo_is_wrong_usage(user_of: Callable[..., User], server: str) -> None:
    """Without a change of one's own, on another server or of another entry, undo is exit 2 and sends nothing."""
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


def test_what_was_never_kept_is_refused(user: User) -> None:
    """A matrix, which no download gives, is exit 8 with the way to its default, and nothing is sent."""
    file = user.folder / "m.csv"
    file.write_text("value\n1.5\n")
    assert "cannot be undone" in user.types("param", "set", "21", f"Macro.matrix=@{file}").err
    user.world.requests.clear()
    refused = undo(user)
    assert (refused.code, SENT in user.requests) == (8, False)
    assert "sostrades param reset 21 dice.Macro.matrix" in refused.err


def test_an_undo_that_had_nothing_to_send_can_be_gone_back_to(editor: User) -> None:
    """`--to` an undo that found all put back already changes nothing, and speaks of undoing, not of setting."""
    undo(editor, 1)
    undo(editor, 1)
    last = journaled(editor)[-1]["entry"]
    done = undo(editor, last)
    assert (done.code in {0, 2}, held(editor)) == (True, (0.3, 11))
    assert "KEY=VALUE" not in done.err


@pytest.mark.parametrize("seed", range(5))
def test_any_walk_back_and_forth_keeps_the_account(user_of: Callable[..., User], seed: int) -> None:
    """However `set`, `undo` and `undo --to` follow one another, the study holds what the account says."""
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
        assert (code or 0, held(user)) == (0, tuple(({0: 0.3, 1: 11} | dict(account))[which] for which in (0, 1)))


def test_a_dict_of_tables_that_is_empty_now_is_put_back(user: User) -> None:
    """Tables that were replaced by none at all come back, though nothing held shows that they were tables."""
    before = user.world.studies[21].values["Macro.regions"]
    file = user.folder / "r.csv"
    file.write_text("variable,years,share\n")
    assert user.types("param", "set", "21", f"Macro.regions=@{file}", "--force").code == 0
    done = undo(user)
    assert (done.code, user.world.studies[21].values["Macro.regions"]) == (0, before)


def test_a_list_in_the_place_of_a_table_is_put_back_or_told(user: User) -> None:
    """What someone posted as JSON in the place of a table is put back as it was, or not called done."""
    posted = [{"years": 2020, "population": 1.0}]
    user.world.studies[21].values["Macro.population"] = posted
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,2.0\n")
    user.types("param", "set", "21", f"Macro.population=@{file}")
    done = undo(user)
    assert done.code != 0 or user.world.studies[21].values["Macro.population"] == posted


@pytest.mark.parametrize("server", SERVERS)
def test_no_value_that_is_not_the_default_is_not_called_put_back(user_of: Callable[..., User], server: str) -> None:
    """A nan where the default is a number cannot be written to the server: undo does not end well."""
    user = user_of(server)
    user.world.studies[21].values["Macro.gamma"] = nan
    user.types("param", "set", "21", "Macro.gamma=0.5")
    assert undo(user).code == 8
