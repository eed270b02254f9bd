"""The charts of a study: list, points, export and HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.files.atomic import at_home
from sostrades_cli.files.file_formats import PAGES, check_ending
from sostrades_cli.files.targets import check_target
from sostrades_cli.library.dataframes import frame_from, frame_of_items, with_notes
from sostrades_cli.library.files import write
from sostrades_cli.library.study_base import StudyBase, complete
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.export import ExportedChart, export_charts
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.metadata import ChartSummary, described, summarized
from sostrades_cli.operations.postproc.points import points_of
from sostrades_cli.optional_deps import require
from sostrades_cli.views.chart_page import page_stream, usual_file

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import plotly.graph_objects as go

    from sostrades_cli.app import App
    from sostrades_cli.operations.postproc.gather import GatheredCharts
    from sostrades_cli.operations.postproc.merge import NumberedChart


class ChartMethods(StudyBase):
    """Methods of a study for its charts."""

    def charts(self, match: str | None = None) -> pd.DataFrame:
        """Return the charts, as ``sostrades postproc list`` shows them.

        ``match`` selects titles, or ``DISCIPLINE/TITLE``, by a glob or a part of the text, ignoring case.

        Returns a DataFrame with a row for each chart. Index ``number`` (int64), an argument for ``chart``. Columns:
        ``discipline``, ``chart`` (title), ``section``, ``kind`` (str), ``key`` (bool, missing if unknown), ``series``,
        ``points`` (int64), ``source``, ``missing`` (data that no source has), ``state`` (``current``, or the reason why
        the chart is not).

        Raises
        ------
        ServerFault
            No source could be read, or the page with more charts could not. In the latter case, ``result`` of the error
            is the DataFrame of the other charts.

        Source: read-only mode after a finished run, otherwise post-processing and the HTML page, which the server
        computes for each request.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            charts = select.matching_charts(gathered.charts, match)
            warn_of_state(app, gathered)
            summaries = [summarized(chart, gathered.state) for chart in charts]
            return complete(frame_of_items(ChartSummary, summaries, index="number"), gathered.failure_of(charts))

    def chart(self, chart: str | int) -> pd.DataFrame:
        """Return the points of a chart.

        ``chart`` is a number from ``charts()``, a title, or a part of a title that is unique.

        Returns a DataFrame with a row for each point. Columns: ``series`` (str), ``x``, ``y`` (numbers as the server
        sends them, including nan and inf, or str), and others for some kinds: ``z`` of a heatmap; ``source``,
        ``target``, ``value`` of flows. A chart that is a table keeps its own columns. ``attrs`` has ``title``,
        ``discipline``, ``kind``, ``axes`` (title, name and unit of each) and ``state``.

        ``plot()`` of this DataFrame draws the chart with plotly, or else with matplotlib.

        Raises
        ------
        NotFound
            The chart does not exist.
        UsageError
            Several charts match.
        ServerFault
            The server sent no numbers for it.

        Source: as for ``charts``.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            points = _points(gathered, select.find(gathered, str(chart)))
            warn_of_state(app, gathered)
            return points

    def figure(self, chart: str | int) -> go.Figure:
        """Return a chart as a plotly figure, drawn as in the web page; ``chart`` is as in ``chart``.

        Properties that the installed plotly does not know are left out. Raises as ``chart``, and ``ExtraMissing`` if
        plotly is not installed.

        Source: as for ``charts``.
        """
        from sostrades_cli.library.chart_frame import EXTRA, plotly_figure

        with self._opened() as app:
            # Check for plotly first, because the server computes charts for minutes.
            require("plotly", extra=EXTRA, purpose="a plotly figure")
            gathered = gather(app.context, self._number)
            numbered = select.find(gathered, str(chart))
            _require_numbers(gathered, numbered)
            warn_of_state(app, gathered)
            return plotly_figure(numbered.document())

    def all_charts(self, match: str | None = None) -> dict[int, pd.DataFrame]:
        """Return the points of all matching charts by number, each as ``chart`` returns them.

        The charts are fetched once, whereas ``chart`` fetches them in each call. ``match`` is as in ``charts``.

        Raises
        ------
        ServerFault
            Some charts have no numbers, or the page with more charts could not be read. ``result`` of the error has the
            other charts.

        Source: as for ``charts``.

        """
        with self._opened() as app:
            gathered = gather(app.context, self._number)
            charts = select.matching_charts(gathered.charts, match)
            warn_of_state(app, gathered)
            # Charts without numbers must not prevent the others: the failure names them.
            points = {chart.number: _points(gathered, chart) for chart in charts if not chart.lacks_numbers}
            return complete(points, gathered.failure_of_export(charts))

    def export_charts(
        self, folder: str | Path, as_: str = "csv", *, match: str | None = None, overwrite: bool = False
    ) -> pd.DataFrame:
        """Export charts into a folder, one file per chart, with a ``manifest.json`` (axes, units, sources, checksums).

        ``as_`` is the file format: ``csv`` (a row per point), ``json`` (plotly figure), ``html`` (a page that needs no
        network), ``png`` or ``svg`` (both need the extra ``plots`` and Chromium). ``match`` is as in ``charts``. An
        interrupted export continues where it stopped.

        Returns a DataFrame with a row for each chart. Index ``number`` (int64), as in ``charts``. Columns: ``chart``
        (``DISCIPLINE/TITLE``), ``state`` (``saved``, ``kept`` from an interrupted export, both with ``, without
        numbers`` if there are none; ``failed``), ``file`` (str) and ``bytes`` (Int64), both missing after a failure.

        Raises
        ------
        ServerFault, SostradesError
            Numbers are missing, or some charts could not be exported. The others are in the folder, and ``result`` of
            the error is the DataFrame.
        NotFound
            No chart matches.
        FileConflict
            A file of the export exists, and ``overwrite`` is not set.
        UsageError, ExtraMissing
            The format is invalid for a chart, or there is no browser.

        Source: as for ``charts``.

        """
        with self._opened() as app:
            target, environ = at_home(folder), app.runtime.environ
            report = export_charts(
                app.context, self._number, target, as_, match, environ, app.notes.progress, overwrite=overwrite
            )
            # Outdated charts are exported, too, so warn about them.
            if report.note:
                app.notes.warning(report.note)
            frame = frame_of_items(ExportedChart, report.charts, index="number", types={"bytes": "Int64"})
            return complete(with_notes(frame, [report.note] if report.note else []), report.failure)

    def page(self, file: str | Path | None = None, *, offline: bool = False, overwrite: bool = False) -> Path:
        """Save the HTML page of charts and return its file [default: ``study-21-charts.html``].

        The server's page loads its plotting library from the internet. With ``offline``, the page is one file that
        needs no network.

        Raises
        ------
        FileConflict
            The file exists, and ``overwrite`` is not set.
        ServerFault
            The server sent an incomplete page.

        Source: ``GET /api/v0/post-processing/html/{study}``; offline, as for ``charts``.

        """
        with self._opened() as app:
            target = at_home(file) if file is not None else usual_file(self._number, offline=offline)
            check_ending(target, PAGES, "page")
            # Check the file first: the server computes the page for up to minutes.
            check_target(target, overwrite=overwrite, named=True)
            stream = page_stream(app.context, self._number, offline=offline)
            write(app, stream, target)
            if stream.failure is not None:
                # The page is written all the same, because it has the other charts.
                raise stream.failure
            return target


def warn_of_state(app: App, gathered: GatheredCharts) -> None:
    """Warn about charts that do not belong to the last finished run."""
    if gathered.note:
        app.notes.warning(gathered.note)


def _points(gathered: GatheredCharts, numbered: NumberedChart) -> pd.DataFrame:
    """Return the points of a chart, with its metadata in ``attrs``.

    Raises
    ------
    ServerFault
        The chart has no numbers.

    """
    from sostrades_cli.library.chart_frame import ChartFrame

    _require_numbers(gathered, numbered)
    points = points_of(numbered.chart.series())
    table = frame_from({name: [row[position] for row in points.rows] for position, name in enumerate(points.columns)})
    metadata = {"study": gathered.study, **described(numbered, gathered.state)}
    # The series are in the rows already.
    table.attrs.update({name: value for name, value in metadata.items() if name != "series"})
    return ChartFrame.of(table, numbered.document())


def _require_numbers(gathered: GatheredCharts, numbered: NumberedChart) -> None:
    failure = gathered.failure_of_points(numbered)
    if failure is not None:
        raise failure
