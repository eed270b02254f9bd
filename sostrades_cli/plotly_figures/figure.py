"""Plotly figures: the parts that the tool reads, typed; the rest stays as the server wrote it."""

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
_NAMES: Final = {"choropleth": "map", "parcoords": "parallel coordinates", "scattermap": "map"}


def has_placeholders(value: Json, placeholders: Collection[str] = (ARRAY, TABLE, UNREADABLE)) -> bool:
    """Return whether a placeholder stands in the place of numbers."""
    left: list[Json] = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict | list):
            left += [
                item for item in (one.values() if isinstance(one, dict) else one) if isinstance(item, dict | list | str)
            ]
        elif one in placeholders:
            return True
    return False


@dataclass(frozen=True, slots=True)
class FigureAxis:
    """An axis: its title, with a name and a unit in brackets; ``kind`` is plotly's own, such as ``log``."""

    title: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        """The title without its unit."""
        found = _UNIT.fullmatch(self.title)
        return found.group(1) if found else self.title

    @property
    def unit(self) -> str | None:
        """The unit, such as ``G$`` of ``output [G$]``."""
        found = _UNIT.fullmatch(self.title)
        return found.group(2) if found else None


@dataclass(frozen=True, slots=True)
class Series:
    """A trace as numbers: columns by name, such as ``x`` and ``y``; ``stack`` names what it is stacked on."""

    name: str
    kind: str
    columns: Mapping[str, Sequence[Json]]
    second_axis: bool = False
    horizontal: bool = False
    stack: str = ""

    @property
    def points(self) -> int:
        """The number of its points."""
        return max(map(len, self.columns.values()), default=0)

    def rows(self) -> Iterator[tuple[Json, ...]]:
        """Yield its points, with ``None`` for columns that are shorter than others."""
        return itertools.zip_longest(*self.columns.values())


@dataclass(frozen=True)
class Figure:
    """A figure: ``traces`` and ``layout`` are plotly's own objects."""

    traces: list[dict[str, Json]]
    layout: dict[str, Json]

    @classmethod
    def from_api(cls, data: Json, layout: Json) -> Figure:
        """Make a figure of JSON; items that are no traces are left out."""
        traces = [trace for trace in data if isinstance(trace, dict)] if isinstance(data, list) else []
        return cls(traces, layout if isinstance(layout, dict) else {})

    @property
    def title(self) -> str:
        """The plain title; empty if there is none."""
        return _title(self.layout)

    @cached_property
    def lacks_numbers(self) -> bool:
        """Return whether placeholders stand in the place of numbers; cached, because it visits every number."""
        return has_placeholders(self.traces)

    @cached_property
    def is_unreadable(self) -> bool:
        """Return whether numbers exist but cannot be decoded."""
        return self.lacks_numbers and has_placeholders(self.traces, (UNREADABLE,))

    @property
    def kind(self) -> str:
        """Return the kinds of its traces, such as ``line`` or ``bar + line``; ``empty`` without any."""
        return " + ".join(dict.fromkeys(self._kind(trace) for trace in self.traces)) or "empty"

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the figure within its discipline, the same in every source."""
        return (self.title, *(f"{_type(trace)} {trace.get('name')}" for trace in self.traces))

    def axis(self, name: str) -> FigureAxis:
        """Return ``xaxis``, ``yaxis`` or ``yaxis2``."""
        found = self.layout.get(name)
        kind = found.get("type") if isinstance(found, dict) else None
        return FigureAxis(_title(found) if isinstance(found, dict) else "", kind if isinstance(kind, str) else "")

    def series(self) -> list[Series]:
        """Return its traces as numbers."""
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
    # Without a mode plotly joins the points.
    mode = trace.get("mode", "lines")
    return "line" if isinstance(mode, str) and "lines" in mode else "scatter"


def _type(trace: dict[str, Json]) -> str:
    """Return a trace's type; plotly's default is a scatter."""
    kind = trace.get("type")
    return kind if isinstance(kind, str) else "scatter"


def _title(holder: dict[str, Json]) -> str:
    title = holder.get("title")
    return plain(title.get("text") if isinstance(title, dict) else title)
