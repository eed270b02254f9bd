"""Lists of parameters with their labels and definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.ontology import UsageInfo
from sostrades_cli.operations.ontology.differences import unit_differs
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import TextCell, listed, shown
from sostrades_cli.views.parameters import NAME

if TYPE_CHECKING:
    from sostrades_cli.operations.ontology.metadata import Labels
    from sostrades_cli.operations.param.selection import ParameterSelection

# In pipes and JSON; a terminal has room for the label only, with its definition below.
COLUMNS: Final = ("label", "definition", "definition_source", "ontology_unit")
# One long name must not push all labels to the right.
_WIDEST_NAME: Final = 60


def with_labels(rows: Rows, selection: ParameterSelection, labels: Labels) -> Rows:
    """Add the columns of the ontology to the rows of a selection, and notes on missing labels and other units."""
    usages = [labels.usages.get(name, UsageInfo()) for name in selection.shown]
    notes = [*rows.notes, *([labels.note] if labels.note else []), *_unit_notes(selection, labels)]
    if not labels.usages:
        # Empty columns would only take room on a terminal; scripts get the same columns in every case.
        empty = (None,) * len(COLUMNS)
        return rows._replace(
            columns=(*rows.columns, *COLUMNS),
            rows=[(*row, *empty) for row in rows.rows],
            notes=notes,
        )
    added = [(u.label or None, u.definition or None, u.definition_source or None, u.unit or None) for u in usages]
    return rows._replace(
        columns=(*rows.columns, *COLUMNS),
        rows=[(*row, *cells) for row, cells in zip(rows.rows, added, strict=True)],
        notes=notes,
        shown=_table(rows, usages),
    )


def _table(rows: Rows, usages: list[UsageInfo]) -> TerminalTable:
    """Return the table of a terminal: the definition is a line below its parameter."""
    from sostrades_cli.output.column_widths import cut

    columns = (NAME, "label", "unit", "value")
    positions = [rows.columns.index(name) for name in columns if name in rows.columns]
    table = []
    for row, usage in zip(rows.rows, usages, strict=True):
        cells = [row[position] for position in positions]
        label = TextCell(usage.label, usage.label, line=" ".join(usage.definition.split()) or None)
        table.append((cells[0], label, *cells[1:]))
    assert isinstance(rows.shown, TerminalTable)  # noqa: S101 - that of a list of parameters
    brief_name = rows.shown.briefs[NAME]
    briefs = {NAME: lambda name: cut(brief_name(name), _WIDEST_NAME), "label": shown}
    return TerminalTable(columns, table, {**rows.shown.briefs, **briefs})


def _unit_notes(selection: ParameterSelection, labels: Labels) -> list[str]:
    """Return a note on the shown parameters whose unit differs from the ontology. The unit of the study applies."""
    differing = [
        name
        for name in selection.shown
        if name in labels.usages and unit_differs(selection.parameters[name].unit, labels.usages[name])
    ]
    if not differing:
        return []
    return [f"the ontology has another unit for {listed(differing)}. The unit of the study applies"]
