"""The progress log of a sweep: what a killed process leaves for the next one."""

from __future__ import annotations

import json
import re
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
    """Return a started log with two cases."""
    result = ProgressLog(tmp_path / "results.d")
    result.begin(SWEEP)
    for done in (CaseResult("low", STARTED, 21), LOW, CaseResult("high", STARTED, 21), HIGH):
        result.append(done)
    return result


def read(record: ProgressLog) -> tuple[SweepSpec, dict[str, CaseResult]]:
    """Return the content for the next process."""
    result = ProgressLog(record.folder).read()
    assert result is not None
    return result


def test_empty_folder_or_file_has_no_sweep(tmp_path: Path) -> None:
    assert ProgressLog(tmp_path / "results.d").read() is None
    assert ProgressLog(tmp_path).read() is None
    (tmp_path / FILE).write_text("")
    assert ProgressLog(tmp_path).read() is None


def test_log_is_read_back_exactly(record: ProgressLog) -> None:
    assert read(record) == (SWEEP, {"low": LOW, "high": HIGH})


def test_last_state_of_a_case_counts(record: ProgressLog) -> None:
    record.append(CaseResult("low", STARTED, 22))
    assert read(record)[1]["low"] == CaseResult("low", STARTED, 22)
    record.append(CaseResult("low", ABANDONED, 22))
    assert read(record)[1]["low"].state == ABANDONED


def test_resumed_sweep_has_its_new_entries(record: ProgressLog) -> None:
    record.begin(replace(SWEEP, entries={"21": 3}))
    sweep, cases = read(record)
    assert (sweep.entries, list(cases)) == ({"21": 3}, ["low", "high"])


def test_cut_log_is_read_up_to_its_last_complete_line(record: ProgressLog) -> None:
    content = record.path.read_bytes()
    ends = [0, *(match.end() for match in re.finditer(b"\n", content))]
    near = {end + distance for end in ends for distance in (-1, 0, 1)}
    for length in sorted({*range(0, len(content), 10), *near} & {*range(len(content) + 1)}):
        record.path.write_bytes(content[:length])
        whole = content[:length].count(b"\n")
        result = record.read()
        states = None if result is None else [done.state for done in result[1].values()]
        expected: list[Any] = [None, [], [STARTED], [FINISHED], [FINISHED, STARTED], [FINISHED, FAILED]]
        assert states == expected[whole]


def test_lines_after_a_cut_line_can_be_read(record: ProgressLog) -> None:
    content = record.path.read_bytes()
    record.path.write_bytes(content[:-20])
    record.begin(replace(SWEEP, entries={"21": 2}))
    record.append(HIGH)
    assert read(record) == (replace(SWEEP, entries={"21": 2}), {"low": LOW, "high": HIGH})


@pytest.mark.parametrize(
    "line", ["garbage", "{", "\x00\x00", "{}", "5", "[]", "null", '{"case": "low"}', '{"format": 1}']
)
def test_damaged_line_is_an_error_with_the_file_name(record: ProgressLog, line: str) -> None:
    lines = record.path.read_text().splitlines()
    record.path.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n")
    with pytest.raises(InvalidFile, match=r"sweep\.jsonl"):
        record.read()


def test_log_that_is_not_utf8_is_an_error(record: ProgressLog) -> None:
    record.path.write_bytes(b"\xff\xfe\n" + record.path.read_bytes())
    with pytest.raises(InvalidFile, match=r"sweep\.jsonl"):
        record.read()


def test_log_of_another_version_is_rejected(record: ProgressLog) -> None:
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
def test_different_spec_is_not_the_same_sweep(record: ProgressLog, other: SweepSpec) -> None:
    """The studies that share the work do not count."""
    sweep = read(record)[0]
    assert not sweep.is_same(other)
    assert sweep.is_same(replace(SWEEP, entries={"31": 7, "32": 8}))


def test_step_is_on_the_disk_at_once(record: ProgressLog) -> None:
    record.append(CaseResult("x", STARTED, 21))
    *_, last = record.path.read_text().splitlines(keepends=True)
    assert last.endswith("\n")
    assert json.loads(last)["case"] == "x"


def test_lines_of_threads_do_not_mix(record: ProgressLog) -> None:

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


def test_clear_removes_the_folder_of_the_old_sweep(record: ProgressLog) -> None:
    (record.folder / "low").mkdir()
    (record.folder / "low" / "old.csv").write_text("a\n1\n")
    record.clear()
    assert not record.folder.exists()


def test_folder_with_other_files_is_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "results.d"
    folder.mkdir()
    (folder / "thesis.txt").write_text("three years of work")
    with pytest.raises(FileConflict):
        ProgressLog(folder).check_folder("sweep", "results.csv", resumes=False)
    assert (folder / "thesis.txt").read_text() == "three years of work"


def test_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "results.d").write_text("a file")
    with pytest.raises(UsageError, match=r"results\.d"):
        ProgressLog(tmp_path / "results.d").begin(SWEEP)


@pytest.mark.parametrize(
    "line", ['{"case": "low", "state": [], "study": 21}', '["format"]', '"format"', "[" * 500 + "]" * 500]
)
def test_line_with_invalid_types_is_rejected(record: ProgressLog, line: str) -> None:
    with record.path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(UsageError) as caught:
        read(record)
    assert caught.value.hint
