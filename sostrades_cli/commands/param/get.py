"""``sostrades param get``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli import framework
from sostrades_cli.operations.reading import read_value
from sostrades_cli.output.results import Stream, Text
from sostrades_cli.shared_options import study_argument

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(examples=["sostrades param get 21 dice.Macro.gamma", "tax=$(sostrades param get 21 Carbon.tax)"])
@study_argument
@click.argument("key")
def command(app: App, study: int, key: str) -> Text | Stream:
    """Print the bare value of one parameter, for scripts.

    Numbers and texts as they are, lists and dicts as JSON, tables as CSV, `null` where there is no value.
    """
    value = read_value(app.server, study, key)
    if value.is_table:
        return Stream(lambda: app.api.parameters.stream(study, value.key), app.api.session.repeat)
    return Text(value.text, value.payload)
