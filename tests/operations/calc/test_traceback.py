"""Test the extraction of the cause from an execution log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.operations.calc.traceback import MOST_LINES, TRACEBACK, failure_cause, summary

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings"
BEFORE = "[2026-11-22 22:44:24,597] MAIN_SERVER INFO in some_module: Start of the run\n"
AFTER = (
    "[2026-11-22 22:45:17,651] [worker: 4711] __main__ INFO in some_module: After the traceback\n"
    "[2026-11-22 22:45:17,700] MAIN_SERVER ERROR in some_module: The end\n"
)


def traceback(text: str, frames: int = 1) -> str:
    """Return a traceback of an error with that text."""
    frame = '  File "/srv/some_model.py", line {0}, in run\n    step({0})\n'
    return f"{TRACEBACK}\n{''.join(frame.format(number) for number in range(frames))}ValueError: {text}\n"


def recorded(name: str) -> str:
    """Return the log of a recorded exchange."""
    lines = (line for file in RECORDINGS.glob("exchanges*.jsonl") for line in file.read_text("utf-8").splitlines())
    [log] = [exchange["response"]["body"] for exchange in map(json.loads, lines) if exchange["name"] == name]
    return str(log)


def test_traceback_of_a_recorded_log_is_found() -> None:
    result = failure_cause(recorded("fail-logs"))
    assert result is not None
    assert result.splitlines()[0] == TRACEBACK
    assert result.splitlines()[-1] == "ValueError: deliberate failure in SlowB"
    assert len(result.splitlines()) == 4
    assert summary(result) == "ValueError: deliberate failure in SlowB"


def test_tracebacks_of_charts_are_skipped() -> None:
    """The log of a failed DICE run has one for each failed chart, after the cause."""
    result = failure_cause(recorded("f2-climate-failed-log"))
    assert result is not None
    assert summary(result).startswith("ValueError: Cannot compute the inputs climate.carboncycle_df, climate.damage_df")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "f5-types-outside-run-log",
            ["types.DiscAllTypes.weather_list: Value foggy in list ['sunny', 'foggy'] not in *possible values*"],
        ),
        ("f5-types-range-out-run-log", ["types.DiscAllTypes.z_list: Value [1.0, 20000.0] at index 1 is not in range"]),
        ("f5-types-text-outside-run-log", ["types.DiscAllTypes.weather: Value foggy not in *possible values*"]),
        (
            "f8-tables-array-text-run-log",
            ["tables.Mixed.dict_arr: Value array([1.0, 2.5]) in {'u': 'array([1.0, 2.5])', 'v': array([3., 4.])}"],
        ),
        (
            "rt-tables-run-log",
            [
                "tables.Mixed.list_of_dict: Value 0 should be a string",
                "tables.Mixed.df_mixed: Dataframe values in column x",
            ],
        ),
    ],
)
def test_integrity_faults_are_one_line_per_parameter(name: str, expected: list[str]) -> None:
    result = failure_cause(recorded(name))
    assert result is not None
    lines = result.split("\n")
    assert [line[: len(start)] for line, start in zip(lines, expected, strict=True)] == expected
    assert "\t" not in result
    assert summary(result) == "; ".join(lines)


def test_all_faults_of_a_parameter_are_on_its_line() -> None:
    result = failure_cause(recorded("rt-tables-run-log"))
    assert result is not None
    assert result.split("\n")[1].count("Dataframe values in column") == 2


def test_multiline_value_belongs_to_its_fault() -> None:
    """Lines without a tab continue the fault before them."""
    text = "Variable a.Temperature change.df : \n\tValue    x\n0  1\n1  2 has not the type\n\tx"
    result = failure_cause(BEFORE + traceback(text) + AFTER)
    assert result == "a.Temperature change.df: Value x 0 1 1 2 has not the type; x"


def test_error_that_mentions_a_variable_is_a_traceback() -> None:
    """Without separate lines of faults there is no list."""
    for text in ("Variable x is missing", "Variable x :"):
        result = failure_cause(BEFORE + traceback(text) + AFTER)
        assert result is not None
        assert result.startswith(TRACEBACK)


CHART = (
    "[2026-11-28 14:30:08,000] [worker: 4711] 3.some.logger.PostProcessing ERROR in post_processing_factory: The "
    "following error occurs when trying to load post processing for a.B discipline. See exception details.\n"
)
LINK = "\nDuring handling of the above exception, another exception occurred:\n\n"


def test_chained_traceback_after_a_chart_line_belongs_to_the_chart() -> None:
    charts = CHART + traceback("chart") + LINK + traceback("chart, too")
    assert failure_cause(BEFORE + charts) is None
    result = failure_cause(BEFORE + traceback("cause") + charts + AFTER)
    assert result is not None
    assert summary(result) == "ValueError: cause"


def test_unchained_traceback_after_that_of_a_chart_is_another_failure() -> None:
    """The output of a dying process has no time stamp."""
    result = failure_cause(BEFORE + CHART + traceback("chart") + "\n" + traceback("killed"))
    assert result is not None
    assert summary(result) == "ValueError: killed"


def test_traceback_at_a_truncated_start_may_be_that_of_a_chart() -> None:
    log = traceback("whose?") + AFTER
    assert failure_cause(log, whole=False) is None
    assert failure_cause(log) is not None
    assert failure_cause(BEFORE + log, whole=False) is not None


def test_tabs_of_a_traceback_become_spaces() -> None:
    result = failure_cause(BEFORE + traceback("a\n\tb") + AFTER)
    assert result is not None
    assert result.endswith("a\n    b")


def test_surrounding_lines_are_left_out() -> None:
    assert failure_cause(BEFORE + traceback("one") + "\n\n" + AFTER) == traceback("one").rstrip("\n")


def test_last_traceback_is_taken() -> None:
    log = BEFORE + traceback("first") + AFTER + traceback("second") + AFTER
    assert failure_cause(log) == traceback("second").rstrip("\n")


def test_last_error_of_a_chain_is_taken() -> None:
    log = (
        BEFORE
        + traceback("the cause")
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + traceback("what came of it")
        + AFTER
    )
    result = failure_cause(log)
    assert result is not None
    assert result.endswith("ValueError: what came of it")
    assert result.startswith(TRACEBACK)


def test_multiline_error_text_is_complete() -> None:
    result = failure_cause(BEFORE + traceback("first line\n\n  - second\nthird line") + AFTER)
    assert result is not None
    assert result.endswith("first line\n\n  - second\nthird line")


def test_log_may_end_inside_a_traceback() -> None:
    assert failure_cause(f"{BEFORE}{TRACEBACK}") == TRACEBACK


def test_log_without_a_traceback_has_none() -> None:
    assert failure_cause(BEFORE + AFTER) is None
    assert failure_cause("") is None


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 60))
def test_long_traceback_is_shortened_in_the_middle(frames: int) -> None:
    whole = traceback("the end", frames).rstrip("\n").split("\n")
    result = failure_cause(BEFORE + "\n".join(whole) + "\n" + AFTER)
    assert result is not None
    lines = result.split("\n")
    if len(whole) <= MOST_LINES:
        assert lines == whole
        return
    assert len(lines) == MOST_LINES
    mark = lines.index("  ...")
    assert lines[:mark] == whole[:mark]
    assert lines[mark + 1 :] == whole[mark + 1 - MOST_LINES :]
