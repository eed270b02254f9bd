"""Convert the numbers of a trace to columns, with a function for each layout of plotly's traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.plotly_figures.html_tags import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sostrades_cli.api.models import Json

    Columns = Mapping[str, Sequence[Json]]
    Trace = Mapping[str, Json]

_SUNBURST: Final = {"label": "labels", "parent": "parents", "value": "values"}
_MAPS: Final = (
    *("choropleth", "choroplethmap", "choroplethmapbox", "densitymap", "densitymapbox"),
    *("scattergeo", "scattermap", "scattermapbox"),
)
_MAP: Final = {"lon": "lon", "lat": "lat", "location": "locations", "value": "z"}


def columns(kind: str, trace: Trace) -> Columns:
    """Return the columns of a trace: ``x`` and ``y`` of lines, bars and shares, ``z`` of a heatmap, and so on.

    For an unknown kind, the columns are all lists under their own names. Empty columns are left out.
    """
    return _READERS.get(kind, _lists)(trace)


def _lists(trace: Trace) -> Columns:
    return {name: values for name, values in trace.items() if isinstance(values, list) and values}


def _fields(names: Mapping[str, str]) -> Callable[[Trace], Columns]:
    """Return a reader that renames lists of a trace."""
    return lambda trace: {name: values for name, field in names.items() if (values := _flat(trace.get(field)))}


def _flat(values: Json) -> list[Json]:
    """Return a list of values. Several levels of categories are joined."""
    if not isinstance(values, list):
        return []
    if values and all(isinstance(level, list) for level in values):
        return [" / ".join(map(str, parts)) for parts in zip(*values, strict=False)]
    return values


def _xy(trace: Trace) -> Columns:
    x, y = _flat(trace.get("x")), _flat(trace.get("y"))
    if not x and not y:
        return _lists(trace)
    # Positions are counted only if the trace has none. A placeholder must not be replaced by invented numbers.
    x = x if "x" in trace else _counted(trace, "x", len(y))
    counted = trace.get("orientation") == "h" and "y" not in trace
    return {"x": x, "y": _counted(trace, "y", len(x)) if counted else y}


def _counted(trace: Trace, axis: str, count: int) -> list[Json]:
    """Return counted positions, as plotly numbers values without positions."""
    start, step = trace.get(f"{axis}0", 0), trace.get(f"d{axis}", 1)
    try:
        return [start + step * index for index in range(count)]
    except (TypeError, OverflowError):
        return list(range(count))


def _labelled(trace: Trace) -> Columns:
    """Return shares by their labels. Shares without labels are numbered, as plotly does."""
    values = _flat(trace.get("values"))
    labels = _flat(trace.get("labels")) or _counted(trace, "label", len(values))
    return {"x": labels, "y": values} if values or labels else {}


def _heatmap(trace: Trace) -> Columns:
    """Return a grid of numbers as points, row by row."""
    z = trace.get("z")
    if not isinstance(z, list) or not z:
        return {}
    if not isinstance(z[0], list):  # a flat list, with an x and a y for each
        return {"x": _flat(trace.get("x")), "y": _flat(trace.get("y")), "z": z}
    rows = [row if isinstance(row, list) else [] for row in z]
    x, y = _positions(trace, "x", max(map(len, rows))), _positions(trace, "y", len(rows))
    points = [(x[at], y[up], value) for up, row in enumerate(rows) for at, value in enumerate(row)]
    return dict(zip("xyz", map(list, zip(*points, strict=True)), strict=True)) if points else {}


def _positions(trace: Trace, axis: str, count: int) -> list[Json]:
    """Return the positions of a heatmap's columns or rows. Missing positions are counted."""
    values = trace.get(axis)
    given = values[:count] if isinstance(values, list) else []
    return [*given, *_counted(trace, axis, count)[len(given) :]]


def _table(trace: Trace) -> Columns:
    heads = [_head(head) for head in _values(trace, "header")]
    columns = [column if isinstance(column, list) else [] for column in _values(trace, "cells")]
    cells = [[plain(cell) if isinstance(cell, str) else cell for cell in column] for column in columns]
    return dict(zip(_distinct([*heads, *[""] * (len(cells) - len(heads))]), cells, strict=False))


def _values(trace: Trace, part: str) -> list[Json]:
    section = trace.get(part)
    values = section.get("values") if isinstance(section, dict) else None
    return values if isinstance(values, list) else []


def _head(head: Json) -> str:
    levels = head if isinstance(head, list) else [head]
    return " / ".join(plain(level) if isinstance(level, str) else str(level) for level in levels if level is not None)


def _distinct(heads: Sequence[str]) -> list[str]:
    """Return distinct names. A column without a name gets its position."""
    names: list[str] = []
    for number, head in enumerate(heads, 1):
        name = first = head or f"column {number}"
        # The column's own position is the first suffix to try.
        numbers = iter([number, *range(2, len(heads) + 2)])
        while name in names or (name != head and name in heads):
            name = f"{first} ({next(numbers)})"
        names.append(name)
    return names


def _flows(trace: Trace) -> Columns:
    """Return the flows of a Sankey diagram, with the labels of the nodes."""
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
    listed = trace.get("dimensions")
    dimensions = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    labels = _distinct([_head(dimension.get("label")) for dimension in dimensions])
    return {label: _flat(dimension.get("values")) for label, dimension in zip(labels, dimensions, strict=True)}


def _number(trace: Trace) -> Columns:
    delta = trace.get("delta")
    reference = delta.get("reference") if isinstance(delta, dict) else None
    return {"value": [trace.get("value")], **({"reference": [reference]} if reference is not None else {})}


_READERS: Final[dict[str, Callable[[Trace], Columns]]] = {
    "scatter": _xy,
    "scattergl": _xy,
    "bar": _xy,
    "pie": _labelled,
    "heatmap": _heatmap,
    "contour": _heatmap,
    "surface": _heatmap,
    "table": _table,
    "sankey": _flows,
    **dict.fromkeys(("sunburst", "treemap", "icicle"), _fields(_SUNBURST)),
    **dict.fromkeys(_MAPS, _fields(_MAP)),
    "parcoords": _dimensions,
    "indicator": _number,
}
