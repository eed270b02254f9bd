"""``sostrades calc status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.param_types import STUDY
from sostrades_cli.operations.calc.status import read_statuses
from sostrades_cli.views.run_status import status_rows

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(examples=["sostrades calc status 21", "sostrades calc status 21 22 -F json"])
@click.argument("studies", nargs=-1, required=True, type=STUDY, metavar="STUDY...")
def command(app: App, studies: tuple[int, ...]) -> Rows:
    """Show the current state of runs.

    With -F json, one study gives the server's own object, and several studies give a list. The exit code is 0 if all
    studies could be read, even if a run failed.
    """
    report = read_statuses(app.api.calculations, studies)
    return status_rows(report.states, several=len(studies) > 1, failure=report.failure)
