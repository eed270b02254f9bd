"""Turn the output of `study load` into assignments of the inputs that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import LoadFault
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.operations.param.value_words import value_words
from sostrades_cli.operations.study.load import Loaded, load, load_live, read_only_parameters
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.output.text import counted, plain
from sostrades_cli.solver_settings import RESIDUALS
from sostrades_cli.study_reference import full_key, likely_name, short_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import ListedRows, LoadedValues


def assignments_of(context: Context, study: int, loaded: LoadedValues) -> list[Assignment]:
    """Return the assignments of inputs that differ, or of all if none does.

    The file may be of another study, such as the source of a copy. A load has neither tables nor arrays, and shows no
    value for some parameters that have one.
    """
    present, known = _present(context, study)
    # Names begin with the study's own name, which differs between a study and its copy.
    before, after = likely_name("", loaded.entries), own_name(context, study, present or known)
    own = {name: full_key(after, short_key(before, name)) for name in loaded.entries}
    tables = [name for name, fields in loaded.entries.items() if has_tables(fields["value"])]
    _note_tables(context, len(tables))
    inputs = [
        _assignment(own[name], fields)
        for name, fields in loaded.entries.items()
        # null may stand for nan, infinity or no value, and sending null resets a parameter to its default.
        if name not in tables and fields["value"] is not None and not _is_computed(own[name], known)
    ]
    # If nothing differs, the plan reports all of them as unchanged.
    return [item for item in inputs if not _is_unchanged(item, present)] or inputs


def edited_rows(context: Context, study: int, listed: ListedRows) -> list[Assignment]:
    """Return the assignments of the rows whose value is not the one that ``study load`` shows now.

    If loading is broken, it shows values of the last run, so only rows with a word for a value are left out.
    """
    try:
        loaded = load(context, study)
    except LoadFault:
        loaded = Loaded({}, {}, read_only=True)
    read_only_parameters(context, study)
    present, known = loaded.parameters, context.cache.parameters_of(study)
    # A row such as a total has no full name.
    before = likely_name("", [row.key for row in listed.rows if "." in row.key])
    after = own_name(context, study, present or known)
    rows = [
        replace(row, key=full_key(after, short_key(before, row.key))) if "." in row.key else row for row in listed.rows
    ]
    tables = [row for row in rows if row.key in present and has_tables(present[row.key].value) and not row.file]
    _note_tables(context, len(tables))
    rows = [row for row in rows if row not in tables and not _is_computed(row.key, known)]
    words = value_words(context, study, [present[row.key] for row in rows if row.key in present])
    values = words if loaded.read_only else {name: parameter.value for name, parameter in present.items()} | words
    edited = [row for row in rows if row.file or row.key not in values or plain(values[row.key]) != row.text]
    # If nothing differs, the plan reports all of them as unchanged.
    return edited or [row for row in rows if row.key not in words]


def _note_tables(context: Context, count: int) -> None:
    if count:
        context.notify(
            f"skipped: {counted(count, 'table')}, because a load does not contain tables. "
            "To copy them, use `sostrades study export` and `sostrades study apply`"
        )


def _present(context: Context, study: int) -> tuple[Mapping[str, Parameter], Mapping[str, CachedParameter]]:
    """Return the parameters of a load, none if loading is broken, and those of the cache."""
    try:
        present: Mapping[str, Parameter] = load_live(context, study).parameters
    except LoadFault:
        present = {}
    # Only read-only mode shows which parameters a run computes.
    read_only_parameters(context, study)
    return present, context.cache.parameters_of(study)


def _assignment(key: str, fields: Mapping[str, Json]) -> Assignment:
    unit = fields.get("unit")
    return Assignment(key, value=fields["value"], unit=unit if isinstance(unit, str) else None)


def _is_computed(name: str, known: Mapping[str, CachedParameter]) -> bool:
    return name.rpartition(".")[2] == RESIDUALS or (name in known and is_output(known[name]))


def _is_unchanged(assignment: Assignment, present: Mapping[str, Parameter]) -> bool:
    return assignment.key in present and identical(present[assignment.key].value, assignment.value)
