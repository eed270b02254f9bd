"""Build the report of an analysis: a page in a single file that needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.operations.calc.analyze.columns import LONGEST_TEXT, finite
from sostrades_cli.operations.calc.analyze.design_record import ELEMENTARY_EFFECTS, SOBOL_INDICES
from sostrades_cli.operations.calc.analyze.indices import CONFIDENCE, FIELDS, WORDS, rounded, title_of
from sostrades_cli.operations.calc.analyze.report_charts import MOST_POINTS, ChartBuilder, SharedColumns, drawn_rows
from sostrades_cli.operations.page_template import Link, origin
from sostrades_cli.operations.postproc.offline_page import ChartPage, LongTable, PageTable
from sostrades_cli.output.text import counted, plain, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.calc.analyze.analysis import Analysis, AnalyzedOutput
    from sostrades_cli.operations.calc.analyze.columns import Number
    from sostrades_cli.operations.calc.sweep.results import SweptCase

# A browser keeps the whole table in memory, and becomes slow.
MOST_ROWS: Final = 20_000
_STATISTICS: Final = ("count", "missing", "mean", "std", "min", "p05", "median", "p95", "max")
_READING: Final = {
    SOBOL_INDICES: (
        "S1 is the share of the variance that an input explains alone, ST with all of its interactions. "
        f"An interval of {CONFIDENCE:.0%} reaches \u00b1 around an estimate."
    ),
    ELEMENTARY_EFFECTS: (
        "mu* is the mean size of the effect of an input: the change of the output, scaled to the whole range of the "
        "input. mu is the same mean with signs. A large sigma means interactions or a curve. "
        f"An interval of {CONFIDENCE:.0%} reaches \u00b1 around an estimate."
    ),
}


def report_of(analysis: Analysis) -> ChartPage:
    """Return the page of an analysis."""
    shared = SharedColumns()
    rows = drawn_rows(len(analysis.cases))
    charts = ChartBuilder(analysis, shared, rows).charts()
    facts: list[str | Link] = [
        Link(f"study {analysis.study}", analysis.url),
        analysis.method,
        counted(len(analysis.cases), "case"),
        f"{analysis.failed} failed",
        *origin(analysis.time, analysis.server),
    ]
    return ChartPage(
        f"{analysis.name}: results of {analysis.cases_file}",
        facts,
        None,
        charts,
        tables=list(_tables(analysis)),
        remarks=list(_remarks(analysis)),
        long_table=_cases(analysis),
        columns=shared.lists,
    )


def _remarks(analysis: Analysis) -> Iterator[str]:
    # Remarks begin with a word, not with a name, so the first letter can be changed.
    yield from (f"{remark[0].upper()}{remark[1:]}." for remark in analysis.remarks())
    if analysis.kind is not None:
        yield _READING[analysis.kind]
    if len(analysis.cases) > MOST_POINTS:
        yield f"The charts show {MOST_POINTS} of the cases, chosen at random."


def _tables(analysis: Analysis) -> Iterator[PageTable]:
    for output in analysis.outputs:
        yield from _index_tables(analysis, output)
    if analysis.outputs:
        rows = [
            (output.column.name, *(_cell(getattr(output.summary, name)) for name in _STATISTICS))
            for output in analysis.outputs
        ]
        yield PageTable("Statistics of the outputs", ("output", *_STATISTICS), rows, texts=1)


def _index_tables(analysis: Analysis, output: AnalyzedOutput) -> Iterator[PageTable]:
    if output.indices is None or not output.indices.inputs:
        return
    kind, name = str(analysis.kind), output.column.name
    fields = FIELDS[kind]
    rows = [(item.name, *(rounded(item.values[field], kind) for field in fields)) for item in output.indices.inputs]
    yield PageTable(title_of(kind, name), ("input", *(WORDS[field] for field in fields)), rows, texts=1)
    if output.indices.pairs:
        pairs = [(*pair.names, rounded(pair.s2, kind), rounded(pair.s2_conf, kind)) for pair in output.indices.pairs]
        yield PageTable(f"Interactions of two inputs on {name}", ("input", "and", "S2", "\u00b1"), pairs, texts=2)


def _cell(number: Number) -> str:
    if number is None:
        return "undefined"
    return str(number) if isinstance(number, int) else f"{number:.4g}"


def _cases(analysis: Analysis) -> LongTable:
    total = len(analysis.cases)
    title = f"Cases ({total})" if total <= MOST_ROWS else f"Cases (the first {MOST_ROWS} of {total})"
    columns = ("case", *(column.name for column in analysis.inputs), "status", "cause", *analysis.keys)
    return LongTable(title, columns, [_row(case) for case in analysis.cases[:MOST_ROWS]])


def _row(case: SweptCase) -> list[Json]:
    return [case.name, *map(_long_cell, case.inputs), case.status, case.cause, *map(_long_cell, case.outputs)]


def _long_cell(value: Json) -> Json:
    """Return a value as the table sorts it: a finite number, or a text, because JSON has only finite numbers."""
    if value is None or finite(value) is not None:
        return value
    return shortened(plain(value), LONGEST_TEXT)
