"""Make figures self-contained, so that they load no maps and no images from the internet."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json

NO_MAP: Final = "drawn without its map, which needs the internet"
# Characters that are invalid in HTML and SVG.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT: Final = 300
_TEXTS: Final = frozenset({"name", "text"})
_MAPS: Final = re.compile(r"(scatter|density|choropleth)(geo|map|mapbox)?")
_OF_MAPS: Final = re.compile(r"(geo|map|mapbox)[0-9]*")
_KEPT: Final = ("name", "text", "hovertext", "opacity", "visible", "showlegend", "legendgroup")


def self_contained(figure: Figure) -> tuple[Figure, str | None]:
    """Return a figure without external content, and a note if it lost its map. The number of traces is unchanged.

    Points on a map are drawn by longitude and latitude, and values of countries as bars. Invalid characters in texts
    are replaced, and very long titles are cut off.
    """
    maps = [_is_map(trace) for trace in figure.traces]
    traces = [_without_map(trace) if is_map else trace for trace, is_map in zip(figure.traces, maps, strict=True)]
    layout = {name: value for name, value in figure.layout.items() if not _OF_MAPS.fullmatch(name)}
    layout["images"] = [image for image in _list(layout.get("images")) if _is_inline(image)]
    if any(maps):
        layout |= {"xaxis": {"automargin": True}, "yaxis": {"automargin": True}}
    odd = {name for name, axis in layout.items() if name.startswith(("xaxis", "yaxis")) and not isinstance(axis, dict)}
    kept = {name: value for name, value in layout.items() if name not in odd}
    traces = [_with_blank_cells(trace) if trace.get("type") == "table" else trace for trace in traces]
    return Figure([_clean(trace) for trace in traces], _clean(kept)), NO_MAP if any(maps) else None


def _with_blank_cells(trace: dict[str, Json]) -> dict[str, Json]:
    """Return a table with blank cells instead of nulls, which plotly would print."""
    cells = trace.get("cells")
    if not isinstance(cells, dict):
        return trace
    values = [
        ["" if cell is None else cell for cell in column] if isinstance(column, list) else column
        for column in _list(cells.get("values"))
    ]
    return {**trace, "cells": {**cells, "values": values}}


def _is_map(trace: Mapping[str, Json]) -> bool:
    kind = trace.get("type")
    match = _MAPS.fullmatch(kind) if isinstance(kind, str) else None
    return match is not None and kind != "scatter"


def _without_map(trace: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Any] = {name: trace[name] for name in _KEPT if name in trace}
    if "lat" in trace or "lon" in trace:
        marker = trace.get("marker")
        # The symbols of maps, such as a bus, do not exist in plots.
        looks = {n: v for n, v in marker.items() if n != "symbol"} if isinstance(marker, dict) else {}
        if isinstance(trace.get("z"), list):
            looks["color"] = trace["z"]
        mode = trace.get("mode", "markers")
        return {**kept, "type": "scatter", "mode": mode, "x": trace.get("lon"), "y": trace.get("lat"), "marker": looks}
    return {**kept, "type": "bar", "x": trace.get("locations"), "y": trace.get("z")}


def _is_inline(image: Json) -> bool:
    return isinstance(image, dict) and str(image.get("source")).startswith("data:")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _clean(value: Json) -> Any:  # noqa: ANN401 - the type of the argument
    """Return a value with invalid characters replaced, and long titles and names cut off. Data is not shortened."""
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_clean(name): _part(name, _clean(item)) for name, item in value.items()}
    if isinstance(value, list):
        cleaned = [_clean(item) if isinstance(item, str | dict | list) else item for item in value]
        # A list that many charts share stays the same object.
        return cleaned if any(map(operator.is_not, cleaned, value)) else value
    return value


def _part(name: str, item: Json) -> Json:
    if not isinstance(item, str):
        return item
    if name == "title":
        # Newer versions of plotly no longer accept a text as the title.
        return {"text": _short(item)}
    return _short(item) if name in _TEXTS else item


def _short(text: str) -> str:
    return f"{text[:_LONGEST_TEXT]}\u2026" if len(text) > _LONGEST_TEXT else text
