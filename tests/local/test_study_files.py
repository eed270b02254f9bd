"""Test the small files about studies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local import study_files
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.study_files import StudyFiles

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"


@pytest.fixture
def files(tmp_path: Path) -> StudyFiles:
    """Return the files of a server."""
    return StudyFiles(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST, "things")


def test_content_is_kept_until_it_is_forgotten(files: StudyFiles) -> None:
    assert files.read(21) == {}
    files.store(21, {"a": [1]})
    assert (files.read(21), files.read(22)) == ({"a": [1]}, {})
    files.forget(21)
    files.forget(21)
    assert files.read(21) == {}


def test_files_belong_to_a_server(files: StudyFiles, tmp_path: Path) -> None:
    files.store(21, {"a": 1})
    folders = Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)})
    assert StudyFiles(folders, "https://other.example", "things").read(21) == {}
    assert StudyFiles(folders, HOST, "things").read(21) == {"a": 1}


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"version": 1, "host": "x", "content": {"a": 1}}'])
def test_damaged_file_counts_as_empty(files: StudyFiles, tmp_path: Path, content: bytes) -> None:
    files.store(21, {"a": 1})
    [file] = tmp_path.rglob("21.json")
    file.write_bytes(content)
    assert files.read(21) == {}


def test_oldest_files_are_removed(files: StudyFiles, tmp_path: Path) -> None:
    for study in range(study_files.MOST_STUDIES + 1):
        files.store(study, {"a": 1})
        os.utime(next(tmp_path.rglob(f"{study}.json")), (study, study))
    files.store(1000, {"a": 1})
    assert (files.read(0), files.read(1), files.read(1000)) == ({}, {}, {"a": 1})


def test_unwritable_folder_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "things").write_text("a file in place of the folder")
    files = StudyFiles(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)}), HOST, "things")
    files.store(21, {"a": 1})
    files.forget(21)
    assert files.read(21) == {}
