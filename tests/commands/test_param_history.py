"""Test `sostrades param history`: changes from this machine, without a request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

    from sostrades_cli.local.keyring_entry import KeyringEntry

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")
GAMMA, PERIODS = "dice.Macro.gamma", "dice.Macro.periods"
COLUMNS = ["entry", "time", "command", "key", "old", "new", "outcome"]


@dataclass
class NoKeyring:
    """A keyring that must not be used."""

    def get(self, entry: KeyringEntry) -> str | None:
        """Fail."""
        raise AssertionError(entry)

    put = forget = get


def rows(user: User, *words: str) -> list[list[str]]:
    """Return the rows in a pipe, without the header and the messages."""
    done = user.types("param", "history", "21", "-F", "tsv", *words)
    assert done.code == 0
    header, *result = [line.split("\t") for line in done.out.splitlines()]
    assert header == [*COLUMNS, "message"]
    return [row[:-1] for row in result]


def entries(user: User, *words: str) -> list[dict[str, Any]]:
    """Return the entries in JSON."""
    done = user.types("param", "history", "21", "-F", "json", *words)
    assert (done.code, done.err) == (0, "")
    result: list[dict[str, Any]] = json.loads(done.out)
    return result


def journal_of(user: User) -> Path:
    """Return the path of the journal."""
    [path] = (user.folder / "state").rglob("21.jsonl")
    return path


@pytest.fixture(params=QUICK_WITH_READ_ONLY_MODE)
def editor(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user who has set two values, reset one of them, and undone the reset."""
    user = user_of(request.param)
    user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    user.types("param", "reset", "21", "dice.Macro.periods")
    user.types("param", "undo", "21")
    user.world.requests.clear()
    return user


def test_every_changed_parameter_is_a_row(editor: User) -> None:
    assert [[row[0], *row[2:]] for row in rows(editor)] == [
        ["1", "set", GAMMA, "0.3", "0.9", "done"],
        ["1", "set", PERIODS, "11", "7", "done"],
        ["2", "reset", PERIODS, "7", "default value", "done"],
        ["3", "undo", PERIODS, "11", "7", "done"],
    ]


def test_times_are_utc_and_ascending(editor: User) -> None:
    times = [row[1] for row in rows(editor)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    assert times == sorted(times)


def test_json_has_entries_with_typed_values(editor: User) -> None:
    first, second, third = entries(editor)
    assert (first["entry"], first["command"], first["outcome"], first["undoes"]) == (1, "set", "done", [])
    assert (first["study"], first["host"]) == (21, "http://127.0.0.1:5004")
    assert [(c["key"], c["old"], c["new"], c["any_new"]) for c in first["changes"]] == [
        (GAMMA, 0.3, 0.9, False),
        (PERIODS, 11, 7, False),
    ]
    assert [(c["old"], c["new"], c["any_new"]) for c in second["changes"]] == [(7, None, True)]
    assert (third["command"], third["undoes"]) == ("undo", [2])


def test_no_request_and_no_key_is_needed(editor: User) -> None:
    editor.keyring = NoKeyring()  # type: ignore[assignment] # it has the methods of one
    done = editor.types("param", "history", "21", SOSTRADES_API_KEY="")
    assert (done.code, len(done.out.splitlines()), editor.requests) == (0, 5, [])


@pytest.mark.parametrize(
    ("match", "numbers"),
    [
        ("gamma", ["1"]),
        slow("*.periods", ["1", "2", "3"]),
        slow("dice.*", ["1", "1", "2", "3"]),
        slow("gam*", ["1"]),
        ("sun", []),
    ],
)
def test_match_selects_parameters(editor: User, match: str, numbers: list[str]) -> None:
    assert [row[0] for row in rows(editor, "--match", match)] == numbers
    assert [entry["entry"] for entry in entries(editor, "--match", match)] == sorted({int(n) for n in numbers})
    stderr = editor.types("param", "history", "21", "-F", "tsv", "--match", match).err
    assert ("nothing matches" in stderr) is not bool(numbers)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("[].entry", [1, 2, 3]), ("[].changes[].key", [GAMMA, PERIODS, PERIODS, PERIODS]), slow("[2].undoes[0]", 2)],
)
def test_query_selects_from_the_entries(editor: User, query: str, expected: object) -> None:
    assert json.loads(editor.types("param", "history", "21", "--query", query).out) == expected


def test_unknown_default_is_named_in_a_table(editor: User) -> None:
    shown = editor.types("param", "history", "21", tty=True).out
    assert "default" in shown


@pytest.mark.parametrize("server", SERVERS)
def test_unchanged_study_has_an_empty_history(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert rows(user) == []
    assert (entries(user), user.types("param", "history", "99999").code, user.requests) == ([], 0, [])
    assert not (user.folder / "state").exists()


def test_history_belongs_to_a_server(editor: User) -> None:
    assert rows(editor, "--host", "http://localhost:5004") == []
    assert editor.types("param", "history", "21", SOSTRADES_HOST="").code == 2


def test_dry_run_refusal_and_unchanged_value_leave_no_entry(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9", "--dry-run")
    user.types("param", "set", "21", "Macro.gamma=nan")
    user.types("param", "set", "21", "Macro.gamma=0.3")
    assert rows(user) == []


def test_run_with_values_is_listed_as_set(user: User) -> None:
    user.types("calc", "run", "21", "--set", "Macro.gamma=0.9", "--detach")
    assert [row[2:] for row in rows(user)] == [["set", GAMMA, "0.3", "0.9", "done"]]


def test_change_that_was_not_made_is_listed_with_its_reason(user: User) -> None:
    user.world.faults.arm(Fault("status", method="POST", path="parameters$", status=403))
    assert user.types("param", "set", "21", "Macro.gamma=0.9").code == 4
    assert rows(user)[0][-1] == "not made"
    assert entries(user)[0]["detail"]


def test_rows_describe_changed_tables_and_json_has_placeholders(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,8000.0\n")
    user.types("param", "set", "21", f"Macro.population=@{file}")
    for tty in (True, False):
        listed = user.types("param", "history", "21", tty=tty).out
        assert ("7800.0 → 8000.0" in " ".join(listed.split()), "://" in listed) == (True, False)
    [change] = entries(user)[0]["changes"]
    assert (change["old"], change["new"]) == ("://dataframe", "://dataframe")
    assert len({change["old_table"], change["new_table"], None}) == 3
    kept = [path.stem for path in (user.folder / "state").rglob("*.csv")]
    assert sorted(kept) == sorted([change["old_table"], change["new_sent"]])


def test_control_characters_are_escaped_on_a_terminal(user: User) -> None:
    user.world.studies[21].values["Macro.note"] = "\x1b]0;owned\x07"
    user.types("param", "set", "21", "Macro.note=x")
    shown = user.types("param", "history", "21", tty=True).out
    assert ("\x1b]" in shown, "\x07" in shown, "\\x1b]0;owned" in shown) == (False, False, True)
    assert entries(user)[0]["changes"][0]["old"] == "\x1b]0;owned\x07"


def test_damaged_line_is_skipped(editor: User) -> None:
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


@pytest.mark.parametrize("words", [("set", "21", "Macro.gamma=0.1"), slow(("reset", "21", GAMMA)), ("undo", "21")])
@pytest.mark.parametrize("missing", [slow("state"), "server", slow("file"), "lock"])
def test_unwritable_journal_prevents_the_change(editor: User, missing: str, words: tuple[str, ...]) -> None:
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


def test_table_that_cannot_be_saved_prevents_the_change(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.5")
    user.world.requests.clear()
    journal_of(user).with_suffix(".d").write_text("a file")
    (user.folder / "p.csv").write_text("years,population\n2020,8000.0\n")
    done = user.types("param", "set", "21", f"Macro.population=@{user.folder / 'p.csv'}")
    assert (done.code, SENT in user.requests) == (2, False)
    assert [row[2:4] for row in rows(user)] == [["set", GAMMA]]


# Messages -----------------------------------------------------------------------------------------


def test_message_is_kept_and_shown(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9", "--message", "as in the report, page 7")
    user.types("param", "set", "21", "Macro.periods=7", "Macro.gamma=0.3", "-m", "back")
    user.types("param", "undo", "21")
    assert [entry["message"] for entry in entries(user)] == ["as in the report, page 7", "back", None]
    assert user.types("param", "history", "21", tty=True, COLUMNS="140").out.count("back") == 1
    lines = user.types("param", "history", "21").out.splitlines()
    assert lines[1].endswith("\tdone\tas in the report, page 7")


def test_undo_and_apply_take_a_message(user: User) -> None:
    folder = str(user.folder / "dice")
    user.types("study", "export", "21", folder)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.types("param", "undo", "21", "-m", "a typo")
    user.types("param", "set", "21", "Macro.gamma=0.8")
    user.types("study", "apply", folder, "21", "-m", "as exported", "--ours")
    assert [entry["message"] for entry in entries(user)] == [None, "a typo", None, "as exported"]


def test_terminal_shows_no_column_of_messages_without_any(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    assert "message" not in user.types("param", "history", "21", tty=True).out


def test_message_of_a_dry_run_is_not_kept(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9", "--dry-run", "-m", "only a look")
    assert entries(user) == []


def test_entry_of_an_older_version_has_no_message(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    stored = json.loads(journal_of(user).read_text())
    del stored["message"]
    journal_of(user).write_text(json.dumps(stored) + "\n")
    assert [entry["message"] for entry in entries(user)] == [None]


def test_terminal_shows_short_names_changes_and_relative_times(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.world.clock.sleep(7200)
    header, line = user.types("param", "history", "21", tty=True, NO_COLOR="1").out.splitlines()
    assert header.split() == ["entry", "time", "command", "parameter", "change", "outcome"]
    assert line.split() == ["1", "2", "h", "ago", "set", "Macro.gamma", "0.3", "→", "0.9", "done"]
    (row,) = user.types("param", "history", "21").out.splitlines()[1:]
    assert row.split("\t")[3:6] == ["dice.Macro.gamma", "0.3", "0.9"]
    assert row.split("\t")[1].endswith("Z")


def test_latest_change_is_first_at_a_terminal_and_last_elsewhere(user: User) -> None:
    for value in ("0.31", "0.32"):
        assert user.types("param", "set", "21", f"gamma={value}").code == 0
    lines = user.types("param", "history", "21", tty=True, NO_COLOR="1").out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert [entry["entry"] for entry in json.loads(user.types("param", "history", "21", "-F", "json").out)] == [1, 2]


def test_error_after_the_last_undo_names_the_redo(user: User) -> None:
    for value in ("0.4", "0.5"):
        assert user.types("param", "set", "21", f"Macro.gamma={value}").code == 0
    for value in ("0.4", "0.3"):
        assert user.types("param", "undo", "21").code == 0
        assert user.types("param", "get", "21", "Macro.gamma").out == f"{value}\n"
    error = user.types("param", "undo", "21").error
    assert error is not None
    assert error.kind == "nothing_to_undo"
    words = str(error.hint).split("`")[1].removeprefix("sostrades ").split()
    assert user.types(*words).code == 0
    assert user.types("param", "get", "21", "Macro.gamma").out == "0.4\n"
    assert user.types("param", "undo", "21", "--to", "3").code == 0
    assert user.types("param", "get", "21", "Macro.gamma").out == "0.5\n"
    error = user.types("param", "redo", "21").error
    assert error is not None
    assert "'undo'" in error.message


def test_skipped_parameters_are_named_beside_others(user: User) -> None:
    assert "gamma" in user.types("param", "set", "21", "Macro.gamma=0.3", "Macro.periods=9").err
    assert "gamma" not in user.types("param", "set", "21", "Macro.gamma=0.3").err


def test_no_value_differs_from_an_empty_text_in_a_pipe(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.remark=")
    assert done.out.splitlines()[1].split("\t")[2:4] == ["no value", ""]
    [line] = user.types("param", "history", "21").out.splitlines()[1:]
    assert line.split("\t")[4:6] == ["no value", ""]
    [change] = user.prints("param", "history", "21")[0]["changes"]
    assert (change["old"], change["new"]) == (None, "")
