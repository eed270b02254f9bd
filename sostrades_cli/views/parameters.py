"""The display of parameters in tables."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import has_tables
from sostrades_cli.operations.param.filters import INPUT, OUTPUT, SOLVER
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.operations.param.selection import group_of
from sostrades_cli.operations.param.value_words import placeholder_word
from sostrades_cli.output.results import Rows, TerminalTable
from sostrades_cli.output.text import brief, counted
from sostrades_cli.study_reference import short_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.param.filters import Filters
    from sostrades_cli.operations.param.read import ParameterListing
    from sostrades_cli.operations.param.selection import ParameterSelection
    from sostrades_cli.operations.param.value_words import ListedValues

# The first column of a list is the name, the others are fields of a parameter.
NAME: Final = "parameter"


def parameter_rows(
    study: int,
    selection: ParameterSelection,
    columns: Sequence[str],
    values: ListedValues,
    *,
    notes: Sequence[str] = (),
    payload: Json = None,
) -> Rows:
    """Return a row for each selected parameter, with words in place of the API's placeholders if there are any."""
    own, words = values
    shown: Iterable[Parameter] = map(selection.parameters.__getitem__, selection.shown)
    if words:
        shown = [p._replace(value=words[p.name]) if p.name in words else p for p in shown]
    # A study has thousands of parameters, and this is the fastest way to make their rows.
    rows = list(map(attrgetter(*("name" if column == NAME else column for column in columns)), shown))
    briefs = {NAME: lambda name: short_key(own, name), "value": brief_value}
    return Rows(
        tuple(columns),
        rows,
        payload=payload,
        title=parameters_title(own, study, selection),
        notes=[*selection.notes, *notes],
        shown=TerminalTable(tuple(columns), rows, briefs),
        lines=True,
    )


def parameters_title(own_name: str, study: int, selection: ParameterSelection) -> str:
    """Return the line above a list of parameters: name and number of the study, shown and hidden parameters."""
    groups = Counter(group_of(selection.parameters[name]) for name in selection.shown)
    counts = counts_text(groups, sum(selection.parameters[name].is_start_value for name in selection.shown))
    hidden = len(selection.matching) - len(selection.shown)
    more = f" · {counted(hidden, 'solver setting')} hidden (--all)" if hidden else ""
    name = f"{own_name} · " if own_name else ""
    return f"{name}study {study} · {counts or counted(0, 'parameter')}{more}"


def counts_text(groups: Mapping[str, int], start_values: int) -> str:
    """Return the number of parameters of each group. Couplings with a start value are inputs that a run computes."""
    couplings = f" ({counted(start_values, 'coupling')})" if start_values else ""
    counts = {group: counted(groups[group], group) for group in (INPUT, OUTPUT, SOLVER) if groups[group]}
    return ", ".join(f"{text}{couplings if group == INPUT else ''}" for group, text in counts.items())


def brief_value(value: Json) -> str:
    """Return a value shortened for a table, with a word for nested tables."""
    return placeholder_word(value) if has_tables(value) else brief(value)


def output_notes(listed: ParameterListing, selection: ParameterSelection, filters: Filters) -> list[str]:
    """Return the notes on outputs, unless filters have left only other parameters."""
    notes = []
    if listed.note and (
        filters.outputs
        or not filters.is_set
        or not selection.matching
        or any(is_output(selection.parameters[name]) for name in selection.shown)
    ):
        notes.append(listed.note)
    if listed.start_values and not filters._replace(outputs=False).is_set:
        couplings = counted(listed.start_values, "coupling")
        notes.append(f"a run computes {couplings} with a start value, too: list them with --inputs")
    return notes
