"""``sostrades param set``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import ASSIGNMENT

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.operations.param.assignments import Assignment, LoadedValues, Table
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param set 21 dice.Macro.gamma=0.25",
        "sostrades param set 21 Macro.targets='[1.0, 2.5]' Macro.use_damage=no",
        "sostrades param set 21 dice.Macro.population=@population.csv",
        "sostrades param set 21 --from changes.toml --dry-run",
    ],
    interrupted="sostrades param history {studies}",
)
@study_argument
@click.argument("assignments", nargs=-1, type=ASSIGNMENT, metavar="[KEY=VALUE]...")
@click.option("--from", "file", type=click.Path(path_type=Path), metavar="FILE", help="More: .toml, .json, .csv, or -.")
@click.option("--unit", metavar="U", help="The unit you mean; refused if it is not the declared one.")
@change_options("; with any unit; with a table that is empty or has other columns")
def command(
    app: App,
    study: int,
    assignments: tuple[str, ...],
    file: Path | None,
    unit: str | None,
    options: ChangeOptions,
) -> Rows:
    """Set parameters: typed, sent once, verified.

    VALUE is read by the parameter's declared type: 12.5, true, a text, '[1.0, 2.0]' for a list, '{"a": 1.0}' for
    a dict; KEY:=JSON is JSON whatever the type; KEY=@FILE.csv sends a table. Write a text that begins with @ as @@.

    --from FILE takes the same from TOML, JSON or CSV (columns key,value[,unit]). @FILE.csv is a file beside it. In
    TOML, `gamma = 0.5` below `[Macro]` sets Macro.gamma; if Macro.coeffs is a dict, `[Macro.coeffs]` is its value. Of
    the output of `study load -F json`, inputs that differ are set, except tables, which it does not have.

    All values go in one request, all files in one before it; both are read back and compared. Unchanged values are
    not sent. `sostrades param undo` reverts the change. In a pipe the changes are notes on standard error, unless -F
    asks for them.
    """
    from sostrades_cli.operations.changes import set_parameters  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.param.assignments import read_assignment, read_file  # noqa: PLC0415
    from sostrades_cli.views.changes import change_rows  # noqa: PLC0415

    wanted: list[Assignment | Table | LoadedValues] = [read_assignment(words) for words in assignments]
    wanted += read_file(file, app.runtime.stdin) if file is not None else []
    return change_rows(set_parameters(app.context, study, wanted, options, unit=unit), show=app.shows_results)
