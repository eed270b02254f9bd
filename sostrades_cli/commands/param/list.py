"""``sostrades param list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli import framework
from sostrades_cli.operations.listing import choose, name_rows, title
from sostrades_cli.operations.reading import known_parameters
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades param list 21", "sostrades param list 21 --match price -F json"])
@study_argument
@click.option("--match", metavar="GLOB", help="Only names that fit a glob, or hold this text.")
@click.option("--all", "everything", is_flag=True, help="Solver settings too.")
def command(app: App, study: int, match: str | None, everything: bool) -> Rows:
    """List names, types and units.

    On a server whose load route is broken, and for a study that has not finished, these are the names seen before.
    """
    chosen = choose(known_parameters(app.server, study), match=match, everything=everything)
    return name_rows(chosen, title(app.server, study, chosen))
