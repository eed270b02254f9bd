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
    remains="the changes may have been made",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@study_argument
@change_options("Change the study even during a run; its result is lost.")
@click.option("--ours", is_flag=True, help="If both changed, use the value of the files.")
@click.option("--theirs", is_flag=True, help="If both changed, keep the value on the server.")
@click.option("--skip-files", is_flag=True, help="Skip tables, if the server does not accept files.")
def command(
    app: App, folder: Path, study: int, options: ChangeOptions, ours: bool, theirs: bool, skip_files: bool
) -> Rows:
    """Apply exported files to a study.

    Only differences are sent, and then verified. Parameters that you removed from the files are left alone. If a value
    was changed on the server since the export, nothing is sent (exit 8): choose --ours or --theirs. If the server
    cannot take a table, nothing is sent either (exit 7), unless you give --skip-files.

    --force also allows tables that are empty or have other columns.
    """
    choice = ConflictChoice(ours, theirs, skip_files)
    return change_rows(apply_folder(app.context, folder, study, choice, options), show=app.shows_results)
