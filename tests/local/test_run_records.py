"""Test the file of the runs of a study."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.errors import UsageError
from sostrades_cli.local.run_records import MOST_RUNS, RunRecord, RunRecords

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
TIME = "2026-11-22T22:40:50Z"
DURATION = '{"run": 3, "study": 21, "host": "https://corp.example", "duration_s": %s}'
DAMAGED = (
    *("", "{", "[]", "{}", "\x00", '"text"', '{"run": "1", "study": 21, "host": ""}'),
    *(DURATION % "NaN", DURATION % "-1.0", DURATION % "Infinity", DURATION % "true"),
)


@pytest.fixture
def records(tmp_path: Path) -> RunRecords:
    """Return the records of study 21."""
    return RunRecords(tmp_path, HOST, 21)


def test_record_is_stored_and_completed(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    records.add(started=TIME)
    records.complete(1, ended=TIME, outcome="FINISHED", duration_s=12.5)
    first, second = RunRecords(tmp_path, HOST, 21).all()
    assert first == RunRecord(1, 21, HOST, TIME, TIME, 12.5, "FINISHED")
    assert second == RunRecord(2, 21, HOST, TIME)


def test_studies_and_servers_are_separate(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    assert RunRecords(tmp_path, HOST, 22).all() == []
    assert RunRecords(tmp_path, "https://other.example", 21).all() == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"run": "1", "study": 21, "host": ""}',
        "\x00",
        '"text"',
        DURATION % "NaN",
        DURATION % "-1.0",
    ],
)
def test_damaged_line_loses_only_its_run(records: RunRecords, tmp_path: Path, line: str) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    file.write_text(f"{line}\n{file.read_text()}{line}\n")
    assert [record.run for record in records.all()] == [1]
    records.add(started=TIME)
    assert [record.run for record in records.all()] == [1, 2]


def test_fields_of_newer_versions_are_ignored(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    file.write_text(json.dumps({**json.loads(file.read_text()), "later": 1}) + "\n")
    assert records.all() == [RunRecord(1, 21, HOST, TIME)]


def test_oldest_runs_are_dropped_and_numbers_continue(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    line = json.loads(file.read_text())
    file.write_text("".join(json.dumps({**line, "run": number}) + "\n" for number in range(1, MOST_RUNS + 1)))
    records.add(started=TIME)
    numbers = [record.run for record in records.all()]
    assert numbers == list(range(2, MOST_RUNS + 2))


def test_record_after_a_line_that_was_cut_is_complete(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    with file.open("a") as lines:
        lines.write('{"run": 2, "stu')
    records.add(started=TIME)
    assert [record.run for record in records.all()] == [1, 2]


def test_file_does_not_grow_without_limit(records: RunRecords, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest runs are kept, and each keeps its end."""
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    line = json.loads(file.read_text())
    count = 6 * MOST_RUNS
    file.write_text("".join(json.dumps({**line, "run": number}) + "\n" for number in range(1, count + 1)))
    before = file.stat().st_size
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    records.complete(count, outcome="FINISHED")
    kept = records.all()
    assert [record.run for record in kept] == list(range(count - MOST_RUNS + 1, count + 1))
    assert (kept[-1].outcome, file.stat().st_size < before / 5) == ("FINISHED", True)
    # A power failure must not take all records at once.
    assert len(synced) == 1


def test_recent_runs_are_the_last_ones(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    line = json.loads(file.read_text())
    file.write_text("".join(json.dumps({**line, "run": number}) + "\n" for number in range(1, 301)))
    recent = records.recent()
    assert 40 < len(recent) < 300
    assert recent == records.all()[-len(recent) :]


def test_parallel_starts_are_all_recorded(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: RunRecords(tmp_path, HOST, 21).add(started=TIME), range(12)))
    assert sorted(record.run for record in RunRecords(tmp_path, HOST, 21).all()) == list(range(1, 13))


def test_only_the_owner_can_read_the_file(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_unreadable_file_is_a_usage_error(records: RunRecords, tmp_path: Path) -> None:
    records.add(started=TIME)
    [file] = tmp_path.rglob("21.jsonl")
    file.unlink()
    file.mkdir()
    with pytest.raises(UsageError):
        records.all()
