"""A study as files, its copies, its address; and results written into files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, Self

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.dataframes import frame_from
from sostrades_cli.library.python_values import at_once
from sostrades_cli.library.study_base import StudyBase, complete
from sostrades_cli.operations.param.download import download
from sostrades_cli.operations.study.copy import copy
from sostrades_cli.operations.study.snapshot.capture import JOBS
from sostrades_cli.operations.study.snapshot.export import export_study
from sostrades_cli.output.render import RenderOptions, render

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.operations.param.download import DownloadReport
    from sostrades_cli.output.results import Result

PARQUET: Final = "parquet"


class FileMethods(StudyBase):
    """What a study is beyond its server's parameters and runs."""

    def url(self) -> str:
        """Return the link to the study's page.

        Raises
        ------
        ServerFault
            The server has the fault of versions up to 5.3.4: a user's key gets no link.

        Source: ``GET /api/v0/study-case/{study}/url``.

        """
        with self._opened() as app:
            return app.api.studies.url(self._number)

    def copy(self, name: str) -> Self:
        """Copy the study on the server, make the copy's inputs equal to its own, and return the copy.

        Raises
        ------
        NotVerified
            The copy was made (its number is the error's ``study``), but some inputs could not be made the same.
        Refused
            The server copies for the key of a group only.

        Source: ``POST /api/v0/study-case/{study}/copy``.

        """
        with self._opened() as app:
            copied = copy(app.context, self._number, name)
            if copied.failure is not None:
                raise copied.failure
            app.notes.note(copied.note)
            return type(self)(self._door, copied.study)

    def export(self, folder: str | Path, *, outputs: bool = False, overwrite: bool = False, jobs: int = JOBS) -> Path:
        """Write the inputs into a folder, and return it: ``parameters.toml``, ``data/`` and ``manifest.json``.

        An export of a finished study that was interrupted goes on where it stopped. ``outputs`` exports those, too;
        ``jobs`` is how many downloads go on at once, 1 to 8.

        Raises
        ------
        FileConflict
            The folder is in use, and ``overwrite`` is not set.
        ServerFault
            Some parameters could not be read; the rest is in the folder.
        PermissionDenied
            The server withholds inputs from the key of a commenter; the rest is in the folder.

        """
        with self._opened() as app:
            target, progress, jobs = at_home(folder), app.notes.progress, at_once(jobs)
            exported = export_study(
                app.context, self._number, target, progress, outputs=outputs, overwrite=overwrite, jobs=jobs
            )
            if exported.failure is not None:
                raise exported.failure
            app.notes.note(exported.note)
            return target

    def download(
        self,
        folder: str | Path,
        keys: str | Iterable[str] | None = None,
        *,
        match: str | None = None,
        jobs: int = JOBS,
        overwrite: bool = False,
    ) -> pd.DataFrame:
        """Download parameters into a folder, as the server's CSV files, with a ``manifest.json``.

        ``keys`` are parameters as ``get`` takes them, or globs; without them every dataframe, array, list and dict is
        downloaded. ``match`` chooses among these by a glob or a text in the full name. ``jobs`` is how many downloads
        go on at once, 1 to 8.

        Returns a DataFrame with a row for each parameter. Index ``parameter``: full names. Columns: ``state``
        (``saved``, ``no value``, ``failed``), ``file`` (str) and ``bytes`` (Int64), both missing where nothing was
        saved.

        Raises
        ------
        ServerFault, Unreachable
            Some could not be downloaded; the others are in the folder, and the DataFrame is the error's ``result``.
        NotFound, FileConflict
            A key stands for nothing, or none fits; a file exists, and ``overwrite`` is not set. Nothing was written.

        Source: ``POST .../parameter/download``; names as of ``parameters``.

        """
        with self._opened() as app:
            wanted = [keys] if isinstance(keys, str) else [] if keys is None else list(keys)
            if keys is not None and not wanted:
                raise UsageError("no parameter is named", hint="None stands for all tables")
            target, progress, jobs = at_home(folder), app.notes.progress, at_once(jobs)
            report = download(
                app.context, self._number, wanted, target, progress, match=match, jobs=jobs, overwrite=overwrite
            )
            return complete(_download_frame(report), report.failure)


def _download_frame(report: DownloadReport) -> pd.DataFrame:
    table: dict[str, list[Any]] = {
        "parameter": [one.wanted.key for one in report.results],
        "state": [one.state for one in report.results],
        "file": [one.file for one in report.results],
        "bytes": [one.bytes for one in report.results],
    }
    return frame_from(table, index="parameter", types={"bytes": "Int64"})


def write(app: App, result: Result, file: Path) -> None:
    """Write a result into a file, as the command line does: whole, or not at all; its name says the format."""
    form = file.suffix.lower().removeprefix(".")
    nowhere = io.StringIO()
    render(result, RenderOptions(form, nowhere, app.notes, file=file, monotonic=app.runtime.clock.monotonic))
