"""Test changes that no load has followed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.unread_changes import UNREAD_FOR, UnreadChanges

if TYPE_CHECKING:
    from pathlib import Path

HOST = "http://127.0.0.1:5004"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def test_change_is_pending_until_a_load(tmp_path: Path) -> None:
    unread = UnreadChanges(tmp_path, HOST)
    unread.note_change(21, NOW)
    assert unread.pending(21, NOW + timedelta(hours=1))
    assert not unread.pending(22, NOW)
    unread.note_load(21)
    assert not unread.pending(21, NOW)


def test_another_command_sees_a_recent_change(tmp_path: Path) -> None:
    UnreadChanges(tmp_path, HOST).note_change(21, NOW)
    other = UnreadChanges(tmp_path, HOST)
    assert other.pending(21, NOW + UNREAD_FOR - A_SECOND)
    assert not other.pending(21, NOW + UNREAD_FOR)
    assert not UnreadChanges(tmp_path, "http://other.example").pending(21, NOW)


def test_load_of_one_command_counts_for_others(tmp_path: Path) -> None:
    UnreadChanges(tmp_path, HOST).note_change(21, NOW)
    UnreadChanges(tmp_path, HOST).note_load(21)
    assert not UnreadChanges(tmp_path, HOST).pending(21, NOW)


@pytest.mark.parametrize("content", [b"", b"yesterday", b"\xff", b"2026-11-28T12:00:00"])
def test_damaged_marker_is_ignored(tmp_path: Path, content: bytes) -> None:
    unread = UnreadChanges(tmp_path, HOST)
    unread.note_change(21, NOW)
    (mark,) = (tmp_path / "unread").iterdir()
    mark.write_bytes(content)
    assert not UnreadChanges(tmp_path, HOST).pending(21, NOW)


def test_unwritable_folder_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "unread").write_text("a file where the folder should be")
    unread = UnreadChanges(tmp_path, HOST)
    unread.note_change(21, NOW)
    assert unread.pending(21, NOW)
    unread.note_load(21)
