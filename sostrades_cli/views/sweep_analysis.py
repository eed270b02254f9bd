"""The analysis of a sweep beside its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.operations.calc.analyze.indices import FIELDS, rounded
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import TextCell, plain
from sostrades_cli.views.sweep import PREVIEW

if TYPE_CHECKING:
    from sostrades_cli.operations.calc.analyze.analysis import Analysis
    from sostrades_cli.operations.calc.analyze.write import WrittenAnalysis


def analyzed(cases: Rows, written: WrittenAnalysis | None) -> Rows:
    """Return the rows of a sweep with its analysis, if there is one. A terminal gets the largest indices."""
    if written is None:
        return cases
    payload = None
    if cases.columns:
        objects = [dict(zip(cases.columns, row, strict=True)) for row in cases.rows]
        payload = {"cases": objects, "analysis": written.document}
    # The indices say more than the first rows, and both together would fill the window.
    preview = _index_table(written.analysis) or cases.preview
    notes = [*cases.notes, f"analysis: {written.page}", *written.analysis.remarks()]
    return cases._replace(payload=payload, notes=notes, preview=preview)


def _index_table(analysis: Analysis) -> TerminalTable | None:
    """Return the largest indices of each output."""
    if analysis.kind is None:
        return None
    fields = FIELDS[analysis.kind]
    rows = [
        (output.column.name, item.name, *(_index_cell(item.values[name], analysis.kind) for name in fields))
        for output in analysis.outputs
        if output.indices is not None
        for item in output.indices.inputs[:PREVIEW]
    ]
    briefs = {"output": plain, "input": plain}
    return TerminalTable(("output", "input", *fields), rows, briefs=briefs) if rows else None


def _index_cell(number: float | None, kind: str) -> TextCell:
    return TextCell(number, rounded(number, kind), number=True)
