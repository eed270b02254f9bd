"""The points of a chart as a DataFrame that can draw itself. The module imports pandas."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from pandas.plotting import PlotAccessor

from sostrades_cli.errors import UsageError
from sostrades_cli.optional_deps import require
from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from sostrades_cli.api.models import Json

EXTRA = "notebook"


class ChartFrame(pd.DataFrame):
    """The points of a chart. ``plot()`` draws the chart. Everything derived from it is an ordinary DataFrame."""

    _metadata: ClassVar[list[str]] = ["_document"]  # what a pickle keeps
    _document: Mapping[str, Json]

    @classmethod
    def of(cls, points: pd.DataFrame, document: Mapping[str, Json]) -> ChartFrame:
        """Return points together with the ``document`` of their chart, which has its plotly figure."""
        chart = cls(points)
        chart.attrs = points.attrs
        chart._document = document
        return chart

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        # A filtered or sorted DataFrame no longer has the points of the chart, so its `plot` is that of pandas.
        return pd.DataFrame

    @property
    def plot(self) -> ChartPlot:
        """Draw the chart: ``plot()``, or ``plot(backend="matplotlib")``. Arguments are those of ``DataFrame.plot``."""
        return ChartPlot(self)


class ChartPlot(PlotAccessor):
    """The accessor ``plot`` of a chart."""

    def __init__(self, chart: ChartFrame) -> None:
        super().__init__(chart)
        self._chart = chart

    def __call__(self, *args: Any, backend: str | None = None, **options: Any) -> Any:  # noqa: ANN401 - as in pandas
        """Draw the chart as the web page does; with arguments, do what ``DataFrame.plot`` does.

        Returns a ``plotly.graph_objects.Figure`` if plotly is installed, or else matplotlib's ``Axes``; ``backend`` is
        ``plotly`` or ``matplotlib``.

        Raises
        ------
        ExtraMissing
            Neither library is installed.
        UsageError
            matplotlib cannot draw charts of this kind.

        """
        if args or options:
            return PlotAccessor(self._chart)(*args, backend=backend, **options)
        document = self._chart._document  # noqa: SLF001 - of the same module
        library = backend or _installed_library()
        if library == "plotly":
            return plotly_figure(document)
        if library != "matplotlib":
            raise UsageError(f"expected the backend plotly or matplotlib, got {library!r}", hint='backend="matplotlib"')
        require("matplotlib", extra=EXTRA, purpose="a plot with matplotlib")
        from sostrades_cli.library.matplotlib_charts import draw  # optional

        return draw(Figure.from_api(document["data"], document["layout"]))


def _installed_library() -> str:
    # Without either library, the error suggests plotly, which draws every kind of chart.
    return "matplotlib" if find_spec("plotly") is None and find_spec("matplotlib") is not None else "plotly"


def plotly_figure(document: Mapping[str, Json]) -> go.Figure:
    """Return the figure of a chart. Properties that the installed plotly does not know are left out.

    Raises
    ------
    ExtraMissing
        plotly is not installed.

    """
    require("plotly", extra=EXTRA, purpose="a plotly figure")
    import plotly.graph_objects as go  # optional

    return go.Figure({"data": document["data"], "layout": document["layout"]}, skip_invalid=True)
