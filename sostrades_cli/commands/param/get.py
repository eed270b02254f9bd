"""``sostrades param get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.cli.param_types import KEY

if TYPE_CHECKING:
    from sostrades_cli.app import App
    from sostrades_cli.output.results import Rows, Stream, Text


@framework.command(
    examples=["sostrades param get 21 dice.Macro.gamma", "targets=$(sostrades param get 21 Macro.targets)"]
)
@study_argument
@click.argument("key", type=KEY)
def command(app: App, study: int, key: str) -> Rows | Stream | Text:
    """Print the value of a parameter.

    Numbers and texts are printed as they are, lists and dicts as JSON, a missing value as `null`. A complex number is a
    text such as `(1.5+0j)`. A dataframe is CSV in a pipe, a table at a terminal, and a list of objects with -F json.
    """
    from sostrades_cli.operations.param.read import read_value  # noqa: PLC0415 - start-up: not for --help or TAB
    from sostrades_cli.operations.tables.dataframe import read_cells  # noqa: PLC0415
    from sostrades_cli.output.results import Rows, Stream, Text  # noqa: PLC0415

    value = read_value(app.context, study, key)
    if not value.is_table:
        return Text(value.text, value.payload)
    if app.format in {"tsv", "csv"}:
        return Stream(lambda: app.api.parameters.stream(study, value.key), app.api.session.repeat)
    return Rows(*read_cells(app.api.parameters.content(study, value.key)))
