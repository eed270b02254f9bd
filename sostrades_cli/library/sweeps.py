"""Sweeps: tables of cases that one or more studies run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import InvalidValue, UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.dataframes import frame_from, with_notes
from sostrades_cli.library.files import write
from sostrades_cli.library.python_values import plain_value
from sostrades_cli.library.study_base import StudyBase
from sostrades_cli.operations.calc.monitor import WatchOptions
from sostrades_cli.operations.calc.sweep.case_rows import NAME, NAMES
from sostrades_cli.operations.calc.sweep.prepare import SweepRequest
from sostrades_cli.operations.calc.sweep.results import results_file
from sostrades_cli.operations.calc.sweep.run import run_sweep
from sostrades_cli.operations.param.assignments import file_named
from sostrades_cli.output.text import with_article
from sostrades_cli.views.sweep import sweep_rows
from sostrades_cli.views.sweep_progress import progress_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from sostrades_cli.app import App


class SweepMethods(StudyBase):
    """Methods of a study for sweeps."""

    def sweep(
        self,
        cases: pd.DataFrame | str | Path,
        collect: str | Sequence[str],
        file: str | Path,
        *,
        charts: str | None = None,
        studies: Sequence[int | StudyBase] = (),
        resume: bool = False,
        overwrite: bool = False,
        fail_fast: bool = False,
        timeout_s: float | None = None,
        interval_s: float | None = None,
    ) -> pd.DataFrame:
        """Run a table of cases and collect outputs, then restore and verify the original values of the study.

        ``cases`` is a DataFrame, or a .csv, .xlsx or .parquet file, with a row per case and a column per parameter. A
        column or index ``case`` or ``scenario_name`` names the cases. An empty cell keeps the original value; a
        ``Path`` is a table. If there is a column ``selected_scenario``, as samplers write it, only selected rows run.
        ``collect`` has the keys of outputs, ``charts`` a glob for chart titles. The results go to ``file`` (.csv,
        .json, .md, .parquet, .xlsx); tables, charts and the progress log go to the folder with suffix ``.d`` beside it.
        ``studies`` are copies that share the work. ``resume`` continues an interrupted sweep. Times, in seconds, are as
        in ``watch``.

        Returns a DataFrame. Index ``case`` (str). Columns: the columns of the cases, ``status`` (``FINISHED``,
        ``FAILED``), ``cause`` (missing for a successful case) and the collected outputs; a table is the name of its
        file. A failed case is a row, with a warning; with ``fail_fast`` it raises ``RunFailed``. An invalid cell raises
        ``InvalidValue`` before the first run. Ctrl-C raises ``Interrupted`` after the original values are restored.
        """
        with self._opened() as app:
            table = cases_file(cases, app.context.temp_folder.path)
            keys = (collect,) if isinstance(collect, str) else tuple(collect)
            target, numbers = (
                at_home(file),
                [study.number if isinstance(study, StudyBase) else study for study in studies],
            )
            helpers = tuple(dict.fromkeys(numbers)) or (self._number,)
            request = SweepRequest(self._number, table, keys, charts, target, helpers, resume, overwrite, fail_fast)
            return _sweep(app, request, WatchOptions(timeout_s, interval_s))


def _sweep(app: App, request: SweepRequest, options: WatchOptions) -> pd.DataFrame:
    """Run a sweep, write the result file, and return the results."""
    if not request.collect:
        raise UsageError(
            "a sweep needs at least one output to collect", hint='for example collect="Damage.total_damage"'
        )
    # A sweep takes hours, so reject a bad result file before it.
    results_file(request.results, overwrite=request.overwrite or request.resume)
    report = run_sweep(app.context, request, options, lambda runner: progress_of(app, runner))
    if not report.is_written:
        write(app, sweep_rows(report), request.results)
    if report.failure is not None:
        # A failed case is data for the caller, not an exception.
        app.notes.warning(f"{report.failure.message}: {report.failure.detail}")
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
