"""``sostrades study export``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import CASE_VALUES, study_argument
from sostrades_cli.cli.param_types import FOLDER
from sostrades_cli.files.file_formats import XLSX, check_folder_name, ending_of
from sostrades_cli.operations.study.snapshot import capture, export
from sostrades_cli.operations.study.snapshot.model import NO_VALUE, TABLE, UNAVAILABLE, VALUE
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades study export 21 dice",
        "sostrades study export 21 dice --overwrite",
        "sostrades study export 21 results --outputs --xlsx",
    ],
    interrupted="run the same command again to continue",
    tables=False,
)
@study_argument
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--outputs", is_flag=True, help="Include outputs, as far as the server has them.")
@click.option("--xlsx", is_flag=True, help="Add `study.xlsx`, with a sheet per table.")
@click.option("--force", is_flag=True, help=f"Export {CASE_VALUES}.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 8),
    default=capture.JOBS,
    show_default=True,
    metavar="N",
    help="Number of parallel downloads.",
)
def command(app: App, study: int, folder: Path, outputs: bool, xlsx: bool, force: bool, jobs: int) -> Text:
    """Export the inputs of a study as files.

    DIR gets `parameters.toml` with one line per parameter, `data/` with tables and values that TOML cannot hold, and
    `manifest.json`. Names are written without the name of the study. An unchanged study always gives the same files.
    If the export of a finished study is interrupted, run the same command again to continue it.

    With --outputs, DIR also gets `outputs.toml`. After a change, outputs have no values until the next finished run.

    With --xlsx, DIR also gets `study.xlsx` to look at. `study apply` and `study diff` do not read it.

    A user with the role commenter can read all inputs only after a finished run. Before that, the export is incomplete,
    and the exit code is 4.
    """
    check_folder_name(folder, f"sostrades study export {study}{' --xlsx' * (xlsx or ending_of(folder) == XLSX)}")
    exported = export.export_study(
        app.context,
        study,
        folder,
        app.notes.progress,
        outputs=outputs,
        overwrite=app.flags.overwrite,
        jobs=jobs,
        xlsx=xlsx,
        force=force,
    )
    counts = {state.replace(" ", "_"): exported.count(state) for state in (VALUE, TABLE, NO_VALUE)}
    entries = exported.snapshot.items.values()
    missing = [{"key": entry.key, "reason": entry.reason} for entry in entries if entry.state == UNAVAILABLE]
    payload = {"study": study, "folder": str(folder), **counts, "unavailable": missing}
    payload["outdated_outputs"] = exported.snapshot.outdated
    return Text(str(folder), payload, notes=[exported.note], failure=exported.failure, confirms=True)
