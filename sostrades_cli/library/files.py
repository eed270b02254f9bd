"""Methods that copy, export and download a study, and the writer of result files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Self

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


class FileMethods(StudyBase):
    """Methods of a study for its link, its copies and its files."""

    def url(self) -> str:
        """Return the link to the web page of the study.

        Raises
        ------
        ServerFault
            The server does not create links for user keys (a known bug up to 5.3.4).

        Source: ``GET /api/v0/study-case/{study}/url``.

        """
        with self._opened() as app:
            # Kept for the HTML card of the study.
            link = self._scope.links[self._number] = app.api.studies.url(self._number)
            return link

    def copy(self, name: str, *, force: bool = False) -> Self:
        """Copy the study on the server, set the copy's inputs to the values of this study, and return the copy.

        While a sweep runs, or after it was interrupted, ``force`` copies the values of a case.

        Raises
        ------
        NotVerified
            The copy exists (``study`` of the error is its number), but some of its inputs still differ.
        Refused
            The server copies studies only for group keys, or the study has the values of a case.
        Interrupted
            Ctrl-C was pressed when the copy existed already (``study`` of the error is its number).

        Source: ``POST /api/v0/study-case/{study}/copy``.

        """
        with self._opened() as app:
            copied = copy(app.context, self._number, name, force=force)
            if copied.failure is not None:
                raise copied.failure
            app.notes.inform(copied.note)
            # Keep the class of the caller, which may be a subclass.
            return type(self)(self._scope, copied.study)

    def export(
        self,
        folder: str | Path,
        *,
        outputs: bool = False,
        overwrite: bool = False,
        jobs: int = JOBS,
        xlsx: bool = False,
        force: bool = False,
    ) -> Path:
        """Export the inputs into a folder and return the folder.

        The folder contains ``parameters.toml``, ``data/`` and ``manifest.json``. ``outputs`` adds the outputs, after
        a change without values until the next finished run. ``xlsx`` adds ``study.xlsx``, a sheet of all parameters and
        one per table. ``jobs`` is the number of parallel downloads, 1 to 8. An interrupted export of a finished study
        continues at the first missing file. While a sweep runs, or after it was interrupted, ``force`` exports the
        values of a case.

        Raises
        ------
        Refused
            The study has the values of a case.
        FileConflict
            The folder is in use, and ``overwrite`` is not set.
        ServerFault
            Some parameters could not be read. The others are in the folder.
        PermissionDenied
            The server withholds inputs from the key of a commenter. The others are in the folder.

        """
        with self._opened() as app:
            target, progress, jobs = at_home(folder), app.notes.progress, at_once(jobs)
            options = {"outputs": outputs, "overwrite": overwrite, "xlsx": xlsx, "force": force}
            exported = export_study(app.context, self._number, target, progress, jobs=jobs, **options)
            if exported.failure is not None:
                raise exported.failure
            app.notes.inform(exported.note)
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
        """Download parameters into a folder, as the CSV files of the server, with a ``manifest.json``.

        ``keys`` are parameters as for ``get``, or globs [default: every dataframe, array, list and dict]. ``match``
        selects from these by a glob or by a part of the full name. ``jobs`` is the number of parallel downloads,
        1 to 8.

        Returns a DataFrame with a row for each parameter. Index ``parameter``: full names. Columns: ``state``
        (``saved``, ``no value``, ``failed``), ``file`` (str) and ``bytes`` (Int64), both missing without a file.

        Raises
        ------
        ServerFault, Unreachable
            Some downloads failed. The others are in the folder, and ``result`` of the error is the DataFrame.
        NotFound, FileConflict
            A key or ``match`` matches no parameter, or a file exists without ``overwrite``. Nothing was written.

        Source: ``POST .../parameter/download``; names as for ``parameters``.

        """
        with self._opened() as app:
            requested = [keys] if isinstance(keys, str) else [] if keys is None else list(keys)
            if keys is not None and not requested:
                # An empty list is probably a bug of the caller, and must not download everything.
                raise UsageError("expected at least one key", hint="use keys=None to download all tables")
            target, progress, jobs = at_home(folder), app.notes.progress, at_once(jobs)
            report = download(
                app.context, self._number, requested, target, progress, match=match, jobs=jobs, overwrite=overwrite
            )
            return complete(_download_frame(report), report.failure)


def _download_frame(report: DownloadReport) -> pd.DataFrame:
    table: dict[str, list[Any]] = {
        "parameter": [result.request.key for result in report.results],
        "state": [result.state for result in report.results],
        "file": [result.file for result in report.results],
        "bytes": [result.bytes for result in report.results],
    }
    return frame_from(table, index="parameter", types={"bytes": "Int64"})


def write(app: App, result: Result, file: Path) -> None:
    """Write a result atomically into a file, in the format of its suffix."""
    format_name = file.suffix.lower().removeprefix(".")
    # The renderer needs a stream, but a result with a file writes nothing to it.
    stdout = io.StringIO()
    render(result, RenderOptions(format_name, stdout, app.notes, output=file, monotonic=app.runtime.clock.monotonic))
