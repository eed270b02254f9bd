"""``sostrades study apply``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import change_options, study_argument
from sostrades_cli.cli.param_types import FOLDER, known_studies
from sostrades_cli.operations.study.snapshot.apply import ConflictChoice, apply_folder
from sostrades_cli.operations.study.study_argument import is_study_first
from sostrades_cli.views.changes import change_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeOptions
    from sostrades_cli.output.results import Rows


class EitherOrder(click.Argument):
    """The folder. With the study in front of it, as in ``study export``, the two are exchanged."""

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Exchange the two words if the order is clear, before click converts them."""
        folder, study = opts.get("folder"), opts.get("study")
        if isinstance(folder, str) and isinstance(study, str) and is_study_first(folder, study, known_studies(ctx)):
            # click passes a dict, and declares it as a read-only mapping.
            cast("dict[str, Any]", opts).update(folder=study, study=folder)
        return super().handle_parse_result(ctx, opts, args)


@framework.command(
    examples=[
        "sostrades study apply dice 21 --dry-run",
        "sostrades study apply dice 21 --yes",
        "sostrades study apply dice my-copy --skip-files",
    ],
    interrupted="sostrades param history {studies}",
    remains="the changes may have been made",
)
@click.argument("folder", cls=EitherOrder, metavar="DIR", type=FOLDER)
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

    STUDY can also be given before DIR, unless it is also the name of a folder.

    --force also allows a table that is empty or does not have all columns of the current table.
    """
    choice = ConflictChoice(ours, theirs, skip_files)
    return change_rows(
        apply_folder(app.context, folder, study, choice, options),
        verbose=app.notes.verbose,
        own_name=app.cache.name(study),
    )
