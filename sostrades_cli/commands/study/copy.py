"""``sostrades study copy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import CASE_VALUES, study_argument
from sostrades_cli.operations.study.copy import copy
from sostrades_cli.output.results import Text
from sostrades_cli.output.text import MADE

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades study copy 27 gallery-high-tax"],
    interrupted="look for the copy on the web page: sostrades study url {studies}",
    remains="the copy may have been made",
    tables=False,
)
@study_argument
@click.argument("name")
@click.option("--force", is_flag=True, help=f"Copy {CASE_VALUES}.")
def command(app: App, study: int, name: str, force: bool) -> Text:
    """Copy a study and verify the copy.

    In a pipe, the number of the copy is printed. The server fills a copy with default values, so the tool sends all
    inputs that differ, and reads them back. If some inputs still differ, the error lists them (exit 8). Copying
    requires a group key; the server rejects a user key.
    """
    copied = copy(app.context, study, name, force=force)
    payload = {
        "study": copied.study,
        "name": name,
        "source": study,
        "different": list(copied.different),
        "not_compared": list(copied.unreadable),
    }
    if copied.note and app.format == "table":
        # A bare number says nothing to a person.
        return Text(f"{MADE} {copied.summary}", payload, notes=[copied.caveat] if copied.caveat else [])
    return Text(str(copied.study), payload, notes=[copied.note] if copied.note else [], failure=copied.failure)
