"""Figures that need nothing but themselves to be drawn: no map from the internet, no picture from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.plotly_figures.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json

NO_MAP: Final = "drawn without its map, which only the internet has"
# What neither HTML nor SVG can hold.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONGEST_TEXT: Final = 300
_TEXTS: Final = frozenset({"name", "text"})
_MAPS: Final = re.compile(r"(scatter|density|choropleth)(geo|map|mapbox)?")
_OF_MAPS: Final = re.compile(r"(geo|map|mapbox)[0-9]*")
_KEPT: Final = ("name", "text", "hovertext", "opacity", "visible", "showlegend", "legendgroup")


def self_contained(figure: Figure) -> tuple[Figure, str | None]:
    """Return a figure that can be drawn anywhere, and what it lost by that; each trace stays a trace.

    Places on a map become points by longitude and latitude, shares of countries bars. Texts lose what no page can
    hold, and their ends where they are longer than any title.
    """
    maps = [_is_map(trace) for trace in figure.traces]
    traces = [_without_map(trace) if is_map else trace for trace, is_map in zip(figure.traces, maps, strict=True)]
    layout = {name: value for name, value in figure.layout.items() if not _OF_MAPS.fullmatch(name)}
    layout["images"] = [one for one in _list(layout.get("images")) if _is_inline(one)]
    if any(maps):
        layout |= {"xaxis": {"automargin": True}, "yaxis": {"automargin": True}}
    odd = {name for name, axis in layout.items() if name.startswith(("xaxis", "yaxis")) and not isinstance(axis, dict)}
    kept = {name: value for name, value in layout.items() if name not in odd}
    traces = [_with_blank_cells(trace) if trace.get("type") == "table" else trace for trace in traces]
    return Figure([_clean(trace) for trace in traces], _clean(kept)), NO_MAP if any(maps) else None


def _with_blank_cells(trace: dict[str, Json]) -> dict[str, Json]:
    """Leave a cell without a value blank, where plotly would write null."""
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
    found = _MAPS.fullmatch(kind) if isinstance(kind, str) else None
    return found is not None and kind != "scatter"


def _without_map(trace: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Any] = {name: trace[name] for name in _KEPT if name in trace}
    if "lat" in trace or "lon" in trace:
        marker = trace.get("marker")
        # A map's symbols are signs such as a bus, which no plot has.
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


def _clean(value: Json) -> Any:  # noqa: ANN401 - of the shape that it was given
    """Replace what no page can hold, and shorten titles and names; what stands along an axis stays what it is.

    A title that is a text becomes an object with a text, as plotly wants it now.
    """
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_clean(name): _part(name, _clean(item)) for name, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) if isinstance(item, str | dict | list) else item for item in value]
    return value


def _part(name: str, item: Json) -> Json:
    if not isinstance(item, str):
        return item
    if name == "title":
        return {"text": _short(item)}
    return _short(item) if name in _TEXTS else item


def _short(text: str) -> str:
    return f"{text[:_LONGEST_TEXT]}\u2026" if len(text) > _LONGEST_TEXT else text
