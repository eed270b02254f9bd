"""Charts as the server sends them: plotly figures with a few more fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server_stub.values import Json, Value

Series = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Position:
    """The position of a chart on the page of a discipline."""

    section: str = ""
    opened: bool = False
    key: bool = False


ANYWHERE = Position()


def lines(title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position = ANYWHERE) -> Json:
    """Draw one line per series."""
    traces = [_trace("scatter", name, x[1], numbers, mode="lines") for name, numbers in y[1].items()]
    return _one_axis(traces, title, x, y, position)


def stacked(title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position = ANYWHERE) -> Json:
    """Draw stacked areas."""
    traces = [_trace("scatter", name, x[1], numbers, mode="lines", stackgroup="one") for name, numbers in y[1].items()]
    return _one_axis(traces, title, x, y, position)


def filled(title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position = ANYWHERE) -> Json:
    """Draw areas that each start at zero."""
    traces = [
        {**_trace("scatter", name, x[1], numbers, mode="lines"), "fill": "tozeroy"} for name, numbers in y[1].items()
    ]
    return _one_axis(traces, title, x, y, position)


def markers(title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position = ANYWHERE) -> Json:
    """Draw points without lines."""
    traces = [_trace("scatter", name, x[1], numbers, mode="markers") for name, numbers in y[1].items()]
    return _one_axis(traces, title, x, y, position)


def bars(title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position = ANYWHERE) -> Json:
    """Draw bars side by side."""
    traces = [_trace("bar", name, x[1], numbers) for name, numbers in y[1].items()]
    return _one_axis(traces, title, x, y, position)


def horizontal_bars(
    title: str, names: tuple[str, Sequence[Value]], x: tuple[str, Series], position: Position = ANYWHERE
) -> Json:
    """Draw horizontal bars, with the categories on the y axis."""
    traces = [{**_trace("bar", name, numbers, names[1]), "orientation": "h"} for name, numbers in x[1].items()]
    return _chart(traces, _axes(title, x[0], names[0]), _series_csv(names, x), position)


def bars_and_lines(
    title: str,
    x: tuple[str, Sequence[Value]],
    left: tuple[str, Series],
    right: tuple[str, Series],
    position: Position = ANYWHERE,
) -> Json:
    """Draw bars on a left axis and lines on a right axis."""
    traces = [_trace("bar", name, x[1], numbers) for name, numbers in left[1].items()]
    for name, numbers in right[1].items():
        traces.append(_trace("scatter", name, x[1], numbers, mode="lines", axis="y2"))
    return _two_axes(traces, title, x, left, right, position)


def two_axes(
    title: str,
    x: tuple[str, Sequence[Value]],
    left: tuple[str, Series],
    right: tuple[str, Series],
    position: Position = ANYWHERE,
) -> Json:
    """Draw markers on a left axis and others on a right axis."""
    traces = [_trace("scatter", name, x[1], numbers, mode="markers") for name, numbers in left[1].items()]
    for name, numbers in right[1].items():
        traces.append(_trace("scatter", name, x[1], numbers, mode="markers", axis="y2"))
    return _two_axes(traces, title, x, left, right, position)


def pie(title: str, shares: Mapping[str, Value], hole: float = 0, position: Position = ANYWHERE) -> Json:
    """Draw shares of a whole."""
    trace = {"hole": hole, "labels": list(shares), "sort": False, "values": list(shares.values()), "type": "pie"}
    layout = {"title": _title(title), "font": _font(), "width": 600, "height": 450, "autosize": False}
    csv = [",".join(shares), ",".join(_plain(value) for value in shares.values())]
    return _chart([trace], layout, csv, position)


def table(title: str, columns: Mapping[str, Sequence[Value]], position: Position = ANYWHERE) -> Json:
    """Draw a table from columns of cells, with bold header and first column."""
    cells = [list(cells) for cells in columns.values()]
    cells[0] = [f"<b>{cell}</b>" for cell in cells[0]]
    line = {"color": "black", "width": 1}
    trace = {
        "cells": {
            "align": "center",
            "fill": {"color": [["white"] * len(cells[0])]},
            "font": {"color": [["black"] * len(cells[0])], "family": "Arial", "size": 11},
            "line": line,
            "values": cells,
        },
        "header": {
            "align": "center",
            "fill": {"color": "grey"},
            "font": {"color": "white", "family": "Arial", "size": 12},
            "line": line,
            "values": [f"<b>{name}</b>" for name in columns],
        },
        "type": "table",
    }
    layout = {
        "title": {"text": title},
        "plot_bgcolor": "rgba(228, 222, 249, 0.65)",
        "showlegend": False,
        "autosize": True,
        "height": 310,
    }
    # The csv of the server has a line per column of the table.
    csv = [",".join(columns), *(",".join(_plain(cell) for cell in cells) for cells in columns.values())]
    return _chart([trace], layout, csv, position)


def native(title: str, traces: Sequence[Json], position: Position = ANYWHERE, **layout: Json) -> Json:
    """Return a plotly figure unchanged and without csv. Without a text it has no title."""
    return _chart(list(traces), _native_layout(title, layout), None, position)


def mapped(title: str, traces: Sequence[Json], position: Position = ANYWHERE, **layout: Json) -> Json:
    """Draw a map. It has no csv."""
    chart = native(title, traces, position, **layout)
    del chart["csv_data"]
    return chart


def gauge(title: str, value: Value, largest: float, position: Position = ANYWHERE) -> Json:
    """Draw a number on a gauge. The csv is the number."""
    trace = {
        "gauge": {"axis": {"range": [0, largest]}, "bar": {"color": "darkblue"}},
        "mode": "gauge+number",
        "value": value,
        "type": "indicator",
    }
    return _chart([trace], _native_layout(title, {}), value, position)


def shaped(chart: Json, **layout: Json) -> Json:
    """Change fields of a chart's layout, and keep the other fields of an axis."""
    changed = dict(chart["layout"])
    for name, value in layout.items():
        changed[name] = {**changed.get(name, {}), **value} if isinstance(value, dict) else value
    return {**chart, "layout": changed}


def _one_axis(
    traces: list[Json], title: str, x: tuple[str, Sequence[Value]], y: tuple[str, Series], position: Position
) -> Json:
    return _chart(traces, _axes(title, x[0], y[0]), _series_csv(x, y), position)


def _two_axes(
    traces: list[Json],
    title: str,
    x: tuple[str, Sequence[Value]],
    left: tuple[str, Series],
    right: tuple[str, Series],
    position: Position,
) -> Json:
    csv = _series_csv(x, (f"{left[0]} / {right[0]}", {**left[1], **right[1]}))
    return _chart(traces, _axes(title, x[0], left[0], right[0]), csv, position)


def _chart(traces: list[Json], layout: Json, csv: Json, position: Position) -> Json:
    return {
        "data": traces,
        "layout": layout,
        "csv_data": csv,
        "logo_notofficial": False,
        "logo_official": False,
        "logo_work_in_progress": False,
        "post_processing_section_name": position.section,
        "post_processing_section_is_opened": position.opened,
        "post_processing_is_key_chart": position.key,
        "is_pareto_trade_chart": False,
    }


def _trace(
    kind: str,
    name: str,
    x: Sequence[Value],
    y: Sequence[Value],
    *,
    mode: str | None = None,
    stackgroup: str | None = None,
    axis: str = "y",
) -> Json:
    trace: dict[str, Json] = {"mode": mode} if mode else {}
    if stackgroup:
        trace["stackgroup"] = stackgroup
    if mode == "markers":
        trace["marker"] = {"symbol": "circle"}
    return {**trace, "name": name, "visible": True, "x": list(x), "y": list(y), "yaxis": axis, "type": kind}


def _axes(title: str, x: str, y: str, second: str = "") -> Json:
    return {
        "title": _title(title),
        "xaxis": {"title": {"text": x}, "automargin": True},
        "yaxis": {"title": {"text": y}, "automargin": True},
        "yaxis2": {
            "title": {"text": second},
            "automargin": True,
            "anchor": "x",
            "overlaying": "y",
            "side": "right",
        },
        "legend": _legend(),
        "font": _font(),
        "barmode": "group",
        "width": 600,
        "height": 450,
        "autosize": False,
    }


def _native_layout(title: str, layout: Mapping[str, Json]) -> Json:
    named = {"title": _title(title)} if title else {}
    return {**named, "legend": _legend(), "font": _font(), **layout}


def _title(text: str) -> Json:
    return {"text": f"<b>{text}</b>", "y": 0.9, "x": 0.5, "xanchor": "center", "yanchor": "top"}


def _legend() -> Json:
    clear = "rgba(255, 255, 255, 0)"
    return {
        "orientation": "h",
        "xanchor": "left",
        "yanchor": "top",
        "bgcolor": clear,
        "bordercolor": clear,
        "y": -0.2,
        "x": 0,
    }


def _font() -> Json:
    return {"family": "Arial", "size": 10, "color": "#7f7f7f"}


def _series_csv(x: tuple[str, Sequence[Value]], y: tuple[str, Series]) -> list[str]:
    header = ",".join(f"{name} {x[0]},{name} {y[0]}".strip() for name in y[1])
    rows = range(len(x[1]))
    lines_of_series = (
        ",".join(f"{_plain(x[1][row])},{_plain(numbers[row])}" for numbers in y[1].values()) for row in rows
    )
    return [header, *lines_of_series]


def _plain(value: Value) -> str:
    return str(value)
