"""Sweeps: tables of cases that one or more studies run."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, overload

from sostrades_cli.errors import InvalidValue, SostradesError, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.case_streams import case_stream
from sostrades_cli.library.dataframes import frame_from, with_notes
from sostrades_cli.library.files import write
from sostrades_cli.library.progress import shown_case
from sostrades_cli.library.python_values import plain_value
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.calc.sweep.case_rows import NAME, NAMES
from sostrades_cli.operations.calc.sweep.dry_run import plan_sweep
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.progress_log import ENDED
from sostrades_cli.operations.calc.sweep.results import cause_of, results_file, sweep_report
from sostrades_cli.operations.calc.sweep.run import run_sweep
from sostrades_cli.operations.calc.watch_options import WatchOptions
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
    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
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

    @overload
    def sweep(
        self,
        cases: pd.DataFrame | str | Path | Iterable[Mapping[str, Any]],
        collect: str | Sequence[str],
        file: str | Path,
        *,
        inputs: Sequence[str] | None = ...,
        on_case: Callable[[CaseOutcome], None] | None = ...,
        charts: str | None = ...,
        studies: Sequence[int | StudyBase] = ...,
        resume: bool = ...,
        retry_failed: bool = ...,
        overwrite: bool = ...,
        fail_fast: bool = ...,
        timeout_s: float | None = ...,
        interval_s: float | None = ...,
        max_outage_s: float = ...,
        progress: bool = ...,
        dry_run: Literal[False] = ...,
    ) -> pd.DataFrame: ...

    @overload
    def sweep(
        self,
        cases: pd.DataFrame | str | Path | Iterable[Mapping[str, Any]],
        collect: str | Sequence[str],
        file: str | Path,
        *,
        inputs: Sequence[str] | None = ...,
        on_case: Callable[[CaseOutcome], None] | None = ...,
        charts: str | None = ...,
        studies: Sequence[int | StudyBase] = ...,
        resume: bool = ...,
        retry_failed: bool = ...,
        overwrite: bool = ...,
        fail_fast: bool = ...,
        timeout_s: float | None = ...,
        interval_s: float | None = ...,
        max_outage_s: float = ...,
        progress: bool = ...,
        dry_run: Literal[True],
    ) -> SweepPlan: ...

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
        retry_failed: bool = False,
        overwrite: bool = False,
        fail_fast: bool = False,
        timeout_s: float | None = None,
        interval_s: float | None = None,
        max_outage_s: float = 300.0,
        progress: bool = True,
        dry_run: bool = False,
    ) -> pd.DataFrame | SweepPlan:
        """Run cases and collect outputs, then restore and verify the original values of the study.

        Parameters
        ----------
        cases
            A DataFrame, or a .csv, .xlsx or .parquet file: a row per case, a column per parameter, and optionally
            ``case``, the names. Without that column, an index of a DataFrame without a name has the names, unless it is
            0, 1, 2 and so on. An empty cell keeps the original value, and a ``Path`` is a table. Or an iterator of such
            dicts: the next one is taken when a study is free, after ``on_case`` got the outcomes so far.
        collect
            The keys of outputs. ``KEY.ENTRY`` is one entry of a dict.
        file
            The file of the results (.csv, .json, .md, .parquet, .xlsx). Tables and the progress log go to the folder
            with suffix ``.d`` beside it.
        inputs
            The parameters that the cases of an iterator set. By default, they are those of the first case.
        on_case
            A function that is called with the outcome of each case.
        charts
            A glob for the titles of charts to save.
        studies
            Copies that share the work. By default, the study itself runs all cases.
        resume
            Continue an interrupted sweep of a table.
        retry_failed
            Continue a sweep of a table, and run its failed cases again. If it was complete, set ``overwrite``, too.
        overwrite
            Replace existing results. Without ``resume`` and ``retry_failed``, all cases run again.
        fail_fast
            Raise ``RunFailed`` at the first failed case. Otherwise it is a row, with a warning.
        timeout_s, interval_s, max_outage_s, progress
            As in ``watch``; times in seconds.
        dry_run
            Only validate a sweep of a table, as ``calc sweep --dry-run`` does. Nothing is changed.

        Returns
        -------
        pandas.DataFrame
            Index ``case``. Columns: those of the cases, ``status``, ``cause`` of a failure, and the outputs; a table
            is the name of its file.
        SweepPlan
            With ``dry_run``: the number of runs, and how long they take.

        Raises
        ------
        InvalidValue
            A cell is invalid. For a table, no case was run.
        NotFound
            A parameter, an output or an entry does not exist.
        Interrupted
            Ctrl-C was pressed. As after all errors, the values are restored, and ``result`` of the error has the cases
            that ended.

        """
        keys, numbers = (collect,) if isinstance(collect, str) else tuple(collect), _numbers(studies or [self])
        resumes = resume or retry_failed
        options = WatchOptions(timeout_s, interval_s, max_outage_s=max_outage_s, heartbeat_s=0.0)
        with self._opened() as app, self._scope.progress(enabled=progress) as show:
            source, results = _source(app, cases, inputs, resume=resumes, dry_run=dry_run), at_home(file)
            _check(keys, results, overwrite=overwrite or resumes)
            request = SweepRequest(
                self._number, source, keys, charts, results, numbers, resumes, overwrite, fail_fast, retry_failed
            )
            if dry_run:
                return plan_sweep(app.context, request, options)
            return _sweep(request, options, _Observer(app, on_case, show))


def _numbers(studies: Sequence[int | StudyBase]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(study.number if isinstance(study, StudyBase) else study for study in studies))


def _source(
    app: App,
    cases: pd.DataFrame | str | Path | Iterable[Mapping[str, Any]],
    inputs: Sequence[str] | None,
    *,
    resume: bool,
    dry_run: bool,
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
    if dry_run:
        raise UsageError(
            "a sweep of an iterator has no dry run, because its cases are not known before",
            hint="use a DataFrame of all cases",
        )
    return case_stream(cases, inputs, new_file)


def _is_table(cases: pd.DataFrame | Iterable[Mapping[str, Any]]) -> TypeGuard[pd.DataFrame]:
    # `isinstance` would need an import of pandas, which takes half a second. A Series has no columns.
    return hasattr(cases, "to_csv") and hasattr(cases, "columns")


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


def _check(keys: Sequence[str], results: Path, *, overwrite: bool) -> None:
    """Reject a sweep without outputs. A sweep takes hours, so reject a bad result file before it, too."""
    if not keys:
        raise UsageError(
            "a sweep needs at least one output to collect", hint='for example collect="Damage.total_damage"'
        )
    results_file(results, overwrite=overwrite)


def _sweep(request: SweepRequest, options: WatchOptions, observer: _Observer) -> pd.DataFrame:
    """Run a sweep, write the result file, and return the results."""
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
        A cell has a type that a file of cases cannot represent, two columns have the same name, or the index cannot
        name the cases.

    """
    if isinstance(cases, str | Path):
        return at_home(cases)
    if cases.index.nlevels > 1:
        raise InvalidValue("cases: the index has several levels", hint="make them columns with `reset_index()`")
    index_name = cases.index.name
    names = [str(name) for name in (*([] if index_name is None else [index_name]), *cases.columns)]
    if duplicates := [name for name in names if names.count(name) > 1]:
        raise InvalidValue(f"cases: two columns have the name {duplicates[0]}", hint="remove one of the two columns")
    table = cases.reset_index() if index_name is not None else cases
    columns = {str(name): _cells(table.iloc[:, position], str(name)) for position, name in enumerate(table.columns)}
    if NAMES.isdisjoint(columns):
        # Empty rows of a CSV file are skipped. A name keeps an empty row of a DataFrame as a case.
        columns[NAME] = _case_names(table)
    path = new_file()
    # The type of the argument, so that this module need not import pandas.
    type(table)(columns, dtype=object).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def _case_names(table: pd.DataFrame) -> list[str]:
    """Return the names of cases from an index without a name. An index 0, 1, 2 and so on only counts the rows."""
    index = table.index.tolist()
    if table.index.name is not None or index == list(range(len(index))):
        return [str(number) for number in range(1, len(table) + 1)]
    hint = "use unique texts or numbers, or number the cases with `reset_index(drop=True)`"
    for value in index:
        is_name = isinstance(value, str | int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - nan
        if not is_name or not str(value).strip():
            raise InvalidValue(f"cases: {value!r} in the index is not the name of a case", hint=hint)
    names = [str(value).strip() for value in index]
    if duplicates := [name for name, count in Counter(names).items() if count > 1]:
        raise InvalidValue(f"cases: the index has {duplicates[0]!r} more than once", hint=hint)
    return names


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
