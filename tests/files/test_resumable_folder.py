"""Test folders that an interrupted command resumes: the progress file, complete files, the manifest."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError, WriteFailed
from sostrades_cli.files.digests import digest_of
from sostrades_cli.files.resumable_folder import MANIFEST, ProgressFile, is_whole, remove_parts, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

STEPS = [{"step": 1}, {"step": 2, "text": "caf\u00e9\n"}, {"step": 3}]


@pytest.fixture
def progress(tmp_path: Path) -> ProgressFile:
    """Return a progress file with some steps."""
    result = ProgressFile(tmp_path / "progress.jsonl")
    result.start(STEPS[:1])
    for step in STEPS[1:]:
        result.append(step)
    return result


def test_steps_are_read_as_written(progress: ProgressFile) -> None:
    assert progress.lines() == STEPS


def test_missing_file_has_no_steps(tmp_path: Path) -> None:
    assert ProgressFile(tmp_path / "none.jsonl").lines() == []


@settings(deadline=None, max_examples=20)
@given(cut=st.integers(0, 75))
def test_crash_loses_at_most_the_last_step(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Later steps are not corrupted."""
    result = ProgressFile(tmp_path_factory.mktemp("cut") / "progress.jsonl")
    result.start(STEPS)
    whole = result.path.read_bytes()
    result.path.write_bytes(whole[:cut])
    kept = result.lines()
    assert kept == STEPS[: whole[:cut].count(b"\n")]
    result.start(kept)
    result.append({"step": 9})
    assert result.lines() == [*kept, {"step": 9}]


@pytest.mark.parametrize("content", [b"no json\n", b"[1]\n", b'{"a": 1}\nnull\n', b"\xff\n", b"[" * 5000 + b"\n"])
def test_damage_is_an_error_and_never_a_step(tmp_path: Path, content: bytes) -> None:
    result = ProgressFile(tmp_path / "progress.jsonl")
    result.path.write_bytes(content)
    with pytest.raises(ValueError, match=r"."):
        result.lines()


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    result = ProgressFile(tmp_path / "progress.jsonl", sync=True)
    threads = [threading.Thread(target=result.append, args=({"step": n, "text": "x" * 5000},)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(line["step"] for line in result.lines()) == list(range(8))


@pytest.mark.parametrize("sync", [True, False])
def test_synced_step_is_whole_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: bool) -> None:
    """A process that is killed right after it does not repeat the step."""
    synced: list[int] = []
    found = ProgressFile(tmp_path / "progress.jsonl", sync=sync)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    found.append(STEPS[0])
    assert synced == ([found.path.stat().st_size] if sync else [])


def test_link_that_appears_after_the_check_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    found = ProgressFile(tmp_path / "progress.jsonl")
    usual = os.open

    def opened(path: Any, *values: Any, **options: Any) -> int:
        if path == found.path:
            found.path.symlink_to(outside)
        return usual(path, *values, **options)

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(WriteFailed):
        found.append(STEPS[0])
    assert outside.read_text() == "kept"


def test_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    """A cloned folder may contain one."""
    outside = tmp_path / "outside"
    outside.write_text("kept")
    result = ProgressFile(tmp_path / "progress.jsonl")
    result.path.symlink_to(outside)
    with pytest.raises(UsageError):
        result.start([])
    with pytest.raises(UsageError):
        result.append({})
    assert outside.read_text() == "kept"


def test_unwritable_step_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed):
        ProgressFile(tmp_path / "missing" / "progress.jsonl").append({})


def test_file_is_complete_if_its_hash_matches(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    digest = digest_of(path)
    assert is_whole(path, digest)
    path.write_text("a\n2\n")
    assert not is_whole(path, digest)
    assert not is_whole(tmp_path / "b.csv", digest)
    assert not is_whole(tmp_path, digest)


def test_manifest_stores_any_text(tmp_path: Path) -> None:
    """JSON can escape a lone surrogate."""
    document = {"keys": ["caf\u00e9", "\ud800", "\x1b[31m"]}
    write_manifest(tmp_path, document)
    assert json.loads((tmp_path / MANIFEST).read_bytes()) == document


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_time_of_a_manifest_stays_if_nothing_else_differs(tmp_path: Path, ending: str) -> None:
    """Version control may have changed the line ends."""
    target = tmp_path / MANIFEST
    write_manifest(tmp_path, {"time": "2026", "value": 1})
    kept = target.read_bytes().replace(b"\n", ending.encode())
    for changed, stays in [(1, True), (1.0, False), (True, False), (2, False)]:
        target.write_bytes(kept)
        write_manifest(tmp_path, {"time": "2027", "value": changed})
        assert (target.read_bytes() == kept) is stays
        assert json.loads(target.read_bytes())["time"] == ("2026" if stays else "2027")


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{}", b"\xff", b'{"time": 1'])
def test_damaged_manifest_is_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(damaged)
    write_manifest(tmp_path, {"time": "2027"})
    assert json.loads((tmp_path / MANIFEST).read_bytes()) == {"time": "2027"}


def test_only_partial_files_of_these_are_removed(tmp_path: Path) -> None:
    for name in (".a[1].csv.0f.part", ".b.csv.0f.part", "a[1].csv"):
        (tmp_path / name).touch()
    remove_parts(tmp_path, ["a[1].csv"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".b.csv.0f.part", "a[1].csv"]
