"""Charts drawn with plotly and with matplotlib."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pandas as pd
import pytest

from sostrades_cli.errors import AmbiguousName, NotFound, UsageError
from sostrades_cli.library.matplotlib_charts import draw
from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import User
    from matplotlib.axes import Axes

# Kinds that only plotly draws.
PLOTLY_ONLY = {"table", "sankey", "sunburst", "indicator", "map", "parallel coordinates"}


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    mpl.use("agg")
    yield
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    plt.close("all")


@pytest.fixture
def go() -> Any:
    """Return plotly's module of figures. Without plotly, the test is skipped."""
    return pytest.importorskip("plotly.graph_objects", reason="the extra `notebook`, which .ci/run installs")


def drawn(axes: Axes) -> Axes:
    """Return axes after they were really drawn."""
    axes.figure.canvas.draw()
    return axes


def test_figure_has_the_numbers_of_the_chart(anyone: User, go: Any) -> None:
    study = anyone.client().study(21)
    figure = study.figure("Output per year")
    assert isinstance(figure, go.Figure)
    points = study.chart("Output per year")
    for trace in figure.data:
        of_series = points[points["series"] == trace.name]
        assert list(trace.x) == of_series["x"].tolist()
        assert list(trace.y) == of_series["y"].tolist()
    assert "per year" in figure.layout.title.text


@pytest.mark.usefixtures("go")
@pytest.mark.parametrize(("chart", "error"), [("no such chart", NotFound), ("output", AmbiguousName)])
def test_unknown_figure_is_an_error(user: User, chart: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        user.client().study(21).figure(chart)


@pytest.mark.slow
@pytest.mark.parametrize("study", [21, 27])
def test_every_chart_can_be_drawn(user: User, study: int, go: Any) -> None:
    charts = user.client().study(study).all_charts()
    for chart in charts.values():
        figure: Any = chart.plot()
        assert isinstance(figure, go.Figure)
        if chart.attrs["kind"] in PLOTLY_ONLY:
            with pytest.raises(UsageError) as caught:
                chart.plot(backend="matplotlib")
            assert "plotly" in str(caught.value.hint)
        else:
            assert drawn(chart.plot(backend="matplotlib")).get_title() == chart.attrs["title"]


def test_matplotlib_shows_the_points_and_the_axes(user: User) -> None:
    chart = user.client().study(21).chart("Output per year")
    axes = drawn(chart.plot(backend="matplotlib"))
    assert [line.get_label() for line in axes.lines] == ["output", "twice"]
    for line in axes.lines:
        of_series = chart[chart["series"] == line.get_label()]
        assert list(line.get_ydata()) == of_series["y"].tolist()
    assert axes.get_xlabel() == chart.attrs["axes"]["x"]["title"]
    assert axes.get_ylabel().replace("\\", "") == chart.attrs["axes"]["y"]["title"]


def test_stacked_bars_stand_on_each_other() -> None:
    heights = {"p": [1, 2], "q": [3, -1]}
    traces: list[Any] = [{"type": "bar", "name": name, "x": ["a", "b"], "y": y} for name, y in heights.items()]
    axes = drawn(draw(Figure(traces, {"barmode": "stack"})))
    assert [[bar.get_y() for bar in bars] for bars in axes.containers] == [[0, 0], [1, 0]]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b"]
    beside = drawn(draw(Figure(traces, {})))
    left = [bar.get_x() for bars in beside.containers for bar in bars]
    assert len(set(left)) == 4


def test_axes_are_those_of_the_chart() -> None:
    traces: list[Any] = [
        {"x": ["2026-01-01", "2026-02-01"], "y": [1.0, 100.0], "name": "left"},
        {"x": ["2026-01-01", "2026-02-01"], "y": [5.0, None], "name": "right", "yaxis": "y2"},
    ]
    layout: Any = {"yaxis": {"type": "log", "autorange": "reversed", "title": {"text": "cost [$] of [$]"}}}
    axes = drawn(draw(Figure(traces, layout)))
    assert (axes.get_yscale(), axes.yaxis_inverted()) == ("log", True)
    assert len(axes.figure.axes) == 2
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["left", "right"]
    assert {line.get_color() for ax in axes.figure.axes for line in ax.lines} == {"C0", "C1"}


@pytest.mark.parametrize("traces", [[], [{"type": "heatmap", "z": [[1, 2]]}, {"y": [1]}], [{"type": "unknown"}]])
def test_chart_that_matplotlib_cannot_draw_is_an_error(traces: list[Any]) -> None:
    with pytest.raises(UsageError):
        draw(Figure(traces, {}))


def test_arguments_are_those_of_pandas(user: User) -> None:
    chart = user.client().study(21).chart("Output per year")
    axes = chart[chart["series"] == "output"].plot(x="x", y="y")
    assert axes.get_xlabel() == "x"
    assert len(chart.plot(x="x", y="y").lines) == 1
    assert chart.plot.line(x="x", y="y") is not None
    with pytest.raises(UsageError):
        chart.plot(backend="bokeh")


def test_chart_is_a_dataframe(user: User) -> None:
    chart = user.client().study(21).chart("Output per year")
    assert isinstance(chart, pd.DataFrame)
    assert type(chart.head(2)) is pd.DataFrame
    assert type(chart.set_index("x")) is pd.DataFrame
    copied = pickle.loads(pickle.dumps(chart))  # noqa: S301 - our own
    pd.testing.assert_frame_equal(copied, chart)
    assert copied.attrs == chart.attrs
    assert drawn(copied.plot(backend="matplotlib")).get_title() == chart.attrs["title"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (["plotly"], "Axes"),
        (["matplotlib"], "Figure"),
        (["plotly", "matplotlib"], "extra_missing"),
    ],
)
def test_plot_uses_the_library_that_is_installed(missing: list[str], expected: str) -> None:
    program = f"""
import importlib.util, sys
missing, real = {missing!r}, importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in missing else real(name, *rest)
import pandas as pd
from sostrades_cli import SostradesError
from sostrades_cli.library.chart_frame import ChartFrame
chart = ChartFrame.of(pd.DataFrame({{"x": [1], "y": [2]}}), {{"data": [{{"x": [1], "y": [2]}}], "layout": {{}}}})
try:
    print(type(chart.plot()).__name__)
except SostradesError as error:
    print(error.kind, error.hint)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"MPLBACKEND": "agg"}
    )
    assert done.stdout.startswith(expected)
