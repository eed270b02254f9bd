"""Test the cache of structures."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local import structure_cache
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.structure_cache import StructureCache

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
CONTENT = {"name": "dice", "nodes": []}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Return folders that do not exist yet."""
    return Folders({f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")})


def test_structure_is_kept_with_its_etag_for_one_server(folders: Folders) -> None:
    cache = StructureCache(folders, HOST)
    assert cache.read(21) is None
    cache.store(21, '"1"', CONTENT)
    assert StructureCache(folders, HOST).read(21) == ('"1"', CONTENT)
    assert StructureCache(folders, "https://other.example").read(21) is None
    cache.store(21, '"2"', {})
    assert cache.read(21) == ('"2"', {})


def test_only_the_user_can_read_it(folders: Folders) -> None:
    StructureCache(folders, HOST).store(21, '"1"', CONTENT)
    [file] = folders.cache.rglob("21.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"


@pytest.mark.parametrize("damaged", ["", "[]", "{}", '{"version": 1}', "\x00"])
def test_damaged_file_counts_as_none(folders: Folders, damaged: str) -> None:
    cache = StructureCache(folders, HOST)
    cache.store(21, '"1"', CONTENT)
    [file] = folders.cache.rglob("21.json")
    file.write_text(damaged)
    assert cache.read(21) is None


def test_forgotten_study_has_no_structure(folders: Folders) -> None:
    cache = StudyCache(folders, HOST)
    cache.structures.store(21, '"1"', CONTENT)
    cache.forget(21)
    assert cache.structures.read(21) is None
    cache.structures.forget(22)


def test_only_the_newest_are_kept(folders: Folders) -> None:
    cache = StructureCache(folders, HOST)
    most = structure_cache.MOST_STRUCTURES
    for study in range(most + 2):
        cache.store(study, '"1"', CONTENT)
        [file] = folders.cache.rglob(f"{study}.json")
        os.utime(file, (study, study))
    cache.store(most + 2, '"1"', CONTENT)
    kept = {int(file.stem) for file in folders.cache.rglob("*.json")}
    assert len(kept) == most
    assert {most, most + 1, most + 2} <= kept


def test_unwritable_folder_is_not_an_error(folders: Folders) -> None:
    folders.cache.parent.mkdir(parents=True, exist_ok=True)
    folders.cache.write_text("a file")
    StructureCache(folders, HOST).store(21, '"1"', CONTENT)
    assert StructureCache(folders, HOST).read(21) is None
