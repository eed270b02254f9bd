"""What a command returns that draws: a chart as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class PlotAxis:
    """An axis of a plot: its title, and whether it is logarithmic."""

    title: str = ""
    log: bool = False


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """A series of a plot: ``shape`` is one of line, points, area, bar and share; ``stack`` names what it stands on.

    ``x`` and ``y`` are of the same length; what is no number in ``y`` is a gap. ``right`` is the second axis.
    """

    name: str
    shape: str
    x: Sequence[Any]
    y: Sequence[Any]
    right: bool = False
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart to be drawn in characters; ``across`` says that its bars lie down."""

    title: str
    x: PlotAxis
    y: PlotAxis
    right: PlotAxis
    series: Sequence[PlotSeries]
    across: bool = False
    notes: Sequence[str] = ()
