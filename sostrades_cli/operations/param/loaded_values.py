"""Turn the output of `study load -F json` into assignments of the inputs that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.api.models import has_tables
from sostrades_cli.errors import LoadFault
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.operations.study.load import load_live, read_only_parameters
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.operations.tables.equality import identical
from sostrades_cli.output.text import counted
from sostrades_cli.solver_settings import RESIDUALS
from sostrades_cli.study_reference import full_key, likely_name, short_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.local.cache import CachedParameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.assignments import LoadedValues


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
    if tables:
        context.notify(
            f"skipped: {counted(len(tables), 'table')}, because a load does not contain tables. "
            "To copy them, use `sostrades study export` and `sostrades study apply`"
        )
    inputs = [
        _assignment(own[name], fields)
        for name, fields in loaded.entries.items()
        # null may stand for nan, infinity or no value, and sending null resets a parameter to its default.
        if name not in tables and fields["value"] is not None and not _is_computed(own[name], known)
    ]
    # If nothing differs, the plan reports all of them as unchanged.
    return [item for item in inputs if not _is_unchanged(item, present)] or inputs


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
