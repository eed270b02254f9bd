"""The record of a sweep: what a process that was killed leaves for the next one."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sostrades_cli.errors import FileConflict, InvalidFile, UsageError
from sostrades_cli.operations.calc.sweep.progress_log import (
    ABANDONED,
    FAILED,
    FILE,
    FINISHED,
    STARTED,
    CaseResult,
    ProgressLog,
    SweepSpec,
)

if TYPE_CHECKING:
    from pathlib import Path

SWEEP = SweepSpec("http://127.0.0.1:5004", 21, "a" * 64, ("Damage.total_damage",), None, "b" * 64, {"21": 1})
LOW = CaseResult("low", FINISHED, 21, None, 9.1, {"Damage.total_damage": 3.99, "Macro.shares": {"coal": 0.4}})
HIGH = CaseResult("high", FAILED, 21, "Traceback\nValueError: ☃ too high", 4.0)


@pytest.fixture
def record(tmp_path: Path) -> ProgressLog:
    """Return a record that has begun, with two cases."""
    found = ProgressLog(tmp_path / "results.d")
    found.begin(SWEEP)
    for done in (CaseResult("low", STARTED, 21), LOW, CaseResult("high", STARTED, 21), HIGH):
        found.append(done)
    return found


def read(record: ProgressLog) -> tuple[SweepSpec, dict[str, CaseResult]]:
    """Return what the next process finds."""
    found = ProgressLog(record.folder).read()
    assert found is not None
    return found


def test_where_nothing_was_done_there_is_no_record(tmp_path: Path) -> None:
    """A folder that is missing or empty, or an empty file, is no sweep."""
    assert ProgressLog(tmp_path / "results.d").read() is None
    assert ProgressLog(tmp_path).read() is None
    (tmp_path / FILE).write_text("")
    assert ProgressLog(tmp_path).read() is None


def test_the_next_process_reads_what_was_written(record: ProgressLog) -> None:
    """The sweep and the last that happened to each case come back whole, numbers and texts as they were."""
    assert read(record) == (SWEEP, {"low": LOW, "high": HIGH})


def test_the_last_that_happened_counts(record: ProgressLog) -> None:
    """A case that was abandoned and begun anew is what it was last."""
    record.append(CaseResult("low", STARTED, 22))
    assert read(record)[1]["low"] == CaseResult("low", STARTED, 22)
    record.append(CaseResult("low", ABANDONED, 22))
    assert read(record)[1]["low"].state == ABANDONED


def test_a_sweep_that_goes_on_has_its_new_entries(record: ProgressLog) -> None:
    """What is written last of the sweep counts, and what was done before stays."""
    record.begin(replace(SWEEP, entries={"21": 3}))
    sweep, cases = read(record)
    assert (sweep.entries, list(cases)) == ({"21": 3}, ["low", "high"])


def test_a_record_that_was_cut_anywhere_is_read_as_far_as_it_is_whole(record: ProgressLog) -> None:
    """Wherever a crash has cut the last line, what was whole before it is there, and nothing else."""
    content = record.path.read_bytes()
    for length in range(len(content) + 1):
        record.path.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        found = record.read()
        states = None if found is None else [done.state for done in found[1].values()]
        expected: list[Any] = [None, [], [STARTED], [FINISHED], [FINISHED, STARTED], [FINISHED, FAILED]]
        assert states == expected[whole]


def test_what_is_written_after_a_torn_line_can_be_read(record: ProgressLog) -> None:
    """After a crash has cut a line, a sweep that goes on is readable again, for the next crash."""
    content = record.path.read_bytes()
    record.path.write_bytes(content[:-20])
    record.begin(replace(SWEEP, entries={"21": 2}))
    record.append(HIGH)
    assert read(record) == (replace(SWEEP, entries={"21": 2}), {"low": LOW, "high": HIGH})


@pytest.mark.parametrize(
    "line", ["garbage", "{", "\x00\x00", "{}", "5", "[]", "null", '{"case": "low"}', '{"format": 1}']
)
def test_a_record_that_cannot_be_read_is_said(record: ProgressLog, line: str) -> None:
    """A line that is none of a record is exit 2 with the name of the file, never a bug, wherever it stands."""
    lines = record.path.read_text().splitlines()
    record.path.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n")
    with pytest.raises(InvalidFile, match=r"sweep\.jsonl"):
        record.read()


def test_bytes_that_are_no_text_are_said(record: ProgressLog) -> None:
    """So are bytes that are not UTF-8."""
    record.path.write_bytes(b"\xff\xfe\n" + record.path.read_bytes())
    with pytest.raises(InvalidFile, match=r"sweep\.jsonl"):
        record.read()


def test_a_record_of_another_version_is_refused(record: ProgressLog) -> None:
    """A record in a format that this version does not know is not guessed at."""
    record.path.write_text(record.path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InvalidFile):
        record.read()


@pytest.mark.parametrize(
    "other",
    [
        replace(SWEEP, server="http://127.0.0.1:5005"),
        replace(SWEEP, study=22),
        replace(SWEEP, cases="c" * 64),
        replace(SWEEP, collect=("Damage.total_damage", "Macro.gamma")),
        replace(SWEEP, charts="Output*"),
        replace(SWEEP, inputs="c" * 64),
    ],
)
def test_a_sweep_is_what_it_runs_and_collects(record: ProgressLog, other: SweepSpec) -> None:
    """Another server, study, table, collection or other inputs make another sweep; other studies that help do not."""
    sweep = read(record)[0]
    assert not sweep.is_same(other)
    assert sweep.is_same(replace(SWEEP, entries={"31": 7, "32": 8}))


def test_what_is_noted_is_on_the_disk_at_once(record: ProgressLog) -> None:
    """Each line is there when `note` returns, as JSON that ends with its line."""
    record.append(CaseResult("x", STARTED, 21))
    *_, last = record.path.read_text().splitlines(keepends=True)
    assert last.endswith("\n")
    assert json.loads(last)["case"] == "x"


def test_lines_of_threads_do_not_mix(record: ProgressLog) -> None:
    """Several studies note what happens at the same time, each a line."""

    def note(number: int) -> None:
        for case in range(5):
            record.append(CaseResult(f"{number}-{case}", FAILED, number, "x" * 5000))

    threads = [threading.Thread(target=note, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(read(record)[1]) == 2 + 4 * 5


# The folder -----------------------------------------------------------------------------------------


def test_a_sweep_that_starts_anew_removes_the_folder_of_the_old_one(record: ProgressLog) -> None:
    """Tables and charts of an older sweep are not taken for those of the new one."""
    (record.folder / "low").mkdir()
    (record.folder / "low" / "old.csv").write_text("a\n1\n")
    record.clear()
    assert not record.folder.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A folder that holds files and no record is not ours to remove."""
    folder = tmp_path / "results.d"
    folder.mkdir()
    (folder / "thesis.txt").write_text("three years of work")
    with pytest.raises(FileConflict):
        ProgressLog(folder).check_folder()
    assert (folder / "thesis.txt").read_text() == "three years of work"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file in the place of the folder is exit 2."""
    (tmp_path / "results.d").write_text("a file")
    with pytest.raises(UsageError, match=r"results\.d"):
        ProgressLog(tmp_path / "results.d").begin(SWEEP)


@pytest.mark.parametrize(
    "line", ['{"case": "low", "state": [], "study": 21}', '["format"]', '"format"', "[" * 500 + "]" * 500]
)
def test_a_line_that_is_nothing_of_a_sweep_is_refused(record: ProgressLog, line: str) -> None:
    """A whole line that says nothing that a sweep could have written is exit 2, with the way out."""
    with record.path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(UsageError) as caught:
        read(record)
    assert caught.value.hint
