"""``sostrades calc design``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.calc.design.samplers import LHS, METHODS
from sostrades_cli.output.results import Rows, TerminalTable, Text

if TYPE_CHECKING:
    from sostrades_cli.app import App

PREVIEW: Final = 5


@framework.command(
    examples=[
        "sostrades calc design 21 space.toml --init",
        "sostrades calc design 21 space.toml -n 16 --seed 1 -o lhs.csv",
        "sostrades calc design 21 space.toml --method saltelli -n 8 --seed 1 -o saltelli.csv",
        "sostrades calc design 21 space.toml --method grid -n 3 -o grid.csv",
    ],
    formats=["csv"],
)
@study_argument
@click.argument("space", metavar="SPACE.toml", type=click.Path(path_type=Path))
@click.option("--init", is_flag=True, help="Write SPACE.toml from the study, for editing.")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=LHS,
    show_default=True,
    metavar="METHOD",
    help="Use grid, lhs, sobol, halton, morris, saltelli or oat.",
)
@click.option("-n", "n", type=click.IntRange(min=1), metavar="N", help="Number of rows, levels or samples, as above.")
@click.option(
    "--seed", type=click.IntRange(1, 2**32 - 1), metavar="N", help="Repeat a design. Otherwise, the seed is random."
)
def command(app: App, study: int, space: Path, init: bool, method: str, n: int | None, seed: int | None) -> Rows | Text:
    """Create a table of cases for calc sweep.

    Each line of SPACE.toml is a parameter with a range, a list of choices or a distribution. --init writes the file
    from the study. A parameter without fields (`{}`) takes the range or the choices of the study.

    -n is the number of rows for lhs, sobol and halton, of levels of each parameter for grid and oat (one at a time),
    of trajectories for morris, and the base sample for saltelli. Methods except grid and oat need the extra `design`,
    and so do distributions.

    A sweep takes cases.csv as it is. The file cases.design.json beside it records the method, the seed, the versions
    of the libraries and the space.
    """
    from sostrades_cli.operations.calc.design import initial_space, table

    if init:
        initial_space.require_alone(app.flags.output, n, seed)
        written = initial_space.write_initial_space(app.context, study, space, overwrite=app.flags.overwrite)
        payload = {"study": study, "file": str(written.file)}
        return Text(str(written.file), payload, notes=[written.note], confirms=True)
    cases = table.cases_file(app.flags.file, safe_csv=app.flags.safe_csv)
    request = table.DesignRequest(study, space, cases, method, n, seed, app.flags.overwrite)
    design = table.make_design(app.context, request)
    preview = TerminalTable(design.columns, design.rows).first(PREVIEW)
    return Rows(design.columns, design.rows, notes=design.notes, preview=preview)
