"""The display of parameters in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import ARRAY, TABLE, has_tables
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.output.text import brief, counted

if TYPE_CHECKING:
    from sostrades_cli.api.models import Json
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.selection import ParameterSelection

_PLACEHOLDERS: Final = {TABLE: "table", ARRAY: "array"}


def parameters_title(context: Context, study: int, selection: ParameterSelection) -> str:
    """Return the line above a table of parameters: name and number of the study, shown and hidden parameters."""
    name = name_lookup.own_name(context, study, selection.parameters)
    hidden = len(selection.matching) - len(selection.shown)
    more = f", {counted(hidden, 'solver setting')} hidden (--all)" if hidden else ""
    return f"{name + ' · ' if name else ''}study {study} · {counted(len(selection.shown), 'parameter')}{more}"


def brief_value(value: Json) -> str:
    """Return a value shortened for a table, with a placeholder for nested tables."""
    if isinstance(value, dict) and has_tables(value):
        return "tables"
    return (_PLACEHOLDERS.get(value) if isinstance(value, str) else None) or brief(value)
