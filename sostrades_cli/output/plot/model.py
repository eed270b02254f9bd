"""The data of a plot, as returned by commands that draw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class Shape(Enum):
    """The shape of a series."""

    LINE = "line"
    POINTS = "points"
    AREA = "area"
    BAR = "bar"
    SHARE = "share"
    HEATMAP = "heatmap"


@dataclass(frozen=True, slots=True)
class PlotAxis:
    """An axis of a plot: its title with the unit, and whether it is logarithmic, or begins at its other end."""

    title: str = ""
    log: bool = False
    reversed: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """A series of a plot.

    A heatmap is the only series of its plot, and has its numbers in ``z``.
    ``x`` and ``y`` have the same length; a value of ``y`` that is not a number is a gap. ``right`` selects the second
    axis. Series with the same ``stack`` are stacked.
    """

    name: str
    shape: Shape
    x: Sequence[Any]
    y: Sequence[Any]
    right: bool = False
    stack: str = ""
    z: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart to be drawn in characters; ``across`` means horizontal bars."""

    title: str
    x: PlotAxis
    y: PlotAxis
    right: PlotAxis
    series: Sequence[PlotSeries]
    across: bool = False
    notes: Sequence[str] = ()
