"""``sostrades study apply``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import FOLDER
from sostrades_cli.operations.study.snapshot.apply import ConflictChoice, apply_folder
from sostrades_cli.views.changes import change_rows

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.output.results import Rows


@framework.command(
    examples=[
        "sostrades study apply dice 21 --dry-run",
        "sostrades study apply dice 21 --yes",
        "sostrades study apply dice 31 --skip-files",
    ],
    interrupted="sostrades param history {studies}",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@study_argument
@change_options("; with tables that are empty or have other columns")
@click.option("--ours", is_flag=True, help="Where the server was changed since the export, the files win.")
@click.option("--theirs", is_flag=True, help="Where the server was changed since the export, the server wins.")
@click.option("--skip-files", is_flag=True, help="Leave tables out, for a server that cannot take files.")
def command(
    app: App, folder: Path, study: int, options: ChangeOptions, ours: bool, theirs: bool, skip_files: bool
) -> Rows:
    """Apply exported files to a study.

    Only what differs is sent: tables in one request, then all values in one, both verified. What was removed from
    the files is left alone. A value that was changed on the server since the export is a conflict: exit 8, nothing
    sent. A table that a server cannot take is exit 7 before anything is sent.
    """
    choice = ConflictChoice(ours, theirs, skip_files)
    return change_rows(apply_folder(app.context, folder, study, choice, options), show=app.shows_results)
