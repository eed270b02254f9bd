"""Test sweeps and searches whose folder already belongs to another command or result file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Outcome, User

SWEEP = ("sweep", "cases.csv", "--collect", "Damage.total_damage")
SEARCH = ("optimize", "space.toml", "--minimize", "Damage.total_damage", "--trials", "1")


def calc(user: User, words: tuple[str, ...], into: str, *more: str) -> Outcome:
    """Run a sweep or a search of study 21 with a result file."""
    (user.folder / "cases.csv").write_text("Macro.gamma\n0.2\n")
    (user.folder / "space.toml").write_text('"Macro.gamma" = {range = [0.1, 0.5]}\n')
    command, source, *options = words
    return user.types("calc", command, "21", str(user.folder / source), *options, "-o", str(user.folder / into), *more)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("first", "second", "into"),
    [(SWEEP, SEARCH, "x.toml"), (SEARCH, SWEEP, "x.csv"), (SWEEP, SWEEP, "x.json")],
)
@pytest.mark.parametrize("options", [["--overwrite"], ["--overwrite", "--dry-run"], slow([])])
def test_folder_of_another_result_file_is_kept(
    user: User, first: tuple[str, ...], second: tuple[str, ...], into: str, options: list[str]
) -> None:
    """The tables of the first file would be lost."""
    assert calc(user, first, "x.csv" if first == SWEEP else "x.toml").code == 0
    before = contents(user.folder / "x.d")
    user.world.requests.clear()
    done = calc(user, second, into, *options)
    assert (done.code, done.kind, contents(user.folder / "x.d")) == (2, "file_conflict", before)
    assert "-o" in str(done.error and done.error.hint).split()
    assert "POST /api/v0/calculation/execute/21" not in user.requests


@pytest.mark.parametrize(("first", "second"), [(SWEEP, SEARCH), slow(SEARCH, SWEEP)])
def test_folder_of_another_command_is_not_resumed(user: User, first: tuple[str, ...], second: tuple[str, ...]) -> None:
    names = {SWEEP: "x.csv", SEARCH: "x.toml"}
    assert calc(user, first, names[first]).code == 0
    done = calc(user, second, names[second], "--resume")
    assert (done.code, done.kind) == (2, "file_conflict")
    assert "-o" in str(done.error and done.error.hint).split()


@pytest.mark.parametrize(("words", "into"), [(SWEEP, "x.csv"), (SEARCH, "x.toml")])
def test_own_folder_is_overwritten(user: User, words: tuple[str, ...], into: str) -> None:
    assert calc(user, words, into).code == 0
    assert calc(user, words, into, "--overwrite").code == 0
