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
@click.option("--ours", is_flag=True, help="Replace values that changed on the server since the export.")
@click.option("--theirs", is_flag=True, help="Keep values that changed on the server since the export.")
@click.option("--skip-files", is_flag=True, help="Skip tables, if the server does not accept files.")
def command(
    app: App, folder: Path, study: int, options: ChangeOptions, ours: bool, theirs: bool, skip_files: bool
) -> Rows:
    """Apply exported files to a study.

    Only differences are sent, and then verified. Parameters that you removed from the files keep their values. If a
    value was changed on the server since the export, nothing is sent (exit 8), unless you give --ours or --theirs. If a
    table differs and the server does not accept files, nothing is sent (exit 7), unless you give --skip-files.

    --force also allows a table that is empty or does not have all columns of the current table.
    """
    choice = ConflictChoice(ours, theirs, skip_files)
    return change_rows(
        apply_folder(app.context, folder, study, choice, options),
        verbose=app.notes.verbose,
        own_name=app.cache.name(study),
    )
