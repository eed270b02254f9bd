"""Sweeps: tables of cases that a study runs, one after the other."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home, check_target
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
    """What a study computes for tables of cases."""

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
        """Run a table of cases and collect outputs; at the end the study has its own values again, verified.

        ``cases`` is a DataFrame or a CSV file: a row for each case, a column for each parameter; a column or an index
        ``case`` or ``scenario_name`` names them; a cell without a value is the study's own, a ``Path`` a table. Of
        rows with a column ``selected_scenario``, as samplers make it, only the selected ones run. ``collect`` are the
        keys of outputs, ``charts`` a glob of titles. Results are kept in ``file`` (.csv, .json, .parquet), tables,
        charts and the record beside it in a folder ``.d``. Copies of the study, ``studies``, share the work.
        ``resume`` goes on with a sweep that was cut off. Times, in seconds, as of ``watch``.

        Returns a DataFrame: index ``case`` (str), columns of the cases, ``status`` (``FINISHED``, ``FAILED``),
        ``cause`` (missing where there is none), and what was collected; a table is the name of its file beside
        ``file``. A case that fails is a row, told as a warning; with ``fail_fast`` it raises ``RunFailed``. A cell
        that cannot be set is a ``UsageError`` before the first run; Ctrl-C is ``Interrupted``, when the study has its
        own values again.
        """
        with self._opened() as app:
            table = cases_file(cases, app.context.temp_folder.path)
            keys = (collect,) if isinstance(collect, str) else tuple(collect)
            target, numbers = at_home(file), [one.number if isinstance(one, StudyBase) else one for one in studies]
            helpers = tuple(dict.fromkeys(numbers)) or (self._number,)
            request = SweepRequest(self._number, table, keys, charts, target, helpers, resume, overwrite, fail_fast)
            return _sweep(app, request, WatchOptions(timeout_s, interval_s))


def _sweep(app: App, request: SweepRequest, options: WatchOptions) -> pd.DataFrame:
    """Run a sweep, write its results into their file, and return them."""
    if not request.collect:
        raise UsageError("nothing to collect", hint='for example ["Damage.total_damage"]')
    check_target(results_file(request.results), overwrite=request.overwrite, named=True)
    report = run_sweep(app.context, request, options, lambda runner: progress_of(app.notes, runner))
    write(app, sweep_rows(report), request.results)
    if report.failure is not None:
        app.notes.warning(f"{report.failure.message}: {report.failure.detail}")
    table = {
        "case": [case.name for case in report.cases],
        **{name: [case.inputs[at] for case in report.cases] for at, name in enumerate(report.columns)},
        "status": [case.status for case in report.cases],
        "cause": [case.cause for case in report.cases],
        **{key: [case.outputs[at] for case in report.cases] for at, key in enumerate(report.keys)},
    }
    return with_notes(frame_from(table, index="case"), [report.note])


def cases_file(cases: pd.DataFrame | str | Path, place: Callable[[], Path]) -> Path:
    """Return the file of a table of cases; ``place`` names one for a DataFrame.

    Raises
    ------
    UsageError
        A cell is of no kind that a file of cases can hold.

    """
    if isinstance(cases, str | Path):
        return at_home(cases)
    table = cases.reset_index() if cases.index.name is not None else cases
    columns = {str(name): _cells(table.iloc[:, at], str(name)) for at, name in enumerate(table.columns)}
    if NAMES.isdisjoint(columns):
        # In a file a row without anything is skipped; a row of a DataFrame is a case.
        columns[NAME] = [str(number) for number in range(1, len(table) + 1)]
    path = place()
    type(table)(columns, dtype=object).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return path


def _cells(column: pd.Series, key: str) -> list[str]:
    """Return a column as texts; whole numbers that pandas made floats for a gap among them are whole again."""
    gaps = column.isna().tolist()
    values = [None if gap else plain_value(value, key) for gap, value in zip(gaps, column.tolist(), strict=True)]
    floats = [value for value in values if isinstance(value, float)]
    whole = any(gaps) and column.dtype.kind == "f" and all(math.isfinite(one) and one.is_integer() for one in floats)
    return [_text(int(value) if whole and isinstance(value, float) else value, key) for value in values]


def _text(value: object, key: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Path):
        return f"@{at_home(value).absolute()}"
    if isinstance(value, str):
        # Beside a file of cases is where its tables are; a DataFrame has no place but the current folder.
        file = file_named(value)
        return value if file is None else f"@{at_home(file).absolute()}"
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError as error:
        raise UsageError(
            f"{key}: {with_article(type(value).__name__)} is nothing that a case can set",
            hint="a Path to a CSV file is a table",
        ) from error
