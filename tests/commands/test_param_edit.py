"""Test `sostrades param edit`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, slow

from server_stub.faults import Fault
from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
SERVERS = ("documented", "5.3")


def stored_value(user: User, name: str) -> Any:
    """Return a parameter as stored on the server, by its name without the study name."""
    result = user.world.studies[21]
    result.settle()
    return result.values[name]


def replaces(*pairs: tuple[str, str], texts: list[str] | None = None) -> Callable[[Path], object]:
    """Return an editor that makes one replacement each time it is opened, and records what it was given."""
    left = list(pairs)

    def edit(file: Path) -> None:
        text = file.read_text()
        if texts is not None:
            texts.append(text)
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


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
def test_changed_value_is_set(user_of: Callable[..., User], server: str) -> None:
    user, recorded = user_of(server), []  # type: ignore[var-annotated]
    user.edit = replaces(("= 0.3 ", "= 0.25 "), texts=recorded)
    done = edits(user, "Macro.gamma", "periods")
    assert done.code == 0, done.err
    assert stored_value(user, "Macro.gamma") == 0.25
    assert done.out.splitlines()[1:] == ["dice.Macro.gamma\tfloat\t0.3\t0.25\t-"]
    assert tomllib.loads(recorded[0]) == {"Macro.gamma": 0.3, "Macro.periods": 11}
    assert user.requests.count(SENT) == 1
    assert drafts(user) == []


def test_text_has_types_units_ranges_and_choices(user: User) -> None:
    recorded: list[str] = []
    user.edit = replaces(("", ""), texts=recorded)
    edits(user)
    lines = {line.split(" = ")[0]: line for line in recorded[0].splitlines()}
    assert "1950 to 2200" in lines['"Macro.start_year"']
    assert "year" in lines['"Macro.start_year"']
    assert "sunny or rainy" in lines['"Macro.scenario"']


def test_all_inputs_are_in_the_text(user: User) -> None:
    recorded: list[str] = []
    user.edit = replaces(("", ""), texts=recorded)
    done = edits(user)
    values = tomllib.loads(recorded[0])
    assert (values["Macro.gamma"], values["Macro.note"]) == (0.3, "café ☃ naïve")
    assert values["Macro.shares"] == {"coal": 0.4, "wind": 0.6}
    assert not any("total_damage" in key or "max_mda_iter" in key for key in values)
    assert "sostrades param edit 21 dice.Macro.population" in recorded[0]
    assert "sostrades param edit 21 'dice.Energy mix.cost [$/MWh]'" in recorded[0]
    assert '# "Macro.not_known" =   # no value, float' in recorded[0].splitlines()
    assert (done.code, SENT in user.requests) == (0, False)


def test_all_inputs_need_no_download_each_where_loading_is_broken(user_of: Callable[..., User]) -> None:
    texts = []
    for server in SERVERS:
        user = user_of(server)
        user.edit = replaces(("= 0.3 ", "= 0.25 "), texts=texts)
        done = edits(user)
        assert (done.code, stored_value(user, "Macro.gamma")) == (0, 0.25), done.err
    documented, broken = map(tomllib.loads, texts)
    # The file of a finished run also has the inputs that a load leaves out.
    assert documented.items() <= broken.items()
    assert sum(request.endswith("/parameter/download") for request in user.requests) < 10


def test_value_of_a_finished_run_that_a_download_rounds_can_be_edited(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")
    user.world.studies[21].values["Macro.shares"] = {"coal": 0.1 + 0.2, "wind": 0.6}
    user.types("calc", "run", "21")
    user.edit = replaces(('"wind" = 0.6', '"wind" = 0.5'))
    done = edits(user, "dice.Macro.s*")
    assert (done.code, stored_value(user, "Macro.shares")) == (0, {"coal": 0.1 + 0.2, "wind": 0.5}), done.err


def test_change_by_others_is_found_where_loading_is_broken(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")

    def edit(file: Path) -> None:
        replaces(("= 0.25 ", "= 0.5 "))(file)
        user.world.studies[21].values["Macro.savings_rate"] = 0.75

    user.edit = edit
    done = edits(user)
    assert (done.code, done.kind, SENT in user.requests) == (8, "conflict", False)


def test_pattern_selects_inputs(user: User) -> None:
    recorded: list[str] = []
    user.edit = replaces(("", ""), texts=recorded)
    assert edits(user, "Macro.s*").code == 0
    assert list(tomllib.loads(recorded[0])) == [
        "Macro.savings_rate",
        "Macro.start_year",
        "Macro.scenario",
        "Macro.shares",
    ]
    assert edits(user, "No.thing*").code == 5


@pytest.mark.parametrize("text", [None, "", "# only a comment\n"])
def test_unchanged_or_empty_text_does_nothing(user: User, text: str | None) -> None:
    user.edit = (lambda _: None) if text is None else (lambda path: path.write_text(text))
    done = edits(user, "Macro.gamma")
    assert (done.code, SENT in user.requests, drafts(user)) == (0, False, [])


def test_removed_line_changes_nothing_and_an_added_line_sets_a_value(user: User) -> None:
    user.edit = lambda path: path.write_text('"Macro.savings_rate" = 0.5\n[Macro]\nperiods = 12\n')
    assert edits(user, "Macro.gamma").code == 0
    names = ("Macro.gamma", "Macro.savings_rate", "Macro.periods")
    assert [stored_value(user, name) for name in names] == [0.3, 0.5, 12]


def test_value_can_be_added_to_a_parameter_without_one(user: User) -> None:
    user.edit = replaces(('# "Macro.not_known" = ', '"Macro.not_known" = 2.5 #'))
    assert edits(user, "Macro.not_known").code == 0
    assert stored_value(user, "Macro.not_known") == 2.5


@pytest.mark.parametrize("text", ["@home", slow("@@home"), "plain @ text"])
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
    recorded: list[str] = []
    user.edit = replaces(("= 0.3 ", '= "x" '), ('= "x" ', "= 0.25 "), texts=recorded)
    done = edits(user, "Macro.gamma", answer=b"\ny\n")
    assert done.code == 0, done.err
    assert "Macro.gamma" in done.err
    assert '= "x"' in recorded[1]
    assert stored_value(user, "Macro.gamma") == 0.25
    assert drafts(user) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [slow("= 0.3 ", '= "x" '), ("= 0.3 ", "= = "), slow("= 0.3 ", "= nan "), ('"Macro.gamma"', '"Macro.gama"')],
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


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_change_by_another_user_is_a_conflict(user_of: Callable[..., User], server: str) -> None:
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
    recorded: list[str] = []
    user.edit = replaces(("7870.5", "8000.25"), texts=recorded)
    done = edits(user, "Macro.population")
    assert done.code == 0, done.err
    assert recorded[0].startswith("years,population\n")
    assert 8000.25 in stored_value(user, "Macro.population").column("population")
    assert drafts(user) == []
    assert "drafts" not in done.out + done.err
    assert "7870.5 → 8000.25" in done.out


@pytest.mark.parametrize("change", [slow(lambda text: text), lambda text: text.replace("\n", "\r\n"), str.rstrip])
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


@pytest.mark.parametrize(("key", "code"), [("No.thing", 5), ("Macro.shares.coal", 2), slow("total_damage", 2)])
def test_key_that_cannot_be_edited_is_rejected(user: User, key: str, code: int) -> None:
    assert edits(user, key).code == code
    assert drafts(user) == []
