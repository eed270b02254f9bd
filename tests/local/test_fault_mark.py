"""Test the mark of the last failure of a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.fault_mark import FaultMark

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
DAY_S = 24 * 3600
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def mark(tmp_path: Path) -> FaultMark:
    """Return the mark of a server."""
    return FaultMark(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST, "load-fault", DAY_S)


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
def test_mark_is_kept_for_its_time(mark: FaultMark, age: timedelta, is_kept: bool) -> None:
    mark.note(NOW)
    assert mark.noted_at(NOW + age) == (NOW if is_kept else None)


def test_mark_belongs_to_a_server_and_a_name(mark: FaultMark, tmp_path: Path) -> None:
    mark.note(NOW)
    folders = Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)})
    assert FaultMark(folders, HOST, "load-fault", DAY_S).noted_at(NOW) == NOW
    assert FaultMark(folders, "https://other.example", "load-fault", DAY_S).noted_at(NOW) is None
    assert FaultMark(folders, HOST, "ontology-fault", DAY_S).noted_at(NOW) is None


def test_cleared_mark_is_gone(mark: FaultMark) -> None:
    mark.clear()
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None


@pytest.mark.parametrize("content", [b"", b"\xff", b"yesterday", b"2026-11-29T12:00:00", b"{}", b"2026-11-29"])
def test_damaged_mark_counts_as_none(mark: FaultMark, tmp_path: Path, content: bytes) -> None:
    mark.note(NOW)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(content)
    assert mark.noted_at(NOW) is None


def test_unwritable_folder_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "load-fault").write_text("a file in place of the folder")
    mark = FaultMark(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST, "load-fault", DAY_S)
    mark.note(NOW)
    mark.clear()
    assert mark.noted_at(NOW) is None
