"""``sostrades param get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sostrades_cli.app import App
    from sostrades_cli.operations.param.read import Value
    from sostrades_cli.output.results import Rows, Text
    from sostrades_cli.output.streams import Stream


@framework.command(
    examples=[
        "sostrades param get 21 dice.Macro.gamma",
        "sostrades param get 21 gamma total_damage -F json",
        "sostrades param get 21 Macro.shares.coal",
        "sostrades param get 21 'Macro.s*'",
        "targets=$(sostrades param get 21 Macro.targets)",
    ]
)
@study_argument
@click.argument("keys", nargs=-1, required=True, type=KEY, metavar="KEY...")
def command(app: App, study: int, keys: tuple[str, ...]) -> Rows | Stream | Text:
    """Print the values of parameters.

    Numbers and texts are printed as they are, lists and dicts as JSON, a missing value as `no value` (null in JSON). A
    complex number is a text such as `(1.5+0j)`. A dataframe is CSV in a pipe, a table at a terminal, and a list of
    objects with -F json. KEY.ENTRY prints one entry of a dict, unless a parameter has that name.

    Several keys, or a pattern that matches several, give a table of keys and values in this order, and an object with
    -F json. A table in it is shown as its size. Values that cannot be read are left out, and reported as an error.
    """
    from sostrades_cli.operations.param.download_keys import (
        with_globs_resolved,
    )
    from sostrades_cli.operations.param.read import read_values
    from sostrades_cli.operations.param.table_rows import read_rows
    from sostrades_cli.output.results import Rows, Text
    from sostrades_cli.output.streams import Stream

    values = read_values(app.context, study, with_globs_resolved(app.context, study, keys))
    if len(values) > 1:
        return _rows(app, study, values)
    [value] = values
    if value.error is not None:
        raise value.error
    if not value.is_table:
        return Text(value.text, value.payload)
    if app.format in {"tsv", "csv"}:
        return Stream(lambda: app.api.parameters.stream(study, value.key), app.api.session.repeat)
    # A terminal shows a table, and JSON is a list of objects.
    return Rows(*read_rows(app.context, study, value.key))


def _rows(app: App, study: int, values: Sequence[Value]) -> Rows:
    """Return a row per value; a terminal shows the keys without the name of the study."""
    from sostrades_cli.operations.param.read import failure_of
    from sostrades_cli.operations.param.table_rows import with_tables
    from sostrades_cli.output.results import Rows, TerminalTable
    from sostrades_cli.study_reference import short_key

    complete = with_tables(app.context, study, values, sizes_only=app.for_people)
    readable = [value for value in complete if value.error is None]
    failure = failure_of(complete)
    if failure is not None and not readable:
        raise failure
    payload = {value.key: value.payload for value in readable}
    own_name = app.cache.name(study)
    briefs = {"key": lambda key: short_key(own_name, key)}
    columns, rows = ("key", "value"), [(value.key, value.text) for value in readable]
    return Rows(columns, rows, payload=payload, shown=TerminalTable(columns, rows, briefs), failure=failure)
