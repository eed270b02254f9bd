"""The charts of a study: what there is, the numbers of one, all of them as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import at_home, check_target
from sostrades_cli.files.file_formats import PAGES, check_ending
from sostrades_cli.library.dataframes import frame_from, frame_of_items, with_notes
from sostrades_cli.library.files import write
from sostrades_cli.library.study_base import StudyBase, complete
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.export import ExportedChart, export_charts
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.metadata import ChartSummary, described, summarized
from sostrades_cli.operations.postproc.points import points_of
from sostrades_cli.views.chart_page import page_stream, usual_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart


class ChartMethods(StudyBase):
    """What a study shows in charts."""

    def charts(self, match: str | None = None) -> pd.DataFrame:
        """Return what charts there are, as ``sostrades postproc list`` shows them.

        ``match`` chooses titles, or ``DISCIPLINE/TITLE``, by a glob or a text in them; capitals do not matter.

        Returns a DataFrame with a row for each chart. Index ``number`` (int64), which ``chart`` takes. Columns:
        ``discipline``, ``chart`` (its title), ``section``, ``kind`` (str), ``key`` (bool, missing where no source
        tells it), ``series``, ``points`` (int64), ``source``, ``missing`` (what no source has), ``state``
        (``current``, or why it is not).

        Raises
        ------
        ServerFault
            No source could be read, or the page that has more of them could not; then the charts of the others are
            the error's ``result``.

        Source: read-only mode after a finished run, else post-processing and the server's page, which the server
        computes at every call.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            charts = select.fitting(gathered.charts, match)
            remark(app, gathered)
            summaries = [summarized(one, gathered.state) for one in charts]
            return complete(frame_of_items(ChartSummary, summaries, index="number"), gathered.failure_of(charts))

    def chart(self, chart: str | int) -> pd.DataFrame:
        """Return the points of a chart: its number in ``charts()``, its title, or a part that only one has.

        Returns a DataFrame with a row for each point: ``series`` (str), ``x``, ``y`` (numbers as the server has them,
        nan and inf too, or str), and others for kinds that have them: ``z`` of a heatmap; ``source``, ``target``,
        ``value`` of flows. A table is itself. ``attrs`` has ``title``, ``discipline``, ``kind``, ``axes`` (title, name
        and unit of each) and ``state``.

        Raises
        ------
        NotFound
            There is no such chart.
        UsageError
            More than one fits.
        ServerFault
            The server gave no numbers of it.

        Source: as of ``charts``.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            found = _points(gathered, select.find(gathered, str(chart)))
            remark(app, gathered)
            return found

    def all_charts(self, match: str | None = None) -> dict[int, pd.DataFrame]:
        """Return the points of all charts that fit, by their numbers in ``charts()``, each as ``chart`` returns it.

        The charts are gathered once, where ``chart`` gathers them at every call; ``match`` as of ``charts``.

        Raises
        ------
        ServerFault
            Some have no numbers, or the page that has more charts could not be read; the others are the error's
            ``result``.

        Source: as of ``charts``.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            charts = select.fitting(gathered.charts, match)
            remark(app, gathered)
            found = {one.number: _points(gathered, one) for one in charts if not one.lacks_numbers}
            return complete(found, gathered.failure_of_export(charts))

    def export_charts(
        self, folder: str | Path, as_: str = "csv", *, match: str | None = None, overwrite: bool = False
    ) -> pd.DataFrame:
        """Export charts into a folder, a file for each, with a ``manifest.json``: axes, units, sources, checksums.

        ``as_`` is what each file is: ``csv`` (a row for each point), ``json`` (plotly's figure with its numbers),
        ``html`` (a page that needs no network), ``png`` or ``svg`` (which take the extra ``plots`` and a Chromium).
        ``match`` as of ``charts``. An export that was interrupted goes on where it stopped.

        Returns a DataFrame with a row for each chart. Index ``number`` (int64), as of ``charts``. Columns: ``chart``
        (``DISCIPLINE/TITLE``), ``state`` (``saved``, ``kept`` of an interrupted export, either with ``, without
        numbers``; ``failed``), ``file`` (str) and ``bytes`` (Int64), both missing where it failed.

        Raises
        ------
        ServerFault, SostradesError
            Numbers are missing, or some could not be exported; the others are there, and the DataFrame is the error's
            ``result``.
        NotFound
            There is no such chart.
        FileConflict
            A file of the export exists, and ``overwrite`` is not set.
        UsageError, ExtraMissing
            It cannot be exported as that; there is no browser.

        Source: as of ``charts``.

        """
        with self._opened() as app:
            target, environ = at_home(folder), app.runtime.environ
            report = export_charts(
                app.context, self._number, target, as_, match, environ, app.notes.progress, overwrite=overwrite
            )
            if report.remark:
                app.notes.warning(report.remark)
            frame = frame_of_items(ExportedChart, report.charts, index="number", types={"bytes": "Int64"})
            return complete(with_notes(frame, [report.remark] if report.remark else []), report.failure)

    def page(self, file: str | Path | None = None, *, offline: bool = False, overwrite: bool = False) -> Path:
        """Save the page of charts, and return its file: ``study-21-charts.html`` unless named.

        The server's own page loads its plotting library from the internet; with ``offline`` it is one file that needs
        no network.

        Raises
        ------
        FileConflict
            The file exists, and ``overwrite`` is not set.
        ServerFault
            The server did not give a whole page.

        Source: ``GET /api/v0/post-processing/html/{study}``; offline, as of ``charts``.

        """
        with self._opened() as app:
            target = at_home(file) if file is not None else usual_file(self._number, offline=offline)
            check_ending(target, PAGES, "page")
            check_target(target, overwrite=overwrite, named=True)
            stream = page_stream(app.context, self._number, offline=offline)
            write(app, stream, target)
            if stream.failure is not None:
                raise stream.failure
            return target


def remark(app: App, gathered: GatheredCharts) -> None:
    """Tell of charts that are not those of the last finished run, or are none."""
    if gathered.remark:
        app.notes.warning(gathered.remark)


def _points(gathered: GatheredCharts, numbered: NumberedChart) -> pd.DataFrame:
    """Return the points of a chart, with what is known of it.

    Raises
    ------
    ServerFault
        There are no numbers of it.

    """
    failure = gathered.failure_of_points(numbered)
    if failure is not None:
        raise failure
    points = points_of(numbered.chart.series())
    table = frame_from({name: [row[at] for row in points.rows] for at, name in enumerate(points.columns)})
    metadata = {"study": gathered.study, **described(numbered, gathered.state)}
    table.attrs.update({name: value for name, value in metadata.items() if name != "series"})
    return table
