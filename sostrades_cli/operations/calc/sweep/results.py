"""Build the results of a sweep: a row per case, in the order of the cases."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import RunFailed, SostradesError, UsageError
from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.file_formats import TABLE_FILES, ending_of, endings_of
from sostrades_cli.files.targets import check_target, require_regular
from sostrades_cli.operations.calc.sweep.cases import ENDED_FILE
from sostrades_cli.operations.calc.sweep.progress_log import FAILED
from sostrades_cli.operations.calc.traceback import summary
from sostrades_cli.operations.tables import rows
from sostrades_cli.output.table_files import check_library
from sostrades_cli.output.text import counted, plain

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.sweep.cases import Case
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.runner import SweepRunner

ENDINGS: Final = endings_of(("csv", "json", "md"), tables=True)


def results_file(file: Path | None, *, overwrite: bool) -> Path:
    """Return the file for the results, after a check that the results can be written there.

    Raises
    ------
    UsageError
        The file is missing, or its ending is not a table format.
    FileConflict
        The file exists, and ``overwrite`` is not set.
    ExtraMissing
        The library for the format is not installed.

    """
    if file is not None:
        require_regular(file)
    if file is None or (form := ending_of(file)) not in ENDINGS:
        others = [f".{ending}" for ending in ENDINGS]
        raise UsageError(
            "a sweep needs a file for its results", hint=f"add -o RESULTS{', '.join(others[:-1])} or {others[-1]}"
        )
    check_target(file, overwrite=overwrite, named=True)
    # A missing library must be reported before the first run, not hours later.
    if form in TABLE_FILES:
        check_library(form)
    return file


@dataclass(frozen=True, slots=True)
class SweptCase:
    """A case: its input values, the end of its run, and the collected outputs."""

    name: str
    inputs: list[Json]
    status: str
    cause: str | None
    outputs: list[Json]


@dataclass(frozen=True, slots=True)
class SweepReport:
    """The cases of a sweep. ``columns`` are the names of their inputs, and ``keys`` the names of their outputs.

    ``failure`` is the error for failed cases. ``is_written`` is set if the result file exists and must not be replaced.
    """

    columns: tuple[str, ...]
    keys: list[str]
    cases: list[SweptCase]
    notes: list[str]
    failure: RunFailed | None = None
    is_written: bool = False


def write_ended(runner: SweepRunner, error: SostradesError) -> None:
    """Write the table of the cases that ended before an error, and add its name to the error."""
    if not runner.ended:
        return
    report, file = sweep_report(runner), runner.log.folder / ENDED_FILE
    header = ["case", *report.columns, "status", "cause", *report.keys]
    cells = ((case.name, *case.inputs, case.status, case.cause, *case.outputs) for case in report.cases)
    table = [header, *(list(map(plain, row)) for row in cells)]
    # The error says why the sweep did not complete, which matters more than a full disk.
    with contextlib.suppress(SostradesError, OSError):
        with atomic(file) as target:
            target.write(rows.lines(list(zip(*table, strict=True))).encode())
        error.add_detail(f"table of the cases that ended: {file}")


def sweep_report(runner: SweepRunner, *, already_complete: bool = False, kept_file: Path | None = None) -> SweepReport:
    """Return the results of the cases that ended. ``kept_file`` is a result file that is left as it is."""
    # A swept parameter is already a column of the inputs.
    keys = [key for key in runner.collection.keys if key not in runner.cases.columns]
    cases = [_swept_case(runner, case, keys) for case in runner.cases.rows if runner.is_ended(case)]
    # A failed case does not stop the other cases, so the error is raised only at the end.
    failed = [case for case in cases if case.status == FAILED]
    failure = None
    if failed:
        failure = RunFailed(
            f"{len(failed)} of {counted(len(cases), 'case')} failed",
            detail="\n".join(f"{case.name}: {case.cause or 'unknown cause'}" for case in failed[:10]),
            hint=f"read the full causes in {runner.log.path}, or add --retry-failed --overwrite to run them again",
            study=runner.study,
        )
    ends = f"{counted(len(cases) - len(failed), 'case')} finished, {len(failed)} failed"
    if kept_file is not None:
        notes = [
            f"the sweep is already complete: {ends}",
            f"results: {kept_file} (add --overwrite to run the sweep again)",
        ]
    elif already_complete:
        notes = [f"the sweep is already complete: {ends}"]
    else:
        notes = [f"{ends}; tables, charts and log: {runner.log.folder}", *runner.final_notes()]
    return SweepReport(tuple(runner.cases.columns), keys, cases, notes, failure, is_written=kept_file is not None)


def _swept_case(runner: SweepRunner, case: Case, keys: list[str]) -> SweptCase:
    result = runner.results[case.name]
    set_keys = {item.key for item in case.assignments}
    baseline = runner.originals[0].own_value
    values = [
        value if key in set_keys else _cell(baseline(key))
        for key, value in zip(runner.cases.keys, case.values(runner.cases.keys), strict=True)
    ]
    outputs = [result.outputs.get(key) for key in keys]
    return SweptCase(case.name, values, result.state, cause_of(result), outputs)


def _cell(value: Json) -> Json:
    return "unchanged" if has_tables(value) else value


def cause_of(result: CaseResult) -> str | None:
    """Return the cause of a failed case in one line."""
    # The whole traceback is too long for a cell. It is in the log.
    return summary(result.cause) or None if result.cause else None
