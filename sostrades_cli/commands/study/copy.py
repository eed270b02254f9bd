"""``sostrades study copy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.options import study_argument
from sostrades_cli.operations.study.copy import copy
from sostrades_cli.output.results import Text

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=["sostrades study copy 27 gallery-high-tax"],
    interrupted="whether there is a copy, the web page tells; this one is: sostrades study url {studies}",
)
@study_argument
@click.argument("name")
def command(app: App, study: int, name: str) -> Text:
    """Copy a study and print the id of the copy.

    The server gives a copy default values. The tool then sends every input that differs and reads all of them back.
    If some inputs cannot be made equal, the exit code is 8 and the error lists them. The server copies studies only
    for the key of a group.
    """
    copied = copy(app.context, study, name)
    payload = {
        "study": copied.study,
        "name": name,
        "source": study,
        "different": list(copied.different),
        "not_compared": list(copied.unreadable),
    }
    return Text(str(copied.study), payload, notes=[copied.note] if copied.note else [], failure=copied.failure)
