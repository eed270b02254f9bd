"""The differences of files on Windows, as far as another system can show them."""

from __future__ import annotations

import errno
import os
import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.files.platform_files import is_link, is_open_elsewhere, is_private, reason_of, replace_on_windows

if TYPE_CHECKING:
    from pathlib import Path


class BusyPath:
    """A file that a virus scanner holds open for some attempts to rename it."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        self.renamed = False

    def replace(self, _: object) -> None:
        """Rename the file, or fail as Windows does."""
        if self.attempts:
            self.attempts -= 1
            raise PermissionError(errno.EACCES, "Access is denied")
        self.renamed = True


@pytest.mark.parametrize("attempts", [0, 1, 4])
def test_file_that_is_open_for_a_moment_is_replaced(attempts: int) -> None:
    source, pauses = BusyPath(attempts), list[float]()
    replace_on_windows(source, source, pauses.append)  # type: ignore[arg-type] # acts as a path
    assert (source.renamed, len(pauses)) == (True, attempts)


def test_file_that_stays_open_is_an_error_after_a_second() -> None:
    source, pauses = BusyPath(100), list[float]()
    with pytest.raises(PermissionError):
        replace_on_windows(source, source, pauses.append)  # type: ignore[arg-type] # acts as a path
    assert 0 < sum(pauses) <= 1


def test_free_and_missing_files_are_not_open_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "free.csv").write_text("a\n")
    assert not is_open_elsewhere(tmp_path / "free.csv", windows=True)
    assert not is_open_elsewhere(tmp_path / "missing.csv", windows=True)
    assert (tmp_path / "free.csv").read_text() == "a\n"


class JunctionPath:
    """A junction, as Windows describes it."""

    def lstat(self) -> SimpleNamespace:
        """Return the status of a folder with the tag of a junction."""
        return SimpleNamespace(st_mode=stat.S_IFDIR | 0o777, st_reparse_tag=0xA0000003)


def test_junctions_are_links(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert is_link(tmp_path / "link")
    assert is_link(JunctionPath())  # type: ignore[arg-type] # acts as a path
    assert not is_link(tmp_path)
    assert not is_link(tmp_path / "missing")


def test_permissions_are_unknown_on_windows(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert is_private(tmp_path, windows=False) is False
    assert is_private(tmp_path, windows=True) is None
    tmp_path.chmod(0o700)
    assert is_private(tmp_path, windows=False) is True


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (PermissionError(errno.EACCES, "Access is denied", "r.csv"), "open in another program"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", f"{os.sep}{'x' * 259}"), "260 characters"),
        (OSError(errno.ENOSPC, "No space left on device", "r.csv"), "No space left"),
    ],
)
def test_reason_of_a_windows_error_names_the_likely_cause(error: OSError, part: str) -> None:
    assert part in reason_of(error, windows=True)
    assert reason_of(error, windows=False) == error.strerror
