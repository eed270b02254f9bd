"""The folder for the temporary files of a command."""

from __future__ import annotations

import stat
import tempfile
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.files.temporary import TempFolder

if TYPE_CHECKING:
    from pathlib import Path


def test_folder_is_made_for_the_first_file_and_removed_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = TempFolder()
    assert list(tmp_path.iterdir()) == []
    first, second = folder.path(), folder.path(".json")
    assert first.parent == second.parent
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    first.touch()
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_for_temporary_files_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(UsageError) as caught:
        TempFolder().path()
    assert "TMPDIR" in str(caught.value.hint)
