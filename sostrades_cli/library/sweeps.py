"""Sweeps: tables of cases that one or more studies run."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from sostrades_cli.errors import InvalidValue, SostradesError, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.case_streams import case_stream
from sostrades_cli.library.dataframes import frame_from, with_notes
from sostrades_cli.library.files import write
from sostrades_cli.library.progress import shown_case
from sostrades_cli.library.python_values import plain_value
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.calc.monitor import WatchOptions
from sostrades_cli.operations.calc.sweep.case_rows import NAME, NAMES
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.progress_log import ENDED
from sostrades_cli.operations.calc.sweep.results import cause_of, results_file, sweep_report
from sostrades_cli.operations.calc.sweep.run import run_sweep
from sostrades_cli.operations.param.assignments import file_named
from sostrades_cli.output.text import with_article
from sostrades_cli.views.sweep import sweep_rows
from sostrades_cli.views.sweep_progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.library.progress import Show
    from sostrades_cli.operations.calc.sweep.case_stream import CaseStream
    from sostrades_cli.operations.calc.sweep.progress_log import CaseResult
    from sostrades_cli.operations.calc.sweep.results import SweepReport
    from sostrades_cli.operations.calc.sweep.runner import ProgressListener, SweepRunner


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """The end of a case of a sweep.

    ``case`` is its name. ``status`` is ``FINISHED`` or ``FAILED``, then with a ``cause``. ``elapsed_s`` is its duration
    in seconds. ``outputs`` maps the collected outputs to values, by the names of the columns of the results.
    """

    case: str
    study: int
    status: str
    cause: str | None
    elapsed_s: float | None
    outputs: Mapping[str, Any]


class SweepMethods(StudyBase):
    """Methods of a study for sweeps."""

    def sweep(
        self,
        cases: pd.DataFrame | str | Path | Iterable[Mapping[str, Any]],
        collect: str | Sequence[str],
        file: str | Path,
        *,
        inputs: Sequence[str] | None = None,
        on_case: Callable[[CaseOutcome], None] | None = None,
        charts: str | None = None,
        studies: Sequence[int | StudyBase] = (),
        resume: bool = False,
        overwrite: bool = False,
        fail_fast: bool = False,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        progress: bool = True,
    ) -> pd.DataFrame:
        """Run cases and collect outputs, then restore and verify the original values of the study.

        ``cases`` is a DataFrame or a .csv, .xlsx or .parquet file: a row per case, a column per parameter, and
        optionally ``case``, the names. An empty cell keeps the original value; a ``Path`` is a table. Or it is an
        iterator of such dicts: the next one is taken when a study is free, after ``on_case`` got the outcomes so far;
        all set the parameters of the first one, or of ``inputs``. ``collect`` has the keys of outputs, ``charts`` a
        glob for chart titles. Results go to ``file`` (.csv, .json, .md, .parquet, .xlsx), tables and the progress log
        to the folder with suffix ``.d`` beside it. ``studies`` are copies that share the work. ``resume`` continues an
        interrupted sweep of a table. Times, in seconds, and ``progress`` are as in ``watch``.

        Returns a DataFrame. Index ``case``. Columns: those of the cases, ``status``, ``cause`` of a failure, and the
        outputs; a table is the name of its file. A failed case is a row, with a warning; with ``fail_fast`` it raises
        ``RunFailed``. An invalid cell raises ``InvalidValue``, for a table before the first run, and Ctrl-C raises
        ``Interrupted``, both after the values are restored. ``result`` of an error has the cases that ended.
        """
        keys, numbers = (collect,) if isinstance(collect, str) else tuple(collect), _numbers(studies or [self])
        with self._opened() as app, self._scope.progress(wanted=progress) as show:
            source, results = _source(app, cases, inputs, resume=resume), at_home(file)
            request = SweepRequest(self._number, source, keys, charts, results, numbers, resume, overwrite, fail_fast)
            return _sweep(request, WatchOptions(timeout_s, interval_s), _Observer(app, on_case, show))


def _numbers(studies: Sequence[int | StudyBase]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(study.number if isinstance(study, StudyBase) else study for study in studies))


def _source(
    app: App,
    cases: pd.DataFrame | str | Path | Iterable[Mapping[str, Any]],
    inputs: Sequence[str] | None,
    *,
    resume: bool,
) -> Path | CaseStream:
    """Return the table of cases as a file, or the cases of an iterator."""
    new_file = app.context.temp_folder.path
    if isinstance(cases, str | Path):
        return at_home(cases)
    if _is_table(cases):
        return cases_file(cases, new_file)
    if resume:
        raise UsageError(
            "a sweep of an iterator cannot be resumed, because its cases may differ",
            hint="start a new sweep with the cases that are left, or use a DataFrame of all cases",
        )
    return case_stream(cases, inputs, new_file)


def _is_table(cases: pd.DataFrame | Iterable[Mapping[str, Any]]) -> TypeGuard[pd.DataFrame]:
    # Without an import of pandas, which takes half a second.
    return hasattr(cases, "to_csv")


@dataclass(frozen=True, slots=True)
class _Observer:
    """Follows a sweep: logs it, shows it, and calls ``on_case``. ``runners`` gets the runner once it is prepared."""

    app: App
    on_case: Callable[[CaseOutcome], None] | None
    show: Show
    runners: list[SweepRunner] = field(default_factory=list)

    @contextlib.contextmanager
    def listening(self, runner: SweepRunner) -> Iterator[ProgressListener]:
        """Yield the function to call when a case starts or ends."""
        self.runners.append(runner)
        show_case = shown_case(self.show, runner)
        with progress_of(self.app, runner) as log:

            def listener(result: CaseResult) -> None:
                log(result)
                show_case(result)
                if self.on_case is not None and result.state in ENDED:
                    self.on_case(_outcome(result))

            yield listener


def _sweep(request: SweepRequest, options: WatchOptions, observer: _Observer) -> pd.DataFrame:
    """Run a sweep, write the result file, and return the results."""
    if not request.collect:
        raise UsageError(
            "a sweep needs at least one output to collect", hint='for example collect="Damage.total_damage"'
        )
    # A sweep takes hours, so reject a bad result file before it.
    results_file(request.results, overwrite=request.overwrite or request.resume)
    try:
        report = run_sweep(observer.app.context, request, options, observer.listening)
    except SostradesError as error:
        if observer.runners:
            error.result = _frame(sweep_report(observer.runners[0]))
        raise
    if not report.is_written:
        write(observer.app, sweep_rows(report), request.results)
    if report.failure is not None:
        # A failed case is data for the caller, not an exception.
        observer.app.notes.warning(f"{report.failure.message}: {report.failure.detail}")
    return _frame(report)


def _outcome(result: CaseResult) -> CaseOutcome:
    cause = cause_of(result)
    return CaseOutcome(result.case, result.study, result.state, cause, result.elapsed_s, dict(result.outputs))


def _frame(report: SweepReport) -> pd.DataFrame:
    table = {
        "case": [case.name for case in report.cases],
        **{name: [case.inputs[position] for case in report.cases] for position, name in enumerate(report.columns)},
        "status": [case.status for case in report.cases],
        "cause": [case.cause for case in report.cases],
        **{key: [case.outputs[position] for case in report.cases] for position, key in enumerate(report.keys)},
    }
    return with_notes(frame_from(table, index="case"), report.notes)


def cases_file(cases: pd.DataFrame | str | Path, new_file: Callable[[], Path]) -> Path:
    """Return the file of a table of cases; ``new_file`` returns the path for a DataFrame.

    Raises
    ------
    InvalidValue
        A cell has a type that a file of cases cannot represent.

    """
    if isinstance(cases, str | Path):
        return at_home(cases)
    table = cases.reset_index() if cases.index.name is not None else cases
    columns = {str(name): _cells(table.iloc[:, position], str(name)) for position, name in enumerate(table.columns)}
    if NAMES.isdisjoint(columns):
        # Empty rows of a CSV file are skipped. A name keeps an empty row of a DataFrame as a case.
        columns[NAME] = [str(number) for number in range(1, len(table) + 1)]
    path = new_file()
    # The type of the argument, so that this module need not import pandas.
    type(table)(columns, dtype=object).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def _cells(column: pd.Series, key: str) -> list[str]:
    """Return the cells of a column as texts."""
    gaps = column.isna().tolist()
    values = [None if gap else plain_value(value, key) for gap, value in zip(gaps, column.tolist(), strict=True)]
    floats = [value for value in values if isinstance(value, float)]
    # Pandas turns a column of integers with missing values into floats.
    whole = (
        any(gaps)
        and column.dtype.kind == "f"
        and all(math.isfinite(number) and number.is_integer() for number in floats)
    )
    return [_text(int(value) if whole and isinstance(value, float) else value, key) for value in values]


def _text(value: object, key: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Path):
        return f"@{at_home(value).absolute()}"
    if isinstance(value, str):
        # Paths in a file of cases are relative to that file, in a DataFrame to the current folder.
        file = file_named(value)
        return value if file is None else f"@{at_home(file).absolute()}"
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError as error:
        raise InvalidValue(
            f"{key}: a case cannot set {with_article(type(value).__name__)}",
            hint="use a number, text, list or dict, or the Path of a CSV file for a table",
        ) from error
