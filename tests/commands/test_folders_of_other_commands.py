"""Test commands that write a folder with a manifest, given the folder of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import slow

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

STUDY, CHARTS, DOWNLOADS = "study export 21", "postproc export 21", "param download 21 Macro.gamma Macro.periods -d"


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (STUDY, CHARTS),
        (CHARTS, STUDY),
        (STUDY, DOWNLOADS),
        slow(CHARTS, DOWNLOADS),
        slow(DOWNLOADS, STUDY),
        slow(DOWNLOADS, CHARTS),
    ],
)
@pytest.mark.parametrize("overwrite", [["--overwrite"], slow([])])
def test_manifest_of_another_command_is_kept(user: User, first: str, second: str, overwrite: list[str]) -> None:
    folder = user.folder / "files"
    assert user.types(*first.split(), str(folder)).code == 0
    before = contents(folder)
    done = user.types(*second.split(), str(folder), *overwrite)
    assert (done.code, done.kind, contents(folder)) == (2, "file_conflict", before)
    assert "--overwrite" not in str(done.error and done.error.hint)


@pytest.mark.parametrize("line", [CHARTS, slow(DOWNLOADS)])
def test_folder_without_a_study_is_not_compared(user: User, line: str) -> None:
    folder = user.folder / "files"
    user.types(*line.split(), str(folder))
    done = user.types("study", "diff", "21", str(folder))
    assert (done.code, done.kind) == (2, "invalid_file")
    assert "study export" in str(done.error and done.error.hint)


def test_exported_study_is_found_beside_charts(user: User) -> None:
    user.types(*CHARTS.split(), str(user.folder / "a"))
    user.types(*STUDY.split(), str(user.folder / "b"))
    done = user.types("study", "diff", "21", str(user.folder))
    assert str(done.error and done.error.hint).endswith(str(user.folder / "b"))
