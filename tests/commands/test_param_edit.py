"""Test `sostrades param edit`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.faults import Fault
from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")


def stored_value(user: User, name: str) -> Any:
    """Return a parameter as stored on the server, by its name without the study name."""
    found = user.world.studies[21]
    found.settle()
    return found.values[name]


def replaces(*pairs: tuple[str, str], seen: list[str] | None = None) -> Callable[[Path], object]:
    """Return an editor that makes one replacement each time it is opened, and records what it was given."""
    left = list(pairs)

    def edit(file: Path) -> None:
        text = file.read_text()
        if seen is not None:
            seen.append(text)
        old, new = left.pop(0)
        assert old in text
        file.write_text(text.replace(old, new))

    return edit


def edits(user: User, *words: str, answer: bytes = b"", **options: Any) -> Outcome:
    """Type the command at a terminal if there is an answer, else in a script with EDITOR set."""
    return user.types("param", "edit", "21", *words, stdin=answer, tty=bool(answer), EDITOR="ed", **options)


def drafts(user: User) -> list[Path]:
    """Return the texts that were kept."""
    return [path for path in (user.folder / "state" / "drafts").rglob("*") if path.is_file()]


@pytest.mark.parametrize("server", SERVERS)
def test_changed_value_is_set(user_of: Callable[..., User], server: str) -> None:
    user, seen = user_of(server), []  # type: ignore[var-annotated]
    user.edit = replaces(("= 0.3 ", "= 0.25 "), seen=seen)
    done = edits(user, "Macro.gamma", "periods")
    assert done.code == 0, done.err
    assert stored_value(user, "Macro.gamma") == 0.25
    assert done.out.splitlines()[1:] == ["dice.Macro.gamma\tfloat\t0.3\t0.25\t-"]
    assert tomllib.loads(seen[0]) == {"Macro.gamma": 0.3, "Macro.periods": 11}
    assert user.requests.count(SENT) == 1
    assert drafts(user) == []


def test_text_has_types_units_ranges_and_choices(user: User) -> None:
    seen: list[str] = []
    user.edit = replaces(("", ""), seen=seen)
    edits(user)
    lines = {line.split(" = ")[0]: line for line in seen[0].splitlines()}
    assert "1950 to 2200" in lines['"Macro.start_year"']
    assert "year" in lines['"Macro.start_year"']
    assert "sunny or rainy" in lines['"Macro.scenario"']


def test_all_inputs_are_in_the_text(user: User) -> None:
    seen: list[str] = []
    user.edit = replaces(("", ""), seen=seen)
    done = edits(user)
    values = tomllib.loads(seen[0])
    assert (values["Macro.gamma"], values["Macro.note"]) == (0.3, "café ☃ naïve")
    assert values["Macro.shares"] == {"coal": 0.4, "wind": 0.6}
    assert not any("total_damage" in key or "max_mda_iter" in key for key in values)
    assert "sostrades param edit 21 dice.Macro.population" in seen[0]
    assert "sostrades param edit 21 'dice.Energy mix.cost [$/MWh]'" in seen[0]
    assert '# "Macro.not_known" =   # no value, float' in seen[0].splitlines()
    assert (done.code, SENT in user.requests) == (0, False)


def test_pattern_selects_inputs(user: User) -> None:
    seen: list[str] = []
    user.edit = replaces(("", ""), seen=seen)
    assert edits(user, "Macro.s*").code == 0
    assert list(tomllib.loads(seen[0])) == ["Macro.savings_rate", "Macro.start_year", "Macro.scenario", "Macro.shares"]
    assert edits(user, "No.thing*").code == 5


@pytest.mark.parametrize("text", [None, "", "# only a comment\n"])
def test_unchanged_or_empty_text_does_nothing(user: User, text: str | None) -> None:
    user.edit = (lambda _: None) if text is None else (lambda path: path.write_text(text))
    done = edits(user, "Macro.gamma")
    assert (done.code, SENT in user.requests, drafts(user)) == (0, False, [])


def test_removed_line_keeps_the_value_and_an_added_line_sets_one(user: User) -> None:
    user.edit = lambda path: path.write_text('"Macro.savings_rate" = 0.5\n[Macro]\nperiods = 12\n')
    assert edits(user, "Macro.gamma").code == 0
    names = ("Macro.gamma", "Macro.savings_rate", "Macro.periods")
    assert [stored_value(user, name) for name in names] == [0.3, 0.5, 12]


def test_value_can_be_added_to_a_parameter_without_one(user: User) -> None:
    user.edit = replaces(('# "Macro.not_known" = ', '"Macro.not_known" = 2.5 #'))
    assert edits(user, "Macro.not_known").code == 0
    assert stored_value(user, "Macro.not_known") == 2.5


@pytest.mark.parametrize("text", ["@home", "@@home", "plain @ text"])
def test_text_with_an_at_sign_is_not_a_file(user: User, text: str) -> None:
    user.world.studies[21].values["Macro.note"] = text
    user.edit = replaces(('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4'))
    assert edits(user, "Macro.gamma", "Macro.note").code == 0
    assert stored_value(user, "Macro.note") == text
    user.edit = replaces(("home" if "home" in text else "plain", "house"))
    assert edits(user, "Macro.note").code == 0
    assert stored_value(user, "Macro.note") == text.replace("home", "house").replace("plain", "house")


def test_change_is_confirmed_with_old_and_new_value(user: User) -> None:
    user.edit = replaces(("= 0.3 ", "= 0.25 "))
    declined = edits(user, "Macro.gamma", answer=b"n\n")
    assert (declined.code, SENT in user.requests) == (130, False)
    assert "0.3 → 0.25" in declined.err
    [kept] = drafts(user)
    assert str(kept) in declined.err
    user.edit = replaces(("= 0.3 ", "= 0.25 "))
    assert edits(user, "Macro.gamma", answer=b"y\n").code == 0
    assert stored_value(user, "Macro.gamma") == 0.25


def test_invalid_text_can_be_edited_again(user: User) -> None:
    seen: list[str] = []
    user.edit = replaces(("= 0.3 ", '= "x" '), ('= "x" ', "= 0.25 "), seen=seen)
    done = edits(user, "Macro.gamma", answer=b"\ny\n")
    assert done.code == 0, done.err
    assert "Macro.gamma" in done.err
    assert '= "x"' in seen[1]
    assert stored_value(user, "Macro.gamma") == 0.25
    assert drafts(user) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("= 0.3 ", '= "x" '), ("= 0.3 ", "= = "), ("= 0.3 ", "= nan "), ('"Macro.gamma"', '"Macro.gama"')],
)
def test_invalid_text_is_kept_with_the_changes_only(user: User, old: str, new: str) -> None:
    user.edit = replaces((old, new))
    done = edits(user, "Macro.gamma", "Macro.periods")
    assert done.code in {2, 5}
    assert SENT not in user.requests
    [kept] = drafts(user)
    assert str(kept) in done.err
    assert f"param set 21 --from {kept}" in done.err
    assert new in kept.read_text()
    assert '\n# "Macro.periods"' in kept.read_text()


def test_decimal_comma_is_reported_with_line_and_spelling(user: User) -> None:
    user.edit = replaces(("= 0.3 ", "= 0,2 "))
    done = edits(user, "Macro.gamma", "Macro.periods")
    assert done.error is not None
    [kept] = drafts(user)
    number = next(n for n, line in enumerate(kept.read_text().splitlines(), 1) if "0,2" in line)
    assert (done.code, done.error.hint) == (2, "write 0.2")
    assert f"line {number}, Macro.gamma" in done.error.message
    assert done.err.count(str(kept)) == 1


def test_every_decimal_comma_is_reported(user: User) -> None:
    user.edit = lambda path: path.write_text(path.read_text().replace("= 0.3 ", "= 0,2 ").replace("= 11 ", "= 12,0 "))
    done = edits(user, "Macro.gamma", "Macro.periods")
    assert all(text in done.err for text in ("write 0.2", "Macro.periods: write 12.0"))


def test_all_errors_of_a_text_are_reported(user: User) -> None:
    user.edit = lambda path: path.write_text('"Macro.gama" = 1\n"Macro.periods" = 2.5\n"Macro.gamma" = "x"\n')
    done = edits(user, "Macro.gamma", "Macro.periods")
    assert done.code == 2
    assert all(name in done.err for name in ("gama", "periods", "Macro.gamma"))


def test_kept_text_sets_only_the_changes(user: User) -> None:
    user.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="before"))
    user.edit = replaces(("= 0.3 ", "= 0.25 "))
    assert edits(user, "Macro.gamma", "Macro.periods").code == 6
    [kept] = drafts(user)
    user.world.studies[21].update({"dice.Macro.periods": 12})
    assert user.types("param", "set", "21", "--from", str(kept)).code == 0
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.periods")) == (0.25, 12)


@pytest.mark.parametrize("server", SERVERS)
def test_change_of_somebody_else_is_detected(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)

    def edit(path: Path) -> None:
        user.world.studies[21].update({"dice.Macro.gamma": 0.7, "dice.Macro.periods": 12})
        path.write_text(path.read_text().replace("= 0.3 ", "= 0.25 "))

    user.edit = edit
    done = edits(user, "Macro.gamma", "Macro.periods")
    assert (done.code, done.kind, SENT in user.requests) == (8, "conflict", False)
    assert "0.7" in done.err
    assert stored_value(user, "Macro.gamma") == 0.7
    [kept] = drafts(user)
    assert str(kept) in done.err
    kept.unlink()
    user.edit = replaces(("= 0.7 ", "= 0.25 "))
    assert edits(user, "Macro.gamma", "Macro.periods").code == 0


def test_change_of_an_unedited_value_is_not_a_conflict(user: User) -> None:
    def edit(path: Path) -> None:
        user.world.studies[21].update({"dice.Macro.periods": 12})
        path.write_text(path.read_text().replace("= 0.3 ", "= 0.25 "))

    user.edit = edit
    assert edits(user, "Macro.gamma", "Macro.periods").code == 0
    assert (stored_value(user, "Macro.gamma"), stored_value(user, "Macro.periods")) == (0.25, 12)


def test_dry_run_sends_nothing_and_keeps_the_text(user: User) -> None:
    user.edit = replaces(("= 0.3 ", "= 0.25 "))
    done = edits(user, "Macro.gamma", "--dry-run")
    assert (done.code, SENT in user.requests) == (0, False)
    assert "0.25" in done.out
    [kept] = drafts(user)
    assert str(kept) in done.err


def test_edit_is_in_the_history_with_its_message_and_can_be_undone(user: User) -> None:
    user.edit = replaces(("= 0.3 ", "= 0.25 "))
    edits(user, "Macro.gamma", "--message", "by hand")
    [entry] = user.prints("param", "history", "21")
    assert (entry["command"], entry["message"]) == ("edit", "by hand")
    assert user.types("param", "undo", "21").code == 0
    assert stored_value(user, "Macro.gamma") == 0.3


# Tables -------------------------------------------------------------------------------------------


def test_table_is_edited_as_csv(user: User) -> None:
    seen: list[str] = []
    user.edit = replaces(("7870.5", "8000.25"), seen=seen)
    done = edits(user, "Macro.population")
    assert done.code == 0, done.err
    assert seen[0].startswith("years,population\n")
    assert 8000.25 in stored_value(user, "Macro.population").column("population")
    assert drafts(user) == []
    assert "drafts" not in done.out + done.err
    assert "7870.5 → 8000.25" in done.out


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n"), str.rstrip])
def test_table_with_other_line_ends_is_unchanged(user: User, change: Callable[[str], str]) -> None:
    user.edit = lambda path: path.write_bytes(change(path.read_text()).encode())
    done = edits(user, "Macro.population")
    assert (done.code, SENT in user.requests, drafts(user)) == (0, False, [])


def test_invalid_table_is_kept(user: User) -> None:
    user.edit = replaces(("7870.5", '"7870,5"'))
    done = edits(user, "Macro.population")
    [kept] = drafts(user)
    assert (done.code, SENT in user.requests) == (2, False)
    assert done.err.count(str(kept)) == 1
    assert f"dice.Macro.population=@{kept}" in done.err
    assert '"7870,5"' in kept.read_text()


def test_table_that_changed_meanwhile_is_a_conflict(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,1.0\n")

    def edit(path: Path) -> None:
        assert user.types("param", "set", "21", f"Macro.population=@{file}").code == 0
        path.write_text(path.read_text().replace("7870.5", "8000.25"))

    user.edit = edit
    done = edits(user, "Macro.population")
    assert (done.code, done.kind) == (8, "conflict")
    assert user.requests.count(SENT) == 1


def test_table_that_cannot_be_downloaded_is_rejected(user: User) -> None:
    assert edits(user, "Macro.matrix").code == 2
    assert drafts(user) == []


# Without an editor or a terminal ------------------------------------------------------------------


def test_no_terminal_and_no_editor_is_a_usage_error(user: User) -> None:
    done = user.types("param", "edit", "21", "Macro.gamma")
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "EDITOR" in done.err


def test_editor_that_does_not_start_leaves_nothing(user: User) -> None:
    def fails(_: Path) -> None:
        raise UsageError("no editor")

    user.edit = fails
    assert (edits(user, "Macro.gamma").code, drafts(user)) == (2, [])


def replaced_by_a_folder(path: Path) -> None:
    """Make a folder of the draft."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("edit", [Path.unlink, replaced_by_a_folder])
@pytest.mark.parametrize("key", ["Macro.gamma", "Macro.population"])
def test_removed_draft_sends_nothing(user: User, edit: Callable[[Path], object], key: str) -> None:
    user.edit = edit
    done = edits(user, key)
    assert (done.code, done.kind, SENT in user.requests) == (2, "usage", False)
    assert "nothing was sent" in done.err


def test_unreadable_editor_is_rejected_without_a_request(user: User) -> None:
    done = user.types("param", "edit", "21", "Macro.gamma", EDITOR="'x")
    assert (done.code, done.kind, user.requests) == (2, "usage", [])
    assert "EDITOR" in done.err


def test_interrupted_editor_keeps_the_text(user: User) -> None:
    def interrupted(path: Path) -> None:
        path.write_text(path.read_text().replace("= 0.3 ", "= 0.25 "))
        raise KeyboardInterrupt

    user.edit = interrupted
    done = edits(user, "Macro.gamma")
    [kept] = drafts(user)
    assert (done.code, SENT in user.requests) == (130, False)
    assert str(kept) in done.err
    assert "may have been made" not in done.err


@pytest.mark.parametrize(("key", "code"), [("No.thing", 5), ("Macro.shares.coal", 2), ("total_damage", 2)])
def test_key_that_cannot_be_edited_is_rejected(user: User, key: str, code: int) -> None:
    assert edits(user, key).code == code
    assert drafts(user) == []
