"""Plotly figures, with typed access to the parts that the tool needs. Everything else stays unchanged JSON."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE
from sostrades_cli.plotly_figures import trace_columns
from sostrades_cli.plotly_figures.html_tags import plain
from sostrades_cli.plotly_figures.typed_arrays import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json

_UNIT: Final = re.compile(r"(.*?)\s*\[([^\[\]]*)\]")
# The types of values that are placeholders, or can have them.
_SEARCHED: Final = frozenset({dict, list, str})
_NAMES: Final = {"choropleth": "map", "parcoords": "parallel coordinates", "scattermap": "map"}


def has_placeholders(value: Json, placeholders: Collection[str] = (ARRAY, TABLE, UNREADABLE)) -> bool:
    """Return whether a placeholder replaces numbers."""
    # Without recursion, because it visits every number of a figure.
    left: list[Json] = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict | list):
            inner = item.values() if isinstance(item, dict) else item
            left += [part for part in inner if type(part) in _SEARCHED]
        elif item in placeholders:
            return True
    return False


@dataclass(frozen=True, slots=True)
class FigureAxis:
    """An axis: its title, which has a name and a unit in brackets, and plotly's ``kind`` of axis, such as ``log``.

    A ``reversed`` axis begins at the top or on the right.
    """

    title: str = ""
    kind: str = ""
    reversed: bool = False

    @property
    def name(self) -> str:
        """The title without its unit."""
        match = _UNIT.fullmatch(self.title)
        return match.group(1) if match else self.title

    @property
    def unit(self) -> str | None:
        """The unit, such as ``G$`` of ``output [G$]``."""
        match = _UNIT.fullmatch(self.title)
        return match.group(2) if match else None


@dataclass(frozen=True, slots=True)
class Series:
    """A trace as columns by name, such as ``x`` and ``y``. Series with the same ``stack`` are stacked."""

    name: str
    kind: str
    columns: Mapping[str, Sequence[Json]]
    second_axis: bool = False
    horizontal: bool = False
    stack: str = ""

    @property
    def points(self) -> int:
        """The number of points."""
        return max(map(len, self.columns.values()), default=0)

    def rows(self) -> Iterator[tuple[Json, ...]]:
        """Yield the points, with ``None`` for columns that are shorter than others."""
        return itertools.zip_longest(*self.columns.values())


@dataclass(frozen=True)
class Figure:
    """A figure: ``traces`` and ``layout`` are plotly's own objects."""

    traces: list[dict[str, Json]]
    layout: dict[str, Json]

    @classmethod
    def from_api(cls, data: Json, layout: Json) -> Figure:
        """Build a figure from JSON. Items that are not traces are skipped."""
        traces = [trace for trace in data if isinstance(trace, dict)] if isinstance(data, list) else []
        return cls(traces, layout if isinstance(layout, dict) else {})

    @property
    def title(self) -> str:
        """The plain title, empty if the figure has none."""
        return _title(self.layout)

    @cached_property
    def lacks_numbers(self) -> bool:
        """Return whether placeholders replace numbers."""
        # Cached, because this visits every number of the figure.
        return has_placeholders(self.traces)

    @cached_property
    def is_unreadable(self) -> bool:
        """Return whether numbers exist but cannot be decoded."""
        return self.lacks_numbers and has_placeholders(self.traces, (UNREADABLE,))

    @property
    def kind(self) -> str:
        """Return the kinds of the traces, such as ``line`` or ``bar + line``, or ``empty`` without traces."""
        return " + ".join(dict.fromkeys(self._kind(trace) for trace in self.traces)) or "empty"

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the figure within its discipline, the same in every source."""
        return (self.title, *(f"{_type(trace)} {trace.get('name')}" for trace in self.traces))

    def axis(self, name: str) -> FigureAxis:
        """Return the axis ``xaxis``, ``yaxis`` or ``yaxis2``."""
        fields = self.layout.get(name)
        if not isinstance(fields, dict):
            return FigureAxis()
        kind, order = fields.get("type"), str(fields.get("autorange"))
        return FigureAxis(_title(fields), kind if isinstance(kind, str) else "", reversed=order.endswith("reversed"))

    @property
    def color_title(self) -> str:
        """The title of the colour bar of the first trace, such as the unit of a heatmap."""
        bar = self.traces[0].get("colorbar") if self.traces else None
        return _title(bar) if isinstance(bar, dict) else ""

    def series(self) -> list[Series]:
        """Return the traces as columns of numbers."""
        return [self._series(trace) for trace in self.traces]

    def _series(self, trace: dict[str, Json]) -> Series:
        return Series(
            plain(trace.get("name")),
            self._kind(trace),
            trace_columns.columns(_type(trace), trace),
            second_axis=trace.get("yaxis") not in (None, "y"),
            horizontal=trace.get("orientation") == "h",
            stack=self._stack(trace),
        )

    def _stack(self, trace: dict[str, Json]) -> str:
        if _type(trace) == "bar":
            return "bars" if self.layout.get("barmode") in ("stack", "relative") else ""
        return str(trace.get("stackgroup") or "")

    def _kind(self, trace: dict[str, Json]) -> str:
        kind = _type(trace)
        if kind in ("scatter", "scattergl"):
            return _scatter_kind(trace)
        if kind == "bar" and self._stack(trace):
            return "stacked bar"
        return _NAMES.get(kind, kind)


def _scatter_kind(trace: dict[str, Json]) -> str:
    if trace.get("stackgroup") or trace.get("fill") not in (None, "none"):
        return "area"
    # Plotly's default mode joins the points.
    mode = trace.get("mode", "lines")
    return "line" if isinstance(mode, str) and "lines" in mode else "scatter"


def _type(trace: dict[str, Json]) -> str:
    """Return a trace's type. Without a type, plotly draws a scatter."""
    kind = trace.get("type")
    return kind if isinstance(kind, str) else "scatter"


def _title(holder: dict[str, Json]) -> str:
    title = holder.get("title")
    return plain(title.get("text") if isinstance(title, dict) else title)
