"""`sostrades param history`: what was changed from here, without asking the server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

    from sostrades_cli.local.credentials import KeyringEntry

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
GAMMA, PERIODS = "dice.Macro.gamma", "dice.Macro.periods"
COLUMNS = ["entry", "time", "command", "key", "old", "new", "outcome"]


@dataclass
class NoKeyring:
    """A keyring that must not be asked."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Fail."""
        raise AssertionError(entry)

    put = forget = get


def rows(user: User, *words: str) -> list[list[str]]:
    """Return the rows that a pipe gets, without the header."""
    done = user.types("param", "history", "21", "-F", "tsv", *words)
    assert done.code == 0
    header, *found = [line.split("\t") for line in done.out.splitlines()]
    assert header == COLUMNS
    return found


def entries(user: User, *words: str) -> list[dict[str, Any]]:
    """Return what scripts get."""
    done = user.types("param", "history", "21", "-F", "json", *words)
    assert (done.code, done.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def journal_of(user: User) -> Path:
    """Return the file of the journal."""
    [path] = (user.folder / "state").rglob("21.jsonl")
    return path


@pytest.fixture(params=SERVERS)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user who has set two values, reset one of them, and undone the reset."""
    user = user_of(request.param)
    user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    user.types("param", "reset", "21", "dice.Macro.periods")
    user.types("param", "undo", "21")
    user.world.requests.clear()
    return user


def test_every_change_is_a_row(editor: User) -> None:
    """Each parameter of each command is a row: number, command, key, old, new and outcome, the newest last."""
    assert [[row[0], *row[2:]] for row in rows(editor)] == [
        ["1", "set", GAMMA, "0.3", "0.9", "done"],
        ["1", "set", PERIODS, "11", "7", "done"],
        ["2", "reset", PERIODS, "7", "", "done"],
        ["3", "undo", PERIODS, "11", "7", "done"],
    ]


def test_times_are_utc_and_do_not_go_back(editor: User) -> None:
    """Every row has the time of its change, as RFC 3339 in UTC."""
    times = [row[1] for row in rows(editor)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    assert times == sorted(times)


def test_scripts_get_the_entries(editor: User) -> None:
    """JSON has the entries with typed values, what an undo took back, and whether the new value is known."""
    first, second, third = entries(editor)
    assert (first["entry"], first["command"], first["outcome"], first["undoes"]) == (1, "set", "done", [])
    assert (first["study"], first["host"]) == (21, "http://127.0.0.1:5004")
    assert [(c["key"], c["old"], c["new"], c["any_new"]) for c in first["changes"]] == [
        (GAMMA, 0.3, 0.9, False),
        (PERIODS, 11, 7, False),
    ]
    assert [(c["old"], c["new"], c["any_new"]) for c in second["changes"]] == [(7, None, True)]
    assert (third["command"], third["undoes"]) == ("undo", [2])


def test_nothing_is_asked_of_the_server(editor: User) -> None:
    """The list comes from this machine alone: without any request, without a key, without the keyring."""
    editor.keyring = NoKeyring()  # type: ignore[assignment] # it has the methods of one
    done = editor.types("param", "history", "21", SOSTRADES_API_KEY="")
    assert (done.code, len(done.out.splitlines()), editor.requests) == (0, 5, [])


@pytest.mark.parametrize(
    ("match", "numbers"),
    [("gamma", ["1"]), ("*.periods", ["1", "2", "3"]), ("dice.*", ["1", "1", "2", "3"]), ("gam*", ["1"]), ("sun", [])],
)
def test_parameters_can_be_chosen(editor: User, match: str, numbers: list[str]) -> None:
    """`--match` takes a glob of the whole name or a part of it, and leaves out all other rows and entries."""
    assert [row[0] for row in rows(editor, "--match", match)] == numbers
    assert [entry["entry"] for entry in entries(editor, "--match", match)] == sorted({int(n) for n in numbers})
    told = editor.types("param", "history", "21", "-F", "tsv", "--match", match).err
    assert ("nothing matches" in told) is not bool(numbers)


@pytest.mark.parametrize(
    ("query", "found"),
    [("[].entry", [1, 2, 3]), ("[].changes[].key", [GAMMA, PERIODS, PERIODS, PERIODS]), ("[2].undoes[0]", 2)],
)
def test_a_part_can_be_asked_for(editor: User, query: str, found: object) -> None:
    """`--query` reaches into the entries, their changes and what they took back."""
    assert json.loads(editor.types("param", "history", "21", "--query", query).out) == found


def test_a_terminal_gets_words(editor: User) -> None:
    """A default value that the server did not give is called so."""
    shown = editor.types("param", "history", "21", tty=True).out
    assert "default" in shown


@pytest.mark.parametrize("server", SERVERS)
def test_no_change_is_no_row(user_of: Callable[..., User], server: str) -> None:
    """A study that was not changed from here has an empty list, exit 0, whether or not there is such a study."""
    user = user_of(server)
    assert rows(user) == []
    assert (entries(user), user.types("param", "history", "99999").code, user.requests) == ([], 0, [])
    assert not (user.folder / "state").exists()


def test_each_server_has_its_own(editor: User) -> None:
    """Another address is another server, and no address at all is wrong usage."""
    assert rows(editor, "--host", "http://localhost:5004") == []
    assert editor.types("param", "history", "21", SOSTRADES_HOST="").code == 2


def test_a_plan_leaves_no_entry(user: User) -> None:
    """A dry run, a refusal, and a change to what is held already are no changes."""
    user.types("param", "set", "21", "Macro.gamma=0.9", "--dry-run")
    user.types("param", "set", "21", "Macro.gamma=nan")
    user.types("param", "set", "21", "Macro.gamma=0.3")
    assert rows(user) == []


def test_a_run_with_values_is_a_set(user: User) -> None:
    """What `calc run --set` set is listed as a set."""
    user.types("calc", "run", "21", "--set", "Macro.gamma=0.9", "--detach")
    assert [row[2:] for row in rows(user)] == [["set", GAMMA, "0.3", "0.9", "done"]]


def test_a_change_that_was_not_made_is_listed(user: User) -> None:
    """A change that the server refused is listed as not made, with the reason for scripts."""
    user.world.faults.arm(Fault("status", method="POST", path="parameters$", status=403))
    assert user.types("param", "set", "21", "Macro.gamma=0.9").code == 4
    assert rows(user)[0][-1] == "not made"
    assert entries(user)[0]["detail"]


def test_tables_are_called_tables(user: User) -> None:
    """A table is called one in rows; the JSON has its place holder and the names of what is kept."""
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,8000.0\n")
    user.types("param", "set", "21", f"Macro.population=@{file}")
    for tty in (True, False):
        listed = user.types("param", "history", "21", tty=tty).out
        assert ("table" in listed, "://" in listed) == (True, False)
    [change] = entries(user)[0]["changes"]
    assert (change["old"], change["new"]) == ("://dataframe", "://dataframe")
    assert len({change["old_table"], change["new_table"], None}) == 3
    kept = [path.stem for path in (user.folder / "state").rglob("*.csv")]
    assert sorted(kept) == sorted([change["old_table"], change["new_sent"]])


def test_hostile_values_reach_a_terminal_as_visible_text(user: User) -> None:
    """Escape codes in an old value are shown, not obeyed; JSON is exact."""
    user.world.studies[21].values["Macro.note"] = "\x1b]0;owned\x07"
    user.types("param", "set", "21", "Macro.note=x")
    shown = user.types("param", "history", "21", tty=True).out
    assert ("\x1b]" in shown, "\x07" in shown, "\\x1b]0;owned" in shown) == (False, False, True)
    assert entries(user)[0]["changes"][0]["old"] == "\x1b]0;owned\x07"


def test_a_damaged_line_hides_no_other(editor: User) -> None:
    """A line of the journal that cannot be read is left out; a file that is none is exit 2, which names it."""
    journal = journal_of(editor)
    first, *others = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join([first[:40] + "\n", *others]))
    assert [row[0] for row in rows(editor)] == ["2", "3"]
    for command in ("history", "undo"):
        assert f"1 line of {journal} cannot be read" in editor.types("param", command, "21").err
    journal.write_text(first[:40])
    journal.unlink()
    journal.mkdir()
    done = editor.types("param", "history", "21")
    assert (done.code, str(journal) in done.err) == (2, True)


# A journal that cannot be written -------------------------------------------------------------------


@pytest.mark.parametrize("words", [("set", "21", "Macro.gamma=0.1"), ("reset", "21", GAMMA), ("undo", "21")])
@pytest.mark.parametrize("missing", ["state", "server", "file", "lock"])
def test_what_cannot_be_journaled_is_not_sent(editor: User, missing: str, words: tuple[str, ...]) -> None:
    """Where the journal cannot be written the command is exit 2, nothing is sent, and the value stays."""
    file = journal_of(editor)
    places = {"state": editor.folder / "state", "server": file.parent, "file": file, "lock": file.with_suffix(".lock")}
    target = places[missing]
    target.rename(editor.folder / "moved")
    if missing in {"state", "server"}:
        target.write_text("a file")
    else:
        target.mkdir()
        (target / "x").write_text("x")
    done = editor.types("param", *words)
    assert (done.code, SENT in editor.requests) == (2, False)
    assert editor.world.studies[21].values["Macro.gamma"] == 0.9
    assert str(target) in done.err


def test_a_table_that_cannot_be_kept_is_not_sent(user: User) -> None:
    """Where what is replaced cannot be kept, nothing is sent and nothing is journaled."""
    user.types("param", "set", "21", "Macro.gamma=0.5")
    user.world.requests.clear()
    journal_of(user).with_suffix(".d").write_text("a file")
    (user.folder / "p.csv").write_text("years,population\n2020,8000.0\n")
    done = user.types("param", "set", "21", f"Macro.population=@{user.folder / 'p.csv'}")
    assert (done.code, SENT in user.requests) == (2, False)
    assert [row[2:4] for row in rows(user)] == [["set", GAMMA]]
