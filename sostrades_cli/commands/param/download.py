"""``sostrades param download``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import FOLDER, KEY
from sostrades_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.operations.param.download import DownloadResult
    from sostrades_cli.output.results import Rows, Stream
    from sostrades_cli.output.text import TextCell


@framework.command(
    examples=[
        "sostrades param download 21 dice.Macro.population -o population.csv",
        "sostrades param download 21 --all -d tables",
        "sostrades param download 21 '*.Damage.*' -d damage --jobs 8",
    ],
    endings=["csv"],
    interrupted="give the command again, with --overwrite where it is into -d DIR",
)
@study_argument
@click.argument("keys", nargs=-1, type=KEY, metavar="[KEY]...")
@click.option("-d", "--dir", "folder", type=FOLDER, metavar="DIR", help="Folder for one CSV file per KEY.")
@click.option("--all", "everything", is_flag=True, help="Every dataframe, array, list and dict.")
@click.option(
    "--jobs", type=click.IntRange(1, 8), default=4, metavar="N", help="Requests at once, 1 to 8; 4 unless said."
)
def command(
    app: App, study: int, keys: tuple[str, ...], folder: Path | None, everything: bool, jobs: int
) -> Rows | Stream:
    """Download parameters as the server's CSV files.

    One KEY goes to standard output, or to -o FILE. Several (also by glob), or --all, go into -d DIR, one file
    each, with a manifest. A parameter without a value is only listed, and so is one that the server cannot write as CSV
    (an array of two dimensions), unless it is named; exit 7 if one failed. The files are the
    server's to the last byte, unless --safe-csv makes them safe for a spreadsheet.
    """
    if everything == bool(keys):
        raise UsageError("either name parameters or give --all", hint=f"sostrades param list {study}", study=study)
    if folder is None:
        return _one(app, study, keys, everything=everything)
    if app.flags.output is not None:
        raise UsageError("-o is for one parameter, -d for several", hint="leave one of them away")
    from sostrades_cli.operations.param.download import download  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.output.results import Rows  # noqa: PLC0415

    flags, progress = app.flags, app.notes.progress
    report = download(
        app.context, study, keys, folder, progress, jobs=jobs, overwrite=flags.overwrite, safe_csv=flags.safe_csv
    )
    rows = [(result.wanted.key, _state(result), result.file, result.bytes) for result in report.results]
    return Rows(("parameter", "state", "file", "bytes"), rows, failure=report.failure)


def _state(result: DownloadResult) -> TextCell:
    from sostrades_cli.output.text import TextCell  # noqa: PLC0415 - start-up

    state = result.state
    return TextCell(state, "cannot be read by this server" if state == "unreadable" else state)


def _one(app: App, study: int, keys: tuple[str, ...], *, everything: bool) -> Stream:
    if everything or len(keys) > 1:
        raise UsageError("several parameters need a folder", hint="add -d DIR")
    if app.flags.query is not None or app.flags.format not in {None, "csv"}:
        form = "JSON" if app.flags.query is not None else app.flags.format
        raise UsageError(f"a single parameter is the server's CSV, not {form}", hint="sostrades param get -F json")
    from sostrades_cli.operations.param.download_keys import open_one  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.output.results import Stream  # noqa: PLC0415

    options = {"safe_csv": app.flags.safe_csv, "exact": app.flags.output is not None}
    return Stream(lambda: open_one(app.context, study, keys[0], **options), app.api.session.repeat)
