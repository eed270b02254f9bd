"""The results of a sweep: a row for each case, in the order of the cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import RunFailed, UsageError
from sostrades_cli.operations.calc.sweep.progress_log import FAILED
from sostrades_cli.operations.calc.traceback import summary
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner

SUFFIXES: Final = frozenset({".csv", ".json", ".parquet"})


def results_file(file: Path | None) -> Path:
    """Return the file of the results, whose name says what it is to be.

    Raises
    ------
    UsageError
        There is none, or its name asks for no format of a table.

    """
    if file is None or str(file) == "-" or file.suffix.lower() not in SUFFIXES:
        raise UsageError("the results need a file", hint="-o RESULTS.csv, .json or .parquet")
    return file


def result_rows(sweeping: SweepRunner) -> Rows:
    """Return what was set, how it ended and what was collected; failed cases are the error that this stands for.

    Nothing in it depends on how many studies did the work, or how long it took.
    """
    keys = [key for key in sweeping.what.keys if key not in sweeping.cases.columns]
    rows = [_row(sweeping, case, keys) for case in sweeping.cases.rows]
    failed = [done for case in sweeping.cases.rows if (done := sweeping.done[case.name]).state == FAILED]
    failure = None
    if failed:
        failure = RunFailed(
            f"{len(failed)} of {counted(len(rows), 'case')} failed",
            detail="\n".join(f"{done.case}: {_summary(done.cause) or 'no cause is known'}" for done in failed[:10]),
            hint=f"the whole causes are in {sweeping.record.path}",
            study=sweeping.study,
        )
    note = f"{len(rows) - len(failed)} of {counted(len(rows), 'case')} finished; {sweeping.restored}"
    return Rows(("case", *sweeping.cases.columns, "status", "cause", *keys), rows, note=note, failure=failure)


def _row(sweeping: SweepRunner, case: Case, keys: list[str]) -> list[Json]:
    done = sweeping.done[case.name]
    named = {one.key for one in case.assignments}
    own = sweeping.workers[0].own_value
    values = [
        value if key in named else _plain(own(key))
        for key, value in zip(sweeping.cases.keys, case.values(sweeping.cases.keys), strict=True)
    ]
    return [case.name, *values, done.state, _summary(done.cause), *(done.outputs.get(key) for key in keys)]


def _plain(value: Json) -> Json:
    return "its own" if has_tables(value) else value


def _summary(cause: str | None) -> str | None:
    return summary(cause) or None if cause else None
