"""Test marks for later commands: files with a time that count for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.config_file import CACHE_VARIABLE
from sostrades_cli.local.marks import CORRECTION_S, Mark

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 24 * 3600
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def mark(tmp_path: Path) -> Mark:
    """Return a mark that counts for a day."""
    return Mark(tmp_path / "load-fault" / "corp", CACHE_VARIABLE, DAY_S)


@pytest.mark.parametrize(
    ("age", "is_kept"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59), True),
        (timedelta(days=1), False),
        (timedelta(days=400), False),
        # The clock was corrected, or set back.
        (timedelta(seconds=1 - CORRECTION_S), True),
        (timedelta(seconds=-CORRECTION_S), False),
    ],
)
def test_mark_is_kept_for_its_time(mark: Mark, age: timedelta, is_kept: bool) -> None:
    mark.note(NOW)
    assert mark.noted_at(NOW + age) == (NOW if is_kept else None)


def test_cleared_mark_is_gone(mark: Mark) -> None:
    mark.clear()
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"yesterday", b"2026-11-29T12:00:00", b"{}", b"2026-11-29"])
def test_damaged_mark_counts_as_none(mark: Mark, tmp_path: Path, content: bytes) -> None:
    mark.note(NOW)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(content)
    assert mark.noted_at(NOW) is None


def test_unwritable_folder_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "load-fault").write_text("a file in place of the folder")
    mark = Mark(tmp_path / "load-fault" / "corp", CACHE_VARIABLE, DAY_S)
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None
