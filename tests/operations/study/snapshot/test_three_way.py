"""Apply a folder to a study that has changed on the server since the export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
TOML = "parameters.toml"
PEOPLE = "data/Macro.population.csv"


def exported(user: User) -> Path:
    """Export study 21 and return the folder."""
    folder = user.folder / "dice"
    done = user.types("study", "export", "21", str(folder))
    assert done.code == 0, done.err
    return folder


def edited(folder: Path, old: str, new: str, file: str = TOML) -> None:
    """Replace a text that occurs once in a file."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def applies(user: User, folder: Path, *options: str, study: str = "21") -> tuple[int, int, str]:
    """Apply, and return the exit code, the number of changes, and standard error."""
    user.world.requests.clear()
    done = user.types("study", "apply", str(folder), study, *options)
    user.world.clock.sleep(5)
    taken = [r for r in user.world.requests if r.path.endswith("/parameters") and r.status == 200]
    return done.code, len(taken), done.err


def stored(user: User, name: str, study: int = 21) -> object:
    """Return the values of a study after all changes have arrived."""
    user.world.studies[study].settle()
    return user.world.studies[study].values[name]


def someone_sets(user: User, *words: str) -> None:
    """Change a study from another machine."""
    done = user.types("param", "set", "21", *words)
    assert done.code == 0, done.err
    user.world.clock.sleep(5)


def someone_sets_table(user: User) -> None:
    """Change one cell of a table from another machine."""
    file = user.folder / "other.csv"
    file.write_text(user.types("param", "get", "21", "Macro.population").out.replace("7941.0", "1.0"))
    someone_sets(user, f"Macro.population=@{file}")


@pytest.mark.parametrize("server", SERVERS)
def test_change_on_the_server_is_a_conflict(user_of: Callable[..., User], server: str) -> None:
    """The error has all three values, and nothing is sent."""
    user = user_of(server)
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    edited(folder, '"Macro.periods" = 11', '"Macro.periods" = 12')
    someone_sets(user, "dice.Macro.gamma=0.5")
    code, taken, said = applies(user, folder)
    assert (code, taken) == (8, 0)
    [line] = [line for line in said.splitlines() if "Macro.gamma" in line]
    assert all(number in line for number in ("0.3", "0.4", "0.5"))
    assert "Macro.periods" not in said
    assert stored(user, "Macro.periods") == 11


@pytest.mark.parametrize("server", mostly_slow(SERVERS, 2))
@pytest.mark.parametrize(("side", "gamma"), [("--ours", 0.4), ("--theirs", 0.5)])
def test_one_side_can_win(user_of: Callable[..., User], server: str, side: str, gamma: float) -> None:
    """--ours sends the folder, --theirs keeps the server. Other changes are sent."""
    user = user_of(server)
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    edited(folder, '"Macro.periods" = 11', '"Macro.periods" = 12')
    someone_sets(user, "dice.Macro.gamma=0.5")
    assert applies(user, folder, side)[:2] == (0, 1)
    assert (stored(user, "Macro.gamma"), stored(user, "Macro.periods")) == (gamma, 12)


def test_ours_and_theirs_exclude_each_other(user: User) -> None:
    assert applies(user, exported(user), "--ours", "--theirs")[:2] == (2, 0)


def test_changed_table_is_a_conflict(user: User) -> None:
    folder = exported(user)
    edited(folder, "7870.5", "8000.0", PEOPLE)
    someone_sets_table(user)
    code, taken, said = applies(user, folder)
    assert (code, taken, "Macro.population" in said) == (8, 0, True)
    assert applies(user, folder, "--theirs")[:2] == (0, 0)
    assert applies(user, folder, "--ours")[:2] == (0, 1)
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 0


def test_change_only_on_the_server_is_a_conflict(user: User) -> None:
    folder = exported(user)
    someone_sets(user, "Macro.gamma=0.5", "Macro.remark=new")
    code, taken, said = applies(user, folder)
    assert (code, taken) == (8, 0)
    assert "Macro.remark" in said
    assert applies(user, folder, "--ours")[:2] == (0, 1)
    assert (stored(user, "Macro.gamma"), stored(user, "Macro.remark")) == (0.3, None)


def test_same_change_on_both_sides_is_not_a_conflict(user: User) -> None:
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    someone_sets(user, "Macro.gamma=0.4")
    assert applies(user, folder)[:2] == (0, 0)
    edited(folder, '"Macro.gamma" = 0.4', '"Macro.gamma" = 0.5')
    assert applies(user, folder)[:2] == (0, 1)


@pytest.mark.parametrize("server", mostly_slow(SERVERS, 2))
def test_second_edit_of_a_value_is_not_a_conflict(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = exported(user)
    for number in range(2):
        edited(folder, f'"coal" = 0.4{"5" * number}', f'"coal" = 0.4{"5" * (number + 1)}')
        edited(folder, f'"Macro.gamma" = 0.3{"1" * number} ', f'"Macro.gamma" = 0.3{"1" * (number + 1)} ')
        edited(folder, f'"y": {number or "null"}', f'"y": {number + 1}', "data/Macro.nested.json")
        assert applies(user, folder)[:2] == (0, 1)
    assert stored(user, "Macro.nested") == {"A": {"x": 1.0, "y": 2}, "B": {"x": 2.0}}


@pytest.mark.slow
def test_second_edit_of_a_table_is_not_a_conflict(user: User) -> None:
    folder = exported(user)
    for number in range(2):
        edited(folder, f"0.2{'5' * (number + 1)}\n", f"0.2{'5' * (number + 2)}\n", "data/Macro.regions.csv")
        edited(folder, f"{'Oslo' * number or 'Glasgow'},", f"{'Oslo' * (number + 1)},", "data/Macro.events.csv")
        assert applies(user, folder)[:2] == (0, 1)


def test_change_after_an_apply_is_a_conflict(user: User) -> None:
    """An undo is one, too."""
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    assert applies(user, folder)[:2] == (0, 1)
    assert user.types("param", "undo", "21").code == 0
    assert applies(user, folder)[:2] == (8, 0)
    assert applies(user, folder, "--ours")[:2] == (0, 1)


def test_conflict_remains_after_theirs(user: User) -> None:
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    someone_sets(user, "Macro.gamma=0.5")
    assert applies(user, folder, "--theirs")[:2] == (0, 0)
    assert applies(user, folder)[:2] == (8, 0)


def test_other_study_has_no_base(user: User) -> None:
    """All differences are sent with a note. The manifest is unchanged."""
    folder = exported(user)
    manifest = (folder / "manifest.json").read_bytes()
    user.world.studies[22].values["Macro.gamma"] = 0.7
    code, taken, said = applies(user, folder, study="22")
    assert (code, taken, stored(user, "Macro.gamma", 22)) == (0, 1, 0.3)
    assert "22" in said
    assert (folder / "manifest.json").read_bytes() == manifest
    assert applies(user, folder, study="22")[:2] == (0, 0)


def test_failed_apply_can_be_repeated(user: User) -> None:
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    edited(folder, "7870.5", "8000.0", PEOPLE)
    known = {"method": "POST", "path": "/parameters$"}
    probe, upload = Fault("slow", seconds=0.0, **known), Fault("slow", seconds=0.0, **known)
    for fault in (probe, upload, Fault("drop", **known)):
        user.world.faults.arm(fault)
    assert applies(user, folder)[0] in {6, 7}
    assert stored(user, "Macro.gamma") == 0.3
    assert applies(user, folder)[:2] == (0, 1)
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 0
    edited(folder, "8000.0", "8100.0", PEOPLE)
    assert applies(user, folder)[:2] == (0, 1)


def test_dry_run_does_not_change_the_manifest(user: User) -> None:
    folder = exported(user)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    assert applies(user, folder, "--dry-run")[:2] == (0, 0)
    someone_sets(user, "Macro.gamma=0.4")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert [e["value"] for e in manifest["parameters"] if e["key"] == "Macro.gamma"] == [0.3]
    someone_sets(user, "Macro.gamma=0.5")
    assert applies(user, folder, "--dry-run")[:2] == (8, 0)
