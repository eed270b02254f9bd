"""``sostrades param set``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import ASSIGNMENT, UNIT

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.operations.param.assignments import Requested
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param set 21 dice.Macro.gamma=0.25",
        "sostrades param set 21 Macro.targets='[1.0, 2.5]' Macro.use_damage=no",
        "sostrades param set 21 Macro.gamma=+10% Macro.shares.coal=0.5 --message 'high growth'",
        "sostrades param set 21 Macro.population=@population.csv",
        "sostrades param set 21 --from changes.toml --dry-run",
    ],
    interrupted="sostrades param history {studies}",
    remains="the change may have been made",
    one_of=("assignments", "file"),
)
@study_argument
@click.argument("assignments", nargs=-1, type=ASSIGNMENT, metavar="[KEY=VALUE]...")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read changes from a file (- for standard input).",
)
@click.option("--unit", type=UNIT, metavar="UNIT", help="Expected unit of the parameter; any other is an error.")
@change_options("Change the study even during a run; its result is lost.")
def command(
    app: App,
    study: int,
    assignments: tuple[str, ...],
    file: Path | None,
    unit: str | None,
    options: ChangeOptions,
) -> Rows:
    """Set parameters and verify the result.

    VALUE is converted to the type of the parameter: 12.5, true, a text, '[1.0, 2.0]' for a list, '{"a": 1.0}' for a
    dict. KEY=@FILE.csv or KEY=@FILE.xlsx#SHEET sends a table, KEY=@@home the text `@home`. KEY:=JSON is read as JSON
    for every type. If the first argument has no `=`, the arguments are pairs: KEY VALUE KEY VALUE.

    KEY=+10%, KEY=-5% and KEY*=1.1 change an int or a float relative to its value, but not in files. KEY=+1 is the
    number 1. KEY.ENTRY=VALUE sets one entry of a dict and keeps the others, unless a parameter has that name.

    --from FILE reads changes from TOML or JSON, or from CSV or Excel with the columns key,value[,unit]. A relative
    @FILE.csv starts at the folder of FILE. In TOML, the line `gamma = 0.5` in the section `[Macro]` sets Macro.gamma.
    The section `[Macro.coeffs]` is the whole value of Macro.coeffs, if that is a dict: other entries are removed. FILE
    can also be the output of `study load`, with -F json or -o FILE.xlsx: inputs in it that differ are set, except
    tables.

    All changes are validated before anything is sent, and read back afterwards. Unchanged values are skipped.
    `sostrades param undo` reverts the change. With -v, --dry-run also shows the requests.

    --force also allows a different unit, a new entry of a dict, elements of another kind than the present ones in a
    list or a dict, and a table that is empty or does not have all columns of the current table. Further columns need no
    --force.
    """
    from sostrades_cli.operations.changes import set_parameters
    from sostrades_cli.operations.param.assignments import read_assignments
    from sostrades_cli.views.changes import change_rows

    requested: list[Requested] = [*read_assignments(assignments)]
    if file is not None:
        from sostrades_cli.operations.param.assignment_files import read_file

        requested += read_file(file, app.runtime.stdin)
    return change_rows(
        set_parameters(app.context, study, requested, options, unit=unit),
        verbose=app.notes.verbose,
        own_name=app.cache.name(study),
    )
