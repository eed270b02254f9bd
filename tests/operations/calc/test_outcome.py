"""Test the cause of a failed run: the log is read further back until it contains one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from sostrades_cli.api.run_status import RunStatus
from sostrades_cli.api.studies import LogPart
from sostrades_cli.errors import RunFailed
from sostrades_cli.operations.calc.outcome import run_error
from sostrades_cli.operations.calc.traceback import TRACEBACK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.operations.context import Context

STAMP = "[2026-11-28 14:30:08,000] "
CHART = f"{STAMP}a.PostProcessing ERROR in post_processing_factory: ...\n{TRACEBACK}\nAttributeError: chart\n"
FAILED = RunStatus.from_api({"study_case_execution_status": "FAILED"}, 1)


def cause(*ends: tuple[int, str]) -> tuple[str, int]:
    """Return the cause of a failed run, and how many ends of its log were read. Each end starts at a byte."""
    read = 0

    def log_ends(_: int) -> Iterator[LogPart]:
        nonlocal read
        for start, text in ends:
            read += 1
            yield LogPart("sc1-sce1.log", start + len(text), start, text.encode())

    context = SimpleNamespace(api=SimpleNamespace(studies=SimpleNamespace(log_ends=log_ends)))
    error = run_error(cast("Context", context), FAILED, had_run=True)
    assert isinstance(error, RunFailed)
    return str(error.detail), read


def test_end_with_chart_tracebacks_only_is_not_the_cause() -> None:
    whole = f"{STAMP}start\n{TRACEBACK}\nValueError: the cause\n{CHART * 3}"
    result, read = cause((len(whole) - len(CHART * 2), CHART * 2), (0, whole))
    assert result.endswith("ValueError: the cause")
    assert read == 2


def test_truncated_traceback_is_not_the_cause() -> None:
    """It may follow a line about a chart."""
    result, read = cause((50, f"{TRACEBACK}\nAttributeError: chart\n"), (0, f"{TRACEBACK}\nValueError: cause\n{CHART}"))
    assert result.endswith("ValueError: cause")
    assert read == 2


def test_reading_stops_at_the_cause() -> None:
    end = f"{STAMP}x\n{TRACEBACK}\nValueError: cause\n"
    assert cause((50, end), (0, end))[1] == 1


def test_long_log_is_not_reported_as_read_whole() -> None:
    part, _ = cause((50, CHART), (20, CHART * 2))
    whole, _ = cause((0, f"{STAMP}x\n"))
    assert f"the last {len(CHART * 2)} B of its log" in part
    assert "the last" not in whole
