"""Test the cache of studies."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.local.cache import MOST_PARAMETERS, MOST_STUDIES, CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
GAMMA = {"dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False)}


def cache(tmp_path: Path, host: str = HOST) -> StudyCache:
    """Return the cache of a server in a folder that may not exist."""
    return StudyCache(Folders({"SOSTRADES_CACHE_DIR": str(tmp_path / "cache")}), host)


def file_of(tmp_path: Path) -> Path:
    """Return the only file with parameters."""
    [file] = (path for path in (tmp_path / "cache").rglob("*[0-9].json") if not path.is_dir())
    return file


def test_cached_parameters_are_returned(tmp_path: Path) -> None:
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == GAMMA


def test_unknown_study_has_no_parameters(tmp_path: Path) -> None:
    """Reading creates no file."""
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(22) == {}
    assert cache(tmp_path, "https://other.example").parameters_of(21) == {}
    assert file_of(tmp_path).name == "21.json"


def test_cache_belongs_to_a_server(tmp_path: Path) -> None:
    other = {"dice.Macro.gamma": CachedParameter("int")}
    cache(tmp_path).store(21, GAMMA)
    cache(tmp_path, "https://corp.example/sostrades").store(21, other)
    assert cache(tmp_path).parameters_of(21) == GAMMA
    assert cache(tmp_path, "https://corp.example/sostrades").parameters_of(21) == other


def test_marks_of_faults_belong_to_a_server_and_a_service(tmp_path: Path) -> None:
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    cache(tmp_path).load_fault.note(now)
    assert cache(tmp_path).load_fault.noted_at(now) == now
    assert cache(tmp_path).ontology.fault.noted_at(now) is None
    assert cache(tmp_path, "https://other.example").load_fault.noted_at(now) is None


def test_answers_are_merged(tmp_path: Path) -> None:
    """An answer with fewer facts removes nothing."""
    item = cache(tmp_path)
    item.store(21, {"a": CachedParameter("float", "kg"), "b": CachedParameter("int")})
    item.store(
        21, {"a": CachedParameter("float", "kg", "in", coupling=True), "y": CachedParameter("float", None, "out")}
    )
    item.store(21, {"a": CachedParameter("float", "kg")})
    assert item.parameters_of(21) == {
        "a": CachedParameter("float", "kg", "in", coupling=True),
        "b": CachedParameter("int"),
        "y": CachedParameter("float", None, "out"),
    }


def test_changed_type_is_replaced(tmp_path: Path) -> None:
    item = cache(tmp_path)
    item.store(21, GAMMA)
    item.store(21, {"dice.Macro.gamma": CachedParameter("int", "kg")})
    assert item.parameters_of(21)["dice.Macro.gamma"] == CachedParameter("int", "kg", "in", coupling=False)


LOADED = {"a": CachedParameter("float", "kg"), "b": CachedParameter("int")}


def cut(tmp_path: Path) -> None:
    """Keep the head of the file only."""
    content = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(content[: content.index(b'"parameters"')])


def test_head_of_the_file_is_enough_to_compare_a_load(tmp_path: Path) -> None:
    cache(tmp_path).store(21, LOADED)
    cut(tmp_path)
    assert cache(tmp_path).has_types(21, LOADED)
    for other in ({**LOADED, "b": CachedParameter("float")}, {**LOADED, "c": LOADED["b"]}, {"a": LOADED["a"]}):
        assert not cache(tmp_path).has_types(21, other)
    assert not cache(tmp_path).has_types(22, LOADED)
    assert not cache(tmp_path, "https://other.example").has_types(21, LOADED)


def test_file_that_is_damaged_below_its_head_is_replaced_by_the_next_load(tmp_path: Path) -> None:
    cache(tmp_path).store(21, LOADED)
    cut(tmp_path)
    assert cache(tmp_path).parameters_of(21) == {}
    assert not cache(tmp_path).has_types(21, LOADED)


def test_load_with_fewer_parameters_is_compared_one_by_one(tmp_path: Path) -> None:
    cache(tmp_path).store(21, LOADED)
    assert cache(tmp_path).has_types(21, {"a": LOADED["a"]})


@pytest.mark.parametrize("read_before", [False, True])
def test_comparison_does_not_depend_on_earlier_calls(tmp_path: Path, read_before: bool) -> None:
    item = cache(tmp_path)
    item.store(21, LOADED)
    if read_before:
        item = cache(tmp_path)
        item.parameters_of(21)
    assert item.has_types(21, {"a": LOADED["a"]})
    assert item.has_types(21, {"a": CachedParameter("float", "kg", "in")})
    for other in (CachedParameter("int", "kg"), CachedParameter("float"), CachedParameter("float", "t")):
        assert not item.has_types(21, {"a": other})
    assert not item.has_types(21, {**LOADED, "c": LOADED["a"]})


@pytest.mark.parametrize("damage", [b"", bytes(60), b'{"version": 6'], ids=["empty", "zeros", "cut"])
def test_study_whose_small_file_is_damaged_is_listed_after_its_next_use(tmp_path: Path, damage: bytes) -> None:
    """After a power failure, a file may be empty or full of zeros, because nothing waits for the disk."""
    cache(tmp_path).store(21, GAMMA)
    [file] = (tmp_path / "cache").rglob("21.about.json")
    file.write_bytes(damage)
    assert cache(tmp_path).studies() == []
    cache(tmp_path).mark_used(21)
    assert [study.study for study in cache(tmp_path).studies()] == [21]
    cache(tmp_path).store_name(21, "dice")
    assert cache(tmp_path).named_studies() == {"dice": [21]}


@pytest.mark.parametrize(("type_name", "is_kept"), [("float", True), ("int", False)])
def test_directions_keep_the_comparison_unless_a_type_changes(tmp_path: Path, type_name: str, is_kept: bool) -> None:
    cache(tmp_path).store(21, LOADED)
    cache(tmp_path).store(21, {"a": CachedParameter(type_name, "kg", "in"), "y": CachedParameter("float", "kg", "out")})
    cut(tmp_path)
    assert cache(tmp_path).has_types(21, LOADED) is is_kept


def test_known_facts_write_nothing(tmp_path: Path) -> None:
    cache(tmp_path).store(21, {})
    assert not (tmp_path / "cache").exists()
    cache(tmp_path).store(21, GAMMA)
    before = file_of(tmp_path).stat()
    cache(tmp_path).store(21, GAMMA)
    cache(tmp_path).store(21, {})
    after = file_of(tmp_path).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_no_command_waits_until_the_cache_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in it can be read from the server again."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    cache(tmp_path).store(21, GAMMA)
    cache(tmp_path).mark_used(22)
    assert file_of(tmp_path).exists()
    assert synced == []


def test_file_is_private_and_names_its_server(tmp_path: Path) -> None:
    cache(tmp_path).store(21, GAMMA)
    file = file_of(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(file.read_text())["host"] == HOST


@pytest.mark.parametrize("name", ["dice.Gas [CO2] & more.share %", "é\u202e\x1b[1m", "\ud800", ""])
def test_any_name_is_cached(tmp_path: Path, name: str) -> None:
    cache(tmp_path).store(21, {name: CachedParameter("float")})
    assert cache(tmp_path).parameters_of(21) == {name: CachedParameter("float")}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        bytes(4096),
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{}",
        b'{"version": 99, "host": "https://corp.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 6, "host": "https://other.example", "parameters": {"a": {"type": "float"}}}',
        b'{"version": 6, "host": "https://corp.example"}',
        b'{"version": 6, "host": "https://corp.example", "parameters": []}',
        b'{"version": 6, "host": "https://corp.example", "parameters": {"a": 1}}',
        b'{"version": 6, "host": "https://corp.example", "parameters": {"a": {"unit": "kg"}}}',
        b'{"version": 6, "host": "https://corp.example", "parameters": {"a": {"type": "float", "more": 1}}}',
    ],
)
def test_damaged_file_counts_as_empty_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    cache(tmp_path).store(21, GAMMA)
    file_of(tmp_path).write_bytes(damage)
    assert cache(tmp_path).parameters_of(21) == {}
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == GAMMA


def test_unwritable_folder_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == {}
    (tmp_path / "cache").unlink()
    cache(tmp_path).store(21, GAMMA)
    file = file_of(tmp_path)
    file.unlink()
    file.mkdir()
    cache(tmp_path).store(21, GAMMA)
    assert cache(tmp_path).parameters_of(21) == {}


def test_studies_are_listed_last_used_first(tmp_path: Path) -> None:
    item = cache(tmp_path)
    item.mark_used(23)
    item.store(21, GAMMA)
    item.store_name(21, "dice")
    assert {(s.study, s.name, s.parameters) for s in cache(tmp_path).studies()} == {(23, "", 0), (21, "dice", 1)}
    assert cache(tmp_path, "https://other.example").studies() == []
    age(tmp_path, 21)
    assert [s.study for s in item.studies()] == [23, 21]
    item.mark_used(21)
    assert [s.study for s in item.studies()] == [21, 23]
    assert {(s.study, s.name, s.parameters) for s in item.studies()} == {(23, "", 0), (21, "dice", 1)}


def test_name_is_kept_while_the_keys_allow_it(tmp_path: Path) -> None:
    """Keys that allow one name only replace it."""
    item = cache(tmp_path)
    item.store_name(21, "dice.Macro")
    item.store(21, GAMMA)
    assert cache(tmp_path).name(21) == "dice.Macro"
    item.store(21, {"other.Macro.gamma": CachedParameter("float")})
    assert (item.name(21), cache(tmp_path).name(21)) == ("", "")
    item.store(22, {"dice.gamma": CachedParameter("float"), **GAMMA})
    assert cache(tmp_path).named_studies() == {"dice": [22]}


def age(tmp_path: Path, study: int, seconds: float = 1000.0) -> None:
    """Make a study look as if last used long ago."""
    [file] = (tmp_path / "cache").rglob(f"{study}.about.json")
    then = file.stat().st_mtime - seconds
    os.utime(file, (then, then))


def test_removed_study_is_gone(tmp_path: Path) -> None:
    item = cache(tmp_path)
    item.store(21, GAMMA)
    item.forget(21)
    item.forget(22)
    assert (item.studies(), item.parameters_of(21), cache(tmp_path).parameters_of(21)) == ([], {}, {})


def test_least_recently_used_studies_are_removed(tmp_path: Path) -> None:
    item = cache(tmp_path)
    for study in range(1, MOST_STUDIES + 1):
        item.mark_used(study)
    item.store(21, GAMMA)
    age(tmp_path, 21)
    item.mark_used(MOST_STUDIES + 1)
    kept = {s.study for s in item.studies()}
    assert (len(kept), 21 in kept, MOST_STUDIES + 1 in kept) == (MOST_STUDIES, False, True)
    assert cache(tmp_path).parameters_of(21) == {}


def test_number_of_parameters_in_a_file_is_limited(tmp_path: Path) -> None:
    many = {f"big.p{number:06}": CachedParameter("float") for number in range(MOST_PARAMETERS + 10)}
    item = cache(tmp_path)
    item.store(21, many)
    assert item.parameters_of(21) == many
    assert len(cache(tmp_path).parameters_of(21)) == MOST_PARAMETERS


def test_values_are_never_written(tmp_path: Path) -> None:
    cache(tmp_path).store(
        21, {"dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False, range=(0.0, 1.0))}
    )
    assert json.loads(file_of(tmp_path).read_text())["parameters"] == {
        "dice.Macro.gamma": {"type": "float", "unit": "-", "io_type": "in", "coupling": False, "range": [0.0, 1.0]}
    }


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": 1},
        {"type": "int", "unit": []},
        {"type": "int", "range": [0.0]},
        {"type": "int", "range": ["a", "b"]},
        {},
    ],
)
def test_fields_of_another_type_count_as_empty(tmp_path: Path, spoilt: object) -> None:
    folders = Folders({"SOSTRADES_CACHE_DIR": str(tmp_path)})
    StudyCache(folders, HOST).store(21, {"dice.a": CachedParameter("float")})
    [path] = [path for path in tmp_path.rglob("*.json") if "about" not in path.name]
    path.write_text(json.dumps({**json.loads(path.read_text()), "parameters": {"dice.a": spoilt}}))
    assert StudyCache(folders, HOST).parameters_of(21) == {}
