"""``sostrades param download``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import FOLDER, KEY
from sostrades_cli.errors import UsageError
from sostrades_cli.files.file_formats import XLSX, check_folder_name, format_of
from sostrades_cli.system import shell_quoted

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows
    from sostrades_cli.output.streams import Stream, Workbook


@framework.command(
    examples=[
        "sostrades param download 21 dice.Macro.population -o population.csv",
        "sostrades param download 21 --all -d tables",
        "sostrades param download 21 --all -o tables.xlsx",
        "sostrades param download 21 '*.Damage.*' -d damage --jobs 8",
    ],
    endings=["csv", "xlsx"],
    interrupted="run the same command again, with --overwrite if you gave -d",
    one_of=("keys", "everything"),
)
@study_argument
@click.argument("keys", nargs=-1, type=KEY, metavar="[KEY]...")
@click.option("-d", "--dir", "folder", type=FOLDER, metavar="DIR", help="Folder for one CSV file per parameter.")
@click.option("--all", "everything", is_flag=True, help="Download all dataframes, arrays, lists and dicts.")
@click.option(
    "--jobs", type=click.IntRange(1, 8), default=4, show_default=True, metavar="N", help="Number of parallel requests."
)
def command(
    app: App, study: int, keys: tuple[str, ...], folder: Path | None, everything: bool, jobs: int
) -> Rows | Stream | Workbook:
    """Download parameters as CSV files.

    One KEY is written to standard output, or to -o FILE. Several keys, a pattern such as '*.Damage.*', or --all need -d
    DIR, which gets one file per parameter and a manifest. Files are the server's own, byte for byte, unless you give
    --safe-csv. With -o FILE.xlsx, each parameter gets a sheet, and the first sheet lists them.

    At a terminal, -v lists the files. A parameter without a value gets no file. An array that the server cannot write
    as CSV gets no file, either; this is an error only if you give its name. Exit 7 if a download failed.
    """
    if everything == bool(keys):
        raise UsageError("expected either KEYs or --all", hint=f"use --all, or KEYs of `sostrades param list {study}`")
    if folder is None and app.flags.output is not None and format_of(app.flags.output) == XLSX:
        return _sheets(app, study, keys, jobs)
    if folder is None:
        return _one(app, study, keys, everything=everything)
    if app.flags.output is not None:
        raise UsageError("only one of -o and -d works", hint="use -o for one parameter, -d for several", study=study)
    words = "--all" if everything else " ".join(map(shell_quoted, keys))
    check_folder_name(folder, f"sostrades param download {study} {words} -d")
    from sostrades_cli.operations.param.download import download
    from sostrades_cli.views.downloads import download_rows

    flags, progress = app.flags, app.notes.progress
    report = download(
        app.context, study, keys, folder, progress, jobs=jobs, overwrite=flags.overwrite, safe_csv=flags.safe_csv
    )
    # A long list of files would hide the errors above it.
    return download_rows(report, app.cache.name(study), listed=flags.verbose or flags.format == "table")


def _sheets(app: App, study: int, keys: tuple[str, ...], jobs: int) -> Workbook:
    if app.flags.query is not None:
        raise UsageError("--query does not work with an Excel file", hint="leave out --query", study=study)
    from sostrades_cli.operations.param.download import download
    from sostrades_cli.views.downloads import download_sheets

    # The sheets are made of the files, which are removed at the end.
    folder = app.context.temp_folder.path("")
    report = download(app.context, study, keys, folder, app.notes.progress, jobs=jobs, overwrite=False)
    if report.failure is not None and not any(result.sha256 for result in report.results):
        raise report.failure
    return download_sheets(report, app.cache.name(study))


def _one(app: App, study: int, keys: tuple[str, ...], *, everything: bool) -> Stream:
    if everything or len(keys) > 1:
        raise UsageError("several parameters need a folder", hint="add -d DIR", study=study)
    form = "JSON" if app.flags.query is not None else app.flags.format
    if form not in {None, "csv"}:
        raise UsageError(f"a download is CSV, not {form}", hint=f"sostrades param get {study} KEY -F json", study=study)
    from sostrades_cli.operations.param.download_keys import open_one
    from sostrades_cli.output.streams import Stream

    options = {"safe_csv": app.flags.safe_csv, "exact": app.flags.output is not None}
    return Stream(lambda: open_one(app.context, study, keys[0], **options), app.api.session.repeat)
