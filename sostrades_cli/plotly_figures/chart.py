"""Charts of post-processing and read-only mode: plotly figures with a few fields of the server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.http.json_stream_guard import PARSER_ERRORS, guarded
from sostrades_cli.api.protocol import json_kind, unusable
from sostrades_cli.plotly_figures.figure import Figure, Series
from sostrades_cli.plotly_figures.typed_arrays import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sostrades_cli.api.models import Json

# Numbers that JSON lacks, as the lines of csv_data write them.
_NO_JSON: Final = frozenset({"nan", "inf", "-inf"})
_WIDE: Final = 2


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of a discipline; ``section`` and ``is_key`` are ``None`` if the source lacks them.

    ``csv`` are the lines of the server's ``csv_data``, the only source of nan and infinite numbers.
    """

    discipline: str
    figure: Figure
    section: str | None = None
    is_key: bool | None = None
    csv: tuple[str, ...] = ()

    @classmethod
    def from_api(cls, discipline: str, fields: dict[str, Json]) -> Chart:
        """Read one chart."""
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
        """The title without tags; empty if there is none."""
        return self.figure.title

    def series(self) -> list[Series]:
        """Return its traces as numbers, with nan and infinite ones from ``csv``."""
        found = self.figure.series()
        rows = [line.split(",") for line in self.csv[1:]]
        if len(found) == 1 and found[0].kind in ("table", "pie"):
            return [_told_of_columns(found[0], rows)]
        # The server does not quote texts: one with a comma makes rows of another width.
        if not rows or not all(len(row) == _WIDE * len(found) for row in rows):
            return found
        pairs = [list(zip(*(row[at : at + _WIDE] for row in rows), strict=True)) for at in range(0, 2 * len(found), 2)]
        return [_told(series, cells) for series, cells in zip(found, pairs, strict=True)]


def _told(series: Series, cells: Sequence[Sequence[str]]) -> Series:
    """Replace nulls in x and y by the numbers of the lines; a series may be shorter than the longest one."""
    if list(series.columns) != ["x", "y"]:
        return series
    if series.horizontal:
        # Horizontal bars have their names in y; the lines begin with names.
        cells = cells[::-1]
    columns = {
        name: _filled(column, texts) for (name, column), texts in zip(series.columns.items(), cells, strict=True)
    }
    return replace(series, columns=columns)


def _told_of_columns(series: Series, rows: Sequence[Sequence[str]]) -> Series:
    """Replace nulls of a table, which has a line for each column, or of shares, which have one for all values."""
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
    """Read the answer of post-processing as it comes, in the server's order.

    Raises
    ------
    UnusableAnswer
        The answer is no JSON object, or a discipline has no list of charts.

    """
    for discipline, drawn in _items(chunks, ""):
        yield from _charts(discipline, drawn)


def charts_of_read_only(chunks: Iterable[bytes]) -> Iterator[Chart]:
    """Read the charts of a read-only file as it comes: those of every bundle; the rest of the file is passed over.

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
    import ijson  # noqa: PLC0415 - start-up: most requests need none

    found: list[tuple[str, Json]] = ijson.sendable_list()
    # With floats ijson rejects whole numbers that exceed its own.
    parser = ijson.kvitems_coro(found, prefix, use_float=False)
    begun, names = b"", set[str]()
    try:
        for chunk in guarded(chunks):
            begun = begun or chunk.lstrip()[:1]
            if begun not in (b"", b"{"):
                raise unusable("something that is no JSON object")
            parser.send(chunk)
            for name, item in found:
                if name in names:
                    raise unusable(f"{name!r:.80} twice")
                names.add(name)
                yield name, decoded(item)
            del found[:]
        parser.close()
    except (ijson.JSONError, *PARSER_ERRORS) as error:
        raise unusable("something that is not JSON") from error
    yield from ((name, decoded(item)) for name, item in found)
