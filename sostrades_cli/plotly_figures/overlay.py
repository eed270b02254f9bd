"""Overlay two figures: draw the traces of both on the same axes, distinguished by their strokes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.html_tags import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json

# Only these kinds have axes that two figures can share.
_SHARED: Final = frozenset({"line", "scatter", "area", "bar", "stacked bar"})
_COLORS: Final = (
    "#4c6ef5",
    "#f03e3e",
    "#12b886",
    "#be4bdb",
    "#fd7e14",
    "#15aabf",
    "#e64980",
    "#82c91e",
    "#a0826d",
    "#868e96",
)


def can_overlay(*figures: Figure) -> bool:
    """Return whether the traces of all figures can share axes."""
    return all({series.kind for series in figure.series()} <= _SHARED for figure in figures)


def overlaid(a: Figure, b: Figure, names: tuple[str, str]) -> Figure:
    """Return both figures as one. Series with the same name have the same colour, and series of ``b`` are dashed."""
    colors: dict[str, str] = {}
    traces = [
        _styled(trace, at, side, names[side], colors, stacked=any(series.stack for series in figure.series()))
        for side, figure in enumerate((a, b))
        for at, trace in enumerate(figure.traces)
    ]
    return Figure(traces, {**a.layout, "showlegend": True})


def _styled(
    trace: Mapping[str, Json], at: int, side: int, name: str, colors: dict[str, str], *, stacked: bool
) -> dict[str, Json]:
    series = plain(trace.get("name")) or f"series {at + 1}"
    color = colors.setdefault(series, _COLORS[len(colors) % len(_COLORS)])
    own: dict[str, Any] = {"name": f"{series} \u00b7 {name}"}
    if trace.get("type") == "bar":
        pattern = {"shape": "/" if side else ""}
        # Stacked bars of a figure share a column. Grouped bars have a column each.
        group = f"{side}" if stacked else f"{side} {at}"
        return {**trace, **own, "marker": {"color": color, "pattern": pattern}, "offsetgroup": group}
    if trace.get("stackgroup"):
        # Without another group, the areas of one figure would be stacked on those of the other figure.
        own |= {"stackgroup": f"{trace['stackgroup']} {side}"}
    line = {"color": color, "dash": "dash" if side else "solid"}
    return {**trace, **own, "line": line, "marker": {"color": color, "symbol": "x-thin-open" if side else "circle"}}
