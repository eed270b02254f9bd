"""`sostrades study apply`."""

from __future__ import annotations

import json
import math
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow

from server_stub.faults import Fault
from server_stub.values import Array, Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

TOML = "parameters.toml"
PEOPLE = "data/Macro.population.csv"
EVENTS = "data/Macro.events.csv"
GAMMA = ('"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
SHARES = ('"coal" = 0.4', '"coal" = 0.45')
TABLE = ("7870.5", "8000.25", PEOPLE)


def exported(user: User, *edits: tuple[str, ...], study: str = "21") -> Path:
    """Export a study, edit its files, and return the folder."""
    folder = user.folder / "dice"
    done = user.types("study", "export", study, str(folder))
    assert done.code == 0, done.err
    for edit in edits:
        edited(folder, *edit)
    user.world.requests.clear()
    return folder


def edited(folder: Path, old: str, new: str, file: str = TOML) -> None:
    """Replace a text that occurs once in a file."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def sent(user: User) -> list[str]:
    """Return the accepted changes, `files` or `values` for each request."""
    taken = [r for r in user.world.requests if r.path.endswith("/parameters") and r.status == 200]
    return ["files" if "multipart" in r.headers["Content-Type"] else "values" for r in taken]


def stored_values(user: User, name: str, study: int = 21) -> object:
    """Return the values of a study after all changes have arrived."""
    user.world.clock.sleep(5)
    user.world.studies[study].settle()
    return user.world.studies[study].values[name]


def last_entry(user: User) -> dict[str, Any]:
    """Return the last entry of the journal."""
    entries: list[dict[str, Any]] = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return entries[-1]


def test_differences_are_sent_in_two_requests(user: User) -> None:
    """Tables go in one request, values in the other."""
    folder = exported(user, GAMMA, SHARES, TABLE, ("2030,0.2\n", "2030,0.1\n", "data/Macro.regions.csv"))
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert sent(user) == ["files", "values"]
    assert (stored_values(user, "Macro.gamma"), stored_values(user, "Macro.shares")) == (
        0.4,
        {"coal": 0.45, "wind": 0.6},
    )
    population, regions = stored_values(user, "Macro.population"), stored_values(user, "Macro.regions")
    assert isinstance(population, Table)
    assert population.column("population")[1] == 8000.25
    assert isinstance(regions, dict)
    assert regions["Europe"].rows == ((2020, 0.25), (2030, 0.1))
    names = {change["key"] for change in last_entry(user)["changes"]}
    assert names == {f"dice.Macro.{name}" for name in ("gamma", "shares", "population", "regions")}


@pytest.mark.slow
def test_unedited_folder_sends_nothing(user: User) -> None:
    folder = exported(user)
    done = user.types("study", "apply", str(folder), "21")
    assert (done.code, any(asked.endswith("/parameters") for asked in user.requests)) == (0, False)
    assert (done.out, "nothing to send" in done.err) == ("key\ttype\told\tnew\tunit\n", True)


@pytest.mark.parametrize(
    "edit",
    [
        slow(GAMMA),
        TABLE,
        slow(("2030,0.2\n", "2030,0.1\n", "data/Macro.regions.csv")),
        ('"y": null', '"y": 3.5', "data/Macro.nested.json"),
        slow(("0.3\n", "0.35\n", "data/Macro.weights.csv")),
        slow(("[1.0, 2.5", "[1, 2.5")),
        slow(("Glasgow,False,,", "Oslo,False,,", EVENTS)),
        slow(('"Macro.not_known" = nan', '"Macro.not_known" = 5')),
        slow(("café ☃ naïve", '\\n\\"☃\\t')),
    ],
)
def test_second_apply_sends_nothing(user: User, edit: tuple[str, ...]) -> None:
    folder = exported(user, edit)
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert len(sent(user)) == 1
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 0
    again = user.types("study", "apply", str(folder), "21")
    assert (again.code, len(sent(user))) == (0, 1)


def test_dry_run_sends_nothing(user: User) -> None:
    """The manifest stays unchanged."""
    folder = exported(user, GAMMA, TABLE)
    manifest = (folder / "manifest.json").read_bytes()
    done = user.types("study", "apply", str(folder), "21", "--dry-run", "--exit-code", "-F", "json")
    rows = {row["key"]: row for row in json.loads(done.out)}
    assert (done.code, done.err, sent(user)) == (9, "", [])
    assert (rows["dice.Macro.gamma"]["old"], rows["dice.Macro.gamma"]["new"]) == (0.3, 0.4)
    assert rows["dice.Macro.population"]["new"] == "1 cell differs: row 2, population  7870.5 → 8000.25"
    assert (folder / "manifest.json").read_bytes() == manifest
    shown = user.types("study", "apply", str(folder), "21", "--dry-run", "-v")
    assert '"newValue": 0.4' in shown.err
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert user.types("study", "apply", str(folder), "21", "--dry-run", "--exit-code").code == 0


def test_many_changes_need_a_confirmation(user: User) -> None:
    folder = exported(user)
    text = (folder / TOML).read_text().replace(" = false", " = true").replace('variables" = {}', 'variables" = {a = 1}')
    (folder / TOML).write_text(text.replace('cache_file_path" = ""', 'cache_file_path" = "x"'))
    refused = user.types("study", "apply", str(folder), "21")
    assert (refused.code, "--yes" in refused.err) == (2, True)
    asked = user.types("study", "apply", str(folder), "21", tty=True, secret="-", stdin=b"n\n")
    assert (asked.code, sent(user)) == (130, [])
    assert user.types("study", "apply", str(folder), "21", "--yes").code == 0
    assert sent(user) == ["values"]


def test_removed_line_and_file_change_nothing(user: User) -> None:
    folder = exported(user, ('"Macro.gamma" = 0.3  # float, -\n', ""))
    (folder / PEOPLE).unlink()
    user.types("param", "set", "21", "Macro.gamma=0.7")
    user.world.requests.clear()
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert (sent(user), stored_values(user, "Macro.gamma")) == ([], 0.7)


@pytest.mark.parametrize(("key", "close"), [("Macro.gama", "Macro.gamma"), slow("dice.Macro.gamma", "Macro.gamma")])
def test_unknown_name_is_not_found(user: User, key: str, close: str) -> None:
    """The detail has suggestions, and nothing is sent."""
    folder = exported(user, GAMMA, ('"Macro.periods"', f'"{key}" = 1.0\n"Macro.periods"'))
    done = user.types("study", "apply", str(folder), "21")
    assert (done.code, sent(user)) == (5, [])
    assert close in done.err.replace(key, "", 1)


@pytest.mark.parametrize(
    "edit",
    [
        ('"Macro.periods" = 11', '"Macro.periods" = 11.5'),
        slow(('"Macro.periods" = 11', '"Macro.periods" = "11"')),
        slow(('"Macro.note" = "café ☃ naïve"', '"Macro.note" = 5')),
        slow(('"Macro.use_damage" = true', '"Macro.use_damage" = 2')),
        slow(("[1.0, 2.5, 4.0]", "{a = 1.0}")),
        slow(('"Macro.savings_rate" = 0.25', '"Macro.savings_rate" = 1.25')),
        slow(('"Macro.scenario" = "sunny"', '"Macro.scenario" = "rain"')),
        ('"Macro.gamma" = 0.3', '"Macro.gamma" = nan'),
        slow(('"Macro.gamma" = 0.3', '"Macro.gamma" = -inf')),
        slow(("[1.0, 2.5, 4.0]", "[1.0, inf]")),
        ("2021,7870.5", '2021,"7870,5"', PEOPLE),
        slow(("years,population", "years;population", PEOPLE)),
        slow(("2021,7870.5", "2021", PEOPLE)),
    ],
)
def test_invalid_value_is_rejected(user: User, edit: tuple[str, ...]) -> None:
    folder = exported(user, SHARES, edit)
    done = user.types("study", "apply", str(folder), "21")
    assert (done.code, sent(user)) == (2, [])
    assert json.loads(user.types("param", "history", "21", "-F", "json").out) == []


def test_blank_cells_are_missing_values(user: User) -> None:
    folder = exported(user, ("Glasgow,", "Oslo,", EVENTS))
    assert user.types("study", "apply", str(folder), "21").code == 0
    table = stored_values(user, "Macro.events")
    assert isinstance(table, Table)
    assert table.rows[1][:3] == ("Oslo", False, None)
    assert math.isnan(table.rows[1][3])
    assert table.rows[0] == ("Paris, 2015", True, 'said "now"', 1.5)


def test_undo_reverts_an_apply(user: User) -> None:
    folder = exported(user, GAMMA, TABLE, ("0.3\n", "0.35\n", "data/Macro.weights.csv"))
    whole = user.folder / "whole"
    assert user.types("study", "export", "21", str(whole)).code == 0
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert (last_entry(user)["command"], last_entry(user)["outcome"]) == ("apply", "done")
    assert stored_values(user, "Macro.weights") == Array([0.2, 0.35, 0.5])
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert user.types("study", "diff", "21", str(whole), "--exit-code").code == 0
    assert stored_values(user, "Macro.weights") == Array([0.2, 0.3, 0.5])


def test_active_run_is_not_changed(user: User) -> None:
    folder = exported(user, GAMMA)
    assert user.types("calc", "run", "21", "--detach").code == 0
    assert user.types("study", "apply", str(folder), "21").code == 8
    assert sent(user) == []
    assert user.types("study", "apply", str(folder), "21", "--force").code == 0


@pytest.mark.slow
def test_export_from_downloads_equals_read_only_mode(user53: User) -> None:
    """A download has 1000.0 for 1000 inside a dict."""
    user53.types("study", "load", "21")
    user53.types("param", "set", "21", "Macro.gamma=0.5")
    folder = exported(user53)
    assert user53.types("calc", "run", "21").code == 0
    assert user53.types("study", "diff", str(folder), "21", "--exit-code").code == 0
    assert user53.types("study", "apply", str(folder), "21").code == 0
    assert sent(user53) == []


@pytest.mark.parametrize("server", [slow("5.0"), "5.3"])
@pytest.mark.parametrize("options", [[], ["--skip-files"]])
def test_server_without_uploads_rejects_tables(user_of: Callable[..., User], server: str, options: list[str]) -> None:
    """`--skip-files` applies the rest."""
    user = user_of(server)
    folder = exported(user, GAMMA, TABLE)
    done = user.types("study", "apply", str(folder), "21", *options)
    assert "Macro.population" in done.err
    assert (done.code, sent(user)) == ((0, ["values"]) if options else (7, []))
    assert stored_values(user, "Macro.gamma") == (0.4 if options else 0.3)


@pytest.mark.parametrize("before", [slow(("study", "load", "21")), ("--version",)])
def test_apply_works_without_a_load(user53: User, before: tuple[str, ...]) -> None:
    """On 5.3, except for tables."""
    user53.types(*before)
    edits = (("[0.0, 1.0, 2", "[0.5, 1.0, 2"), ('"y": null', '"y": 2.5', "data/Macro.nested.json"))
    folder = exported(user53, GAMMA, SHARES, ("café ☃ naïve", "a\\nb"), *edits)
    compare = ("study", "diff", "21", str(folder), "--exit-code")
    assert user53.types("study", "apply", str(folder), "21").code == 0
    assert (user53.types(*compare).code, sent(user53)) == (0, ["values"])
    assert stored_values(user53, "Macro.note") == "a\nb"
    assert user53.types("param", "undo", "21", "--yes").code == 0
    assert user53.types(*compare).code == 9
    assert stored_values(user53, "Macro.shares") == {"coal": 0.4, "wind": 0.6}


def test_unreadable_table_is_not_ignored(user: User) -> None:
    folder = exported(user, GAMMA, TABLE)
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500, count=99))
    assert user.types("study", "apply", str(folder), "21").code == 7
    assert sent(user) == []
    user.world.faults.clear()
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert sent(user) == ["files", "values"]


def test_lost_answer_is_resolved_by_reading_back(user: User) -> None:
    folder = exported(user, GAMMA)
    fault = {"method": "POST", "path": "/parameters$"}
    user.world.faults.arm(Fault("drop", when="before", **fault))
    assert user.types("study", "apply", str(folder), "21").code in {6, 7}
    assert stored_values(user, "Macro.gamma") == 0.3
    user.world.faults.arm(Fault("drop", when="after", **fault))
    assert user.types("study", "apply", str(folder), "21").code == 0
    assert stored_values(user, "Macro.gamma") == 0.4


def test_exported_parameter_missing_in_the_study_is_skipped(user: User) -> None:
    folder = exported(user, GAMMA)
    for file in (folder / "manifest.json", folder / "parameters.toml"):
        file.write_text(file.read_text().replace('"Macro.periods"', '"Macro.cycles"'))
    done = user.types("study", "apply", str(folder), "21")
    assert (done.code, sent(user), "Macro.cycles" in done.err) == (8, ["values"], True), done.err


def test_added_parameter_missing_in_the_study_is_not_found(user: User) -> None:
    folder = exported(user, GAMMA)
    toml = folder / "parameters.toml"
    toml.write_text(toml.read_text() + '"Macro.cycles" = 12\n')
    assert user.types("study", "apply", str(folder), "21").code == 5
    assert sent(user) == []


def test_dry_run_fails_if_nothing_can_be_applied(user: User) -> None:
    folder = user.folder / "gallery"
    assert user.types("study", "export", "27", str(folder)).code == 0
    assert user.types("study", "apply", str(folder), "28", "--dry-run").code == 8


def test_dry_run_names_parameters_that_may_appear(user: User) -> None:
    folder = exported(user, GAMMA)
    for file in (folder / "manifest.json", folder / "parameters.toml"):
        file.write_text(file.read_text().replace('"Macro.periods"', '"Macro.cycles"'))
    done = user.types("study", "apply", str(folder), "21", "--dry-run")
    assert (done.code, "Macro.cycles" in done.err) == (0, True)


# The order of folder and study --------------------------------------------------------------------------------------


def test_study_can_come_first_as_in_export(user: User) -> None:
    folder = exported(user, GAMMA)
    user.types("alias", "set", "dice", "22")  # The name of the folder is also an alias
    assert user.types("study", "apply", "21", str(folder), "--yes").code == 0
    assert stored_values(user, "Macro.gamma") == 0.4


def test_study_and_folder_with_the_same_names_stay_in_the_given_order(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exported(user, GAMMA)
    monkeypatch.chdir(user.folder)
    first, second = user.folder / "22", user.folder / "21"
    shutil.copytree(folder, first)
    shutil.copytree(folder, second)
    done = user.types("study", "apply", "22", "21", "--yes")
    assert done.code == 0, done.err
    assert stored_values(user, "Macro.gamma") == 0.4


def test_missing_folder_after_a_study_is_the_one_in_the_error(user: User) -> None:
    done = user.types("study", "apply", "21", "nofolder", "-F", "json")
    assert done.code == 2
    assert json.loads(done.err)["kind"] == "invalid_file"
    assert "nofolder" in json.loads(done.err)["error"]
    assert not user.world.requests


def test_two_studies_are_not_a_folder(user: User) -> None:
    done = user.types("study", "apply", "21", "22", "--yes")
    assert done.code == 2
    assert "there is no folder 21" in done.err
    assert not user.world.requests
