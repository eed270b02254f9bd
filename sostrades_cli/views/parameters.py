"""Parameters as rows: what is shown, what is hidden, and how a value looks in short."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE, UNTOLD, Phase, has_tables
from sostrades_cli.errors import Different, SostradesError
from sostrades_cli.exit_codes import severity
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.refusals import joined
from sostrades_cli.output.results import Rows
from sostrades_cli.output.text import TextCell, brief, counted, rounded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sostrades_cli.api.calculations import CalculationsApi
    from sostrades_cli.api.models import Json, Parameter, RunStatus
    from sostrades_cli.local.journal import Change, JournalEntry
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan, ValueChange
    from sostrades_cli.operations.tables.table_change import FileChange


NO_RUN: Final = "NO RUN"
# Columns with texts of the server about its whole host, such as 0.5/2 and 1.05/23.54 [GB].
LOADS: Final = frozenset({"cpu", "memory"})
CHANGE_COLUMNS: Final = ("key", "type", "old", "new", "unit")
_PLACEHOLDERS: Final = {TABLE: "table", ARRAY: "array"}


@dataclass(frozen=True, slots=True)
class ParameterSelection:
    """The names of the parameters that fit, and of those that are shown of them.

    ``note`` is for people who asked for what is not there.
    """

    parameters: Mapping[str, Parameter]
    matching: list[str]
    shown: list[str]
    note: str | None = None


def choose(parameters: Mapping[str, Parameter], *, match: str | None, everything: bool) -> ParameterSelection:
    """Choose by glob (or by a part of the name, where it is none), then hide solver settings."""
    found = list(parameters) if match is None else name_lookup.fitting(parameters, match)
    shown = [name for name in found if everything or not parameters[name].is_solver_setting]
    note = name_lookup.none_fits(match, parameters) if match is not None and not found else None
    if found and not shown:
        note = f"only {counted(len(found), 'solver setting')} {'fits' if len(found) == 1 else 'fit'}: --all shows them"
    return ParameterSelection(parameters, found, shown, note)


def parameter_rows(chosen: ParameterSelection, title: str, payload: Json) -> Rows:
    """Return name, type, unit and value of each; ``payload`` is what ``-F json`` prints."""
    columns = ("parameter", "type", "unit", "value")
    rows = [(p.name, p.type, p.unit, p.value) for p in map(chosen.parameters.__getitem__, chosen.shown)]
    return Rows(columns, rows, payload=payload, title=title, note=chosen.note, briefs={"value": _brief})


def kind_rows(chosen: ParameterSelection, title: str) -> Rows:
    """Return name, kind (input, output, coupling or solver), type, unit and value of each."""
    shown = map(chosen.parameters.__getitem__, chosen.shown)
    rows = [(p.name, kind_of(p), p.type, p.unit, p.value) for p in shown]
    columns = ("parameter", "kind", "type", "unit", "value")
    return Rows(columns, rows, title=title, note=chosen.note, briefs={"value": _brief})


def kind_of(parameter: Parameter) -> str:
    """Return what a parameter is to the model; a coupling variable with a start value is an input of a loop, too."""
    if parameter.is_solver_setting:
        return "solver"
    # A load has no word for coupling, but marks start values as optional.
    if parameter.coupling or (parameter.coupling is None and parameter.optional):
        return "coupling"
    return "output" if parameter.io_type == "out" else "input"


def change_rows(plan: Plan) -> Rows:
    """Return what a change replaced, one row for each parameter."""
    values = [_value_row(c) for c in plan.values]
    files = [(c.info.name, c.info.type, None, _rows_of(c), c.info.unit) for c in plan.files]
    total = len(values) + len(files)
    note = f"not sent, since the study holds it already: {plan.unsent} of {total}" if plan.unsent else None
    return _with_notes(Rows(CHANGE_COLUMNS, [*values, *files], note=note, quiet_in_pipe=True), plan.notes)


def plan_rows(plan: Plan, requests: Sequence[str], *, exit_code: bool) -> Rows:
    """Return what a plan would change, one row for each parameter that differs, and the requests as a note.

    What would be refused is the error that this stands for.
    """
    values = [_value_row(c) for c in plan.sent_values]
    files = [(c.info.name, c.info.type, None, c.changed_cells, c.info.unit) for c in plan.sent_files]
    failure = joined(plan.refusals)
    if failure is None and exit_code and plan.effective:
        failure = Different(f"{counted(len(plan.effective), 'parameter')} would change", study=plan.study)
    note = "\n".join(["nothing was sent; it would be:", *requests]) if requests else "nothing differs: nothing to send"
    return _with_notes(Rows(CHANGE_COLUMNS, [*values, *files], note=note, failure=failure), plan.notes)


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


def status_rows(states: Sequence[RunStatus]) -> Rows:
    """Return the state of one study or several; as JSON the server's own object, or a list of them."""
    rows = [(s.study, s.status or NO_RUN, _tally(s), s.cpu, s.memory) for s in states]
    payload = [s.payload for s in states]
    columns = ("study", "status", "disciplines", "cpu", "memory")
    return Rows(
        columns,
        rows,
        payload=payload[0] if len(payload) == 1 else payload,
        briefs=dict.fromkeys(LOADS, rounded),
        right=LOADS,
    )


def statuses(calculations: CalculationsApi, studies: Sequence[int]) -> Rows:
    """Ask for each study; one that cannot be seen does not hide the others, and is the error of all.

    Raises
    ------
    SostradesError
        None can be seen.

    """
    states, failures = [], []
    for study in studies:
        try:
            states.append(calculations.status(study))
        except SostradesError as error:
            failures.append(error)
    if not states:
        raise failures[0]
    rows = status_rows(states)
    several = [state.payload for state in states] if len(studies) > 1 else rows.payload
    worst = max(failures, key=severity) if failures else None
    if worst is not None and len(failures) > 1:
        worst.detail = "\n".join(error.message for error in failures)
    return replace(rows, payload=several, failure=worst)


def _tally(state: RunStatus) -> str:
    """Count disciplines by status; those that stay PENDING after the end tell nothing and are not shown."""
    counts = Counter(state.disciplines.values())
    if state.phase is not Phase.ACTIVE:
        counts.pop("PENDING", None)
    return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def title(context: Context, study: int, chosen: ParameterSelection) -> str:
    """Return the line above a table of parameters: the study, how many are shown, how many hidden."""
    name = name_lookup.own_name(context, study, chosen.parameters)
    left = len(chosen.matching) - len(chosen.shown)
    hidden = f", {counted(left, 'solver setting')} hidden (--all)" if left else ""
    return f"{name + ' · ' if name else ''}study {study} · {counted(len(chosen.shown), 'parameter')}{hidden}"


def _brief(value: Json) -> str:
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
    return Rows(("entry", "time", "command", "key", "old", "new", "outcome"), rows, payload=payload, note=note)


def _value_cell(value: Json) -> TextCell:
    return TextCell(value, "table" if has_tables(value) else brief(value))


def _old_and_new(entry: JournalEntry, change: Change) -> tuple[TextCell, TextCell]:
    untold = TextCell(None, "its cases" if entry.command == "sweep" else "declared default")
    return _value_cell(change.old), untold if change.any_new else _value_cell(change.new)
