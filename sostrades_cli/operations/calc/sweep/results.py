"""The results of a sweep: a row for each case, in the order of the cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import RunFailed, UsageError
from sostrades_cli.operations.calc.sweep.progress_log import FAILED
from sostrades_cli.operations.calc.traceback import summary
from sostrades_cli.output.parquet import check_parquet
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner

SUFFIXES: Final = frozenset({".csv", ".json", ".parquet"})


def results_file(file: Path | None) -> Path:
    """Return the file of the results, after a check that a table can be written into it.

    Raises
    ------
    UsageError
        The file is missing, or its ending stands for no format of a table.
    ExtraMissing
        The library that writes parquet is not installed.

    """
    if file is None or str(file) == "-" or file.suffix.lower() not in SUFFIXES:
        raise UsageError("the results need a file", hint="-o RESULTS.csv, .json or .parquet")
    if file.suffix.lower() == ".parquet":
        check_parquet()
    return file


@dataclass(frozen=True, slots=True)
class SweptCase:
    """A case: the values that it set, how its run ended, and the collected outputs."""

    name: str
    inputs: list[Json]
    status: str
    cause: str | None
    outputs: list[Json]


@dataclass(frozen=True, slots=True)
class SweepReport:
    """The cases of a sweep; ``columns`` names their inputs, ``keys`` their outputs.

    ``failure`` stands for the failed cases. Nothing here depends on the number of studies that shared the work.
    """

    columns: tuple[str, ...]
    keys: list[str]
    cases: list[SweptCase]
    note: str
    failure: RunFailed | None = None


def sweep_report(runner: SweepRunner) -> SweepReport:
    """Return the results of a sweep that came to its end."""
    keys = [key for key in runner.what.keys if key not in runner.cases.columns]
    cases = [_swept(runner, case, keys) for case in runner.cases.rows]
    failed = [done for case in runner.cases.rows if (done := runner.done[case.name]).state == FAILED]
    failure = None
    if failed:
        failure = RunFailed(
            f"{len(failed)} of {counted(len(cases), 'case')} failed",
            detail="\n".join(f"{done.case}: {_summary(done.cause) or 'no cause is known'}" for done in failed[:10]),
            hint=f"the whole causes are in {runner.record.path}",
            study=runner.study,
        )
    note = f"{len(cases) - len(failed)} of {counted(len(cases), 'case')} finished; {runner.restored}"
    return SweepReport(tuple(runner.cases.columns), keys, cases, note, failure)


def _swept(runner: SweepRunner, case: Case, keys: list[str]) -> SweptCase:
    done = runner.done[case.name]
    named = {one.key for one in case.assignments}
    own = runner.workers[0].own_value
    values = [
        value if key in named else _plain(own(key))
        for key, value in zip(runner.cases.keys, case.values(runner.cases.keys), strict=True)
    ]
    return SweptCase(case.name, values, done.state, _summary(done.cause), [done.outputs.get(key) for key in keys])


def _plain(value: Json) -> Json:
    return "its own" if has_tables(value) else value


def _summary(cause: str | None) -> str | None:
    return summary(cause) or None if cause else None
