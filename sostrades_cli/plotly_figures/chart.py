"""Parse charts of post-processing and read-only mode: plotly figures with a few fields added by the server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.http.json_stream_guard import PARSER_ERRORS, guarded
from sostrades_cli.api.protocol import json_kind, unusable
from sostrades_cli.plotly_figures.figure import Figure, Series
from sostrades_cli.plotly_figures.repeated_lists import KeptLists
from sostrades_cli.plotly_figures.typed_arrays import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sostrades_cli.api.models import Json

# Numbers that do not exist in JSON, as spelled in csv_data.
_NO_JSON: Final = frozenset({"nan", "inf", "-inf"})
# Each series has two columns in the CSV, x and y.
_WIDE: Final = 2


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a discipline. ``section`` and ``is_key`` are ``None`` if the source does not contain them.

    ``csv`` are the lines of the server's ``csv_data``. Only they contain nan and infinite numbers.
    """

    discipline: str
    figure: Figure
    section: str | None = None
    is_key: bool | None = None
    csv: tuple[str, ...] = ()

    @classmethod
    def from_api(cls, discipline: str, fields: dict[str, Json]) -> Chart:
        """Build a chart from the server's JSON."""
        section, lines = fields.get("post_processing_section_name"), fields.get("csv_data")
        return cls(
            discipline,
            Figure.from_api(fields.get("data"), fields.get("layout")),
            section if isinstance(section, str) else "",
            fields.get("post_processing_is_key_chart") is True,
            tuple(lines) if isinstance(lines, list) and all(isinstance(line, str) for line in lines) else (),
        )

    @property
    def title(self) -> str:
        """The title without tags, empty if the chart has none."""
        return self.figure.title

    def series(self) -> list[Series]:
        """Return the traces as numbers, with nan and infinity from ``csv``."""
        traces = self.figure.series()
        rows = [line.split(",") for line in self.csv[1:]]
        if len(traces) == 1 and traces[0].kind in ("table", "pie"):
            return [_with_column_lines(traces[0], rows)]
        # The server does not quote texts, so a text with a comma changes the width of its row.
        if not rows or not all(len(row) == _WIDE * len(traces) for row in rows):
            return traces
        pairs = [list(zip(*(row[at : at + _WIDE] for row in rows), strict=True)) for at in range(0, 2 * len(traces), 2)]
        return [_with_csv_numbers(trace, cells) for trace, cells in zip(traces, pairs, strict=True)]


def _with_csv_numbers(series: Series, cells: Sequence[Sequence[str]]) -> Series:
    """Replace nulls in x and y by the numbers of the CSV. A series may be shorter than the CSV."""
    if list(series.columns) != ["x", "y"]:
        return series
    if series.horizontal:
        # Horizontal bars have their names in y, but in the CSV names come first.
        cells = cells[::-1]
    columns = {
        name: _filled(column, texts) for (name, column), texts in zip(series.columns.items(), cells, strict=True)
    }
    return replace(series, columns=columns)


def _with_column_lines(series: Series, rows: Sequence[Sequence[str]]) -> Series:
    """Replace nulls of a table or of shares by the numbers of the CSV."""
    # The CSV of a table has a line per column. The CSV of shares has a single line for all values.
    names = ["y"] if series.kind == "pie" else list(series.columns)
    if len(rows) != len(names):
        return series
    fitting = {
        name: row for name, row in zip(names, rows, strict=True) if len(row) == len(series.columns.get(name, ()))
    }
    columns = {
        name: _filled(column, fitting[name]) if name in fitting else column for name, column in series.columns.items()
    }
    return replace(series, columns=columns)


def _filled(column: Sequence[Json], texts: Sequence[str]) -> Sequence[Json]:
    if None not in column:
        return column
    return [_number(cell, text) for cell, text in zip_longest(column, texts[: len(column)])]


def _number(cell: Json, text: str | None) -> Json:
    return float(text) if cell is None and text in _NO_JSON else cell


def charts_from_api(chunks: Iterable[bytes]) -> Iterator[Chart]:
    """Parse the answer of post-processing as it arrives, in the server's order.

    Raises
    ------
    UnusableAnswer
        The answer is not a JSON object, or a discipline has no list of charts.

    """
    for discipline, drawn in _items(chunks, ""):
        yield from _charts(discipline, drawn)


def charts_of_read_only(chunks: Iterable[bytes]) -> Iterator[Chart]:
    """Parse the charts of every bundle in a read-only file as it arrives. The rest of the file is skipped.

    Raises
    ------
    UnusableAnswer
        The file is not JSON, or a discipline has no list of bundles.

    """
    for discipline, bundles in _items(chunks, "post_processings"):
        if not isinstance(bundles, list):
            raise unusable(f"bundles of charts that are a JSON {json_kind(bundles)}")
        for bundle in bundles:
            if isinstance(bundle, dict):
                yield from _charts(discipline, bundle.get("post_processings", []))


def _charts(discipline: str, drawn: Json) -> Iterator[Chart]:
    if not isinstance(drawn, list):
        raise unusable(f"charts that are a JSON {json_kind(drawn)}")
    for chart in drawn:
        if isinstance(chart, dict):
            yield Chart.from_api(discipline, chart)


def _items(chunks: Iterable[bytes], prefix: str) -> Iterator[tuple[str, Json]]:
    """Yield names and values of an object within a document, each as soon as it is complete."""
    import ijson

    parsed: list[tuple[str, Json]] = ijson.sendable_list()
    # With floats, ijson rejects integers beyond 64 bits.
    parser = ijson.kvitems_coro(parsed, prefix, use_float=False)
    first_byte, names, lists = b"", set[str](), KeptLists()
    try:
        for chunk in guarded(chunks):
            first_byte = first_byte or chunk.lstrip()[:1]
            if first_byte not in (b"", b"{"):
                # Without this check ijson would silently yield nothing for an array.
                raise unusable("something that is not a JSON object")
            parser.send(chunk)
            for name, item in parsed:
                if name in names:
                    raise unusable(f"{name!r:.80} twice")
                names.add(name)
                yield name, lists.once(decoded(item))
            del parsed[:]
        parser.close()
    except (ijson.JSONError, *PARSER_ERRORS) as error:
        raise unusable("something that is not JSON") from error
    yield from ((name, lists.once(decoded(item))) for name, item in parsed)
