"""Parameters and changes of them as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE, UNTOLD, has_tables
from sostrades_cli.errors import Different
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.refusals import joined
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, brief, counted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.models import Json
    from sostrades_cli.local.journal import Change, JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.param.selection import ParameterSelection
    from sostrades_cli.operations.tables.table_change import FileChange


CHANGE_COLUMNS: Final = ("key", "type", "old", "new", "unit")
_PLACEHOLDERS: Final = {TABLE: "table", ARRAY: "array"}


def change_rows(plan: Plan) -> Rows:
    """Return what a change replaced, one row for each parameter."""
    values = [_value_row(c) for c in plan.values]
    files = [(c.info.name, c.info.type, None, _rows_of(c), c.info.unit) for c in plan.files]
    total = len(values) + len(files)
    note = f"not sent, since the study holds it already: {plan.unsent} of {total}" if plan.unsent else None
    return _with_notes(Rows(CHANGE_COLUMNS, [*values, *files], notes=_lines(note), quiet_in_pipe=True), plan.notes)


def plan_rows(plan: Plan, requests: Sequence[str], *, exit_code: bool) -> Rows:
    """Return what a plan would change, one row for each parameter that differs, and the requests as a note.

    What would be refused is the error that this stands for.
    """
    values = [_value_row(c) for c in plan.sent_values]
    files = [(c.info.name, c.info.type, None, c.changed_cells, c.info.unit) for c in plan.sent_files]
    failure = joined(plan.refusals)
    if failure is None and exit_code and plan.effective:
        failure = Different(f"{counted(len(plan.effective), 'parameter')} would change", study=plan.study)
    notes = ["nothing was sent; it would be:", *requests] if requests else ["nothing differs: nothing to send"]
    return _with_notes(Rows(CHANGE_COLUMNS, [*values, *files], notes=notes, failure=failure), plan.notes)


def join_rounds(earlier: Rows, later: Rows, keys: Collection[str] | None = None) -> Rows:
    """Join the rows of two rounds of changes, of the later one those of some ``keys``, or all.

    A parameter that both set has its first old value and its last new one.
    """
    joined = {row[0]: row for row in earlier.rows}
    for key, kind, old, new, unit in later.rows:
        if keys is None or key in keys:
            joined[key] = (key, kind, joined[key][2] if key in joined else old, new, unit)
    notes = {one["key"]: one["notes"] for rows in (earlier, later) for one in rows.payload if one["notes"]}
    return _with_notes(replace(earlier, rows=list(joined.values())), notes)


def _with_notes(rows: Rows, notes: Mapping[str, Sequence[str]]) -> Rows:
    """Give the JSON of changes the notes on each parameter, which are on standard error otherwise."""
    plain = ([cell.value if isinstance(cell, TextCell) else cell for cell in row] for row in rows.rows)
    objects = [
        {**dict(zip(rows.columns, row, strict=True)), "notes": list(notes.get(str(row[0]), ()))} for row in plain
    ]
    return replace(rows, payload=objects)


def _value_row(change: ValueChange) -> tuple[object, ...]:
    info = change.info
    new = TextCell(None, "declared default") if change.new is UNTOLD else _value_cell(change.new)
    return info.name, info.type, _value_cell(change.old), new, info.unit


def _rows_of(change: FileChange) -> str:
    return f"{counted(change.table.rows, 'row')} of {change.source}"


def parameters_title(context: Context, study: int, selection: ParameterSelection) -> str:
    """Return the line above a table of parameters: the study, and how many parameters are shown and hidden."""
    name = name_lookup.own_name(context, study, selection.parameters)
    hidden = len(selection.matching) - len(selection.shown)
    more = f", {counted(hidden, 'solver setting')} hidden (--all)" if hidden else ""
    return f"{name + ' · ' if name else ''}study {study} · {counted(len(selection.shown), 'parameter')}{more}"


def brief_value(value: Json) -> str:
    """Shorten a value for a table; a table in it is only named."""
    if isinstance(value, dict) and has_tables(value):
        return "tables"
    return (_PLACEHOLDERS.get(value) if isinstance(value, str) else None) or brief(value)


def history_rows(entries: Sequence[JournalEntry], match: str | None) -> Rows:
    """Return the entries of a journal, one row for each parameter; as JSON the entries themselves."""
    changed = list(dict.fromkeys(change.key for entry in entries for change in entry.changes))
    wanted = set(changed if match is None else name_lookup.fitting(changed, match))
    rows = [
        (entry.entry, entry.time, entry.command, change.key, *_old_and_new(entry, change), entry.outcome)
        for entry in entries
        for change in entry.changes
        if change.key in wanted
    ]
    shown = {row[0] for row in rows}
    payload = [entry.to_json() for entry in entries if entry.entry in shown or (match is None and not entry.changes)]
    note = name_lookup.none_fits(match, changed) if match is not None and not wanted else None
    return Rows(("entry", "time", "command", "key", "old", "new", "outcome"), rows, payload=payload, notes=_lines(note))


def _value_cell(value: Json) -> TextCell:
    return TextCell(value, "table" if has_tables(value) else brief(value))


def _old_and_new(entry: JournalEntry, change: Change) -> tuple[TextCell, TextCell]:
    untold = TextCell(None, "its cases" if entry.command == "sweep" else "declared default")
    return _value_cell(change.old), untold if change.any_new else _value_cell(change.new)


def _lines(note: str | None) -> list[str]:
    return [note] if note else []
