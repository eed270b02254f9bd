"""The numbers of a trace as columns, one function for each way in which plotly's traces hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.plotly_figures.html_tags import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sostrades_cli.api.models import Json

    Columns = Mapping[str, Sequence[Json]]
    Trace = Mapping[str, Json]

_TREE: Final = {"label": "labels", "parent": "parents", "value": "values"}
_PLACE: Final = {"lon": "lon", "lat": "lat", "location": "locations", "value": "z"}
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "sunburst": _TREE,
    "treemap": _TREE,
    "icicle": _TREE,
    **dict.fromkeys(("scattergeo", "scattermap", "scattermapbox", "densitymap", "densitymapbox"), _PLACE),
    **dict.fromkeys(("choropleth", "choroplethmap", "choroplethmapbox"), _PLACE),
    "scatterpolar": {"x": "theta", "y": "r"},
    "barpolar": {"x": "theta", "y": "r"},
    "scatter3d": {"x": "x", "y": "y", "z": "z"},
    "mesh3d": {"x": "x", "y": "y", "z": "z"},
    "candlestick": {"x": "x", "open": "open", "high": "high", "low": "low", "close": "close"},
    "ohlc": {"x": "x", "open": "open", "high": "high", "low": "low", "close": "close"},
}


def columns(kind: str, trace: Trace) -> Columns:
    """Return the columns of a trace of a type: ``x`` and ``y`` of lines, bars and shares, ``z`` of a field, and so on.

    A column that the trace does not have is left out; what no function knows gives its lists as they are called.
    """
    if kind in _FIELDS:
        return {name: values for name, field in _FIELDS[kind].items() if (values := _flat(trace.get(field)))}
    return _READERS.get(kind, _xy)(trace)


def _flat(values: Json) -> list[Json]:
    """Return a list of values; two levels of categories become one."""
    if not isinstance(values, list):
        return []
    if values and all(isinstance(level, list) for level in values):
        return [" / ".join(map(str, parts)) for parts in zip(*values, strict=False)]
    return values


def _xy(trace: Trace) -> Columns:
    x, y = _flat(trace.get("x")), _flat(trace.get("y"))
    if not x and not y:
        return {name: values for name, values in trace.items() if isinstance(values, list) and values}
    # Places are counted where the trace has none; a placeholder is no reason to make them up.
    x = x if "x" in trace else _counted(trace, "x", len(y))
    counted = trace.get("orientation") == "h" and "y" not in trace
    return {"x": x, "y": _counted(trace, "y", len(x)) if counted else y}


def _counted(trace: Trace, axis: str, count: int) -> list[Json]:
    """Return the places of values that stand without any: plotly counts from 0."""
    start, step = trace.get(f"{axis}0", 0), trace.get(f"d{axis}", 1)
    try:
        return [start + step * index for index in range(count)]
    except (TypeError, OverflowError):
        return list(range(count))


def _labelled(trace: Trace) -> Columns:
    """Return shares by their labels; without any plotly counts them."""
    values = _flat(trace.get("values"))
    labels = _flat(trace.get("labels")) or _counted(trace, "label", len(values))
    return {"x": labels, "y": values} if values or labels else {}


def _field(trace: Trace) -> Columns:
    """Return a field of numbers as its points, row by row."""
    z = trace.get("z")
    if not isinstance(z, list) or not z:
        return {}
    if not isinstance(z[0], list):
        return {"x": _flat(trace.get("x")), "y": _flat(trace.get("y")), "z": z}
    rows = [row if isinstance(row, list) else [] for row in z]
    x, y = _places(trace, "x", max(map(len, rows))), _places(trace, "y", len(rows))
    points = [
        (_place(x, up, at, at), _place(y, up, at, up), value)
        for up, row in enumerate(rows)
        for at, value in enumerate(row)
    ]
    return dict(zip("xyz", map(list, zip(*points, strict=True)), strict=True)) if points else {}


def _places(trace: Trace, axis: str, count: int) -> list[Json]:
    values = trace.get(axis)
    return values if isinstance(values, list) else _counted(trace, axis, count)


def _place(values: list[Json], up: int, at: int, along: int) -> Json:
    """Return where a cell of a field stands on an axis: a surface may tell it cell by cell."""
    if values and isinstance(values[0], list):
        row = values[up] if up < len(values) else None
        return row[at] if isinstance(row, list) and at < len(row) else None
    return values[along] if along < len(values) else along


def _table(trace: Trace) -> Columns:
    heads = [_head(head) for head in _values(trace, "header")]
    columns = [column if isinstance(column, list) else [] for column in _values(trace, "cells")]
    cells = [[plain(cell) if isinstance(cell, str) else cell for cell in column] for column in columns]
    return dict(zip(_distinct([*heads, *[""] * (len(cells) - len(heads))]), cells, strict=False))


def _values(trace: Trace, part: str) -> list[Json]:
    found = trace.get(part)
    values = found.get("values") if isinstance(found, dict) else None
    return values if isinstance(values, list) else []


def _head(head: Json) -> str:
    levels = head if isinstance(head, list) else [head]
    return " / ".join(plain(level) if isinstance(level, str) else str(level) for level in levels if level is not None)


def _distinct(heads: Sequence[str]) -> list[str]:
    """Return names of which no two are the same; what has none is called by its place."""
    names: list[str] = []
    for number, head in enumerate(heads, 1):
        name = first = head or f"column {number}"
        # Its own place comes first among the numbers that tell it from the others.
        numbers = iter([number, *range(2, len(heads) + 2)])
        while name in names or (name != head and name in heads):
            name = f"{first} ({next(numbers)})"
        names.append(name)
    return names


def _flows(trace: Trace) -> Columns:
    """Return the flows between the nodes of a Sankey diagram, the nodes by their labels."""
    node, link = trace.get("node"), trace.get("link")
    labels = node.get("label") if isinstance(node, dict) else None
    names: list[Json] = labels if isinstance(labels, list) else []
    link = link if isinstance(link, dict) else {}
    ends = {
        end: [names[at] if isinstance(at, int) and 0 <= at < len(names) else at for at in _flat(link.get(end))]
        for end in ("source", "target")
    }
    return {**ends, "value": _flat(link.get("value"))}


def _dimensions(trace: Trace) -> Columns:
    found = trace.get("dimensions")
    dimensions = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    labels = _distinct([_head(one.get("label")) for one in dimensions])
    return {label: _flat(one.get("values")) for label, one in zip(labels, dimensions, strict=True)}


def _number(trace: Trace) -> Columns:
    delta = trace.get("delta")
    reference = delta.get("reference") if isinstance(delta, dict) else None
    return {"value": [trace.get("value")], **({"reference": [reference]} if reference is not None else {})}


_READERS: Final[dict[str, Callable[[Trace], Columns]]] = {
    "pie": _labelled,
    "funnelarea": _labelled,
    "heatmap": _field,
    "heatmapgl": _field,
    "contour": _field,
    "surface": _field,
    "table": _table,
    "sankey": _flows,
    "parcoords": _dimensions,
    "parcats": _dimensions,
    "splom": _dimensions,
    "indicator": _number,
}
