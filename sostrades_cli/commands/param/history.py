"""``sostrades param history``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.local.journal import Journal
from sostrades_cli.views.parameters import history_rows

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades param history 21",
        "sostrades param history 21 --match gamma",
        "sostrades param history 21 -F json",
    ]
)
@study_argument
@click.option("--match", metavar="GLOB", help="Only parameters that fit a glob, or hold this text.")
def command(app: App, study: int, match: str | None) -> Rows:
    """List the changes made from here.

    One row for each parameter that a `set`, `reset`, `apply`, `undo` or `sweep` of this account and machine changed,
    the last ones last. Nothing is asked of the server. An outcome `begun` was cut off before its end: whether the
    change arrived, `sostrades param get` tells. `in doubt` was not verified.
    """
    return history_rows(Journal(app.folders.state, app.host, study).entries(), match)
