"""Build the charts of a report: indices as bars, scatter plots, and parallel coordinates."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sostrades_cli.operations.calc.analyze.design_record import ELEMENTARY_EFFECTS, SOBOL_INDICES
from sostrades_cli.operations.calc.analyze.indices import FIELDS, WORDS, title_of
from sostrades_cli.operations.postproc.offline_page import PageChart
from sostrades_cli.output.text import shortened, tail
from sostrades_cli.plotly_figures.figure import Figure
from sostrades_cli.plotly_figures.repeated_lists import PLACE

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.analyze.analysis import Analysis, AnalyzedOutput
    from sostrades_cli.operations.calc.analyze.columns import InputColumn

# More points make a page slow, and cannot be told apart.
MOST_POINTS: Final = 2_000
MOST_BARS: Final = 25
# More axes side by side cannot be told apart.
MOST_AXES: Final = 11
_LONGEST_LABEL: Final = 40
_LONGEST_TICK: Final = 16
_MOST_TICKS: Final = 12
_INDICES, _PARALLEL, _SCATTER = "Indices", "Parallel coordinates", "Scatter plots"
_MARKER: Final = {"size": 5, "opacity": 0.6}
_BARS: Final = {SOBOL_INDICES: ("ST", "S1"), ELEMENTARY_EFFECTS: ("mu_star", "sigma")}


class _Piece(NamedTuple):
    """A chart of an output: the title of its section, its own title, its figure, and a note."""

    section: str
    title: str
    figure: Figure
    note: str = ""


@dataclass
class SharedColumns:
    """The lists of a page, each stored once although several charts use it."""

    lists: list[list[Json]] = field(default_factory=list)
    _positions: dict[Hashable, int] = field(default_factory=dict)

    def reference(self, key: Hashable, cells: Sequence[Json]) -> dict[str, int]:
        """Return a reference to a list, which the script of the page resolves. The list is stored under ``key``."""
        if key not in self._positions:
            self._positions[key] = len(self.lists)
            self.lists.append(list(cells))
        return {PLACE: self._positions[key]}


@dataclass(frozen=True)
class ChartBuilder:
    """Builds the charts of an analysis. ``rows`` are the positions of the cases that are drawn."""

    analysis: Analysis
    shared: SharedColumns
    rows: Sequence[int]

    def charts(self) -> list[PageChart]:
        """Return the charts of each output that is not constant."""
        drawn = [output for output in self.analysis.outputs if not output.summary.is_constant]
        pieces = [(output.column.name, piece) for output in drawn for piece in self._charts_of(output)]
        return [
            PageChart(
                number,
                piece.title,
                output,
                piece.section,
                # There is a scatter plot per input, so `key charts only` hides them.
                is_key=piece.section != _SCATTER,
                figure=piece.figure,
                note=piece.note,
                is_wide=piece.section == _PARALLEL,
            )
            for number, (output, piece) in enumerate(pieces, 1)
        ]

    def _charts_of(self, output: AnalyzedOutput) -> Iterator[_Piece]:
        ranked = self._ranked(output)
        if output.indices is not None and output.indices.inputs:
            yield from self._index_charts(output)
        drawn = [row for row in self.rows if output.column.numbers[row] is not None]
        axes = ranked[:MOST_AXES]
        note = f"{MOST_AXES} of {len(ranked)} inputs" if len(axes) < len(ranked) else ""
        title = f"All cases by {output.column.name}"
        yield _Piece(_PARALLEL, title, self._parallel(axes, output, drawn), note)
        for column in ranked:
            title = f"{column.name} and {output.column.name}"
            yield _Piece(_SCATTER, title, self._scatter(column, output, drawn))

    def _ranked(self, output: AnalyzedOutput) -> list[InputColumn]:
        """Return the inputs, the most influential first."""
        ranks = {item.name: rank for rank, item in enumerate(output.indices.inputs)} if output.indices else {}
        return sorted(self.analysis.inputs, key=lambda column: ranks.get(column.name, len(ranks)))

    def _index_charts(self, output: AnalyzedOutput) -> Iterator[_Piece]:
        kind, name = str(self.analysis.kind), output.column.name
        ranked = output.indices.inputs if output.indices is not None else []
        largest = ranked[:MOST_BARS]
        note = f"the {MOST_BARS} largest of {len(ranked)}" if len(largest) < len(ranked) else ""
        labels = list(_labels([item.name for item in largest]).values())
        values = [item.values for item in largest]
        yield _Piece(_INDICES, title_of(kind, name), _bars(kind, labels, values), note)
        if kind != SOBOL_INDICES:
            yield _Piece(_INDICES, f"mu* and sigma of {name}", _plane(labels, values), note)

    def _scatter(self, column: InputColumn, output: AnalyzedOutput, drawn: Sequence[int]) -> Figure:
        x = [column.cells[row] for row in drawn]
        cells: list[Json] = x if column.is_number else [_escaped(str(cell), _LONGEST_LABEL) for cell in x]
        rows = _rows_key(output)
        trace = {
            "type": "scatter",
            "mode": "markers",
            "name": "",
            "x": self.shared.reference(("input", column.name, rows), cells),
            "y": self.shared.reference(("output", id(output)), [output.column.numbers[row] for row in drawn]),
            "text": self.shared.reference(("case", rows), [_escaped(self.analysis.cases[row].name) for row in drawn]),
            "marker": _MARKER,
        }
        # Without an explicit type, plotly would interpret some texts as dates or numbers.
        axis = {"type": "linear" if column.is_number else "category", "title": {"text": _escaped(column.name)}}
        return Figure([trace], {"xaxis": axis, "yaxis": _linear(output.column.name), "hovermode": "closest"})

    def _parallel(self, axes: Sequence[InputColumn], output: AnalyzedOutput, drawn: Sequence[int]) -> Figure:
        rows = _rows_key(output)
        numbers = self.shared.reference(("output", id(output)), [output.column.numbers[row] for row in drawn])
        dimensions = [self._dimension(column, rows, drawn) for column in axes]
        dimensions.append({"label": _tail(output.column.name), "values": numbers})
        line = {"color": numbers, "colorscale": "Viridis"}
        # Slanted labels of neighbouring axes do not overlap.
        trace = {"type": "parcoords", "dimensions": dimensions, "line": line, "labelangle": -20}
        return Figure([trace], {})

    def _dimension(self, column: InputColumn, rows: Hashable, drawn: Sequence[int]) -> dict[str, Json]:
        cells = [column.cells[row] for row in drawn]
        label = _tail(column.name)
        if column.is_number:
            numbers = {"label": label, "values": self.shared.reference(("input", column.name, rows), cells)}
            levels = sorted(set(cells))
            # Otherwise, plotly may draw ticks such as 2.5, which is not a value of the input.
            if len(levels) <= _MOST_TICKS and all(isinstance(level, int) for level in levels):
                return {**numbers, "tickvals": levels}
            return numbers
        # Parallel coordinates have only numeric axes, so each text is drawn at its number.
        texts = list(dict.fromkeys(map(str, cells)))
        numbers_of = {text: number for number, text in enumerate(texts)}
        codes = self.shared.reference(("code", column.name, rows), [numbers_of[str(cell)] for cell in cells])
        ticks = [_escaped(text, _LONGEST_TICK) for text in texts]
        return {"label": label, "values": codes, "tickvals": list(range(len(texts))), "ticktext": ticks}


def _rows_key(output: AnalyzedOutput) -> Hashable:
    """Return a key that is equal for outputs that are drawn for the same cases."""
    # The name cannot be the key, because an entry of a dict may have the name of another output.
    return id(output) if output.summary.missing else None


def drawn_rows(total: int) -> list[int]:
    """Return the positions of the cases to draw: all of a few cases, or a repeatable sample of many."""
    if total <= MOST_POINTS:
        return list(range(total))
    # A design has samples of a fixed number of cases, so even steps could select the same case of every sample.
    return sorted(random.Random(total).sample(range(total), MOST_POINTS))  # noqa: S311 - no secret


def _bars(kind: str, labels: Sequence[str], values: Sequence[Mapping[str, Json]]) -> Figure:
    traces: list[dict[str, Json]] = []
    for name in _BARS[kind]:
        trace: dict[str, Any] = {
            "type": "bar",
            "orientation": "h",
            "name": WORDS[name],
            "y": labels,
            "x": [item[name] for item in values],
        }
        if (confidence := f"{name}_conf") in FIELDS[kind]:
            trace["error_x"] = {"type": "data", "array": [item[confidence] for item in values], "thickness": 1}
        traces.append(trace)
    y = {"type": "category", "autorange": "reversed", "dtick": 1}
    return Figure(traces, {"yaxis": y, "xaxis": {"type": "linear"}, "barmode": "group"})


def _plane(labels: Sequence[str], values: Sequence[Mapping[str, Json]]) -> Figure:
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "name": "",
        "x": [item["mu_star"] for item in values],
        "y": [item["sigma"] for item in values],
        "text": labels,
        "textposition": "top center",
        # The page moves or leaves out names that overlap, so each point has its name twice.
        "hovertext": labels,
        "meta": "names",
        "cliponaxis": False,
    }
    return Figure([trace], {"xaxis": _linear("mu*"), "yaxis": _linear("sigma"), "hovermode": "closest"})


def _linear(title: str) -> dict[str, Json]:
    return {"type": "linear", "title": {"text": _escaped(title)}}


def _labels(names: Sequence[str]) -> dict[str, str]:
    """Return a label for each name: its end, where names of parameters differ, or the whole name if two are equal."""
    labels = {name: _tail(name) for name in names}
    return labels if len(set(labels.values())) == len(names) else {name: _escaped(name) for name in names}


def _tail(name: str) -> str:
    return _escaped(tail(name, _LONGEST_LABEL))


def _escaped(text: str, longest: int = 200) -> str:
    """Return a text that plotly shows unchanged, because it interprets HTML tags in texts."""
    return escape(shortened(text, longest), quote=False)
