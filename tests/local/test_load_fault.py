"""Test the mark of a server that fails to load."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.load_fault import LoadFaultMark

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def mark(tmp_path: Path) -> LoadFaultMark:
    """Return the mark of a server."""
    return LoadFaultMark(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST)


@pytest.mark.parametrize(
    ("age", "is_kept"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59), True),
        (timedelta(days=1), False),
        (timedelta(days=400), False),
        # The clock was set back.
        (timedelta(seconds=-1), False),
    ],
)
def test_mark_is_kept_for_a_day(mark: LoadFaultMark, age: timedelta, is_kept: bool) -> None:
    mark.note(NOW)
    assert mark.noted_at(NOW + age) == (NOW if is_kept else None)


def test_mark_belongs_to_a_server(mark: LoadFaultMark, tmp_path: Path) -> None:
    mark.note(NOW)
    folders = Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)})
    assert LoadFaultMark(folders, HOST).noted_at(NOW) == NOW
    assert LoadFaultMark(folders, "https://other.example").noted_at(NOW) is None


def test_cleared_mark_is_gone(mark: LoadFaultMark) -> None:
    mark.clear()
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"yesterday", b"2026-11-29T12:00:00", b"{}", b"2026-11-29"])
def test_damaged_mark_counts_as_none(mark: LoadFaultMark, tmp_path: Path, content: bytes) -> None:
    mark.note(NOW)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(content)
    assert mark.noted_at(NOW) is None


def test_unwritable_folder_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "load-fault").write_text("a file in place of the folder")
    mark = LoadFaultMark(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST)
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None
