"""Changes and their journal when things go wrong: lost answers, lost updates, interrupts."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import StubTransport

from server_stub.faults import Fault
from server_stub.values import Array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
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
    """The end of a process, as nothing in it may catch it."""


class Breaking(httpx.BaseTransport):
    """The stub behind a network that does something at each change, before or after it arrives."""

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
    """Return what raises an error instead of doing anything."""

    def act(_: httpx.Request) -> None:
        raise error

    return act


@pytest.fixture(params=SERVERS)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> Iterator[User]:
    """Return a user who has set gamma to 0.5; whatever the test does, the key is in no file of the state folder."""
    user = user_of(request.param)
    assert user.types("param", "set", "21", "Macro.gamma=0.5").code == 0
    user.world.requests.clear()
    yield user
    key = user.world.key.encode()
    kept = [path.read_bytes() for path in (user.folder / "state").rglob("*") if path.is_file()]
    assert kept
    assert not any(form in content for content in kept for form in (key, base64.b64encode(key)))


def gamma(user: User) -> Any:
    """Return gamma as the server holds it."""
    return held(user, "gamma")


def held(user: User, name: str) -> Any:
    """Return a value as the server holds it, when all that is on its way has arrived."""
    user.world.clock.sleep(1.0)
    study = user.world.studies[21]
    study.settle()
    return study.values[f"Macro.{name}"]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each entry."""
    found = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in found]


def interrupted(user: User, error: type[BaseException], *words: str, after: bool = False) -> Outcome | None:
    """Give a command that is ended at its change; ``None`` is that of a process that died."""
    user.transport = Breaking(user, raising(error), after=after)
    try:
        return user.types("param", *words)
    except DeadError:
        return None
    finally:
        user.transport = None


def people(user: User) -> str:
    """Return the assignment of a file."""
    file = user.folder / "p.csv"
    file.write_text(PEOPLE)
    return f"Macro.population=@{file}"


# Lost answers and lost updates ----------------------------------------------------------------------


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
@pytest.mark.parametrize("fault", MADE, ids=lambda fault: fault.kind)
def test_a_change_whose_answer_was_lost_is_done(editor: User, fault: Fault, words: tuple[str, ...], new: float) -> None:
    """When the change was made and only its answer was lost, it is done in the journal as well, and sent once."""
    editor.world.faults.arm(fault)
    assert editor.types("param", *words).code == 0
    assert (gamma(editor), editor.requests.count(SENT)) == (new, 1)
    assert journaled(editor)[1:] == [(words[0], "done")]


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
@pytest.mark.parametrize("fault", NOT_MADE, ids=lambda fault: f"{fault.kind}{fault.status}")
def test_a_change_that_never_arrived_is_not_made(
    editor: User, fault: Fault, words: tuple[str, ...], new: float
) -> None:
    """When the request was lost or refused, the journal says so, and undo takes back the change before it."""
    editor.world.faults.arm(fault)
    assert editor.types("param", *words).code in {4, 6, 8}
    assert (gamma(editor), editor.requests.count(SENT)) == (0.5, 1)
    assert journaled(editor)[1:] == [(words[0], "not made")]
    assert (editor.types("param", "undo", "21").code, gamma(editor)) == (0, 0.3)


@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
def test_a_dropped_change_is_sent_once_more(editor: User, words: tuple[str, ...], new: float) -> None:
    """A change that the server dropped once is sent a second time, is done, and is one entry."""
    editor.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    assert editor.types("param", *words).code == 0
    assert (gamma(editor), editor.requests.count(SENT)) == (new, 2)
    assert journaled(editor)[1:] == [(words[0], "done")]


def test_a_change_that_is_dropped_for_good_is_in_doubt(editor: User) -> None:
    """What the server keeps dropping is exit 8 and in doubt; the value is the old one, and undo goes back from it."""
    editor.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 8
    editor.world.faults.clear()
    assert (gamma(editor), journaled(editor)[-1]) == (0.5, ("set", "in doubt"))
    assert (editor.types("param", "undo", "21", "--to", "1").code, gamma(editor)) == (0, 0.3)


@pytest.mark.parametrize("dropped", [0, 1])
def test_two_changes_back_to_back_are_both_held(editor: User, dropped: int) -> None:
    """A second change right after a first one, dropped once or not, harms neither; each is undone on its own."""
    words = [("set", "21", "Macro.periods=7"), ("set", "21", "Macro.gamma=0.9")]
    for one in words:
        if dropped:
            editor.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
        assert editor.types("param", *one).code == 0
    assert (gamma(editor), held(editor, "periods")) == (0.9, 7)
    assert [editor.types("param", "undo", "21").code for _ in words] == [0, 0]
    assert (gamma(editor), held(editor, "periods")) == (0.5, 11)
    assert [outcome for _, outcome in journaled(editor)] == ["done"] * 5


def test_a_change_that_cannot_be_read_back_is_in_doubt(editor: User) -> None:
    """When the server falls silent after the change, the journal says that it is in doubt, and undo takes it back."""
    editor.transport = Breaking(
        editor, lambda _: editor.world.faults.arm(Fault("status", count=90, status=500)), after=True
    )
    assert editor.types("param", "set", "21", "Macro.gamma=0.9").code == 7
    editor.transport = None
    editor.world.faults.clear()
    assert (gamma(editor), journaled(editor)[-1]) == (0.9, ("set", "in doubt"))
    assert (editor.types("param", "undo", "21").code, gamma(editor)) == (0, 0.5)


def test_a_table_that_arrived_before_values_that_did_not_is_undone(user: User) -> None:
    """When the file was taken and the values were lost, the entry is in doubt, and undo puts the table back."""
    before = held(user, "population")

    def lose_values(request: httpx.Request) -> None:
        if request.headers["content-type"] == "application/json":
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    user.transport = Breaking(user, lose_values)
    assert user.types("param", "set", "21", people(user), "Macro.gamma=0.9").code == 6
    user.transport = None
    assert held(user, "population") != before
    assert journaled(user) == [("set", "in doubt")]
    assert user.types("param", "undo", "21").code == 0
    assert (held(user, "population"), gamma(user)) == (before, 0.3)


def test_a_table_that_the_server_cannot_take_is_not_made(user53: User) -> None:
    """Where uploads are answered 415 nothing is changed, the entry is not made, and there is nothing to undo."""
    before = held(user53, "population")
    done = user53.types("param", "set", "21", people(user53), "Macro.gamma=0.9")
    assert (done.code, journaled(user53)) == (7, [("set", "not made")])
    assert (held(user53, "population"), gamma(user53)) == (before, 0.3)
    assert user53.types("param", "undo", "21").code == 2


# Interrupts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, DeadError])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("words", "new"), COMMANDS, ids=["set", "reset", "undo"])
def test_an_interrupted_change_is_known(
    editor: User, error: type[BaseException], words: tuple[str, ...], new: float, *, after: bool
) -> None:
    """Whenever a command is cut off, its entry is there, its value is old or new, and all can be put back."""
    done = interrupted(editor, error, *words, after=after)
    assert done is None or done.code == 130
    assert gamma(editor) == (new if after else 0.5)
    assert journaled(editor)[1:] == [(words[0], "begun")]
    assert editor.types("param", "undo", "21", "--to", "1", "--force").code == 0
    assert gamma(editor) == 0.3


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_interrupted_set_is_undone_and_given_again(editor: User, *, after: bool) -> None:
    """After a cut, undo leaves the old value, and the same command again completes and can be undone."""
    interrupted(editor, DeadError, "set", "21", "Macro.gamma=0.9", "Macro.periods=7", after=after)
    assert editor.types("param", "undo", "21").code == 0
    assert (gamma(editor), held(editor, "periods")) == (0.5, 11)
    assert editor.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7").code == 0
    assert (gamma(editor), held(editor, "periods")) == (0.9, 7)
    assert editor.types("param", "undo", "21").code == 0
    assert (gamma(editor), held(editor, "periods")) == (0.5, 11)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_interrupted_upload_is_undone(user: User, *, after: bool) -> None:
    """The table that an interrupted upload may have replaced is on disk, and undo leaves it in the study."""
    user.world.studies[21].values["Macro.weights"] = weights = Array([1.0, 2.0])
    before = held(user, "population")
    file = user.folder / "w.csv"
    file.write_text("value\n5.0\n")
    interrupted(user, DeadError, "set", "21", people(user), f"Macro.weights=@{file}", after=after)
    assert (held(user, "population") != before) is after
    assert journaled(user) == [("set", "begun")]
    assert user.types("param", "undo", "21").code == 0
    assert (held(user, "population"), held(user, "weights")) == (before, weights)


def test_a_journal_that_is_gone_afterwards_hides_no_outcome(editor: User) -> None:
    """When only the end cannot be noted any more, the change is what is told: exit 0, with a note."""
    [folder] = (editor.folder / "state" / "journal").iterdir()

    def spoil(_: httpx.Request) -> None:
        folder.rename(editor.folder / "moved")
        folder.write_text("a file")

    editor.transport = Breaking(editor, spoil)
    done = editor.types("param", "set", "21", "Macro.gamma=0.9")
    assert (done.code, gamma(editor)) == (0, 0.9)
    assert "is not in the history" in done.err
