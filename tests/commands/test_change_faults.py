"""Test changes and their journal entries with lost answers, lost updates and interrupts."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, StubTransport, mostly_slow

from server_stub.faults import Fault
from server_stub.values import Array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
GAMMA = "dice.Macro.gamma"
PEOPLE = "years,population\n2020,8000.0\n"
# What a command does to gamma, which is 0.5 before it: the words, and the value afterwards.
COMMANDS = [
    (("set", "21", "Macro.gamma=0.9"), 0.9),
    (("reset", "21", "dice.Macro.gamma"), 0.3),
    (("undo", "21"), 0.3),
]
MADE = [
    Fault("drop", method="POST", path="parameters$", when="after"),
    Fault("status", method="POST", path="parameters$", status=502, when="after"),
    Fault("cut", method="POST", path="parameters$"),
]
NOT_MADE = [
    Fault("drop", method="POST", path="parameters$", when="before"),
    Fault("hang", method="POST", path="parameters$"),
    Fault("status", method="POST", path="parameters$", status=400),
    Fault("status", method="POST", path="parameters$", status=403),
]


class DeadError(BaseException):
    """The death of a process: nothing in it can catch this."""


class FaultyNetwork(httpx.BaseTransport):
    """A stub behind a network that runs an action at each change, before or after it arrives."""

    def __init__(self, user: User, act: Callable[[httpx.Request], None], *, after: bool = False) -> None:
        self._stub = StubTransport(user.world)
        self._act = act
        self._after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the stub does."""
        change = request.url.path.endswith("/parameters")
        if change and not self._after:
            self._act(request)
        response = self._stub.handle_request(request)
        if change and self._after:
            self._act(request)
        return response


def raising(error: type[BaseException]) -> Callable[[httpx.Request], None]:
    """Return an action that raises an error."""

    def act(_: httpx.Request) -> None:
        raise error

    return act


@pytest.fixture(params=QUICK_WITH_READ_ONLY_MODE)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> Iterator[User]:
    """Return a user who has set gamma to 0.5. Afterwards, check that no file of the state folder contains the key."""
    user = user_of(request.param)
    assert user.types("param", "set", "21", "Macro.gamma=0.5").code == 0
    user.world.requests.clear()
    yield user
    key = user.world.key.encode()
    kept = [path.read_bytes() for path in (user.folder / "state").rglob("*") if path.is_file()]
    assert kept
    assert not any(form in content for content in kept for form in (key, base64.b64encode(key)))


def gamma(user: User) -> Any:
    """Return gamma as stored on the server."""
    return stored_value(user, "gamma")


def stored_value(user: User, name: str) -> Any:
    """Return a value as stored on the server after all pending updates."""
    user.world.clock.sleep(1.0)
    study = user.world.studies[21]
    study.settle()
    return study.values[f"Macro.{name}"]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


def interrupted(user: User, error: type[BaseException], *words: str, after: bool = False) -> Outcome | None:
    """Run a command that is interrupted at its change. ``None`` stands for the death of the process."""
    user.transport = FaultyNetwork(user, raising(error), after=after)
    try:
        return user.types("param", *words)
    except DeadError:
        return None
    finally:
        user.transport = None


def people(user: User) -> str:
    """Return an assignment from a file."""
    file = user.folder / "p.csv"
    file.write_text(PEOPLE)
    return f"Macro.population=@{file}"


# Lost answers and lost updates ----------------------------------------------------------------------


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
@pytest.mark.parametrize("fault", mostly_slow(MADE, 2), ids=lambda fault: fault.kind)
def test_change_with_a_lost_answer_is_done_and_sent_once(
    editor: User, fault: Fault, words: tuple[str, ...], new: float
) -> None:
    editor.world.faults.arm(fault)
    assert editor.types("param", *words).code == 0
    assert (gamma(editor), editor.requests.count(SENT)) == (new, 1)
    assert journaled(editor)[1:] == [(words[0], "done")]


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
@pytest.mark.parametrize("fault", mostly_slow(NOT_MADE, 2), ids=lambda fault: f"{fault.kind}{fault.status}")
def test_change_that_never_arrived_is_not_made(editor: User, fault: Fault, words: tuple[str, ...], new: float) -> None:
    editor.world.faults.arm(fault)
    assert editor.types("param", *words).code in {4, 6, 8}
    assert (gamma(editor), editor.requests.count(SENT)) == (0.5, 1)
    assert journaled(editor)[1:] == [(words[0], "not made")]
    assert (editor.types("param", "undo", "21").code, gamma(editor)) == (0, 0.3)


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
def test_dropped_change_is_resent_once(editor: User, words: tuple[str, ...], new: float) -> None:
    editor.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    assert editor.types("param", *words).code == 0
    assert (gamma(editor), editor.requests.count(SENT)) == (new, 2)
    assert journaled(editor)[1:] == [(words[0], "done")]


def test_change_that_is_always_dropped_is_unverified(editor: User) -> None:
    editor.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 8
    editor.world.faults.clear()
    assert (gamma(editor), journaled(editor)[-1]) == (0.5, ("set", "in doubt"))
    assert (editor.types("param", "undo", "21", "--to", "1").code, gamma(editor)) == (0, 0.3)


@pytest.mark.parametrize("dropped", [0, 1])
def test_two_consecutive_changes_are_both_stored(editor: User, dropped: int) -> None:
    words = [("set", "21", "Macro.periods=7"), ("set", "21", "Macro.gamma=0.9")]
    for word in words:
        if dropped:
            editor.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
        assert editor.types("param", *word).code == 0
    assert (gamma(editor), stored_value(editor, "periods")) == (0.9, 7)
    assert [editor.types("param", "undo", "21").code for _ in words] == [0, 0]
    assert (gamma(editor), stored_value(editor, "periods")) == (0.5, 11)
    assert [outcome for _, outcome in journaled(editor)] == ["done"] * 5


def test_change_that_cannot_be_read_back_is_unverified(editor: User) -> None:
    editor.transport = FaultyNetwork(
        editor, lambda _: editor.world.faults.arm(Fault("status", count=90, status=500)), after=True
    )
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 7
    editor.transport = None
    editor.world.faults.clear()
    assert (gamma(editor), journaled(editor)[-1]) == (0.9, ("set", "in doubt"))
    assert (editor.types("param", "undo", "21").code, gamma(editor)) == (0, 0.5)


def test_table_of_a_half_applied_change_is_undone(user: User) -> None:
    before = stored_value(user, "population")

    def lose_values(request: httpx.Request) -> None:
        if request.headers["content-type"] == "application/json":
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    user.transport = FaultyNetwork(user, lose_values)
    assert user.types("param", "set", "21", people(user), "Macro.gamma=0.9").code == 6
    user.transport = None
    assert stored_value(user, "population") != before
    assert journaled(user) == [("set", "in doubt")]
    assert user.types("param", "undo", "21").code == 0
    assert (stored_value(user, "population"), gamma(user)) == (before, 0.3)


def test_refused_upload_changes_nothing(user53: User) -> None:
    before = stored_value(user53, "population")
    done = user53.types("param", "set", "21", people(user53), "Macro.gamma=0.9")
    assert (done.code, journaled(user53)) == (7, [("set", "not made")])
    assert (stored_value(user53, "population"), gamma(user53)) == (before, 0.3)
    assert user53.types("param", "undo", "21").code == 2


# Interrupts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, DeadError])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("words", "new"), mostly_slow(COMMANDS, 2), ids=["set", "reset", "undo"])
def test_interrupted_change_is_journaled_and_can_be_undone(
    editor: User, error: type[BaseException], words: tuple[str, ...], new: float, *, after: bool
) -> None:
    done = interrupted(editor, error, *words, after=after)
    assert done is None or done.code == 130
    assert gamma(editor) == (new if after else 0.5)
    assert journaled(editor)[1:] == [(words[0], "begun")]
    assert editor.types("param", "undo", "21", "--to", "1", "--force").code == 0
    assert gamma(editor) == 0.3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_interrupted_set_can_be_undone_and_repeated(editor: User, *, after: bool) -> None:
    interrupted(editor, DeadError, "set", "21", "Macro.gamma=0.9", "Macro.periods=7", after=after)
    assert editor.types("param", "undo", "21").code == 0
    assert (gamma(editor), stored_value(editor, "periods")) == (0.5, 11)
    assert editor.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7").code == 0
    assert (gamma(editor), stored_value(editor, "periods")) == (0.9, 7)
    assert editor.types("param", "undo", "21").code == 0
    assert (gamma(editor), stored_value(editor, "periods")) == (0.5, 11)


@pytest.mark.parametrize("after", mostly_slow([True, False], 2), ids=["after", "before"])
def test_interrupted_upload_can_be_undone(user: User, *, after: bool) -> None:
    user.world.studies[21].values["Macro.weights"] = weights = Array([1.0, 2.0])
    before = stored_value(user, "population")
    file = user.folder / "w.csv"
    file.write_text("value\n5.0\n")
    interrupted(user, DeadError, "set", "21", people(user), f"Macro.weights=@{file}", after=after)
    assert (stored_value(user, "population") != before) is after
    assert journaled(user) == [("set", "begun")]
    assert user.types("param", "undo", "21").code == 0
    assert (stored_value(user, "population"), stored_value(user, "weights")) == (before, weights)


def test_unwritable_journal_after_a_change_is_a_note(editor: User) -> None:
    [folder] = (editor.folder / "state" / "journal").iterdir()

    def spoil(_: httpx.Request) -> None:
        folder.rename(editor.folder / "moved")
        folder.write_text("a file")

    editor.transport = FaultyNetwork(editor, spoil)
    done = editor.types("param", "set", "21", "Macro.gamma=0.9")
    assert (done.code, gamma(editor)) == (0, 0.9)
    assert "is not in the history" in done.err
